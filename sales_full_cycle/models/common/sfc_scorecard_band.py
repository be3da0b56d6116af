from odoo import fields, models

from .sfc_scorecard import result_selection
from .sfc_scorecard_part import PART_OF_CARD


class SfcScorecardBand(models.Model):
    _name = "sfc.scorecard.band"
    _description = "Scorecard Result"
    _inherit = ["sfc.scorecard.part"]
    _order = "minimum desc"

    scorecard_id = fields.Many2one("sfc.scorecard", **PART_OF_CARD)
    code = fields.Selection(result_selection, "Result", required=True)
    minimum = fields.Float("From points", required=True, digits=(5, 2))

    _code_unique = models.Constraint("unique(scorecard_id, code)", "A result can stand only once on a scorecard.")
