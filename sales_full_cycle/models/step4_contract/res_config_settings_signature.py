from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_signatory = fields.Char(related="company_id.contract_signatory", readonly=False)
