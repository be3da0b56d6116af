from odoo import api, fields, models
from odoo.exceptions import UserError

# 调整策略 (D6)
STRATEGIES = [
    ("other_product", "Other product"), ("reach_decider", "Reach the decision maker"), ("pilot", "Pilot with a smaller scope"), ("reprice", "Re-price"),
    ("partner", "Bring in a partner"),
]


class SfcDealDecision(models.Model):
    """What was decided about a weak deal, by whom and when: history (S3.6). crm.lead writes it."""
    _name = "sfc.deal.decision"
    _description = "Decision about a Weak Deal"
    _order = "id desc"
    _rec_name = "kind"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    evaluation_id = fields.Many2one("sfc.evaluation", readonly=True, ondelete="set null", index="btree_not_null", help="Made the deal weak.")
    kind = fields.Selection([("adjust", "Adjust strategy"), ("pause", "Pause")], "Decision", required=True, readonly=True, help="调整策略, 暂停跟进")
    strategy_kind = fields.Selection(STRATEGIES, "Strategy", readonly=True)
    reason_id = fields.Many2one("sfc.reason", "Paused because", readonly=True, ondelete="restrict")
    note = fields.Text(readonly=True)
    due_on = fields.Date("Until", readonly=True, help="The strategy is reviewed, or the deal goes on, on this day.")
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    decided_at = fields.Datetime("Decided", required=True, readonly=True, default=fields.Datetime.now)

    def write(self, vals):
        """Only a merge may move a decision to the surviving deal."""
        if not self.env.su or vals.keys() - {"lead_id"}:
            raise UserError(self.env._("A decision is history and cannot be changed. Decide again instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("A decision is history and cannot be deleted."))
