from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Question types whose answer each kind of field can hold; any type but a matrix can be read as text.
TYPES_OF_FIELD = {"monetary": {"numerical_box", "scale"}, "date": {"date", "datetime"}}
# Fields of a deal that a question can be about.
NEEDS = [
    ("need_function", "Functional needs"), ("need_service", "Service needs"), ("budget_min", "Budget from"), ("budget_max", "Budget up to"),
    ("purchase_date", "Purchase date"), ("decision_process", "Decision process"), ("competitors", "Competitors"),
]


class SurveyQuestion(models.Model):
    """A question may say which need of a deal its answer is about (S2.7, D8)."""
    _inherit = "survey.question"

    sfc_need_field = fields.Selection(NEEDS, "Need of the deal", help="Once a salesperson confirms it, the answer is written there.")

    @api.constrains("sfc_need_field", "question_type")
    def _check_need_field(self):
        for question in self.filtered("sfc_need_field"):
            kind = self.env["crm.lead"]._fields[question.sfc_need_field].type
            if question.question_type == "matrix" or question.question_type not in TYPES_OF_FIELD.get(kind, {question.question_type}):
                raise ValidationError(self.env._(
                    "The answer to '%(question)s' cannot be written into the chosen need. "
                    "Ask for a budget with a number, for a purchase date with a date.", question=question.title))

    def _need_value(self, lines):
        """What the answer lines to this question mean for its need field: text, a number or a date."""
        self.ensure_one()
        kind = self.env["crm.lead"]._fields[self.sfc_need_field].type
        if kind == "monetary":
            return lines[:1].value_numerical_box or lines[:1].value_scale
        if kind == "date":
            moment = lines[:1].value_datetime
            return lines[:1].value_date or (moment and moment.date())
        return lines._as_text()
