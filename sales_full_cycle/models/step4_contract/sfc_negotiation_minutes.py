from odoo import fields, models


class SfcNegotiation(models.Model):
    """What the minutes say besides their topics (S4.6, T3)."""
    _inherit = "sfc.negotiation"

    start = fields.Datetime(help="时间")
    location = fields.Char(help="地点")
    attendee_ids = fields.Many2many("res.users", string="Our side", domain=[("share", "=", False)], help="我方人员")
    customer_attendee_ids = fields.Many2many("res.partner", string="Customer side", help="客户人员")
    key_demands = fields.Text(help="客户关键诉求")
    feedback = fields.Text(help="客户反馈")
    agreed_text = fields.Text("Agreed", help="达成共识")
    recorder_id = fields.Many2one("res.users", default=lambda self: self.env.user, domain=[("share", "=", False)], help="记录人")
    price_sensitivity = fields.Selection([("high", "High"), ("medium", "Medium"), ("low", "Low")], help="价格敏感度")
    service_needs = fields.Text(help="服务需求")
    concerns = fields.Text(help="决策顾虑")

    def action_confirm(self):
        self.write({"state": "confirmed"})
