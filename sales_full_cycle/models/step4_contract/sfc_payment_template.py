from odoo import fields, models

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
