from odoo import api, models
from odoo.tools import format_date

from .crm_lead_next_step import Due, NextThing


class CrmLead(models.Model):
    """What is next when the needs are clear: evaluate, and decide about a weak deal (S3.1, S3.6)."""
    _inherit = "crm.lead"

    @api.depends("deal_paused_until", "evaluated_at", "evaluation_stale", "opportunity_strength", "weak_decision_id", "order_ids.state")
    def _compute_next_thing(self):
        return super()._compute_next_thing()

    @api.model
    def _next_things(self):
        return [
            NextThing("paused", "opportunity", "_due_pause", self.env._("Resume now"), "action_resume_deal"),
            *super()._next_things(),
            NextThing("evaluate", "opportunity", "_due_evaluate", self.env._("Evaluate"), "action_evaluate"),
            NextThing("decide", "opportunity", "_due_decide", self.env._("Decide"), "action_decide_weak"),
            NextThing("evaluate_again", "opportunity", "_due_evaluate_again", self.env._("Evaluate again"), "action_evaluate"),
        ]

    def _due_pause(self):
        if not self.deal_paused_until:
            return None
        return Due(self.env._("Paused until %(date)s, then it goes on by itself.", date=format_date(self.env, self.deal_paused_until)))

    def _due_evaluate(self):
        return None if self.evaluated_at else Due(self.env._("Evaluate the deal: urgency, budget, decision chain."))

    def _due_decide(self):
        return Due(self.env._("The deal is weak: adjust the strategy, or pause it.")) if self._is_decision_owed() else None

    def _due_evaluate_again(self):
        """Before a proposal is made; afterwards the form warns, and what is next goes on."""
        under_way = self.order_ids.filtered(lambda order: order.state != "cancel")
        return Due(self.env._("The facts have changed: evaluate again.")) if self.evaluation_stale and not under_way else None
