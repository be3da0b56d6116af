from odoo import models

from .sale_order_release import HELD_PAYMENT


class SaleOrder(models.Model):
    """What becomes of an unapproved proposal for which money arrived, or for which Odoo wanted to write to the customer by itself."""

    _inherit = "sale.order"

    def _tell_proposal_held(self):
        """One open activity a proposal, for the salesperson, else for who leads the team (design.md section 7)."""
        # sudo: runs for the customer who paid, or in a cron
        told = self.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(HELD_PAYMENT)).mapped("res_id")
        for order in self.sudo().filtered(lambda order: order.id not in told):
            person = order.user_id or order.team_id.user_id or order.opportunity_id.user_id or self.env.ref("base.user_admin")
            order.activity_schedule(HELD_PAYMENT, user_id=person.id, note=order.env._(
                "After a payment, or by a job, this proposal was about to be confirmed or mailed to the customer. That was not done: it is not approved as it "
                "stands now. Have it approved, then confirm it, or agree with the customer what becomes of the payment."))
