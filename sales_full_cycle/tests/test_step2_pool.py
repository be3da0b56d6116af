from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.common.bulk_write import bulk_update
from .common import SalesCase, at


class PoolCase(SalesCase):
    """Customers with a grade, in a company whose pool is on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.pool_active = True
        cls.today = cls.company._local_date()
        cls.grades = {code: cls.env["sfc.grade"]._by_code(code) for code in "ABC"}
        (cls.rep | cls.other_rep | cls.leader | cls.manager).notification_type = "inbox"

    @classmethod
    def _customer(cls, name="Hongda", grade="C", owner=None, **values):
        partner = cls.env["res.partner"].create({"name": name, "is_company": True})
        customer = cls.env["sfc.customer.profile"].create({"partner_id": partner.id, "user_id": (cls.rep if owner is None else owner).id, **values})
        if grade:
            bulk_update(customer, {customer.id: (cls.grades[grade].id,)}, ["grade_id"])
            customer._refresh_pool()
        return customer

    @classmethod
    def _deal(cls, customer, owner=None, **values):
        return cls.env["crm.lead"].create({
            "type": "opportunity", "name": "Benches", "partner_id": customer.partner_id.id, "user_id": (cls.rep if owner is None else owner).id,
            "team_id": cls.team.id, **values})

    @classmethod
    def _age(cls, customers, days):
        """Everything about the customers happened so many days earlier, in the database as it is."""
        cls.env.flush_all()
        cls.env.cr.execute("""
            UPDATE sfc_customer_profile SET assigned_at = assigned_at - %(days)s * interval '1 day', last_follow_up_date = last_follow_up_date - %(days)s,
                   pool_due_on = pool_due_on - %(days)s, pool_warned_on = pool_warned_on - %(days)s, pool_kept_on = pool_kept_on - %(days)s
             WHERE id = ANY(%(ids)s)""", {"days": days, "ids": customers.ids})
        cls.env.cr.execute("""
            UPDATE sfc_follow_up SET done_at = done_at - %(days)s * interval '1 day', done_on = done_on - %(days)s, counted_on = counted_on - %(days)s,
                   due_date = due_date - %(days)s WHERE profile_id = ANY(%(ids)s)""", {"days": days, "ids": customers.ids})
        cls.env.cr.execute("UPDATE sfc_assignment_log SET at = at - %s * interval '1 day' WHERE profile_id = ANY(%s)", [days, customers.ids])
        cls.env.invalidate_all()

    def _run(self):
        """The cron's work, without its commits."""
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_pool").method_direct_trigger()
        self.env.invalidate_all()

    @classmethod
    def _contact(cls, customer, days_ago=0):
        return cls.env["sfc.follow.up"].create({
            "profile_id": customer.id, "user_id": cls.rep.id, "content": "They want twelve of them.",
            "done_at": fields.Datetime.now() - timedelta(days=days_ago)})

    @classmethod
    def _pooled(cls, **values):
        customer = cls._customer(**values)
        customer.sudo()._pool_return()
        return customer

    @classmethod
    def _messages(cls, user):
        return cls.env["mail.message"].search([("message_type", "=", "user_notification"), ("partner_ids", "in", user.partner_id.ids)])

    @classmethod
    def _log(cls, customer):
        return cls.env["sfc.assignment.log"].search([("profile_id", "=", customer.id), ("lead_id", "=", False)], order="id")


