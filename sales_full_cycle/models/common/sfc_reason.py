from odoo import fields, models


class SfcReason(models.Model):
    """Short list of reasons that a person picks from when the process asks for one (defaults.md D13)."""
    _name = "sfc.reason"
    _description = "Reason"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection([("override", "Change of a result"), ("discard", "Discarded lead")], required=True, index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
