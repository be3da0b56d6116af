from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    contract_signatory = fields.Char(help="Who signs contracts for the company, as printed; the contract's salesperson when empty.")
