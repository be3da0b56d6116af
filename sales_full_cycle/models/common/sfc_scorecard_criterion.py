from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .sfc_scorecard_part import PART_OF_CARD


class SfcScorecardCriterion(models.Model):
    _name = "sfc.scorecard.criterion"
    _description = "Scorecard Criterion"
    _inherit = ["sfc.scorecard.part"]
    _order = "sequence, id"

    scorecard_id = fields.Many2one("sfc.scorecard", **PART_OF_CARD)
    dimension_id = fields.Many2one("sfc.scorecard.dimension", ondelete="restrict", help="Subtotals are shown by dimension.")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Technical name; answers are kept under it, so it stays the same in every version.")
    sequence = fields.Integer(default=10)
    weight = fields.Float(required=True, digits=(5, 2), help="Percent; the weights of a scorecard add up to 100.")
    help_text = fields.Text("Help", translate=True, help="Shown to the person who judges this criterion.")
    level_ids = fields.One2many("sfc.scorecard.level", "criterion_id", "Levels", copy=True)
    hint_only = fields.Boolean(
        "Only a hint", help="A person judges; the level whose condition fits the record is proposed to that person, with the reason.")
    is_automatic = fields.Boolean("Automatic", compute="_compute_is_automatic",
                                  help="The level is found from the record's data; otherwise a person picks it.")

    _code_unique = models.Constraint("unique(scorecard_id, code)", "Two criteria of one scorecard cannot have the same technical name.")

    @api.depends("level_ids.domain", "hint_only")
    def _compute_is_automatic(self):
        for criterion in self:
            criterion.is_automatic = not criterion.hint_only and any(level.domain for level in criterion.level_ids)

    @api.constrains("weight")
    def _check_weight(self):
        if any(not 0 < criterion.weight <= 100 for criterion in self):
            raise ValidationError(self.env._("A weight is a percentage above 0 and up to 100."))

    def _level(self, code):
        """The level with this technical name, or none."""
        return self.level_ids.filtered(lambda level: level.code == code)

    def _find_levels(self, records, answers_by_id):
        """Level of each record that has one: first level whose domain matches, or the level a person picked."""
        self.ensure_one()
        if not self.is_automatic:
            picked = {record.id: self._level((answers_by_id.get(record.id) or {}).get(self.code)) for record in records}
            return {record_id: level for record_id, level in picked.items() if level}
        return self._levels_by_condition(records)

    def _levels_by_condition(self, records):
        """{record id: first level whose condition the record meets}"""
        self.ensure_one()
        found = {}
        for level in self.level_ids:
            matching = records.filtered_domain(level._domain())
            found.update(dict.fromkeys(matching.ids, level))
            records -= matching
        return found
