from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    lead_auto_assign = fields.Boolean(related="company_id.lead_auto_assign", readonly=False)
    lead_nurture_days = fields.Integer(related="company_id.lead_nurture_days", readonly=False)
    level_override_days = fields.Integer(related="company_id.level_override_days", readonly=False)
