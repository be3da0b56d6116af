from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .floor_limits import NO_LIMITS, Limits

FLOOR_FIELDS = {"floor_discount", "floor_lead_days"}


class SfcGrade(models.Model):
    """How far we go for customers of a grade when nothing else is agreed for the deal (D7). As secret as the floors that follow from it."""
    _inherit = "sfc.grade"

    floor_discount = fields.Float(
        "Floor: maximum discount (%)", digits=(5, 2), default=10, groups="sales_team.group_sale_manager", help="最低折扣: 20 % is 8折.")
    floor_lead_days = fields.Integer(
        "Floor: longest lead time (days)", default=30, groups="sales_team.group_sale_manager", help="最长交付周期. 0: does not matter.")

    @api.constrains("floor_discount", "floor_lead_days")
    def _check_floor(self):
        for grade in self.sudo():  # sudo: whoever may write a grade
            if not 0 <= grade.floor_discount <= 100 or grade.floor_lead_days < 0:
                raise ValidationError(self.env._("The maximum discount of a grade lies between 0 and 100 %, its longest lead time is not negative."))

    def write(self, vals):
        result = super().write(vals)
        if not FLOOR_FIELDS.isdisjoint(vals):
            self.env["sale.order"]._proposal_rules_changed()
        return result

    def _floor_limits(self):
        """Limits of the grade, asked in sudo; without a grade nothing is limited."""
        return Limits(self.floor_discount, self.floor_lead_days) if self else NO_LIMITS
