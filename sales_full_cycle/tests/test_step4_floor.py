import importlib.util
import io
import random
import re
import zipfile
from pathlib import Path

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.step4_contract.floor_limits import NO_LIMITS, Limits, beyond, looser, tighter
from .common import CustomerCase
from .test_step3_approval import ApprovalCase

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.models")
# figures that nothing else has, in the ways in which they could be written
SECRETS = re.compile(r"17\.31|27\.31|8\.269|7\.269|1[,.]?234[,.]56|7[,.]?391|6[,.]?543[,.]21")
TIGHT = {"asked_discount": 17.31, "asked_lead_days": 53, "asked_amount": 1234.56}
LOOSE = {"asked_discount": 27.31, "asked_lead_days": 7391, "asked_amount": 6543.21}


class FloorCase(ApprovalCase, CustomerCase):
    """A deal of `rep` with a customer of grade A (20 %, 60 days), and everybody else who may be curious."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal._ensure_customers()
        cls._override(cls.deal.customer_profile_id, "A", user=cls.manager)
        cls.large_rule.discount_above = 90  # the floor is looked at, not the size
        cls.helper = new_test_user(cls.env, "sfc_helper", "base.group_user", lang="en_US")
        cls.lawyer = new_test_user(cls.env, "sfc_lawyer", "sales_full_cycle.group_sfc_legal", lang="en_US")
        cls.accountant = new_test_user(cls.env, "sfc_accountant", "account.group_account_invoice", lang="en_US")
        cls.sees_all = new_test_user(cls.env, "sfc_sees_all", "sales_team.group_sale_salesman_all_leads", lang="en_US")
        cls.customer_user = new_test_user(cls.env, "sfc_floor_customer", "base.group_portal", lang="en_US")
        cls.customer_user.partner_id.parent_id = cls.customer
        cls.env["sfc.collaborator"].create([
            {"lead_id": cls.deal.id, "user_id": user.id, "role": "sales"} for user in (cls.helper, cls.other_rep)])
        cls.strangers = (
            cls.other_rep, cls.leader, cls.helper, cls.lawyer, cls.accountant, cls.sees_all, cls.clerk, cls.customer_user)

    @classmethod
    def _floor(cls, **values):
        """The floor of the deal as its owner opens it."""
        floor = cls.env["sfc.negotiation.floor"].with_user(cls.rep).browse(cls.deal.with_user(cls.rep).action_open_floor()["res_id"])
        if values:
            floor.write(values)
        return floor

    @classmethod
    def _loose_floor(cls, **values):
        floor = cls._floor(**{**LOOSE, **values})
        floor.action_submit_for_approval()
        return floor

    @classmethod
    def _in_force(cls, floor):
        return floor.max_discount, floor.max_lead_days, floor.min_amount

    @classmethod
    def _floor_approval(cls, order):
        return order.sudo().approval_row_ids.filtered(lambda approval: approval.kind == "floor" and approval.state == "pending").with_env(cls.env)

    @classmethod
    def _beyond(cls, user=None, **values):
        """A quotation of 23 % off, where the grade allows 20."""
        return cls._quotation(user=user, **{"discount": 23, **values})

    def _order(self, order):
        """As if it had been ordered."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET state = 'sale' WHERE id = %s", [order.id])
        self.env.invalidate_all()

    def _each(self, check, users=None):
        """Run the check as every stranger (or the users given)."""
        for user in users or self.strangers:
            with self.subTest(user=user.login), mute_logger(*QUIET):
                check(user)

    def assertNoSecret(self, text, message=None):
        self.assertIsNone(SECRETS.search(str(text)), message or text)

    def assertNothing(self, call, *args):
        """Refused, or empty; and the refusal says nothing."""
        try:
            found = call(*args)
        except (AccessError, ValueError) as error:
            self.assertNoSecret(error)
        else:
            self.assertFalse(found)


