from odoo import api, models


class SaleOrderLine(models.Model):
    """Lines are content of the quotation: what changes them makes its approval out of date (S3.11)."""
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._approval_content_changed()
        return lines

    def write(self, vals):
        orders = self.order_id
        result = super().write(vals)
        (orders | self.order_id)._approval_content_changed()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists()._approval_content_changed()
        return result
