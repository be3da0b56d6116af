from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

UNITS = [("day", "Days"), ("month", "Months")]


class SfcGrade(models.Model):
    """客户等级: what a grade means, how often its customers are met and about what (S2.4, S2.5, D7). Result of the customer scorecard."""
    _name = "sfc.grade"
    _description = "Customer Grade"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Char("Grade", required=True, help="A, B, C: the result of the customer scorecard that leads to this grade.")
    name = fields.Char("Meaning", required=True, translate=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10, help="The best grade comes first.")
    active = fields.Boolean(default=True)

    # follow-up
    cadence_amount = fields.Integer("Follow up every", required=True, default=1)
    cadence_unit = fields.Selection(UNITS, "Cadence unit", required=True, default="month")
    urgent_amount = fields.Integer("When the need is urgent, every", required=True, default=14, help="A deal of the customer has need priority high.")
    urgent_unit = fields.Selection(UNITS, "Urgent cadence unit", required=True, default="day")
    deep_required = fields.Boolean(
        "Only deep contacts count", help="深度沟通: a call, visit or online meeting with somebody who has a decision role, with at least 20 characters noted.")
    talking_points = fields.Html("Talking points", translate=True, help="沟通重点. Copied into the follow-up activity.")

    # periods
    value_service_months = fields.Integer("Value service every (months)", help="增值服务. 0: none.")
    pool_idle_days = fields.Integer("To the pool after (days)", default=90, help="公海: idle for so long, the customer returns to the pool, if the pool is on.")
    regrade_months = fields.Integer("Grade again after (months)", default=12)

    _code_unique = models.Constraint("unique(code)", "There is already a grade with this letter.")

    @api.constrains("cadence_amount", "urgent_amount", "pool_idle_days", "regrade_months", "value_service_months")
    def _check_amounts(self):
        for grade in self:
            if min(grade.cadence_amount, grade.urgent_amount, grade.pool_idle_days, grade.regrade_months) < 1 or grade.value_service_months < 0:
                raise ValidationError(self.env._("Periods of a grade must be at least 1."))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    @tools.ormcache()
    def _ids_by_code(self):
        """{code: id} of all grades, the best first."""
        return {grade.code: grade.id for grade in self.sudo().with_context(active_test=False).search([])}

    @api.model
    def _by_code(self, code):
        return self.browse(self._ids_by_code().get(code))
