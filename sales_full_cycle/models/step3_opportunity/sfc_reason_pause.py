from odoo import fields, models


class SfcReason(models.Model):
    """暂停原因 (S3.6, D6)."""
    _inherit = "sfc.reason"

    kind = fields.Selection(selection_add=[("pause", "Paused deal")], ondelete={"pause": "cascade"})
