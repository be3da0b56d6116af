from odoo import models


class SaleOrder(models.Model):
    """The order is content of its contract: what changes it before the signature makes the legal approval out of date (S4.7)."""
    _inherit = "sale.order"

    def _approval_content_changed(self):
        result = super()._approval_content_changed()
        self.sudo().contract_ids._approval_content_changed()  # sudo: also who does not see the contract changes what it says
        return result
