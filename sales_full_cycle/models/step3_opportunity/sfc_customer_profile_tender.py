from odoo import api, models
from odoo.tools import SQL


class SfcCustomerProfile(models.Model):
    _inherit = "sfc.customer.profile"

    @api.model
    def _pool_protection(self, customer):
        """A tender without a result keeps the customer with its owner (P14), whatever origin is written on the deal."""
        return [*super()._pool_protection(customer), SQL(
            """EXISTS (SELECT FROM sfc_tender tender JOIN crm_lead deal ON deal.id = tender.lead_id
                        WHERE deal.customer_profile_id = %s.id AND tender.result IS NULL AND deal.active AND deal.won_status = 'pending')""", customer)]
