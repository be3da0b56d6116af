from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    approval_allow_self = fields.Boolean(related="company_id.approval_allow_self", readonly=False)
