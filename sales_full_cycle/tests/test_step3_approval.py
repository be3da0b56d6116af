from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SalesCase


class ApprovalCase(SalesCase):
    """A deal of the salesperson `rep` in the team of `leader`, with quotations for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Hongda Machinery", "is_company": True})
        cls.product, cls.other_product = cls.env["product.product"].create([
            {"name": "Test bench", "list_price": 1000, "taxes_id": False}, {"name": "Training", "list_price": 500, "taxes_id": False}])
        cls.deal = cls.env["crm.lead"].create({
            "type": "opportunity", "name": "Test benches", "partner_id": cls.customer.id, "team_id": cls.team.id, "user_id": cls.rep.id})
        cls.price_reason = cls.env.ref("sales_full_cycle.reason_refusal_price")
        cls.large_rule = cls.env.ref("sales_full_cycle.approval_rule_proposal_large")
        cls.large_rule.amount_from = 500_000

    @classmethod
    def _quotation(cls, user=None, quantity=2, discount=0, **values):
        return cls.env["sale.order"].with_user(user or cls.rep).create({
            "partner_id": cls.customer.id, "opportunity_id": cls.deal.id, "team_id": cls.team.id, "user_id": cls.rep.id,
            "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": quantity, "discount": discount})], **values})

    @classmethod
    def _submitted(cls, **values):
        order = cls._quotation(**values)
        order.action_submit_for_approval()
        return order

    @classmethod
    def _approved(cls, **values):
        order = cls._submitted(**values)
        order.approval_ids.with_user(cls.leader).action_approve()
        return order

    @classmethod
    def _pending(cls, order):
        return order.approval_ids.filtered(lambda approval: approval.state == "pending")

    @classmethod
    def _activities(cls, order):
        return cls.env["mail.activity"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id), ("sfc_approval_id", "!=", False)])


@tagged("post_install", "-at_install")
class TestApprovalDecision(ApprovalCase):
    def test_leader_approves(self):
        """Submit, one activity for the team's leader, approve: current, activity done, told to the author (S3.11, P2)."""
        order = self._submitted()
        self.assertEqual(order.approval_state, "pending")
        activity = self._activities(order)
        self.assertEqual((activity.user_id, activity.activity_category), (self.leader, "sfc_approval"))
        approval = self._pending(order).with_user(self.leader)
        self.assertTrue(approval.can_decide)
        approval.action_approve(note="Good margin")
        self.assertEqual(order.approval_state, "approved")
        self.assertTrue(order._approval_is_current())
        self.assertEqual((approval.state, approval.decided_by_id, approval.note), ("approved", self.leader, "Good margin"))
        self.assertFalse(self._activities(order))
        self.assertIn("Good margin", order.message_ids[0].body)
        self.assertIn(self.rep.partner_id, order.message_ids[0].partner_ids)

    def test_refused_with_reason(self):
        """A refusal needs a reason; the author submits again after it (S3.11, D13)."""
        order = self._submitted()
        approval = self._pending(order).with_user(self.leader)
        with self.assertRaises(UserError):
            approval.action_refuse(self.env["sfc.reason"], "no")
        with self.assertRaises(UserError):
            approval.action_refuse(self.env.ref("sales_full_cycle.reason_discard_no_need"), "no")
        wizard = self.env["sfc.approval.refusal"].with_user(self.leader).with_context(**approval.action_open_refusal()["context"])
        wizard.create({"reason_id": self.price_reason.id, "note": "Too cheap"}).action_apply()
        self.assertEqual((order.approval_state, approval.state, approval.reason_id), ("refused", "refused", self.price_reason))
        self.assertFalse(order._approval_is_current())
        order.action_submit_for_approval()
        self.assertEqual((order.approval_state, self._pending(order).submission), ("pending", 2))

    def test_author_cannot_approve(self):
        """Four eyes: neither the author nor the submitter decides, also not as reviewer by rule (P1)."""
        order = self._quotation(user=self.leader, user_id=self.leader.id)
        order.action_submit_for_approval()
        self.assertEqual(self._pending(order).reviewer_ids, self.manager)
        with self.assertRaises(AccessError):
            self._pending(order).with_user(self.leader).action_approve()
        # somebody who has become the author meanwhile
        order = self._submitted()
        order.sudo().user_id = self.leader
        with self.assertRaisesRegex(AccessError, "four eyes"):
            self._pending(order).with_user(self.leader).action_approve()

    def test_submitter_cannot_approve(self):
        order = self._quotation()
        order.with_user(self.manager).action_submit_for_approval()
        self.assertEqual(self._pending(order).reviewer_ids, self.leader)
        self.env.ref("sales_full_cycle.approval_rule_proposal").reviewer_kind = "manager"
        self.env["sfc.approval"].search([("state", "=", "pending")])._route()
        self.assertEqual(self._pending(order).reviewer_ids, self.leader, "the manager submitted it: where nobody is left the reviewers stay")
        with self.assertRaises(AccessError):
            self._pending(order).with_user(self.manager).action_approve()

    def test_others_cannot_decide(self):
        """Only reviewers decide: no other salesperson, no clerk, no portal user, not the administrator (P1)."""
        order = self._submitted()
        approval = self._pending(order)
        portal = new_test_user(self.env, "sfc_portal", "base.group_portal")
        admin = self.env.ref("base.user_admin")
        for user in (self.rep, self.other_rep, self.manager, self.clerk, portal, admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                approval.with_user(user).action_approve()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                approval.with_user(user).action_refuse(self.price_reason.with_user(user).sudo(), "no")
        self.assertEqual(order.approval_state, "pending")
        with self.assertRaises(UserError):
            order.with_user(self.manager).action_approve_document()

    def test_reading_needs_the_document(self):
        """Whoever may not read the quotation may not read its approval (design.md section 5)."""
        approval = self._pending(self._submitted())
        for user in (self.rep, self.leader, self.manager):
            self.assertTrue(approval.with_user(user).has_access("read"), user.login)
        for user in (self.other_rep, self.clerk):
            self.assertFalse(approval.with_user(user).has_access("read"), user.login)

    def test_only_writers_submit(self):
        order = self._quotation()
        with self.assertRaises(AccessError):
            order.with_user(self.other_rep).action_submit_for_approval()
        with self.assertRaises(AccessError):
            self._submitted().with_user(self.other_rep).action_withdraw_approval()

    def test_second_rank(self):
        """Rank 2 is asked when rank 1 has approved; for amount or discount, tax included, in company currency (D10)."""
        order = self._submitted(quantity=500)
        self.assertEqual(order.approval_ids.sorted("rank").mapped("state"), ["pending", "waiting"])
        self._pending(order).with_user(self.leader).action_approve()
        self.assertEqual(order.approval_state, "pending")
        self.assertFalse(order._approval_is_current())
        self.assertEqual(self._pending(order).reviewer_ids, self.manager)
        order.with_user(self.manager).action_approve_document()
        self.assertTrue(order._approval_is_current())

    def test_refusal_of_second_rank(self):
        order = self._submitted(quantity=500)
        self._pending(order).with_user(self.leader).action_approve()
        self._pending(order).with_user(self.manager).action_refuse(self.price_reason)
        self.assertEqual(order.approval_state, "refused")
        self.assertFalse(self._activities(order))

    def test_refusal_of_first_rank_ends_the_second(self):
        order = self._submitted(quantity=500)
        self._pending(order).with_user(self.leader).action_refuse(self.price_reason)
        self.assertEqual(order.approval_ids.sorted("rank").mapped("state"), ["refused", "withdrawn"])

    def test_discount_asks_the_manager(self):
        """More than 10 % off asks the manager, however it is given: as a discount or as a lower price (D10)."""
        self.assertEqual(len(self._submitted(discount=10).approval_ids), 1)
        self.assertEqual(len(self._submitted(discount=10.5).approval_ids), 2)
        order = self._quotation()
        order.order_line.price_unit = 800
        order.action_submit_for_approval()
        self.assertEqual(order.approval_ids.mapped("discount"), [20, 20])
        self.assertEqual(order.approval_ids[0].discount_words, "8/10")

    def test_payment_term_rule(self):
        """The finance rule is shipped inactive; switched on, it asks for more than 60 days (D10)."""
        rule = self.env.ref("sales_full_cycle.approval_rule_proposal_payment")
        self.assertFalse(rule.active)
        rule.active = True
        clerk = new_test_user(self.env, "sfc_finance", "account.group_account_invoice")
        term = self.env["account.payment.term"].create({
            "name": "90 days", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 90})]})
        order = self._submitted(payment_term_id=term.id)
        self._pending(order).with_user(self.leader).action_approve()
        self.assertIn(clerk, self._pending(order).reviewer_ids)
        self._pending(order).with_user(clerk).action_approve()
        self.assertTrue(order._approval_is_current())

    def test_withdraw(self):
        order = self._submitted()
        order.action_withdraw_approval()
        self.assertEqual((order.approval_state, order.approval_ids.state), ("none", "withdrawn"))
        self.assertFalse(self._activities(order))
        with self.assertRaises(UserError):
            order.action_withdraw_approval()
        with self.assertRaisesRegex(UserError, "Withdrawn"):
            order.approval_ids.with_user(self.leader).action_approve()

    def test_decided_once(self):
        """Whoever comes second is told who decided (P1)."""
        self.team.user_id = False
        self.env.ref("sales_team.group_sale_manager").user_ids = [Command.link(self.leader.id)]
        order = self._submitted()
        approval = self._pending(order)
        self.assertEqual(approval.reviewer_ids, self.manager | self.leader)
        approval.with_user(self.manager).action_approve()
        self.assertFalse(self._activities(order), "the first decision removes the others' activities")
        with self.assertRaisesRegex(UserError, "Approved by sfc_manager"):
            approval.with_user(self.leader).action_refuse(self.price_reason)

    def test_all_gaps_in_one_message(self):
        order = self._quotation(order_line=False)
        order.action_cancel()
        with self.assertRaisesRegex(UserError, "(?s)It is cancelled.*no product or service"):
            order.action_submit_for_approval()

    def test_submitting_twice(self):
        with self.assertRaisesRegex(UserError, "waits for approval already"):
            self._submitted().action_submit_for_approval()
        with self.assertRaisesRegex(UserError, "approved, and unchanged"):
            self._approved().action_submit_for_approval()

    def test_without_deal_no_approval(self):
        """Quotations without an opportunity are Odoo's (contract: nothing changes for them)."""
        order = self._quotation(opportunity_id=False)
        with self.assertRaisesRegex(UserError, "needs no approval"):
            order.action_submit_for_approval()

    def test_ask_author(self):
        """The reviewer asks; the approval goes on waiting."""
        order = self._submitted()
        dialog = order.with_user(self.leader).action_ask_author_document()
        self.env["sfc.approval.question"].with_user(self.leader).with_context(**dialog["context"]).create({"question": "Why 2?"}).action_apply()
        self.assertIn("Why 2?", order.message_ids[0].body)
        self.assertIn(self.rep.partner_id, order.message_ids[0].partner_ids)
        self.assertEqual(order.approval_state, "pending")
        with self.assertRaises(AccessError):
            self._pending(order).with_user(self.rep).action_open_question()

    def test_promise(self):
        """8 working hours to decide, for the reviewer; met by the decision (D9)."""
        order = self._submitted()
        approval = self._pending(order)
        clock = approval.sla_clock_ids
        self.assertEqual((clock.key, clock.user_id, clock.state), ("proposal", self.leader, "running"))
        self.assertEqual(approval.sla_deadline, clock.deadline)
        approval.with_user(self.leader).action_approve()
        self.assertEqual(clock.state, "met")

    def test_late_promise_escalates_to_the_manager(self):
        """Late: the manager gets one activity on the approval (D9)."""
        clock = self._pending(self._submitted()).sla_clock_ids
        self._let_time_pass(clock, days=10)
        self.assertEqual(clock.state, "breached")
        escalation = self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)])
        self.assertEqual((escalation.user_id, escalation.res_model), (self.manager, "sfc.approval"))


