from odoo import api, fields, models

from ..models.step3_opportunity.sfc_proposal_submission import BY_ITSELF, CHANNELS


class SfcProposalSubmit(models.TransientModel):
    """正式提交: how the approved proposal was given to the customer, and when the customer decides (S3.11, S3.15, D14)."""
    _name = "sfc.proposal.submit"
    _description = "Submit a Proposal to the Customer"

    sale_order_id = fields.Many2one("sale.order", "Proposal", required=True, readonly=True, ondelete="cascade")
    partner_commercial_id = fields.Many2one(related="sale_order_id.partner_commercial_id")
    channel = fields.Selection([channel for channel in CHANNELS if channel[0] not in BY_ITSELF], required=True, default="wechat")
    receiver_ids = fields.Many2many(
        "res.partner", string="Receivers", required=True, compute="_compute_receiver_ids", store=True, readonly=False,
        domain="[('id', 'child_of', partner_commercial_id)]", help="接收人: contacts of the customer.")
    submitted_at = fields.Datetime("Submitted", required=True, default=fields.Datetime.now)
    decision_date = fields.Date("Customer decides on", compute="_compute_decision_date", store=True, readonly=False)
    decider_id = fields.Many2one(
        "res.partner", "Who decides", compute="_compute_decider_id", store=True, readonly=False, domain="[('id', 'child_of', partner_commercial_id)]",
        help="决策人: from the decision chain, if it is known there.")
    note = fields.Text("Remark")

    # One method a field: a value that is given for one keeps Odoo from computing what shares its method.

    @api.depends("sale_order_id")
    def _compute_receiver_ids(self):
        for wizard in self:
            wizard.receiver_ids = wizard.sale_order_id.partner_id

    @api.depends("sale_order_id")
    def _compute_decision_date(self):
        for wizard in self:
            wizard.decision_date = wizard.sale_order_id.decision_date

    @api.depends("sale_order_id")
    def _compute_decider_id(self):
        for wizard in self:
            order = wizard.sale_order_id
            wizard.decider_id = order.decider_id or order.opportunity_id._known_decider()

    def action_apply(self):
        """Submit; what goes through a chat or as a link is shown to be copied."""
        self.ensure_one()
        order = self.sale_order_id
        submission = order._submit_proposal(self.channel, self.receiver_ids, submitted_at=self.submitted_at, note=self.note)
        order.write({"decision_date": self.decision_date, "decider_id": self.decider_id.id})
        return submission._show() if self.channel in ("wechat", "portal") else {"type": "ir.actions.act_window_close"}
