from odoo import fields, models


class SfcReason(models.Model):
    """Why a contract was cancelled (D16)."""
    _inherit = "sfc.reason"

    kind = fields.Selection(selection_add=[("contract_cancel", "Cancelled contract")], ondelete={"contract_cancel": "cascade"})
