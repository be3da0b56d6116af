from odoo import fields, models


class SaleOrder(models.Model):
    """The order of a contract."""
    _inherit = "sale.order"

    contract_ids = fields.One2many("sfc.contract", "sale_order_id", "Contracts", copy=False)
