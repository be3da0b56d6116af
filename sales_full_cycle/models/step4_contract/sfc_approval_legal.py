from odoo import fields, models

PROMISE, PROMISE_LARGE = "legal", "legal_large"


class SfcApproval(models.Model):
    """Approvals of contracts as legal sees them (S4.7, R.2, D9)."""
    _inherit = "sfc.approval"

    contract_type_id = fields.Many2one("sfc.contract.type", "Type", readonly=True, index="btree_not_null", ondelete="restrict")
    # sudo, as a related field reads: who may read the approval may read the contract
    difference_count = fields.Integer(related="contract_id.difference_count")
    compliance_open = fields.Integer(related="contract_id.compliance_open")

    def _promise_key(self):
        """The first rank is legal's, which has longer for large contracts."""
        if not self.contract_id or self.rank > 1:
            return super()._promise_key()
        large = self.env["sfc.sla.policy"]._get(PROMISE_LARGE, self.company_id)[self.company_id]
        return PROMISE_LARGE if large and self.amount >= large.document_amount_from else PROMISE

    def action_open_refusal(self):
        """Contracts go back with what was said about their clauses."""
        action = super().action_open_refusal()
        comments = [line for contract in self.contract_id for line in contract._review_comments()]
        if comments:
            action["context"].update({
                "default_note": "\n".join(comments), "default_reason_id": self.env.ref("sales_full_cycle.reason_refusal_clauses").id})
        return action
