from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pool_active = fields.Boolean(related="company_id.pool_active", readonly=False)
    pool_claim_quota = fields.Integer(related="company_id.pool_claim_quota", readonly=False)
    pool_hold_limit = fields.Integer(related="company_id.pool_hold_limit", readonly=False)
    pool_warning_days = fields.Integer(related="company_id.pool_warning_days", readonly=False)
