from odoo import fields, models


class SfcSheetExport(models.TransientModel):
    """A file that waits to be downloaded by the user who asked for it."""
    _name = "sfc.sheet.export"
    _description = "Exported Form"

    name = fields.Char(required=True)
    content = fields.Binary(attachment=False)
