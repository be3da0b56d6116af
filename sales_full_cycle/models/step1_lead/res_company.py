from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    lead_auto_assign = fields.Boolean(
        "Assign high leads automatically", help="When the time to assign nears its end, the member with the fewest open leads gets it.")
    lead_nurture_days = fields.Integer("Review nurtured leads after (days)", default=90)