@tagged("post_install", "-at_install")
class TestPoolDates(PoolCase):
    """D7: idle for 30 / 60 / 90 days since the last contact or since the owner got it."""

    def test_idle_time_follows_the_grade(self):
        for code, days in {"A": 30, "B": 60, "C": 90}.items():
            self.assertEqual(self._customer(code, code).pool_due_on, self.today + timedelta(days=days))

    def test_it_counts_from_the_later_of_contact_and_assignment(self):
        customer = self._customer()
        self._age(customer, 50)
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=40))
        self._contact(customer, days_ago=10)
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=80))
        customer.user_id = self.other_rep
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=90), "a new owner has the whole time")

    def test_the_day_is_that_of_the_company(self):
        """18:00 UTC is the next day in Shanghai."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        with at("2026-03-06 18:00"):
            customer = self._customer()
        self.assertEqual(customer.pool_due_on, fields.Date.to_date("2026-03-07") + timedelta(days=90))

    def test_none_without_owner_grade_or_when_protected(self):
        self.assertFalse(self._customer("no grade", grade=None).pool_due_on)
        customer = self._customer()
        customer.write({"pool_protected": True, "pool_protect_reason": "Framework contract"})
        self.assertFalse(customer.pool_due_on)
        customer.pool_protected = False
        self.assertTrue(customer.pool_due_on)
        customer.user_id = False
        self.assertFalse(customer.pool_due_on)

    def test_a_grade_that_changes_its_idle_time_moves_its_customers(self):
        customer, other = self._customer(), self._customer("B", "B")
        self.grades["C"].pool_idle_days = 45
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=45))
        self.assertEqual(other.pool_due_on, self.today + timedelta(days=60))

    def test_a_new_grade_moves_the_date(self):
        customer = self._customer(annual_revenue=800_000_000, employee_count=1500, expected_purchase_amount=1_500_000)
        card = customer._grouped_by_scorecard().keys()
        self.assertTrue(list(card))
        before = {customer: customer.grade_id}
        bulk_update(customer, {customer.id: (self.grades["A"].id,)}, ["grade_id"])
        customer._grade_changed(before)
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=30))

    def test_nobody_writes_the_dates_by_hand(self):
        customer = self._customer()
        for user in (self.rep, self.manager):
            with self.assertRaises(UserError):
                customer.with_user(user).pool_due_on = self.today
            with self.assertRaises(UserError):
                customer.with_user(user).write({"in_pool": True})
        with self.assertRaises(UserError):
            self.env["sfc.customer.profile"].with_user(self.rep).create({
                "partner_id": self.env["res.partner"].create({"name": "X", "is_company": True}).id, "in_pool": True})

    def test_many_customers_cost_a_fixed_number_of_queries(self):
        def queries(count):
            customers = self.env["sfc.customer.profile"].union(*(self._customer(f"Q{count}-{n}") for n in range(count)))
            self._age(customers, 3)
            before = self.cr.sql_log_count
            customers._refresh_pool()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2)
        self.assertEqual(queries(4), queries(16))


@tagged("post_install", "-at_install")
class TestPoolReturn(PoolCase):
    """Ahead 3: warned a week before, then returned; never without a warning; nothing while the switch is off."""

    def test_off_by_default(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.assertEqual((company.pool_active, company.pool_claim_quota, company.pool_hold_limit, company.pool_warning_days), (False, 5, 50, 7))

    def test_switched_off_nothing_happens(self):
        self.company.pool_active = False
        customer = self._customer()
        self._age(customer, 200)
        self._run()
        self.assertFalse(customer.pool_warned_on)

    def test_warned_seven_days_before_and_returned_after_it(self):
        customer, fresh = self._customer(), self._customer("Fresh")
        self._age(customer, 82)
        self._run()
        self.assertFalse(customer.pool_warned_on, "eight days are left")
        self._age(customer, 1)
        self._run()
        self.assertEqual(customer.pool_warned_on, self.today)
        self.assertEqual((customer.pool_return_on, customer.pool_days_left), (self.today + timedelta(days=7), 7))
        self._age(customer, 6)
        self._run()
        self.assertEqual(customer.user_id, self.rep)
        self._age(customer, 1)
        self._run()
        self.assertFalse(customer.user_id)
        self.assertTrue(customer.in_pool)
        self.assertEqual((customer.pooled_from_id, customer.team_id), (self.rep, self.team))
        self.assertTrue(customer.pooled_at)
        self.assertFalse(customer.pool_due_on)
        self.assertEqual(fresh.user_id, self.rep)

    def test_a_cron_that_slept_for_months_warns_first(self):
        customer = self._customer()
        self._age(customer, 300)
        self._run()
        self.assertEqual((customer.pool_warned_on, customer.user_id), (self.today, self.rep))
        self.assertEqual(customer.pool_days_left, 7)
        self._age(customer, 6)
        self._run()
        self.assertTrue(customer.user_id)
        self._age(customer, 1)
        self._run()
        self.assertTrue(customer.in_pool)

    def test_one_warning_and_one_message_an_owner(self):
        customers = self._customer("One") | self._customer("Two")
        self._age(customers, 85)
        self._run()
        self._run()
        message = self._messages(self.rep)
        self.assertEqual(len(message), 1)
        self.assertIn("2 of your customers", message.subject)
        for name in ("One", "Two"):
            self.assertIn(name, message.body)

    def test_a_contact_ends_the_warning(self):
        customer = self._customer()
        self._age(customer, 85)
        self._run()
        self._contact(customer)
        self.assertFalse(customer.pool_warned_on)
        self._age(customer, 50)
        self._run()
        self.assertEqual(customer.user_id, self.rep)

    def test_history_stays_and_owner_and_leader_are_told(self):
        customer = self._customer()
        deal = self._deal(customer)
        self._age(customer, 85)
        self._run()
        first_at = customer.first_assigned_at
        self._age(customer, 7)
        todo = customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.rep.id, summary="Follow up")
        planned = customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.rep.id, automated=False)
        self._run()
        self.assertEqual([(log.kind, log.from_user_id, log.to_user_id) for log in self._log(customer)], [
            ("assigned", self.env["res.users"], self.rep), ("pool", self.rep, self.env["res.users"])])
        self.assertEqual((customer.first_user_id, customer.first_assigned_at), (self.rep, first_at - timedelta(days=7)))
        self.assertEqual(deal.user_id, self.rep, "until somebody claims")
        self.assertFalse(todo.exists(), "the system's own activities go")
        self.assertTrue(planned.exists())
        for person in (self.rep, self.leader):
            self.assertIn("returned to the pool", self._messages(person)[0].subject)
        self.assertIn("Returned to the pool from", customer.message_ids[0].body)
        self.assertFalse(customer.partner_id.user_id)

    def test_archived_customers_stay_where_they_are(self):
        customer = self._customer()
        self._age(customer, 200)
        customer.partner_id.active = False
        self._run()
        self.assertFalse(customer.pool_warned_on)

    def test_signed_contract_tender_and_the_flag_protect(self):
        """P14."""
        signed, delivering, tender, flagged, plain, lost = (self._customer(name) for name in "abcdef")
        bulk_update(deal := self._deal(signed), {deal.id: ("signed",)}, ["cycle_step"])
        bulk_update(deal := self._deal(delivering), {deal.id: ("delivering",)}, ["cycle_step"])
        self._deal(tender, origin_type="tender")
        self._deal(lost, origin_type="tender").action_set_lost()
        flagged.with_user(self.leader).write({"pool_protected": True, "pool_protect_reason": "Owner is ill"})
        self._deal(plain)
        everybody = signed | delivering | tender | flagged | plain | lost
        self._age(everybody, 100)
        self._run()
        self.assertEqual(everybody.filtered("pool_warned_on"), plain | lost)
        self.assertEqual(everybody.filtered("is_pool_protected"), signed | delivering | tender | flagged)
        self.assertEqual(everybody.search([("is_pool_protected", "=", False), ("id", "in", everybody.ids)]), plain | lost)

    def test_what_becomes_protected_after_the_warning_stays(self):
        customer = self._customer()
        self._age(customer, 100)
        self._run()
        deal = self._deal(customer, origin_type="tender")
        self._age(customer, 7)
        self._run()
        self.assertEqual(customer.user_id, self.rep)
        self.assertNotIn(customer, self._warnings(self.manager))
        deal.action_set_lost()
        self._run()
        self.assertTrue(customer.in_pool)

    def _warnings(self, user):
        action = self.env.ref("sales_full_cycle.sfc_customer_profile_action_pool_warnings")
        return self.env["sfc.customer.profile"].with_user(user).search(safe_eval(action.domain))

    def test_the_leader_sees_the_warnings_of_the_team_and_the_salesperson_his_own(self):
        customer, other = self._customer(), self._customer("Other", owner=self.other_rep)
        self._age(customer | other, 100)
        self._run()
        self.assertEqual(self._warnings(self.leader), customer | other)
        self.assertEqual(self._warnings(self.rep), customer)

    def test_one_customer_that_cannot_be_returned_does_not_stop_the_others(self):
        bad, good = self._customer("Bad"), self._customer("Good")
        self._age(bad | good, 100)
        self._run()
        self._age(bad | good, 7)
        original, refusal = type(bad)._pool_return, UserError("data that refuses")  # pylint: disable=translation-required

        def refuse(customers):
            if bad in customers:
                raise refusal
            return original(customers)
        self.patch(type(bad), "_pool_return", refuse)
        with self.assertLogs("odoo.addons.sales_full_cycle.models.step2_customer.sfc_customer_profile_pool_cron", "WARNING"):
            self._run()
        self.assertEqual((bad.user_id, good.in_pool), (self.rep, True))

    def test_small_batches_reach_everybody(self):
        customers = self.env["sfc.customer.profile"].union(*(self._customer(f"N{n}") for n in range(5)))
        self._age(customers, 100)
        self.patch(type(customers)._cron_pool, "__defaults__", (2,))
        self._run()
        self.assertEqual(set(customers.mapped("pool_warned_on")), {self.today})

    def test_many_returns_cost_a_fixed_number_of_queries(self):
        def queries(count):
            customers = self.env["sfc.customer.profile"].union(*(self._customer(f"R{count}-{n}") for n in range(count)))
            self._age(customers, 100)
            before = self.cr.sql_log_count
            customers.sudo()._pool_warn(self.today)
            customers.sudo()._pool_return()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2), queries(3)
        self.assertAlmostEqual(queries(5), queries(20), delta=2)


@tagged("post_install", "-at_install")
class TestPoolDecisions(PoolCase):
    """A leader's veto and protection, with a reason."""

    def _warned(self):
        customer = self._customer()
        self._age(customer, 100)
        self._run()
        return customer

    def _decide(self, user, customer, kind, reason="We meet in May"):
        return self.env["sfc.pool.decision"].with_user(user).create({"profile_ids": [(6, 0, customer.ids)], "kind": kind, "reason": reason}).action_apply()

    def test_a_veto_keeps_it_for_another_idle_period(self):
        for user in (self.leader, self.manager):
            customer = self._warned()
            self._decide(user, customer, "keep")
            self.assertEqual((customer.pool_due_on, customer.pool_warned_on), (self.today + timedelta(days=90), False))
            self._age(customer, 7)
            self._run()
            self.assertEqual(customer.user_id, self.rep)
            note = customer.message_ids[0]
            self.assertEqual(note.author_id, user.partner_id)
            self.assertIn("We meet in May", note.body)
            self._age(customer, 80)
            self._run()
            self.assertTrue(customer.pool_warned_on, "the next period ends as well")

    def test_the_owner_and_other_leaders_have_no_veto(self):
        customer = self._warned()
        for user in (self.rep, new_test_user(self.env, "sfc_other_leader", "sales_full_cycle.group_sfc_team_leader,sales_team.group_sale_salesman_all_leads")):
            with self.assertRaises(AccessError):
                self._decide(user, customer, "keep")
            with self.assertRaises(AccessError):
                self._decide(user, customer, "protect")
        self.assertFalse(customer.with_user(self.rep).may_decide_pool)
        self.assertTrue(customer.with_user(self.leader).may_decide_pool)

    def test_a_veto_needs_a_reason_and_a_warning(self):
        with self.assertRaises(UserError):
            self._decide(self.leader, self._warned(), "keep", reason=" ")
        with self.assertRaises(UserError):
            self._decide(self.leader, self._customer("Fresh"), "keep")

    def test_protection_is_a_leaders_and_has_a_reason(self):
        customer = self._warned()
        self._decide(self.leader, customer, "protect", "Framework contract")
        self.assertEqual((customer.pool_protected, customer.pool_protect_reason, customer.pool_due_on), (True, "Framework contract", False))
        with self.assertRaises(AccessError):
            customer.with_user(self.rep).pool_protected = False
        with self.assertRaises(AccessError):
            customer.with_user(self.rep).pool_protect_reason = "mine"
        with self.assertRaises(ValidationError):
            customer.with_user(self.leader).pool_protect_reason = ""
        self._decide(self.leader, customer, "unprotect", False)
        self.assertTrue(customer.pool_due_on)

    def test_a_salesperson_creates_no_protected_customer(self):
        partner = self.env["res.partner"].create({"name": "X", "is_company": True})
        with self.assertRaises(AccessError):
            self.env["sfc.customer.profile"].with_user(self.rep).create({
                "partner_id": partner.id, "pool_protected": True, "pool_protect_reason": "mine"})

    def test_settings(self):
        with self.assertRaises(ValidationError):
            self.company.pool_warning_days = 0
        with self.assertRaises(ValidationError):
            self.company.pool_claim_quota = -1
        with Form(self.env["res.config.settings"]) as form:
            form.pool_active = True
            form.pool_hold_limit = 20
        form.record.execute()
        self.assertEqual(self.company.pool_hold_limit, 20)


