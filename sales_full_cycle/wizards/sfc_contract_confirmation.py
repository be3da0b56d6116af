from odoo import fields, models
from odoo.exceptions import UserError

from ..models.step4_contract.sfc_contract_confirmation import CONFIRMATION_WAYS


class SfcContractConfirmation(models.TransientModel):
    """The customer confirmed outside the portal: how, who, when, and the evidence (S4.8, D16)."""
    _name = "sfc.contract.confirmation"
    _description = "Customer's confirmation of a contract"

    contract_id = fields.Many2one("sfc.contract", required=True, readonly=True, ondelete="cascade")
    way = fields.Selection([way for way in CONFIRMATION_WAYS if way[0] != "portal"], "How", required=True, default="wechat")
    name = fields.Char("Confirmed by", required=True, help="Who on the customer's side.")
    confirmed_at = fields.Datetime("Confirmed on", required=True, default=fields.Datetime.now)
    file_ids = fields.Many2many("ir.attachment", string="Evidence", help="微信截图 / 邮件 / 纸质: PDF, JPG or PNG.")

    def action_apply(self):
        self.ensure_one()
        contract = self.contract_id
        contract._check_confirmable()
        if not self.file_ids:
            raise UserError(self.env._("Add the evidence: the screenshot, the mail or the paper as PDF, JPG or PNG."))
        if self.confirmed_at > fields.Datetime.now():
            raise UserError(self.env._("A confirmation is recorded when it has happened: enter a time that is not in the future."))
        files = [(file.name, file.raw) for file in self.file_ids]
        contract._check_handed_in(files)
        contract._confirm(self.way, self.name, at=self.confirmed_at, user=self.env.user, files=files)
        return {"type": "ir.actions.act_window_close"}
