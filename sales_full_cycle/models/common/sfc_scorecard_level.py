import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class SfcScorecardLevel(models.Model):
    _name = "sfc.scorecard.level"
    _description = "Scorecard Level"
    _inherit = ["sfc.scorecard.part"]
    _order = "sequence, id"

    criterion_id = fields.Many2one("sfc.scorecard.criterion", required=True, index=True, ondelete="cascade")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Technical name; the same in every version of a scorecard.")
    sequence = fields.Integer(default=10, help="The first level that matches counts.")
    points = fields.Float(required=True, digits=(5, 2))
    domain = fields.Char(help="Condition on the scored record. When no level of a criterion has one, a person picks the level.")
    target_model = fields.Char(compute="_compute_target_model")

    _code_unique = models.Constraint("unique(criterion_id, code)", "Two levels of one criterion cannot have the same technical name.")

    @api.depends("criterion_id.scorecard_id.scope")
    def _compute_target_model(self):
        for level in self:
            scope = level.criterion_id.scorecard_id.scope
            level.target_model = self.env["sfc.scorecard"]._target_model(scope) if scope else False

    def _scorecards(self):
        return self.criterion_id.scorecard_id

    @api.constrains("points")
    def _check_points(self):
        if any(not 0 <= level.points <= 100 for level in self):
            raise ValidationError(self.env._("Points go from 0 to 100."))

    @api.constrains("domain")
    def _check_domain(self):
        for level in self.filtered("domain"):
            try:
                level._domain().validate(self.env[level.target_model])
            except (ValueError, SyntaxError) as error:
                raise ValidationError(
                    self.env._("The condition of level '%(name)s' cannot be read: %(error)s", name=level.name, error=error)) from error

    def _domain(self):
        return Domain(ast.literal_eval(self.domain)) if self.domain else Domain.FALSE
