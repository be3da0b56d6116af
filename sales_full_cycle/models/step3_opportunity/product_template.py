from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_value_service = fields.Boolean(
        "Value-added service", help="增值服务: counts as one in proposals, such as training or after-sales support.")
