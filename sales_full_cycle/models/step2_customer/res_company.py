import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """The customer pool (公海) of a company: one switch, and how much of it one person may take (D22)."""
    _inherit = "res.company"

    pool_active = fields.Boolean(
        "Customer pool", help="公海. Customers without a contact for the idle time of their grade return to the pool, where colleagues may claim them.")
    pool_claim_quota = fields.Integer("Claims in 7 days", default=5, help="How many customers one person may claim in seven days. 0: as many as they like.")
    pool_hold_limit = fields.Integer("Customers held at most", default=50, help="Who owns so many customers cannot claim another one. 0: no limit.")
    pool_warning_days = fields.Integer("Warning before (days)", default=7)

    @api.constrains("pool_claim_quota", "pool_hold_limit", "pool_warning_days")
    def _check_pool(self):
        for company in self:
            if company.pool_warning_days < 1 or min(company.pool_claim_quota, company.pool_hold_limit) < 0:
                raise ValidationError(self.env._("The warning comes at least one day before the return to the pool; quotas cannot be negative."))

    def _local_date(self, moment=None):
        """Date of a naive UTC moment (now, when none is given) where the company works."""
        self.ensure_one()
        zone = pytz.timezone(self.sudo().resource_calendar_id.tz or "UTC")
        return pytz.utc.localize(moment or fields.Datetime.now()).astimezone(zone).date()
