from datetime import timedelta

from odoo import api, fields, models

from ..models.step4_contract.sfc_contract_sending import CHANNELS, SIGN_DAYS


class SfcContractSend(models.TransientModel):
    """How the approved contract goes to the customer; link and words to copy when it goes through a chat (S4.8)."""
    _name = "sfc.contract.send"
    _description = "Send a contract to the customer"

    contract_id = fields.Many2one("sfc.contract", required=True, readonly=True, ondelete="cascade")
    commercial_partner_id = fields.Many2one(related="contract_id.partner_id.commercial_partner_id")
    channel = fields.Selection(CHANNELS, required=True, default="wechat")
    receiver_ids = fields.Many2many(
        "res.partner", string="Receivers", compute="_compute_receiver_ids", store=True, readonly=False,
        domain="[('id', 'child_of', commercial_partner_id)]", help="接收人: contacts of the customer.")
    sent_at = fields.Datetime("Sent on", required=True, default=fields.Datetime.now)
    sign_until = fields.Date(
        "To be signed until", required=True, default=lambda self: fields.Date.context_today(self) + timedelta(SIGN_DAYS), help="签订截止日期")
    note = fields.Text("Remark")
    is_sent = fields.Boolean(readonly=True)
    link = fields.Char("Link for the customer", readonly=True)
    text_to_copy = fields.Text(readonly=True)
    paper_ids = fields.Many2many("ir.attachment", readonly=True, help="The contract as it was given to the customer.")

    @api.depends("contract_id")
    def _compute_receiver_ids(self):
        for wizard in self:
            wizard.receiver_ids = wizard.contract_id.partner_id

    def action_apply(self):
        """Send; what goes through a chat or as a link is shown to be copied, a mail is written in Odoo's composer."""
        self.ensure_one()
        contract = self.contract_id
        if self.channel == "mail":
            return contract._open_composer(self.sign_until)
        paper = contract._send(self.channel, self.receiver_ids, sent_at=self.sent_at, sign_until=self.sign_until, note=self.note)
        if self.channel == "paper":
            return {"type": "ir.actions.act_window_close"}
        self.write({
            "is_sent": True, "link": contract._contract_link(), "paper_ids": [(6, 0, paper.ids)],
            "text_to_copy": contract._text_for_chat(self.receiver_ids[:1] or contract.partner_id),
        })
        return {
            "type": "ir.actions.act_window", "name": self.env._("Sent to the customer"), "res_model": self._name, "res_id": self.id, "view_mode": "form",
            "target": "new",
        }