@tagged("post_install", "-at_install")
class TestFloor(FloorCase):
    """S4.2, D7, D15: one floor a deal, from the grade; tighter at once, looser with a manager's approval."""

    def test_limits_compare_and_combine(self):
        """Plain values; 0 days and amount 0 do not matter."""
        grade = Limits(20, 60, 0)
        self.assertTrue(Limits(20, 0, 0).is_looser(grade), "any lead time is looser than 60 days")
        self.assertFalse(Limits(20, 60, 500).is_looser(grade))
        self.assertTrue(Limits(20.01, 1, 500).is_looser(grade))
        for _time in range(300):
            one, other = (Limits(random.choice((0, 10, 20, 100)), random.choice((0, 30, 60)), random.choice((0, 50, 90))) for _side in "ab")
            both, either = tighter(one, other), looser(one, other)
            self.assertFalse(both.is_looser(one) or both.is_looser(other), (one, other))
            self.assertFalse(one.is_looser(either) or other.is_looser(either), (one, other))
        self.assertEqual(beyond(grade, 20, 60, 1), set())
        self.assertEqual(beyond(Limits(20, 60, 5), 20.01, 61, 4.99), {"discount", "lead_days", "amount"})
        self.assertEqual(beyond(NO_LIMITS, 100, 999, 0), set())

    def test_grades_come_with_floors(self):
        """D7."""
        expected = {"a": (20, 60), "b": (15, 45), "c": (10, 30)}
        for code, figures in expected.items():
            grade = self.env.ref(f"sales_full_cycle.grade_{code}").with_user(self.manager)
            self.assertEqual((grade.floor_discount, grade.floor_lead_days), figures)
        with self.assertRaises(ValidationError):
            grade.floor_discount = 101

    def test_made_on_demand_from_the_grade(self):
        """Opened the first time it has the grade's figures; opened again it is the same record."""
        floor = self._floor()
        self.assertEqual((floor.asked_discount, floor.asked_lead_days, floor.asked_ratio), (20, 60, "8/10"))
        self.assertEqual((self._in_force(floor), floor.status), ((20, 60, 0), "in_force"))
        self.assertEqual(self.deal.with_user(self.manager).action_open_floor()["res_id"], floor.id)
        self.assertEqual(self.deal._floor(), floor)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["sfc.negotiation.floor"].with_user(self.rep).create({"lead_id": self.deal.id})
        lead = self._lead(user_id=self.rep.id)
        with self.assertRaisesRegex(UserError, "convert it"):
            lead.with_user(self.rep).action_open_floor()

    def test_untouched_follows_the_grade(self):
        """Nobody has entered anything: another grade, other limits. What was entered is kept as far as the new grade allows."""
        floor = self._floor()
        self._override(self.deal.customer_profile_id, "C", user=self.manager)
        self.assertEqual(self._in_force(floor), (10, 30, 0))
        self.assertEqual(self._floor().asked_discount, 10)
        self._override(self.deal.customer_profile_id, "A", user=self.manager)
        floor = self._floor(asked_discount=18)
        self._override(self.deal.customer_profile_id, "C", user=self.manager)
        self.assertEqual((floor.max_discount, floor.asked_discount, floor.status), (10, 18, "to_submit"))

    def test_tighter_is_in_force_at_once(self):
        """D15: equal or tighter needs nobody."""
        floor = self._floor(**TIGHT)
        self.assertEqual((self._in_force(floor), floor.status, floor.asked_by_id), ((17.31, 53, 1234.56), "in_force", self.rep))
        with self.assertRaisesRegex(UserError, "needs no approval"):
            floor.action_submit_for_approval()
        self.assertFalse(floor.approval_ids)

    def test_looser_waits_for_the_manager(self):
        """D10, D15: asked values wait, the figures in force stay; approved they are in force. Each figure for itself."""
        floor = self._floor(**LOOSE)
        self.assertEqual((self._in_force(floor), floor.status), ((20, 60, 6543.21), "to_submit"))
        floor.action_submit_for_approval()
        self.assertEqual((self._in_force(floor), floor.status), ((20, 60, 6543.21), "pending"))
        approval = floor.approval_ids
        self.assertEqual((approval.reviewer_ids, approval.kind), (self.manager, "floor"))
        floor.with_user(self.manager).action_approve_document()
        self.assertEqual((self._in_force(floor), floor.status), ((27.31, 7391, 6543.21), "in_force"))
        floor.asked_discount = 22
        self.assertEqual((floor.max_discount, floor.status), (22, "in_force"), "less than was approved")
        floor.asked_discount = 28
        self.assertEqual((floor.max_discount, floor.status), (27.31, "to_submit"))

    def test_refused_leaves_the_figures(self):
        floor = self._loose_floor()
        floor.approval_ids.with_user(self.manager).action_refuse(self.price_reason, "not for them")
        self.assertEqual((self._in_force(floor), floor.status), ((20, 60, 6543.21), "refused"))
        floor.action_submit_for_approval()
        self.assertEqual(floor.status, "pending")
        floor.action_withdraw_approval()
        self.assertEqual(floor.status, "to_submit")

    def test_changed_while_it_waits(self):
        """What a manager saw is what he approves."""
        floor = self._loose_floor()
        approval = floor.approval_ids
        floor.asked_discount = 99
        self.assertEqual((approval.state, floor.status, floor.max_discount), ("outdated", "to_submit", 20))
        with self.assertRaises(UserError):
            approval.with_user(self.manager).action_approve()
        self.assertEqual(floor.max_discount, 20)

    def test_four_eyes(self):
        """A manager approves neither the floor of an own deal nor what he entered himself."""
        second = new_test_user(self.env, "sfc_second_manager", "sales_team.group_sale_manager")
        self.deal.user_id = self.manager
        floor = self.env["sfc.negotiation.floor"].with_user(self.manager).browse(self.deal.with_user(self.manager).action_open_floor()["res_id"])
        floor.write(LOOSE)
        floor.action_submit_for_approval()
        self.assertEqual(floor.approval_ids.reviewer_ids, second)
        with self.assertRaises(AccessError):
            floor.approval_ids.with_user(self.manager).action_approve()
        with self.assertRaises(UserError):
            floor.action_approve_document()
        floor.action_withdraw_approval()
        self.deal.user_id = self.rep
        floor.with_user(second).asked_discount = 30
        floor.with_user(self.rep).action_submit_for_approval()
        self.assertEqual(self._pending(floor).reviewer_ids, self.manager, "who entered it is author, too")

    def test_without_a_rule_nobody_is_asked(self):
        self.env.ref("sales_full_cycle.approval_rule_floor").active = False
        floor = self._floor(**LOOSE)
        self.assertEqual(floor.max_discount, 20)
        floor.action_submit_for_approval()
        self.assertEqual((floor.max_discount, floor.status, floor.approval_ids), (27.31, "in_force", self.env["sfc.approval"]))

    def test_thresholds_of_the_rule_are_about_quotations(self):
        self.env.ref("sales_full_cycle.approval_rule_floor").amount_from = 1e6
        self.assertEqual(self._loose_floor().status, "pending")

    def test_system_fields_are_refused(self):
        """Also by API, as a default of the context, and to managers."""
        other = self.deal.copy({"user_id": self.rep.id})
        floor = self._floor(**TIGHT)
        forged = {
            "approved_discount": 99, "approved_at": "2020-01-01 00:00:00", "approved_lead_days": 9, "approved_amount": 1, "revision": 9,
            "asked_by_id": self.manager.id, "company_id": self.env.company.id, "approval_state": "approved", "approval_content_hash": "x"}
        for user in (self.rep, self.manager):
            for fname, value in {**forged, "lead_id": other.id}.items():
                with self.subTest(user=user.login, field=fname), self.assertRaises(UserError):
                    floor.with_user(user).write({fname: value})
        for fname, value in forged.items():
            with self.subTest(create=fname), self.assertRaises(UserError):
                floor.create({"lead_id": other.id, fname: value})
        made = floor.with_context(**{f"default_{fname}": value for fname, value in forged.items()}).create({"lead_id": other.id, "asked_discount": 99})
        self.assertEqual((made.max_discount, made.approved_at, made.asked_by_id, made.approval_state), (20, False, self.rep, "none"))
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            floor.unlink()

    def test_the_engine_takes_no_status_from_the_context(self):
        """Nor does any other document that needs approval (S3.11)."""
        order = self.env["sale.order"].with_user(self.rep).with_context(
            default_approval_state="approved", default_approval_content_hash="x").create({"partner_id": self.customer.id, "opportunity_id": self.deal.id})
        self.assertEqual((order.approval_state, order.approval_content_hash), ("none", False))

    def test_only_for_own_deals(self):
        """The owner makes and writes, who was owner does no more; managers do it for all."""
        stranger_deal = self.deal.copy({"user_id": self.other_rep.id})
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            self.env["sfc.negotiation.floor"].with_user(self.rep).create({"lead_id": stranger_deal.id})
        floor = self._floor(**TIGHT)
        floor.with_user(self.manager).asked_discount = 15
        self.deal.with_user(self.manager).user_id = self.other_rep
        self.env.invalidate_all()
        with mute_logger(*QUIET):
            for call in (floor.read, floor.action_submit_for_approval, floor.action_take_grade, lambda: floor.write({"asked_discount": 1})):
                with self.assertRaises(AccessError):
                    call()
            with self.assertRaises(AccessError):
                self.deal.with_user(self.rep).action_open_floor()
        self.assertEqual(floor.with_user(self.other_rep).asked_discount, 15)
        self.assertFalse(floor.search([]))

    def test_unassigned_deals_show_it_to_managers_only(self):
        floor = self._floor(**TIGHT)
        self.deal.user_id = False
        for user in (self.rep, self.other_rep):
            self.assertFalse(floor.with_user(user).has_access("read"))
        self.assertTrue(floor.with_user(self.manager).has_access("read"))

    def test_back_to_the_grade(self):
        floor = self._floor(**TIGHT)
        floor.action_take_grade()
        self.assertEqual(self._in_force(floor), (20, 60, 0))

    def test_wrong_figures(self):
        floor = self._floor()
        for vals in ({"asked_discount": 101}, {"asked_discount": -1}, {"asked_lead_days": -1}, {"asked_amount": -1}):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                floor.write(vals)

    def test_form(self):
        """What is in force shows while one types."""
        floor = self._floor()
        with Form(floor) as form:
            form.asked_discount = 12.5
            self.assertEqual((form.max_discount, form.asked_ratio), (12.5, "8.75/10"))
            form.asked_discount = 30
            self.assertEqual((form.max_discount, form.status), (20, "to_submit"))
        self.assertEqual(floor.status, "to_submit")
        Form(floor.with_user(self.manager))

    def test_distance_of_the_proposal(self):
        """Ahead 5: how far from the floor the deal stands, and closed."""
        floor = self._floor(**TIGHT)
        self.assertFalse(floor.proposal_id)
        self._quotation(discount=20, delivery_lead_days=50)
        order = self._quotation(discount=10, delivery_lead_days=50)
        self.env.invalidate_all()
        self.assertEqual((floor.proposal_id, floor.proposal_discount, floor.discount_left, floor.days_left), (order.with_user(self.rep), 10, 7.31, 3))
        self.assertEqual((round(floor.amount_above, 2), floor.is_beyond), (1800 - 1234.56, False))
        first = floor.lead_id.sudo().order_ids.sorted("id")[0]
        self._order(first)
        self.assertEqual((floor.proposal_id.id, floor.discount_left, floor.is_beyond), (first.id, -2.69, True), "the one that was ordered")

    def test_merge_moves_the_floor(self):
        """What somebody entered goes on; its approvals with it."""
        floor = self._loose_floor()
        head = self.deal.copy({"user_id": self.rep.id, "name": "Head", "probability": 99})
        head.with_user(self.rep).action_open_floor()
        merged = (self.deal | head).with_user(self.manager).merge_opportunity()
        self.assertEqual((merged._floor().id, merged._floor().asked_discount), (floor.id, 27.31))
        self.assertEqual(merged._floor().approval_ids.lead_id, merged.sudo())
        merged._floor().with_user(self.manager).action_approve_document()
        self.assertEqual(merged._floor().max_discount, 27.31)

    def test_the_negotiation_leads_there(self):
        """A button, and the same refusal."""
        negotiation = self.env["sfc.negotiation"].with_user(self.rep).with_context(sfc_gate_reason="Known").create({"lead_id": self.deal.id})
        self.assertEqual(negotiation.action_open_floor()["res_id"], self.deal._floor().id)
        for user in (self.leader, self.lawyer):
            with self.assertRaises(AccessError), mute_logger(*QUIET):
                negotiation.with_user(user).action_open_floor()

    def test_upgrade(self):
        """From a database of step 3: floors of the shipped grades, neutral name, and reviewers' rules through the engine's field."""
        path = Path(__file__).parents[1] / "migrations/19.0.1.3.0/post-migrate.py"
        spec = importlib.util.spec_from_file_location("sfc_post_migrate", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        grade, promise = self.env.ref("sales_full_cycle.grade_a"), self.env.ref("sales_full_cycle.promise_floor")
        rules = self.env["ir.rule"].search([("domain_force", "like", "approval_row_ids.reviewer_ids")])
        self.assertEqual(len(rules), 4)
        before = rules.mapped("domain_force")
        for rule in rules:
            rule.domain_force = rule.domain_force.replace("approval_row_ids", "approval_ids")
        grade.floor_discount, promise.name = 10, "Approval below the floor"
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual((grade.floor_discount, promise.name, rules.mapped("domain_force")), (20, "Commercial approval", before))
        promise.name = "Ours"
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.assertEqual(promise.name, "Ours")

    def test_copy_has_no_floor(self):
        self._floor(**TIGHT)
        self.assertFalse(self.deal.copy()._floor())


@tagged("post_install", "-at_install")
class TestFloorGuard(FloorCase):
    """S4.2, ahead 5: the floor guards the quotation."""

    def test_what_is_beyond(self):
        """Discount of the whole, lead time, amount with tax in the company's currency."""
        self.assertFalse(self._quotation(discount=20, delivery_lead_days=60)._is_beyond_floor(), "as far as the grade allows")
        self.assertTrue(self._quotation(discount=20.01, delivery_lead_days=60)._is_beyond_floor())
        self.assertTrue(self._quotation(delivery_lead_days=61)._is_beyond_floor())
        typed = self._quotation()
        typed.order_line.price_unit = 790
        self.assertTrue(typed._is_beyond_floor(), "a price under the pricelist's is a discount")
        self._floor(**TIGHT)
        self.assertTrue(self._quotation(discount=18)._is_beyond_floor())
        self.assertTrue(self._quotation(quantity=1)._is_beyond_floor(), "1000 of at least 1234.56")
        self.assertFalse(self._quotation(quantity=2)._is_beyond_floor())

    def test_amount_in_another_currency(self):
        floor = self._floor(asked_amount=1999)
        currency = self.env["res.currency"].create({"name": "XFL", "symbol": "X", "rate_ids": [Command.create({"rate": 4, "name": "2020-01-01"})]})
        pricelist = self.env["product.pricelist"].create({"name": "X", "currency_id": currency.id})
        order = self._quotation(pricelist_id=pricelist.id)
        self.assertEqual((order.currency_id, order.amount_total), (currency, 8000))
        self.assertFalse(order._is_beyond_floor(), "worth 2000")
        floor.asked_amount = 2001
        self.assertTrue(order._is_beyond_floor())

    def test_the_smallest_amount_is_about_the_deal(self):
        """What is added after the order is not measured by it."""
        self._floor(asked_amount=1500)
        self._order(self._quotation(quantity=2))
        self.assertFalse(self._quotation(quantity=1)._is_beyond_floor())

    def test_nothing_is_limited_without_grade_or_deal(self):
        ungraded = self.env["crm.lead"].create({"type": "opportunity", "name": "New", "partner_id": self._company().id, "user_id": self.rep.id})
        self.assertFalse(self._quotation(discount=99, opportunity_id=ungraded.id)._is_beyond_floor())
        floor = self.env["sfc.negotiation.floor"].browse(ungraded.with_user(self.rep).action_open_floor()["res_id"])
        self.assertEqual((floor.max_discount, floor.max_lead_days, floor.status), (100, 0, "in_force"))
        self.assertFalse(self._quotation(discount=99, opportunity_id=False)._is_beyond_floor())

    def test_warned_while_typing(self):
        """The owner and a manager, on a quotation that is not saved; nobody else sees a difference."""
        for user in (self.rep, self.manager):
            form = Form(self.env["sale.order"].with_user(user).with_context(default_opportunity_id=self.deal.id, default_partner_id=self.customer.id))
            with form.order_line.new() as line:
                line.product_id = self.product
                line.price_unit = 900
            self.assertFalse(form.floor_warning)
            with form.order_line.edit(0) as line:
                line.price_unit = 790
            self.assertIn("21 %, at most 20 %", form.floor_warning)
            form.delivery_lead_days = 61
            self.assertIn("61 days, at most 60", form.floor_warning)
        lines = self._beyond().order_line
        self.assertTrue(lines.with_user(self.rep).beyond_floor)

    def test_typing_tells_others_nothing(self):
        """The onchange of a colleague is the same within and beyond."""
        for user in (self.helper, self.other_rep, self.leader, self.sees_all):
            answers = []
            for discount in (5, 95):
                order = self._quotation(discount=discount, delivery_lead_days=discount)
                spec = {"floor_warning": {}, "delivery_lead_days": {}, "order_line": {"fields": {"discount": {}, "beyond_floor": {}}}}
                line = order.order_line
                changes = {"delivery_lead_days": discount + 1, "order_line": [Command.update(line.id, {"discount": discount + 1})]}
                answer = order.with_user(user).onchange(changes, ["delivery_lead_days", "order_line"], spec)
                read = order.with_user(user).web_read(spec)[0]
                self.assertFalse(read["floor_warning"] or read["order_line"][0]["beyond_floor"], user.login)
                answers.append(sorted(answer["value"]))
                self.assertFalse(answer["value"].get("floor_warning"), user.login)
            self.assertEqual(*answers)

    def test_submission_beyond_asks_a_manager(self):
        """By anybody: the owner, a colleague. Both approvals are needed."""
        for user in (self.rep, self.helper):
            with self.subTest(user=user.login):
                order = self._beyond()
                order.with_user(user).action_submit_for_approval()
                approval = self._floor_approval(order)
                self.assertEqual(approval.reviewer_ids, self.manager)
                order.with_user(self.leader).action_approve_document()
                self.assertEqual(order.approval_state, "pending")
                order.with_user(self.manager).action_approve_document()
                self.assertEqual(order.approval_state, "approved")
        within = self._submitted(discount=20)
        self.assertFalse(self._floor_approval(within))

    def test_a_hidden_approval_is_not_overlooked(self):
        """The leader sees the own approval alone; deciding after looking does not decide for the manager."""
        order = self._beyond()
        order.action_submit_for_approval()
        self.env.invalidate_all()
        theirs = order.with_user(self.leader)
        self.assertEqual(theirs.approval_ids.mapped("kind"), ["proposal"])
        theirs.approval_ids.action_approve()
        self.assertEqual(order.approval_state, "pending")
        self.assertFalse(order._approval_is_current())
        # nor does what the engine has read show in what a colleague reads next
        self.env.invalidate_all()
        theirs._approval_is_current()
        self.assertTrue(order.sudo().approval_row_ids)
        self.assertEqual(theirs.approval_ids.mapped("kind"), ["proposal"])
        found = order.with_user(self.helper).web_read({"approval_ids": {"fields": {"rule_id": {"fields": {"display_name": {}}}, "state": {}}}})
        self.assertEqual([row["state"] for row in found[0]["approval_ids"]], ["approved"])

    def test_a_colleague_saves_and_reads_on(self):
        """Saving checks rights in memory, which reads all approvals; what the client reads in the same call has his own only."""
        order = self._beyond()
        self.env.invalidate_all()
        spec = {"approval_ids": {"fields": {"state": {}}, "order": "id desc"}, "approval_state": {}}
        saved = order.with_user(self.helper).web_save({"client_order_ref": "PO 1"}, spec)
        self.assertEqual(saved[0]["approval_ids"], [])
        order.with_user(self.helper).action_submit_for_approval()
        [read] = order.with_user(self.helper).web_save({"client_order_ref": "PO 2"}, spec)
        self.assertEqual((len(read["approval_ids"]), read["approval_state"]), (1, "pending"))

    def test_without_other_rules_the_floor_alone_holds_it(self):
        """Beyond the floor nothing leaves unapproved, whatever the rules about proposals; a changed floor counts at once."""
        self.env["sfc.approval.rule"].search([("kind", "=", "proposal")]).active = False
        order = self._quotation(discount=18)
        self.assertEqual((order.proposal_required, order.proposal_released), (False, True))
        self._floor(asked_discount=17)
        self.assertEqual((order.proposal_required, order.proposal_released), (True, False))
        with self.assertRaisesRegex(UserError, "not approved as it stands now") as refusal:
            order.action_quotation_sent()
        self.assertNoSecret(refusal.exception)
        order.order_line.discount = 17
        self.assertTrue(order.proposal_released)
        self.env.ref("sales_full_cycle.grade_a").with_user(self.manager).floor_lead_days = 20
        self.assertFalse(order.proposal_released, "30 days")

    def test_decision_is_told(self):
        """The owner reads everything, the colleague that it was approved or refused."""
        order = self._beyond()
        order.user_id = self.helper
        order.with_user(self.helper).action_submit_for_approval()
        approval = self._floor_approval(order)
        approval.with_user(self.manager).action_refuse(self.price_reason, "Never below 17.31 % for them")
        self.assertEqual(order.approval_state, "refused")
        told = order.with_user(self.helper).message_ids.filtered(lambda message: "Refused" in message.body)
        self.assertEqual(len(told), 1)
        self.assertIn(self.helper.partner_id, told.partner_ids)
        self.assertNoSecret(told.body)
        self.assertNotIn("Commercial", told.body)
        to_owner = approval.message_ids.filtered(lambda message: "17.31" in message.body)
        self.assertEqual(to_owner.partner_ids, self.rep.partner_id)
        self.assertTrue(to_owner.with_user(self.rep).has_access("read"))
        self.assertFalse(to_owner.with_user(self.helper).has_access("read"))

    def test_distance_on_the_approval(self):
        """screens.md: for managers and the owner only."""
        order = self._beyond()
        order.action_submit_for_approval()
        proposal = order.approval_ids.filtered(lambda approval: approval.kind == "proposal")
        for user in (self.manager, self.rep):
            self.assertIn("23 %, at most 20 % (-3)", proposal.with_user(user).floor_distance)
        for user in (self.leader, self.helper, self.sees_all):
            self.assertFalse(proposal.with_user(user).floor_distance)

    def test_many_quotations_cost_a_fixed_number_of_queries(self):
        deals = self.env["crm.lead"].create([{
            "type": "opportunity", "name": f"Deal {number}", "partner_id": self.customer.id, "team_id": self.team.id, "user_id": self.rep.id,
        } for number in range(8)])
        orders = self.env["sale.order"]
        for deal in deals:
            self.env["sfc.negotiation.floor"].with_user(self.rep).create({"lead_id": deal.id, "asked_discount": 5, "asked_amount": 100})
            orders |= self._quotation(opportunity_id=deal.id, discount=7)

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            kinds = [order._approval_kinds() for order in some.sudo()]
            self.assertTrue(all("floor" in names for names in kinds))
            return self.env.cr.sql_log_count - before

        queries(orders)
        self.assertEqual(queries(orders[:2]), queries(orders[2:]))

    def test_the_deal_form_asks_nothing_for_it(self):
        """Buttons by group and owner; no field."""
        for user, buttons in ((self.rep, 1), (self.manager, 1), (self.leader, 1)):
            arch = self.env["crm.lead"].with_user(user).get_view(self.env.ref("crm.crm_lead_view_form").id, "form")["arch"]
            self.assertEqual(arch.count('name="action_open_floor"'), buttons, user.login)
            self.assertNotIn("floor_ids", arch)


@tagged("post_install", "-at_install")
class TestFloorSecrecy(FloorCase):
    """Ahead 5, issue: the floor is in nothing that another person sees. Each channel, as each stranger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.floor = cls._floor(**TIGHT)
        # as in life: with the messages that Odoo writes by itself
        cls.order = cls._beyond().with_context(tracking_disable=False)
        cls.order.with_user(cls.helper).action_submit_for_approval()
        cls.approval = cls._floor_approval(cls.order)

    def _track(self):
        for name in ("deal", "floor", "order", "approval"):
            setattr(self, name, getattr(self, name).with_context(tracking_disable=False))

    def _whole_life(self):
        """With tracking on: asked, questioned, refused, asked again, changed, approved; clocks run out, the proposal is approved and changed."""
        self._track()
        floor = self._loose_floor(reason="27.31 is what they get elsewhere")
        floor.approval_ids.with_user(self.manager)._ask_author("Why?")
        floor.approval_ids.with_user(self.manager).action_refuse(self.price_reason, "no")
        floor.action_submit_for_approval()
        floor.asked_lead_days = 53
        floor.action_submit_for_approval()
        clocks = floor.sudo().approval_ids.sla_clock_ids | self.approval.sudo().sla_clock_ids
        for clock in clocks.filtered(lambda clock: not clock.stopped_at):
            self._let_time_pass(clock, days=30)
        self.env["sfc.approval"].sudo().search([("state", "=", "pending")])._remind(self.manager)
        floor.with_user(self.manager).action_approve_document()
        self.approval.with_user(self.manager).action_approve()
        self.order.order_line.discount = 40
        return floor

    def test_read(self):

        def check(user):
            floor = self.floor.with_user(user)
            self.assertNothing(floor.read)
            self.assertNothing(floor.web_read, {"asked_discount": {}})
            with self.assertRaises(AccessError) as refusal:
                self.deal.with_user(user).action_open_floor()
            self.assertNoSecret(refusal.exception)
            with self.assertRaises(AccessError):
                self.deal.with_user(user).read(["floor_ids"])
            self.assertNothing(self.approval.with_user(user).read, ["floor_distance"])

        self._each(check)

    def test_not_even_the_owner_reads_it_through_the_deal(self):
        for user in (self.rep, self.manager):
            self.assertNotIn("floor_ids", self.env["crm.lead"].with_user(user).fields_get())
            with self.assertRaises(AccessError), mute_logger(*QUIET):
                self.deal.with_user(user).read(["floor_ids"])

    PATHS = (
        ("sfc.negotiation.floor", "asked_discount"), ("sfc.negotiation.floor", "lead_id.floor_ids.asked_discount"),
        ("crm.lead", "floor_ids.asked_discount"), ("sale.order", "opportunity_id.floor_ids.asked_discount"),
        ("sale.order", "approval_ids.floor_id.asked_discount"), ("sale.order", "approval_row_ids.kind"), ("sfc.approval", "floor_id.asked_discount"),
        ("sfc.negotiation", "lead_id.floor_ids.asked_discount"), ("mail.activity", "sfc_approval_id.floor_id.asked_discount"),
        ("sfc.sla.clock", "approval_id.floor_id.asked_discount"), ("crm.lead", "customer_grade_id.floor_discount"), ("sfc.grade", "floor_discount"),
        ("sfc.customer.profile", "lead_ids.floor_ids.asked_discount"), ("sfc.customer.profile", "grade_id.floor_discount"),
    )

    def test_search(self):
        """Domains over any path."""
        self._loose_floor()

        def check(user):
            for model, path in self.PATHS:
                operator, value = ("=", "floor") if path.endswith("kind") else (">", 1)
                self.assertNothing(self.env[model].with_user(user).search, [(path, operator, value)])
                self.assertNothing(self.env[model].with_user(user).search_count, [(path, operator, value)])

        self._each(check)

    def test_search_of_approvals_by_kind(self):
        """That an approval is about a floor is as secret."""
        domains = {
            "sale.order": ["approval_ids.kind", "approval_ids.rule_id.kind", "activity_ids.sfc_approval_id.kind"], "sfc.approval": ["kind", "rule_id.kind"],
            "mail.activity": ["sfc_approval_id.kind"], "sfc.sla.clock": ["key", "policy_id.key", "approval_id.kind"],
        }

        def check(user):
            for model, paths in domains.items():
                for path in paths:
                    self.assertNothing(self.env[model].with_user(user).search, [(path, "=", "floor")])

        self._each(check)
        for user in (self.rep, self.manager):
            self.assertIn(self.approval, self.env["sfc.approval"].with_user(user).search([("kind", "=", "floor")]))

    def test_group(self):
        self._loose_floor()

        def check(user):
            for model, groupby, aggregate in (
                    ("sfc.negotiation.floor", "lead_id", "asked_discount:max"), ("sfc.negotiation.floor", "asked_lead_days", "__count"),
                    ("crm.lead", "floor_ids", "__count"), ("sfc.approval", "floor_id", "__count"), ("sfc.grade", "code", "floor_discount:max")):
                domain = [("floor_id", "!=", False)] if groupby == "floor_id" else []
                self.assertNothing(self.env[model].with_user(user).formatted_read_group, domain, [groupby], [aggregate])
            self.assertNothing(self.env["sfc.approval"].with_user(user).formatted_read_group, [("kind", "=", "floor")], ["kind"], ["__count"])

        self._each(check)

    def test_export(self):
        self._loose_floor()

        def check(user):
            for record, path in (
                    (self.floor, "asked_discount"), (self.deal, "floor_ids/asked_discount"), (self.order, "approval_ids/floor_id/asked_discount"),
                    (self.order, "floor_warning"), (self.floor.approval_ids, "floor_id/max_discount"), (self.deal, "customer_grade_id/floor_discount")):
                user.group_ids += self.env.ref("base.group_allow_export")
                try:
                    exported = record.with_user(user).export_data(["id", path])["datas"]
                except (AccessError, ValueError) as error:
                    exported = str(error)
                self.assertNoSecret(exported)

        self._each(check)

    def test_names(self):
        """Nothing is found by name, and a name has no figures."""
        def check(user):
            self.assertNothing(self.env["sfc.negotiation.floor"].with_user(user).name_search, "Test")
            self.assertNothing(self.env["sfc.approval"].with_user(user).name_search, self.order.name, [("id", "=", self.approval.id)])

        self._each(check)
        self.assertEqual(self.floor.display_name, self.deal.display_name)
        self.assertEqual(self.approval.display_name, f"{self.order.name} – Approval")

    def test_messages_and_tracking(self):
        """Over the whole life no message of any model has a figure, whoever reads it."""
        self._whole_life()
        for message in self.env["mail.message"].sudo().search([]):
            self.assertNoSecret(f"{message.subject} {message.body} {message.record_name}", (message.model, message.body))
        for tracking in self.env["mail.tracking.value"].sudo().search([]):
            self.assertNotIn(tracking.field_id.model, ("sfc.negotiation.floor", "sfc.approval"))
        self.assertNotIn("message_ids", self.floor._fields)

        def check(user):
            found = self.env["mail.message"].with_user(user).search([("model", "=", "sfc.approval"), ("res_id", "=", self.approval.id)])
            self.assertFalse(found, found.sudo().mapped("body"))

        self._each(check)

    def test_the_submitter_does_not_follow(self):
        """Nor has he written the approval, or the request to the manager: authors and followers read without right."""
        approval = self.approval.sudo()
        self.assertNotIn(self.helper.partner_id, approval.message_partner_ids)
        self.order.with_user(self.helper).order_line.discount = 30
        self.assertEqual(approval.state, "outdated")
        messages = self.env["mail.message"].sudo().search([("model", "=", "sfc.approval"), ("res_id", "=", approval.id)])
        self.assertGreater(len(messages), 1, "asked, and that it is over")
        self.assertNotIn(self.helper.partner_id, messages.author_id | messages.partner_ids)
        self.assertNotIn(self.helper, messages.create_uid)

    def test_chatter_of_the_quotation(self):
        """What a colleague reads there does not say that a floor was involved."""
        self._whole_life()
        for message in self.order.with_user(self.helper).message_ids:
            self.assertNotRegex(f"{message.subject} {message.body}", "(?i)floor|commercial approval")

    def test_snapshots(self):
        """Content, difference and comments of approvals."""
        floor = self._whole_life()
        approvals = self.env["sfc.approval"].sudo().search([("floor_id", "=", floor.id)])
        self.assertEqual({tuple(approval.content) for approval in approvals}, {("revision",)})
        for approval in approvals.with_user(self.manager):
            self.assertFalse(approval.difference)
            self.assertNoSecret(approval.note)
        self.assertEqual(set(approvals.mapped("amount")) | set(approvals.mapped("discount")) | set(approvals.mapped("payment_days")), {0})
        for approval in self.env["sfc.approval"].sudo().search([("sale_order_id", "=", self.order.id)]):
            self.assertNoSecret({**approval.content, "id": 0})

    def test_activities(self):
        """The reviewer's activity hangs on the approval, so colleagues do not find it on the quotation."""
        floor = self._loose_floor()
        asked = self.env["mail.activity"].sudo().search([("sfc_approval_id", "in", (self.approval | floor.approval_ids.sudo(False)).ids)])
        self.assertEqual(set(asked.mapped("res_model")), {"sfc.approval"})
        self.assertEqual(asked.user_id, self.manager)
        for activity in self.env["mail.activity"].sudo().search([]):
            self.assertNoSecret(f"{activity.summary} {activity.note} {activity.res_name}")

        def check(user):
            self.assertNothing(self.env["mail.activity"].with_user(user).search, [("id", "in", asked.ids)])
            if self.order.with_user(user).has_access("read"):
                self.assertFalse(self.order.with_user(user).activity_ids.filtered(lambda activity: activity.user_id == self.manager))

        self._each(check)
        systray = self.env["res.users"].with_user(self.manager)._get_activity_groups()
        self.assertEqual([group["total_count"] for group in systray if group["model"] == "sfc.approval"], [2])

    def test_clocks(self):
        """No leader is told that it is late, whatever the promise says."""
        self.env.ref("sales_full_cycle.promise_floor").write({"escalate_to": "leader"})
        clock = self.approval.sudo().sla_clock_ids
        self.assertEqual((clock.key, clock.policy_id.name), ("floor", "Commercial approval"))
        self._let_time_pass(clock, days=30)
        late = self.env["mail.activity"].sudo().search([("sfc_clock_id", "=", clock.id)])
        self.assertEqual(late.user_id, self.manager)

        def check(user):
            self.assertNothing(self.env["sfc.sla.clock"].with_user(user).search, [("id", "=", clock.id)])
            self.assertNothing(clock.with_user(user).read, ["key"])

        self._each(check)
        for user in (self.manager, self.rep):
            self.assertTrue(clock.with_user(user).has_access("read"), user.login)

    def test_mails(self):
        people = self.env["res.users"].browse(user.id for user in (self.manager, self.rep, self.helper, self.leader))
        people.notification_type = "email"
        self._whole_life()
        mails = self.env["mail.mail"].sudo().search([])
        self.assertTrue(mails)
        for mail in mails:
            self.assertNoSecret(re.sub(r"style=\"[^\"]*\"|https?://\S+", "", f"{mail.subject} {mail.body_html}"))
        for mail in mails.filtered(lambda mail: {self.helper.partner_id, self.leader.partner_id} & set(mail.recipient_ids)):
            self.assertNotRegex(f"{mail.subject} {mail.body_html}", "(?i)floor|commercial approval")

    def test_attachments_and_prints(self):
        """The quotation and the proposal, printed by whoever, also the owner."""
        self._whole_life()
        self.order.order_line.discount = 0
        for report in ("sale.report_saleorder", "sales_full_cycle.report_proposal"):
            for user in (self.rep, self.helper):
                html = self.env["ir.actions.report"].with_user(user)._render_qweb_html(report, self.order.ids)[0].decode()
                text = re.sub(r"<[^>]+>", " ", html)
                self.assertIn(self.order.name, text)
                self.assertNotRegex(text, r"27\.31|17\.31|6[,.]?543[,.]21|1[,.]?234[,.]56|(?i:floor)")
        for attachment in self.env["ir.attachment"].sudo().search([("res_model", "in", ("sfc.negotiation.floor", "sfc.approval", "sale.order", "crm.lead"))]):
            self.assertNoSecret(attachment.name)

    def test_sheets(self):
        """The XLSX sheets that exist, exported by the owner."""
        self._whole_life()
        for records in (self.deal, self.deal.customer_profile_id):
            content = records.with_user(self.rep)._sheet_export()
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                texts = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/") and "styles" not in name)
            self.assertNotRegex(texts, r"27\.31|17\.31|6543\.21|1234\.56")

    def test_error_texts(self):
        """Also in debug mode, where Odoo names the records; and of wrong entries."""
        def check(user):
            if user.share:
                return
            user.group_ids += self.env.ref("base.group_no_one")
            for record in (self.floor, self.approval, self.approval.sudo().sla_clock_ids):
                with self.assertRaises(AccessError) as refusal:
                    record.with_user(user).read(["id", "company_id"])
                self.assertNoSecret(re.sub(r"\b(id=)?\d+\)", "", str(refusal.exception)))
                self.assertNotIn("Commercial", str(refusal.exception))

        self._each(check)
        with self.assertRaises(ValidationError) as refusal:
            self.floor.write({"asked_discount": 127.31})
        self.assertNoSecret(refusal.exception)

    def test_nobody_can_decide(self):
        """The text for the one who submits has no name of the rule."""
        self.env.ref("sales_team.group_sale_manager").user_ids = [Command.set(self.env.ref("base.user_root").ids)]
        order = self._beyond()
        with self.assertRaisesRegex(UserError, "Nobody but the author") as refusal:
            order.with_user(self.helper).action_submit_for_approval()
        self.assertNotRegex(str(refusal.exception), "(?i)floor|commercial")

    def test_leader_who_reviews_by_rule_sees_no_figures(self):
        """A company may let leaders decide about proposals beyond the floor; the floor itself stays closed."""
        self.env.ref("sales_full_cycle.approval_rule_floor").reviewer_kind = "leader"
        order = self._beyond(discount=24)
        order.action_submit_for_approval()
        approval = self._floor_approval(order).with_user(self.leader)
        self.assertTrue(approval.can_decide)
        self.assertFalse(approval.floor_distance)
        self.assertFalse(self.floor.with_user(self.leader).has_access("read"))

    def test_grades_hide_their_floors(self):
        """Who knows the default knows most floors."""
        grade = self.env.ref("sales_full_cycle.grade_a")
        for user in (self.rep, *self.strangers):
            with self.subTest(user=user.login), mute_logger(*QUIET):
                self.assertNotIn("floor_discount", self.env["sfc.grade"].with_user(user).fields_get())
                with self.assertRaises(AccessError):
                    grade.with_user(user).read(["floor_discount"])

    def test_copy_and_merge(self):
        """A copy has nothing of it; a merge by a colleague's hand shows him nothing."""
        head = self.deal.copy({"user_id": self.other_rep.id, "probability": 99})
        merged = (self.deal | head).with_user(self.manager).merge_opportunity()
        self.assertEqual((merged.user_id, merged._floor().id), (self.other_rep, self.floor.id))
        for message in merged.sudo().message_ids:
            self.assertNoSecret(message.body)
        self.assertFalse(self.floor.with_user(self.rep).has_access("read"), "who owned the deal that went into it")

    def test_nothing_is_logged(self):
        with self.assertNoLogs("odoo.addons.sales_full_cycle", level="DEBUG"):
            self._whole_life()


@tagged("post_install", "-at_install")
class TestFloorOnThePortal(FloorCase, HttpCase):
    """The customer reads the quotation, and nothing of the floor."""

    def test_page(self):
        self._floor(**TIGHT)
        order = self._quotation()
        order.action_submit_for_approval()
        order.approval_ids.with_user(self.leader).action_approve()
        order.with_user(self.rep).action_quotation_sent()
        order.message_subscribe(self.customer_user.partner_id.ids)
        self.authenticate(self.customer_user.login, self.customer_user.login)
        page = self.url_open(f"/my/orders/{order.id}").text
        self.assertIn(order.name, page)
        self.assertNotRegex(page, r"17\.31|1[,.]?234[,.]56|floor_warning|beyond_floor|negotiation")
        with mute_logger("odoo.http", *QUIET):
            answer = self.opener.post(f"{self.base_url()}/web/dataset/call_kw/sfc.negotiation.floor/search_read", json={
                "jsonrpc": "2.0", "method": "call",
                "params": {"model": "sfc.negotiation.floor", "method": "search_read", "args": [[]], "kwargs": {}}}, timeout=60)
        self.assertIn("error", answer.json())
