from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal, PaymentPortal


class PortalOrderUnderContract(CustomerPortal):
    """An order under a contract is not paid on its own page, neither by a link from before the contract: its instalments are (ahead 9)."""

    @route()
    def portal_order_page(self, order_id, access_token=None, payment_amount=None, **options):
        order = request.env["sale.order"].sudo().browse(order_id).exists()  # sudo: only whether a contract governs it; super checks the visitor
        if order._under_contract():
            payment_amount = None
        return super().portal_order_page(order_id, access_token=access_token, payment_amount=payment_amount, **options)


class PortalPaymentUnderContract(PaymentPortal):

    @route()
    def portal_order_transaction(self, order_id, access_token, **values):
        """Refused before the money moves."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            order_sudo = request.env["sale.order"]  # Odoo's own answer
        order_sudo.with_env(request.env).sudo()._check_not_under_contract()
        return super().portal_order_transaction(order_id, access_token, **values)
