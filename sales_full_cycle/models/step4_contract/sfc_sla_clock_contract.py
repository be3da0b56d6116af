from odoo import api, fields, models


class SfcSlaClock(models.Model):
    """Promises about payment run for the single instalment (D9)."""
    _inherit = "sfc.sla.clock"

    milestone_id = fields.Many2one("sfc.payment.milestone", readonly=True, index="btree_not_null", ondelete="cascade")

    _one_open_per_milestone = models.UniqueIndex(
        "(policy_id, milestone_id) WHERE stopped_at IS NULL AND milestone_id IS NOT NULL", "This promise is already running for the instalment.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "milestone_id"]
