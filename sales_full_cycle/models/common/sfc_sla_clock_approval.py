from odoo import api, fields, models


class SfcSlaClock(models.Model):
    """The promise to decide in time (D9: proposal, floor, deviation) runs for the single approval: each reviewer answers for the own one."""
    _inherit = "sfc.sla.clock"

    approval_id = fields.Many2one("sfc.approval", readonly=True, index="btree_not_null", ondelete="cascade")

    _one_open_per_approval = models.UniqueIndex(
        "(policy_id, approval_id) WHERE stopped_at IS NULL AND approval_id IS NOT NULL", "This promise is already running for the approval.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "approval_id"]
