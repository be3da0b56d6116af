from odoo.tests import tagged

from .common import SalesCase


@tagged("post_install", "-at_install")
class TestApproval(SalesCase):
    def test_smoke(self):
        deal = self.env["crm.lead"].create({"type": "opportunity", "name": "D", "team_id": self.team.id, "user_id": self.rep.id, "partner_id": self.env["res.partner"].create({"name": "C"}).id})
        self._evaluated(deal)
        product = self.env["product.product"].create({"name": "P", "list_price": 100})
        order = self.env["sale.order"].with_user(self.rep).create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id, "team_id": self.team.id, "user_id": self.rep.id,
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]})
        order.action_submit_for_approval()
        self.assertEqual(order.approval_state, "pending")
        self.assertEqual(order.approval_ids.reviewer_ids, self.leader)
        order.approval_ids.with_user(self.leader).action_approve()
        self.assertTrue(order._approval_is_current())
        order.order_line.price_unit = 90
        self.assertEqual(order.approval_state, "outdated")
        self.assertFalse(order._approval_is_current())
        print(order._approval_difference())
        order.order_line.price_unit = 100
        self.assertTrue(order._approval_is_current())
