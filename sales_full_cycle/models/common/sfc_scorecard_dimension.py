from odoo import fields, models


class SfcScorecardDimension(models.Model):
    _name = "sfc.scorecard.dimension"
    _description = "Scorecard Dimension"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Technical name; the same in every version of a scorecard.")
    sequence = fields.Integer(default=10)

    _code_unique = models.Constraint("unique(code)", "This technical name is already taken by another dimension.")
