from odoo import api, fields, models


class SfcScorecard(models.Model):
    """Customers are graded by scorecards of their own; the results are the grades (S2.6, D5)."""
    _inherit = "sfc.scorecard"

    scope = fields.Selection(selection_add=[("customer", "Customer grading")], ondelete={"customer": "cascade"})

    @api.model
    def _target_model(self, scope):
        return "sfc.customer.profile" if scope == "customer" else super()._target_model(scope)

    @api.model
    def _results(self, scope):
        return list(self.env["sfc.grade"]._ids_by_code()) if scope == "customer" else super()._results(scope)

    @api.model
    def _result_labels(self):
        return [*super()._result_labels(), *((code, code) for code in self.env["sfc.grade"]._ids_by_code())]
