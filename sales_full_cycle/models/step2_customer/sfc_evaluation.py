from odoo import api, fields, models


class SfcEvaluation(models.Model):
    _inherit = "sfc.evaluation"

    scope = fields.Selection(selection_add=[("customer", "Customer grading")], ondelete={"customer": "cascade"})
    profile_id = fields.Many2one("sfc.customer.profile", "Customer", readonly=True, index="btree_not_null", ondelete="cascade")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "profile_id"]
