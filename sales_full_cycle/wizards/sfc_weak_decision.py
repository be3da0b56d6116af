from datetime import timedelta

from odoo import api, fields, models

from ..models.step3_opportunity.crm_lead_weak import PAUSE_DAYS, REVIEW_DAYS
from ..models.step3_opportunity.sfc_deal_decision import STRATEGIES


class SfcWeakDecision(models.TransientModel):
    """A weak deal: adjust the strategy, or pause it (S3.6). The model checks who may decide about what, and the dates."""
    _name = "sfc.weak.decision"
    _description = "Decide on Weak Deals"

    deal_ids = fields.Many2many("crm.lead", string="Deals", required=True, context={"active_test": False})
    kind = fields.Selection([("adjust", "Adjust strategy"), ("pause", "Pause")], "Decision", required=True, default="adjust")
    strategy_kind = fields.Selection(STRATEGIES, "Strategy", default="reach_decider")
    note = fields.Text()
    review_date = fields.Date("Review on", default=lambda self: self._in_days(REVIEW_DAYS))
    pause_until = fields.Date("Until", default=lambda self: self._in_days(PAUSE_DAYS))
    reason_id = fields.Many2one("sfc.reason", domain="[('kind', '=', 'pause')]")

    @api.model
    def _in_days(self, days):
        return fields.Date.context_today(self) + timedelta(days=days)

    def action_apply(self):
        """Carry out the decision as the user who took it; record rules decide which deals he may change."""
        self.ensure_one()
        deals = self.deal_ids
        deals.check_access("write")
        if self.kind == "adjust":
            deals._decide_adjust(self.strategy_kind, self.note, self.review_date)
        else:
            deals._decide_pause(self.reason_id, self.pause_until, self.note)
        return {"type": "ir.actions.act_window_close"}
