from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    level_override_days = fields.Integer("A changed result holds for (days)", default=180, help="A level or grade that a person set against the score.")
