from odoo import fields, models

TOPICS = [
    ("price", "Price"), ("payment", "Payment"), ("delivery", "Delivery standard"), ("breach", "Breach liability"), ("warranty", "Warranty and service"),
    ("other", "Other"),
]
OUTCOMES = [("agreed", "Agreed"), ("open", "Open"), ("dropped", "Dropped")]


class SfcNegotiationLine(models.Model):
    """One topic of a negotiation: both positions, what came of it, who does what next (S4.5, D15)."""
    _name = "sfc.negotiation.line"
    _description = "Topic of a negotiation"
    _order = "negotiation_id, sequence, id"
    _rec_name = "topic"

    negotiation_id = fields.Many2one("sfc.negotiation", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    topic = fields.Selection(TOPICS, required=True, default="price", help="价格 · 付款方式 · 交付标准 · 违约责任 · 质保与服务 · 其他")
    our_position = fields.Text(help="我方立场")
    customer_position = fields.Text(help="客户立场")
    outcome = fields.Selection(OUTCOMES, required=True, default="open", help="达成 · 未决 · 放弃")
    result = fields.Text("Agreed text", help="结果. What was agreed, in the words that the contract takes over.")
    responsible_id = fields.Many2one("res.users", index="btree_not_null", domain=[("share", "=", False)], help="责任人")
    due_date = fields.Date("Due", help="期限")
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True)
