from odoo import models
from odoo.tools import format_amount


class SaleOrder(models.Model):
    """The proposal that is negotiated about: our first positions, and the rounds (S4.3, S4.5)."""
    _inherit = "sale.order"

    def _opening_positions(self):
        """{topic: our position} of a negotiation, as the proposal states it."""
        self.ensure_one()
        price = format_amount(self.env, self.amount_total, self.currency_id)
        discount = self._approval_discount()
        positions = {"price": self.env._("%(price)s, tax included", price=price)}
        if discount:
            positions["price"] = self.env._("%(price)s, tax included, after %(discount)s %% discount", price=price, discount=f"{discount:g}")
        if self.payment_term_id:
            positions["payment"] = self.payment_term_id.name
        if self.delivery_lead_days:
            positions["delivery"] = self.env._("Delivery within %(days)s days", days=self.delivery_lead_days)
        return positions

    def action_open_negotiations(self):
        """The rounds of the deal: the proposal of each is one of its columns."""
        self.ensure_one()
        self.check_access("read")
        return self.env["sfc.negotiation"]._action_of(
            [("lead_id", "=", self.opportunity_id.id)], self.env._("Negotiations of %(deal)s", deal=self.opportunity_id.name))
