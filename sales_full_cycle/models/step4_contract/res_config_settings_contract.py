from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_no_negotiation_below = fields.Monetary(
        related="company_id.contract_no_negotiation_below", readonly=False, currency_field="currency_id")