@tagged("post_install", "-at_install")
class TestClaim(PoolCase):
    """领取: anyone with a sales role, within the quota."""

    def test_whoever_claims_gets_customer_deals_activities_and_clocks(self):
        customer = self._customer()
        deal = self._deal(customer)
        colleagues = self._deal(customer, owner=self.leader)
        call = deal.activity_schedule("mail.mail_activity_data_call", user_id=self.rep.id)
        opened = deal.date_open
        customer.sudo()._pool_return()
        self.assertIn(customer, self.env["sfc.customer.profile"].with_user(self.other_rep).search([("in_pool", "=", True)]))
        customer.with_user(self.other_rep).action_claim()
        self.assertEqual((customer.user_id, customer.in_pool, customer.pooled_from_id), (self.other_rep, False, self.rep))
        self.assertEqual((deal.user_id, call.user_id, deal.date_open), (self.other_rep, self.other_rep, opened))
        self.assertEqual(colleagues.user_id, self.leader, "a colleague's deal is a colleague's")
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=90))
        self.assertEqual(self._log(customer).mapped("kind"), ["assigned", "pool", "claim"])
        self.assertEqual(customer.first_user_id, self.rep)
        self.assertEqual(self.env["sfc.assignment.log"].search([("lead_id", "=", deal.id)]).kind, "claim")

    def test_who_comes_second_reads_a_sentence(self):
        customer = self._pooled()
        customer.with_user(self.other_rep).action_claim()
        with self.assertRaisesRegex(UserError, "Somebody was faster.*Hongda"):
            customer.with_user(self.rep).action_claim()

    def test_what_is_not_in_the_pool_cannot_be_claimed(self):
        customer = self._customer()
        with self.assertRaises(UserError):
            customer.with_user(self.other_rep).action_claim()
        self.assertEqual(customer.user_id, self.rep)

    def test_whoever_has_no_sales_role_cannot_claim(self):
        with self.assertRaises(AccessError):
            self._pooled().with_user(self.clerk).action_claim()

    def test_a_customer_of_another_company_cannot_be_claimed(self):
        company = self.env["res.company"].create({"name": "Second"})
        customer = self._customer("Far", company_id=company.id)
        customer.sudo()._pool_return()
        with self.assertRaises(AccessError):
            customer.with_user(self.rep).action_claim()

    def test_five_in_seven_days(self):
        """D22. The numbers are in the message; after seven days there is room again."""
        customers = self.env["sfc.customer.profile"].union(*(self._pooled(name=f"P{n}", owner=self.leader) for n in range(7)))
        customers[:5].with_user(self.rep).action_claim()
        with self.assertRaisesRegex(UserError, "may claim 5 customers in 7 days: 5 claimed, 1 wanted"):
            customers[5].with_user(self.rep).action_claim()
        customers[5].with_user(self.other_rep).action_claim()
        self._age(customers[:5], 8)
        customers[6].with_user(self.rep).action_claim()
        self.assertEqual(customers[6].user_id, self.rep)

    def test_a_selection_is_claimed_as_a_whole_or_not_at_all(self):
        self.company.pool_claim_quota = 2
        customers = self.env["sfc.customer.profile"].union(*(self._pooled(name=f"P{n}", owner=self.leader) for n in range(3)))
        with self.assertRaises(UserError):
            customers.with_user(self.rep).action_claim()
        self.assertFalse(customers.user_id)
        customers[:2].with_user(self.rep).action_claim()
        self.assertEqual(customers[:2].user_id, self.rep)

    def test_deals_that_come_along_do_not_count(self):
        self.company.pool_claim_quota = 2
        first, second = self._customer("One", owner=self.leader), self._customer("Two", owner=self.leader)
        self._deal(first, owner=self.leader)
        self._deal(first, owner=self.leader)
        (first | second).sudo()._pool_return()
        first.with_user(self.rep).action_claim()
        second.with_user(self.rep).action_claim()
        self.assertEqual((first | second).user_id, self.rep)

    def test_fifty_at_most(self):
        self.company.pool_hold_limit = 2
        self._customer("Has one")
        customers = self._pooled(name="P1", owner=self.leader) | self._pooled(name="P2", owner=self.leader)
        with self.assertRaisesRegex(UserError, "may hold 2 customers: you hold 1, and want 2"):
            customers.with_user(self.rep).action_claim()
        customers[0].with_user(self.rep).action_claim()

    def test_zero_is_no_limit(self):
        self.company.write({"pool_claim_quota": 0, "pool_hold_limit": 0})
        customers = self.env["sfc.customer.profile"].union(*(self._pooled(name=f"P{n}", owner=self.leader) for n in range(7)))
        customers.with_user(self.rep).action_claim()
        self.assertEqual(customers.user_id, self.rep)

    def test_writing_the_owner_is_no_way_round_the_quota(self):
        customer = self._pooled()
        with self.assertRaises(UserError):
            customer.with_user(self.other_rep).user_id = self.other_rep
        customer.with_user(self.leader).user_id = self.other_rep
        self.assertEqual((customer.user_id, customer.in_pool), (self.other_rep, False))

    def test_pool_views_open(self):
        for user in (self.rep, self.leader, self.manager):
            for name in ("sfc_customer_profile_action_pool", "sfc_customer_profile_action_pool_warnings"):
                action = self.env.ref(f"sales_full_cycle.{name}")
                views = [(view.view_id.id, view.view_mode) for view in action.view_ids]
                self.env["sfc.customer.profile"].with_user(user).get_views([*views, (action.search_view_id.id, "search")])