@tagged("post_install", "-at_install")
class TestApprovalIntegrity(ApprovalCase):
    def test_activity_is_no_decision(self):
        """Done never approves; the activity can be neither moved, given away nor deleted (P1)."""
        order = self._submitted()
        activity = self._activities(order).with_user(self.leader)
        refused = {
            "done": lambda: activity.action_done(), "feedback": lambda: activity.action_feedback("ok"),
            "unlink": lambda: activity.unlink(), "deadline": lambda: activity.write({"date_deadline": "2030-01-01"}),
            "user": lambda: activity.write({"user_id": self.rep.id}), "archive": lambda: activity.action_archive(),
            "type": lambda: activity.write({"activity_type_id": self.env.ref("mail.mail_activity_data_todo").id}),
        }
        for name, attempt in refused.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, "waits for a decision"):
                attempt()
        with self.assertRaises(UserError):
            order.with_user(self.leader).activity_unlink(["sales_full_cycle.mail_activity_type_approval"])
        self.assertEqual(order.approval_state, "pending")

    def test_activity_cannot_be_forged(self):
        order = self._submitted()
        with self.assertRaises(UserError):
            order.activity_schedule("sales_full_cycle.mail_activity_type_approval", user_id=self.leader.id)
        todo = order.activity_schedule("mail.mail_activity_data_todo", user_id=self.rep.id)
        with self.assertRaises(UserError):
            todo.sfc_approval_id = self._pending(order)

    def test_immutable(self):
        """Nobody writes, creates or deletes approvals or the status of a document, not even the manager (P1)."""
        order = self._submitted()
        approval = self._pending(order)
        admin = self.env.ref("base.user_admin")
        for user in (self.rep, self.leader, self.manager, admin):
            mine = approval.with_user(user)
            for attempt in (lambda mine=mine: mine.write({"state": "approved"}), lambda mine=mine: mine.unlink(), lambda mine=mine: mine.copy()):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attempt()
            with self.subTest(user=user.login), self.assertRaises(UserError):
                order.with_user(user).write({"approval_state": "approved"})
            with self.subTest(user=user.login), self.assertRaises(UserError):
                order.with_user(user).write({"approval_content_hash": "0"})
        with self.assertRaises(UserError):
            self._quotation(approval_state="approved")

    def test_copy_is_unapproved(self):
        copy = self._approved().copy()
        self.assertEqual((copy.approval_state, copy.approval_ids, copy.approval_content_hash), ("none", self.env["sfc.approval"], False))

    def test_changes_make_it_outdated(self):
        """Price, quantity, text, terms, added and removed lines: each makes the approval out of date (P1)."""
        changes = {
            "price": lambda order: order.order_line.write({"price_unit": 900}),
            "quantity": lambda order: order.order_line.write({"product_uom_qty": 3}),
            "text": lambda order: order.order_line.write({"name": "Another bench"}),
            "discount": lambda order: order.write({"order_line": [Command.update(order.order_line.id, {"discount": 5})]}),
            "note": lambda order: order.write({"note": "<p>Free extras</p>"}),
            "validity": lambda order: order.write({"validity_date": fields.Date.today() + timedelta(days=400)}),
            "added": lambda order: order.write({"order_line": [Command.create({"product_id": self.other_product.id})]}),
            "removed": lambda order: order.order_line.unlink(),
        }
        for name, change in changes.items():
            order = self._approved()
            change(order)
            with self.subTest(name):
                self.assertEqual(order.approval_state, "outdated")
                self.assertFalse(order._approval_is_current())

    def test_what_odoo_writes_does_not_count(self):
        """State, dates, signature and down payments leave the approval as it is (design.md section 5)."""
        order = self._approved()
        order.action_quotation_sent()
        now = fields.Datetime.now()
        order.write({"signed_by": "Wang", "signed_on": now, "date_order": now + timedelta(days=3), "user_id": self.manager.id})
        order._portal_ensure_token()
        order.sudo().action_confirm()
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids).create({
            "advance_payment_method": "percentage", "amount": 30})
        wizard.create_invoices()
        self.assertTrue(order.order_line.filtered("is_downpayment"))
        self.assertEqual(order.approval_state, "approved")
        self.assertTrue(order._approval_is_current())

    def test_changed_back(self):
        """The content that was approved is approved."""
        order = self._approved()
        order.order_line.price_unit = 900
        order.order_line.price_unit = 1000
        self.assertEqual(order.approval_state, "approved")

    def test_hash_at_the_exit(self):
        """A change that goes past the ORM is noticed where the document leaves (P1)."""
        order = self._approved()
        order.flush_recordset()
        self.env.cr.execute("UPDATE sale_order_line SET price_unit = 1 WHERE order_id = %s", [order.id])
        order.order_line.invalidate_recordset()
        self.assertEqual(order.approval_state, "approved")
        self.assertFalse(order._approval_is_current())

    def test_pending_outdated(self):
        """Changed while it waits: nobody can approve it, the reviewer need not, the author submits again (P1)."""
        order = self._submitted()
        approval = self._pending(order)
        order.order_line.price_unit = 900
        self.assertEqual((order.approval_state, approval.state), ("outdated", "outdated"))
        self.assertFalse(self._activities(order))
        self.assertEqual(approval.sla_clock_ids.state, "cancelled")
        with self.assertRaisesRegex(UserError, "Out of date"):
            approval.with_user(self.leader).action_approve()
        order.action_submit_for_approval()
        self._pending(order).with_user(self.leader).action_approve()
        self.assertTrue(order._approval_is_current())

    def test_approving_what_has_changed(self):
        """Also a change that no write has noticed stops the approval."""
        order = self._submitted()
        order.flush_recordset()
        self.env.cr.execute("UPDATE sale_order_line SET price_unit = 1 WHERE order_id = %s", [order.id])
        order.order_line.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "changed since it was submitted"):
            self._pending(order).with_user(self.leader).action_approve()

    def test_withdrawn_after_approval(self):
        """Withdrawing a resubmission leaves what was approved: of another content."""
        order = self._approved()
        order.order_line.price_unit = 900
        order.action_submit_for_approval()
        order.action_withdraw_approval()
        self.assertEqual(order.approval_state, "outdated")

    def test_difference(self):
        """Field, old, new per line, removed and added lines included, against the last approved content (S3.11)."""
        order = self._approved(order_line=[
            Command.create({"product_id": self.product.id, "product_uom_qty": 2}), Command.create({"product_id": self.other_product.id})])
        self.assertEqual(order._approval_difference(), [])
        order.order_line[0].price_unit = 900
        order.write({"order_line": [Command.delete(order.order_line[1].id), Command.create({"product_id": self.product.id, "name": "Spare bench"})]})
        order.action_submit_for_approval()
        self._pending(order).with_user(self.leader).action_refuse(self.price_reason)
        changes = order._approval_difference()
        prices = [change for change in changes if change["field"] == "Unit Price"]
        self.assertEqual([(change["line"], change["old"], change["new"]) for change in prices], [("Test bench", "1,000.00", "900.00")])
        self.assertEqual([change["line"] for change in changes if change["change"] == "removed"], ["Training"])
        self.assertEqual([change["line"] for change in changes if change["change"] == "added"], ["Spare bench"])
        self.assertIn("900.00", order.with_user(self.rep).approval_difference)
        self.assertIn("900.00", order.approval_ids.sorted("id")[-1].with_user(self.leader).difference)

    def test_difference_without_approval(self):
        """Never approved: against the last submission."""
        order = self._submitted()
        self.assertFalse(order.approval_difference)
        order.order_line.price_unit = 900
        self.assertEqual([change["new"] for change in order._approval_difference() if change["field"] == "Unit Price"], ["900.00"])

    def test_order_of_lines_counts(self):
        order = self._approved(order_line=[
            Command.create({"product_id": self.product.id, "sequence": 1}), Command.create({"product_id": self.other_product.id, "sequence": 2})])
        order.order_line.sorted("sequence")[0].sequence = 3
        self.assertEqual(order.approval_state, "outdated")
        self.assertEqual([change["field"] for change in order._approval_difference()], ["Order of the lines"])

    def test_one_open_approval(self):
        """One open approval per document and rule, by the database (design.md section 5)."""
        order = self._submitted()
        vals = order.sudo()._prepare_approvals()
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self.env["sfc.approval"].sudo().create(vals)
            self.env.flush_all()
        self.assertIn("sale_order_id", str(caught.exception) + type(caught.exception).__name__)

    def test_lines_need_no_more_queries(self):
        """Whether a quotation is current costs the same number of queries for two and for twelve lines."""
        def queries(size):
            order = self._approved(order_line=[Command.create({"product_id": self.product.id, "name": str(number)}) for number in range(size)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(order._approval_is_current())
            return self.env.cr.sql_log_count - before
        queries(2)
        self.assertEqual(queries(12), queries(2))

    def test_changing_many_needs_no_more_queries(self):
        """Making quotations out of date costs the same number of queries for two and for eight of them."""
        def queries(size):
            orders = self.env["sale.order"].union(*(self._approved() for _number in range(size)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.write({"validity_date": fields.Date.today() + timedelta(days=400)})
            self.env.flush_all()
            self.assertEqual(set(orders.mapped("approval_state")), {"outdated"})
            return self.env.cr.sql_log_count - before
        queries(2)
        self.assertEqual(queries(8), queries(2))

    def test_deleting_the_quotation(self):
        """A quotation that waits may be deleted: its approvals go with it."""
        order = self._submitted()
        approval, activity = order.approval_ids, self._activities(order)
        order.with_user(self.manager).unlink()
        self.assertFalse(approval.exists() | self.env["sfc.approval"])
        self.assertFalse(activity.exists())


@tagged("post_install", "-at_install")
class TestApprovalReviewers(ApprovalCase):
    def test_no_leader(self):
        """Without a leader the sales managers decide (D10)."""
        self.team.user_id = False
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.manager)

    def test_absent_leader_is_represented(self):
        """The delegate of an absent reviewer decides, and may read the quotation for it (P2)."""
        self.leader.with_user(self.leader).write({
            "approval_delegate_id": self.other_rep.id, "approval_absent_until": fields.Date.today() + timedelta(days=3)})
        order = self._submitted()
        self.assertEqual(self._pending(order).reviewer_ids, self.other_rep)
        self.assertTrue(order.with_user(self.other_rep).order_line.has_access("read"))
        self.assertFalse(order.with_user(self.other_rep).has_access("write"))
        order.with_user(self.other_rep).action_approve_document()
        self.assertTrue(order._approval_is_current())

    def test_absent_without_delegate(self):
        """An absent reviewer without a delegate: the sales managers (P2)."""
        self.leader.approval_absent_until = fields.Date.today()
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.manager)

    def test_delegate_who_is_the_author(self):
        """The author does not decide as somebody's delegate either (four eyes)."""
        self.leader.write({"approval_delegate_id": self.rep.id, "approval_absent_until": fields.Date.today()})
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.manager)

    def test_leaving_for_holidays_reroutes(self):
        """What waits for somebody is asked of the delegate when the absence begins (P2)."""
        order = self._submitted()
        self.leader.with_user(self.leader).write({"approval_delegate_id": self.manager.id, "approval_absent_until": fields.Date.today()})
        self.assertEqual(self._pending(order).reviewer_ids, self.manager)
        self.assertEqual(self._activities(order).user_id, self.manager)
        self.assertEqual(self._pending(order).sla_clock_ids.user_id, self.manager)

    def test_archived_reviewer(self):
        """A reviewer who is archived is replaced at once (P2)."""
        order = self._submitted()
        self.leader.active = False
        self.assertEqual(self._pending(order).reviewer_ids, self.manager)
        self.assertEqual(self._activities(order).user_id, self.manager)
        order = self._submitted()
        other_manager = new_test_user(self.env, "sfc_manager2", "sales_team.group_sale_manager")
        self.manager.action_archive()
        self.assertEqual(self._pending(order).reviewer_ids, other_manager)
        self.assertEqual(self._activities(order).user_id, other_manager)

    def test_company_of_one(self):
        """Nobody else: told so in a sentence that names the setting; with it, the author may (design.md section 5)."""
        self.team.user_id = False
        order = self._quotation(user=self.manager, user_id=self.manager.id)
        with self.assertRaises(UserError) as caught:
            order.action_submit_for_approval()
        self.assertIn("Nobody but the author", str(caught.exception))
        self.env.company.approval_allow_self = True
        order.action_submit_for_approval()
        order.action_approve_document()
        self.assertTrue(order._approval_is_current())

    def test_setting_prefers_others(self):
        """Also with the setting, where somebody else can decide the author is not asked."""
        self.env.company.approval_allow_self = True
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.leader)

    def test_person_and_group(self):
        """Rules name a person or a group; whoever has no right to read quotations is passed over."""
        rule = self.env.ref("sales_full_cycle.approval_rule_proposal")
        rule.write({"reviewer_kind": "user", "reviewer_user_id": self.other_rep.id})
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.other_rep)
        rule.reviewer_user_id = self.clerk
        self.assertEqual(self._pending(self._submitted()).reviewer_ids, self.manager)
        rule.write({"reviewer_kind": "group", "reviewer_group_id": self.env.ref("sales_full_cycle.group_sfc_team_leader").id})
        self.assertIn(self.leader, self._pending(self._submitted()).reviewer_ids)
        with self.assertRaises(ValidationError):
            rule.reviewer_group_id = False

    def test_rules_of_teams(self):
        """A rule for a team is for its deals only."""
        rule = self.env.ref("sales_full_cycle.approval_rule_proposal")
        rule.team_ids = self.env["crm.team"].create({"name": "West"})
        with self.assertRaisesRegex(UserError, "needs no approval"):
            self._submitted()
        rule.team_ids |= self.team
        self.assertEqual(len(self._submitted().approval_ids), 1)

    def test_daily_reminder(self):
        """One message a person a day, however much waits and however often the job runs (P2)."""
        orders = self._submitted() | self._submitted()
        orders.approval_ids.sudo().asked_at = fields.Datetime.now() - timedelta(days=2)

        def messages():
            return self.env["mail.message"].search([("partner_ids", "in", self.leader.partner_id.ids), ("subject", "ilike", "approvals wait for you")])

        for _run in range(2):
            with self.enter_registry_test_mode():
                self.env.ref("sales_full_cycle.ir_cron_approval_reminder").method_direct_trigger()
        self.assertEqual(len(messages()), 1)
        self.assertIn("2 approvals", messages().subject)
        self.assertIn(orders[1].name, messages().body)

    def test_not_reminded_on_the_first_day(self):
        self._submitted()
        self.assertEqual(self.env["sfc.approval"]._remind_next(10), 0)

    def test_user_preferences(self):
        """Everybody names a representative for oneself, for nobody else (P2)."""
        self.rep.with_user(self.rep).write({"approval_delegate_id": self.other_rep.id})
        self.assertEqual(self.rep.approval_delegate_id, self.other_rep)
        with self.assertRaises(AccessError):
            self.rep.with_user(self.other_rep).write({"approval_delegate_id": self.other_rep.id})

    def test_screens(self):
        """The forms open for those who work with them."""
        order = self._submitted()
        with Form(order.with_user(self.rep)) as form:
            self.assertEqual(form.approval_state, "pending")
        Form(order.with_user(self.leader))
        Form(self._pending(order).with_user(self.leader), view="sales_full_cycle.sfc_approval_view_form")
        self.assertIn(order, self.env["sale.order"].with_user(self.leader).search([("approval_can_decide", "=", True)]))
        self.assertNotIn(order, self.env["sale.order"].with_user(self.rep).search([("approval_can_decide", "=", True)]))
