from odoo import api, fields, models


class SfcNegotiation(models.Model):
    """谈判: one round of negotiation about a deal, from its preparation to the confirmed minutes (S4.1-S4.6, form T3)."""
    _name = "sfc.negotiation"
    _description = "Negotiation"
    _inherit = ["sfc.document.mixin"]
    _order = "lead_id desc, round desc, id desc"
    _number_code = "sfc.negotiation"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, index=True, ondelete="cascade", tracking=True, domain=[("type", "=", "opportunity")])
    sale_order_id = fields.Many2one(
        "sale.order", "Proposal", index="btree_not_null", ondelete="set null", tracking=True, domain="[('opportunity_id', '=', lead_id)]",
        help="What is being negotiated about.")
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id", store=True, index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", "Led by", required=True, default=lambda self: self.env.user, index=True, tracking=True, domain=[("share", "=", False)],
        help="由销售代表主导")
    team_id = fields.Many2one(related="lead_id.team_id", store=True, index="btree_not_null")
    round = fields.Integer(readonly=True, copy=False, help="轮次. Counts the rounds of a deal.")
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled")], "Status", required=True, readonly=True, default="draft", copy=False,
        index=True, tracking=True, group_expand=True, help="Confirmed minutes are frozen.")
    line_ids = fields.One2many("sfc.negotiation.line", "negotiation_id", "Topics", copy=True)
    option_ids = fields.One2many("sfc.negotiation.option", "negotiation_id", "Fallback options", copy=True, help="备选方案. Internal.")

    _number_unique = models.UniqueIndex("(company_id, number)", "This number of minutes is already taken.")

    @api.depends("lead_id.partner_id", "sale_order_id.partner_id")
    def _compute_partner_id(self):
        for negotiation in self:
            negotiation.partner_id = (negotiation.lead_id.partner_id or negotiation.sale_order_id.partner_id).commercial_partner_id
