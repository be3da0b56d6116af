from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """A down payment can be invoiced on a mere quotation: then it asks for money for a proposal (S3.11). Confirmed orders have passed the gate."""
        sale_orders.filtered(lambda order: order.state != "sale")._check_proposal_released()
        return super()._create_invoices(sale_orders)
