from odoo import api, fields, models


class SfcSlaClock(models.Model):
    _inherit = "sfc.sla.clock"

    objection_id = fields.Many2one("sfc.objection", readonly=True, index="btree_not_null", ondelete="cascade")

    _one_open_per_objection = models.UniqueIndex(
        "(policy_id, objection_id) WHERE stopped_at IS NULL AND objection_id IS NOT NULL", "This promise is already running for the objection.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "objection_id"]
