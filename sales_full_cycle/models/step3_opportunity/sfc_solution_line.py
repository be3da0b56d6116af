from odoo import api, fields, models
from odoo.exceptions import ValidationError

# The needs of a deal that go into the table, in its order; the names are those of the deal's fields (D8, D14).
NEED_KINDS = [
    ("need_function", "Functional needs"), ("need_service", "Service needs"), ("budget_max", "Budget"), ("purchase_date", "Purchase date"),
    ("decision_process", "Decision process"),
]


class SfcSolutionLine(models.Model):
    """需求—方案对应表: what the customer needs, what we propose for it, and where it stands in the configuration (S3.7, D14)."""
    _name = "sfc.solution.line"
    _description = "Need and Solution"
    _order = "sequence, id"

    sale_order_id = fields.Many2one("sale.order", "Proposal", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    need_kind = fields.Selection(NEED_KINDS, "Kind of need", help="The deal's need that this line answers; empty for lines added by hand.")
    need = fields.Text("Customer's need", required=True, help="客户需求")
    solution = fields.Text("Our solution", help="我方方案")
    order_line_id = fields.Many2one(
        "sale.order.line", "Configuration", domain="[('order_id', '=', sale_order_id), ('display_type', '=', False)]", copy=False, index="btree_not_null",
        ondelete="set null", help="对应配置: the line of the quotation that answers the need.")
    configuration = fields.Char("Configuration in words", help="对应配置, where no single line says it.")

    @api.depends("need")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.need or "").split("\n")[0]

    @api.constrains("order_line_id", "sale_order_id")
    def _check_order_line(self):
        for line in self:
            if line.order_line_id and line.order_line_id.order_id != line.sale_order_id:
                raise ValidationError(self.env._(
                    "%(line)s is a line of another quotation. Choose one of %(order)s.",
                    line=line.order_line_id.display_name, order=line.sale_order_id.name))

    # === CREATE AND WRITE: lines are content of the proposal (S3.11) === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.sale_order_id._approval_content_changed()
        return lines

    def write(self, vals):
        orders = self.sale_order_id
        result = super().write(vals)
        (orders | self.sale_order_id)._approval_content_changed()
        return result

    def unlink(self):
        orders = self.sale_order_id
        result = super().unlink()
        orders.exists()._approval_content_changed()
        return result

    # === WHAT IS PRINTED === #

    def _configuration_printed(self):
        """Where the solution is found in the configuration list."""
        self.ensure_one()
        return self.configuration or (self.order_line_id.name or "").split("\n")[0]
