from odoo import models


class SaleOrderLine(models.Model):
    """How a line is printed in the proposal (S3.8)."""
    _inherit = "sale.order.line"

    def _unit_price_tax_included(self):
        """After discount; also of optional lines that are not ordered yet."""
        self.ensure_one()
        taxes = self.tax_ids.compute_all(
            self.price_unit * (1 - self.discount / 100), currency=self.currency_id, quantity=1.0, product=self.product_id, partner=self.order_id.partner_shipping_id)
        return taxes["total_included"]

    def _tax_labels(self):
        return ", ".join(tax.tax_label for tax in self.tax_ids if tax.tax_label)

    def _are_prices_hidden(self):
        """Odoo's sections may show their total only."""
        self.ensure_one()
        return self.parent_id.collapse_prices or self.parent_id.parent_id.collapse_prices
