from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    amendment_skip_legal = fields.Boolean(related="company_id.amendment_skip_legal", readonly=False)
