from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    amendment_skip_legal = fields.Boolean(
        "Amendments of dates and contacts skip legal", help="补充协议 that changes nothing else is approved when it is submitted, and says so in its history.")
