from odoo import api, fields, models


class SfcSlaClock(models.Model):
    _inherit = "sfc.sla.clock"

    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")

    _one_open_per_lead = models.UniqueIndex(
        "(policy_id, lead_id) WHERE stopped_at IS NULL AND lead_id IS NOT NULL", "This promise is already running for the lead.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "lead_id"]
