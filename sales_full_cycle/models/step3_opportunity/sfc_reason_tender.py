from odoo import fields, models


class SfcReason(models.Model):
    _inherit = "sfc.reason"

    kind = fields.Selection(selection_add=[("tender", "Result of a tender")], ondelete={"tender": "cascade"})
