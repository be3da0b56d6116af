from odoo import fields, models


class SfcSheetExport(models.TransientModel):
    """Which records somebody selected for a form: too many for an address, so the address names this selection."""
    _name = "sfc.sheet.export"
    _description = "Exported Form"

    res_model = fields.Char(required=True)
    record_ids = fields.Json(required=True)
