from odoo import api, fields, models


class SfcEvaluation(models.Model):
    _inherit = "sfc.evaluation"

    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "lead_id"]
