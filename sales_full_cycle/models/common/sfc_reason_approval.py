from odoo import fields, models


class SfcReason(models.Model):
    _inherit = "sfc.reason"

    kind = fields.Selection(selection_add=[("approval_refusal", "Refused approval")], ondelete={"approval_refusal": "cascade"})
