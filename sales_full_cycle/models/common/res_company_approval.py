from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    approval_allow_self = fields.Boolean(
        "Authors may approve where nobody else can", help="For a company of one. Otherwise author and submitter never decide about their own document.")
