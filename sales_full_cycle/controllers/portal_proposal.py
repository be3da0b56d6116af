from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal


class PortalProposal(CustomerPortal):
    """S3.11 on the portal. Page, PDF, signing, declining, paying, EDI download, documents of products and optional products all fetch the order by
    `_document_check_access`: it is the one gate of them all. Lists and counters go by the record rule and by the domains here.
    """

    def _document_check_access(self, model_name, document_id, access_token=None):
        if model_name != "sale.order":
            return super()._document_check_access(model_name, document_id, access_token=access_token)
        try:
            order_sudo = super()._document_check_access(model_name, document_id, access_token=access_token)
        except AccessError:
            # the record rule hides an unapproved proposal also from the customer whom it is meant for: they are told, strangers are not
            order_sudo = self._as_visitor(request.env[model_name].browse(document_id))
            if order_sudo.partner_id.commercial_partner_id == request.env.user.commercial_partner_id:
                order_sudo._check_proposal_released()
            raise
        self._as_visitor(order_sudo)._check_proposal_released()
        return order_sudo

    def _as_visitor(self, order):
        """With all rights, but as the person who asks: the refusal has their words and language."""
        return order.with_env(request.env).sudo()

    def _prepare_quotations_domain(self, partner):
        return [*super()._prepare_quotations_domain(partner), ("proposal_released", "=", True)]

    def _prepare_orders_domain(self, partner):
        return [*super()._prepare_orders_domain(partner), ("proposal_released", "=", True)]
