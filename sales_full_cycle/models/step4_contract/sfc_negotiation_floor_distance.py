from odoo import api, fields, models

from . import floor_limits


class SfcNegotiationFloor(models.Model):
    """How far from the floor the deal stands, and in the end closed (ahead 5)."""
    _inherit = "sfc.negotiation.floor"

    proposal_id = fields.Many2one(
        "sale.order", compute="_compute_distance", compute_sudo=True, help="The order of the deal, else its newest quotation.")
    proposal_discount = fields.Float("Discount (%)", digits=(5, 2), compute="_compute_distance", compute_sudo=True)
    proposal_lead_days = fields.Integer("Lead time (days)", compute="_compute_distance", compute_sudo=True)
    proposal_amount = fields.Monetary("Amount", compute="_compute_distance", compute_sudo=True, help="With tax, in the currency of the company.")
    discount_left = fields.Float("Discount left (%)", digits=(5, 2), compute="_compute_distance", compute_sudo=True, help="Negative: beyond the floor.")
    days_left = fields.Integer("Days left", compute="_compute_distance", compute_sudo=True, help="Negative: beyond the floor.")
    amount_above = fields.Monetary("Above the minimum", compute="_compute_distance", compute_sudo=True, help="Negative: beyond the floor.")
    is_beyond = fields.Boolean("Beyond the floor", compute="_compute_distance", compute_sudo=True)

    @api.depends(
        "lead_id.order_ids.state", "lead_id.order_ids.amount_total", "lead_id.order_ids.delivery_lead_days", "max_discount", "max_lead_days", "min_amount")
    def _compute_distance(self):
        for floor in self:
            order = floor._current_proposal()
            limits = floor_limits.Limits(floor.max_discount, floor.max_lead_days, floor.min_amount)
            figures = order._floor_figures(limits) if order else {"discount": None, "lead_days": None, "amount": None}
            left = floor_limits.distances(limits, **figures)
            floor.update({
                "proposal_id": order.id, "proposal_discount": figures["discount"] or 0, "proposal_lead_days": figures["lead_days"] or 0,
                "proposal_amount": order._floor_amount() or 0 if order else 0, "discount_left": left.get("discount", 0), "days_left": left.get("lead_days", 0),
                "amount_above": left.get("amount", 0), "is_beyond": bool(floor_limits.beyond(limits, **figures))})

    def _current_proposal(self):
        """What the deal closed with: its first order; else the newest quotation that is not cancelled."""
        orders = self.lead_id.order_ids.filtered(lambda order: order.state != "cancel").sorted("id")
        return orders.filtered(lambda order: order.state == "sale")[:1] or orders[-1:]
