from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import instalments

TRIGGERS = [
    ("signature", "Signature"), ("date", "Date"), ("delivery", "Delivered"), ("delivery_line", "Link of the delivery plan"), ("acceptance", "Accepted"),
    ("warranty", "End of warranty"),
]


class SfcPaymentTemplate(models.Model):
    """A usual way to be paid: 3/4/3 and others (D16)."""
    _name = "sfc.payment.template"
    _description = "Payment plan template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first one is taken for new contracts.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    line_ids = fields.One2many("sfc.payment.template.line", "template_id", "Instalments", copy=True)

    @api.constrains("line_ids")
    def _check_whole(self):
        for template in self:
            if left := instalments.percent_left(template.line_ids.mapped("percent")):
                raise ValidationError(self.env._(
                    "%(template)s: the shares must add up to 100 %%. %(left)s %% is still to be given to an instalment (negative: take it away).",
                    template=template.name, left=left))

    @api.model
    def _default_of(self, company):
        """The first template that is meant for the company."""
        return self.search([("company_id", "in", [company.id, False])], limit=1)

    def _prepare_milestones(self, total, step, lang):
        """Values of the instalments of a contract of `total`, named in the language of the contract."""
        self.ensure_one()
        lines = self.line_ids.with_context(lang=lang)
        amounts = instalments.split(total, lines.mapped("percent"), step)
        return [{
            "sequence": 10 * number, "name": line.name, "trigger": line.trigger, "percent": line.percent, "amount": amount, "due_days": line.due_days,
            "takes_rest": number == len(lines),
        } for number, (line, amount) in enumerate(zip(lines, amounts, strict=True), start=1)]


class SfcPaymentTemplateLine(models.Model):
    _name = "sfc.payment.template.line"
    _description = "Instalment of a payment plan template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("sfc.payment.template", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    trigger = fields.Selection(TRIGGERS, "Due after", required=True, default="signature")
    percent = fields.Float("Share (%)", digits=(5, 2), required=True)
    due_days = fields.Integer("Days after", default=7)

    _percent_range = models.Constraint("CHECK (percent > 0 AND percent <= 100)", "The share of an instalment lies between 0 and 100 %.")
    _due_days_positive = models.Constraint("CHECK (due_days >= 0)", "The days until payment cannot be negative.")
