from odoo import api, fields, models

# Best first.
STRENGTHS = [("strong", "Strong"), ("medium", "Medium"), ("weak", "Weak")]
# 三维度: criterion of the scorecard -> field of the deal that keeps the judgement (S3.1).
DIMENSION_FIELDS = {
    "urgency": "urgency_level", "budget_match": "budget_match_level", "decision_clarity": "decision_clarity_level",
}


class SfcScorecard(models.Model):
    """Deals are evaluated in three dimensions by scorecards of their own (S3.1, S3.5, D6)."""
    _inherit = "sfc.scorecard"

    scope = fields.Selection(selection_add=[("opportunity", "Three-dimension evaluation")], ondelete={"opportunity": "cascade"})

    @api.model
    def _results(self, scope):
        return [code for code, _label in STRENGTHS] if scope == "opportunity" else super()._results(scope)

    @api.model
    def _result_labels(self):
        labels = super()._result_labels()
        known = {code for code, _label in labels}
        own = [("strong", self.env._("Strong")), ("medium", self.env._("Medium")), ("weak", self.env._("Weak"))]
        return [*labels, *(pair for pair in own if pair[0] not in known)]

    def _scope_gaps(self):
        gaps = super()._scope_gaps()
        if self.scope == "opportunity" and sorted(self.criterion_ids.mapped("code")) != sorted(DIMENSION_FIELDS):
            gaps.append(self.env._(
                "A three-dimension evaluation has exactly the criteria with these technical names: %(codes)s.", codes=", ".join(DIMENSION_FIELDS)))
        return gaps
