from odoo import api, fields, models


class SfcContract(models.Model):
    """合同台账: what of a contract is still to be paid, and what comes next (R.1, screens.md "Finance")."""
    _inherit = "sfc.contract"

    amount_open = fields.Monetary("Still to receive", compute="_compute_amount_open", help="Amount of the contract less what was received.")
    next_milestone_id = fields.Many2one(
        "sfc.payment.milestone", "Next instalment", compute="_compute_next_milestone", compute_sudo=True, help="The first that is not paid.")
    next_due_date = fields.Date("Next due", compute="_compute_next_milestone", compute_sudo=True)

    @api.depends("amount_consolidated", "amount_paid")
    def _compute_amount_open(self):
        for contract in self:
            contract.amount_open = contract.amount_consolidated - contract.amount_paid

    @api.depends("milestone_ids.state", "milestone_ids.due_date")
    def _compute_next_milestone(self):
        for contract in self:
            unpaid = contract.milestone_ids.filtered(lambda milestone: milestone.state not in ("paid", "cancelled"))
            contract.next_milestone_id = unpaid[:1]
            contract.next_due_date = unpaid[:1].due_date
