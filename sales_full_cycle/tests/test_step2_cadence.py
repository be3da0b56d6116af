from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.orm.models import INSERT_BATCH_SIZE
from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools import SQL, mute_logger

from ..models.common.bulk_write import bulk_update
from ..models.step2_customer import cadence
from ..models.step2_customer.cadence import Chain, Promise, Step
from .common import SalesCase

MONTH, WEEK = Step(1, "month"), Step(7, "day")
LONG_TALK = "We spoke about the framework for next year."


class TestCadenceDates(BaseCase):
    """S2.11, D7: the arithmetic without a database."""

    def _contact(self, day, promise):
        """The promise that a contact opens which answers another one."""
        return cadence.promise_after(day, promise.step, cadence.anchor_of(day, promise))

    def test_days_are_counted(self):
        self.assertEqual(cadence.next_due(date(2026, 2, 25), WEEK), date(2026, 3, 4))
        self.assertEqual(cadence.next_due(date(2028, 2, 25), WEEK), date(2028, 3, 3), "2028 is a leap year")

    def test_a_month_later_is_the_same_day_as_far_as_there_is_one(self):
        for day, due in (
            (date(2026, 1, 31), date(2026, 2, 28)), (date(2028, 1, 31), date(2028, 2, 29)), (date(2026, 2, 28), date(2026, 3, 28)),
            (date(2026, 12, 15), date(2027, 1, 15)), (date(2026, 11, 30), date(2026, 12, 30)),
        ):
            self.assertEqual(cadence.next_due(day, MONTH), due)
        self.assertEqual(cadence.next_due(date(2026, 11, 30), Step(3, "month")), date(2027, 2, 28))

    def test_the_day_of_the_month_survives_a_short_month(self):
        """31 January -> 28 February -> 31 March: 28 February only stood in for the 31st."""
        february = cadence.promise_after(date(2026, 1, 31), MONTH)
        self.assertEqual((february.due, february.anchor), (date(2026, 2, 28), 31))
        march = self._contact(date(2026, 2, 28), february)
        self.assertEqual(march.due, date(2026, 3, 31))
        self.assertEqual(self._contact(date(2026, 3, 31), march).due, date(2026, 4, 30))

    def test_a_contact_on_another_day_starts_from_that_day(self):
        february = cadence.promise_after(date(2026, 1, 31), MONTH)
        self.assertEqual(self._contact(date(2026, 2, 25), february).due, date(2026, 3, 25))
        self.assertEqual(self._contact(date(2026, 2, 27), february).due, date(2026, 3, 27))
        self.assertEqual(self._contact(date(2026, 3, 2), february).due, date(2026, 4, 2))

    def test_due_dates_that_passed(self):
        promise = Promise(date(2026, 3, 2), 2, WEEK)
        for day, count in ((date(2026, 3, 1), 0), (date(2026, 3, 2), 1), (date(2026, 3, 8), 1), (date(2026, 3, 9), 2), (date(2026, 3, 23), 4)):
            self.assertEqual(cadence.due_dates_passed(promise, day), count, day)

    def test_due_dates_that_passed_over_month_ends(self):
        promise = Promise(date(2026, 2, 28), 31, MONTH)
        for day, count in (
            (date(2026, 2, 27), 0), (date(2026, 2, 28), 1), (date(2026, 3, 30), 1), (date(2026, 3, 31), 2), (date(2026, 4, 29), 2),
            (date(2026, 4, 30), 3), (date(2027, 2, 28), 13),
        ):
            self.assertEqual(cadence.due_dates_passed(promise, day), count, day)
        quarter = Promise(date(2026, 1, 31), 31, Step(3, "month"))
        self.assertEqual([cadence.due_dates_passed(quarter, day) for day in (date(2026, 4, 29), date(2026, 4, 30), date(2026, 7, 31))], [1, 2, 3])

    def test_a_contact_noted_later_takes_its_place_in_the_chain(self):
        """2 -> 9 March; the one of the 5th is noted last: it kept the promise until the 9th, and the later one what it opened."""
        first, last = (date(2026, 3, 2), 1), (date(2026, 3, 11), 2)
        chain = Chain([], Promise(date(2026, 3, 3), 3, WEEK))
        chain.add(first)
        chain.add(last)
        chain.add((date(2026, 3, 5), 3))
        kept = {id_: promise.due for id_, (_day, promise) in chain.kept().items()}
        self.assertEqual(kept, {1: date(2026, 3, 3), 3: date(2026, 3, 9), 2: date(2026, 3, 12)})
        self.assertEqual(chain.open_promise.due, date(2026, 3, 18))

    def test_a_contact_that_is_taken_back_leaves_the_chain(self):
        start = Promise(date(2026, 3, 3), 3, WEEK)
        chain = Chain([], start)
        for contact in ((date(2026, 3, 2), 1), (date(2026, 3, 11), 2)):
            chain.add(contact)
        chain.remove((date(2026, 3, 2), 1))
        self.assertEqual(chain.kept(), {2: (date(2026, 3, 11), start)})
        chain.remove((date(2026, 3, 11), 2))
        self.assertEqual((chain.kept(), chain.open_promise), ({}, start))

    def test_two_contacts_of_a_day_keep_one_promise(self):
        chain = Chain([], Promise(date(2026, 3, 3), 3, WEEK))
        chain.add((date(2026, 3, 2), 1))
        chain.add((date(2026, 3, 2), 2))
        self.assertEqual((list(chain.kept()), chain.open_promise.due), ([1], date(2026, 3, 9)))


class CadenceCase(SalesCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.grades = {code: cls.env.ref(f"sales_full_cycle.grade_{code.lower()}") for code in "ABC"}

    @classmethod
    def _customer(cls, grade=None, user=None, **values):
        company = cls.env["res.partner"].create({"name": "Hongda Machinery", "is_company": True})
        owner = cls.rep if user is None else user
        profile = cls.env["sfc.customer.profile"].create({"partner_id": company.id, "user_id": owner.id, **values})
        if grade:
            cls._grade(profile, grade)
        return profile.with_user(owner) if owner else profile

    @classmethod
    def _grade(cls, profile, code):
        """What the scoring engine does when it has a new grade."""
        profile = profile.sudo()
        before = {profile: profile.grade_id}
        bulk_update(profile, {profile.id: (cls.grades[code].id, fields.Datetime.now().date())}, ["grade_id", "graded_on"])
        profile._grade_changed(before)

    @classmethod
    def _person(cls, profile, role="decision_maker", **values):
        person = cls.env["res.partner"].create({"name": "Wang", "parent_id": profile.partner_id.id})
        cls.env["sfc.decision.role"].create({"profile_id": profile.id, "contact_id": person.id, "role": role, **values})
        return person

    @classmethod
    def _follow_up(cls, profile, moment=None, user=None, **values):
        vals = {"profile_id": profile.id, "method": "wechat", "content": "Hello", **values}
        if moment:
            vals["done_at"] = moment
        return cls.env["sfc.follow.up"].with_user(user or profile.sudo().user_id or cls.rep).create(vals)

    @classmethod
    def _deep_talk(cls, profile, **values):
        people = profile.sudo().role_ids.contact_id or cls._person(profile)
        return cls._follow_up(profile, method="call", content=LONG_TALK, contact_ids=[(6, 0, people.ids)], **values)

    @classmethod
    def _deal(cls, profile, priority, **values):
        return cls.env["crm.lead"].create({
            "name": "Benches", "type": "opportunity", "partner_id": profile.partner_id.id, "user_id": cls.rep.id, "need_priority": priority, **values})

    @classmethod
    def _reminders(cls, profile):
        return cls.env["mail.activity"].search([("sfc_cadence_profile_id", "in", profile.ids)])

    @classmethod
    def _run_cron(cls):
        """A run of the cron, without its commits."""
        profiles = cls.env["sfc.customer.profile"].sudo()
        last, done = (), True
        while done:
            last, done = profiles._remind_next(200, last)


@tagged("post_install", "-at_install")
class TestCadence(CadenceCase):
    """S2.11-S2.14, D7: cadence and dates of a customer."""

    def test_grade_sets_the_cadence(self):
        """A weekly, B every two weeks, C monthly (S2.12); never met: one step after the grading."""
        for code, due, text in (
            ("A", date(2026, 3, 9), "Every 7 days (deep contact)"), ("B", date(2026, 3, 16), "Every 14 days"), ("C", date(2026, 4, 2), "Every month"),
        ):
            with freeze_time("2026-03-02 04:00"):
                profile = self._customer(code)
            self.assertEqual((profile.next_follow_up_date, profile.cadence_text), (due, text))

    def test_cadence_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        profile = self._customer("A")
        self.assertTrue(profile.with_context(lang="zh_CN").cadence_text)

    def test_ungraded_and_unowned_customers_are_owed_nothing(self):
        self.assertFalse(self._customer().next_follow_up_date)
        unowned = self._customer("A", user=self.env["res.users"])
        self.assertEqual((unowned.next_follow_up_date, unowned.cadence_text), (False, False))

    def test_graded_through_the_scorecard(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer(annual_revenue=10**9, employee_count=2000, expected_purchase_amount=5 * 10**6)
            profile.sudo().scoring_answers = {"strategic_fit": "strategic", "chain_complexity": "complex"}
            profile.action_grade()
        self.assertEqual((profile.grade_id.code, profile.next_follow_up_date), ("A", date(2026, 3, 9)))

    def test_never_met_and_handed_to_somebody_else_counts_from_that_day(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        with freeze_time("2026-03-10 04:00"):
            profile.sudo().user_id = self.other_rep
            self.assertEqual(profile.sudo().next_follow_up_date, date(2026, 3, 24))

    def test_grading_again_with_the_same_grade_forgives_nothing(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        with freeze_time("2026-03-20 04:00"):
            bulk_update(profile.sudo(), {profile.id: (date(2026, 3, 20),)}, ["graded_on"])
            profile.sudo()._refresh_cadence()
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 16))

    def test_next_date_counts_from_the_last_contact(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            self._follow_up(profile, datetime(2026, 3, 2, 3))
        self.assertEqual((profile.last_follow_up_date, profile.next_follow_up_date), (date(2026, 3, 2), date(2026, 3, 16)))

    def test_days_are_those_of_the_companys_calendar(self):
        """20:00 UTC is the next day in Shanghai; the rep's own time zone changes nothing."""
        self.rep.tz = "America/New_York"
        with freeze_time("2026-03-02 21:00"):
            profile = self._customer("B")
            self._follow_up(profile, datetime(2026, 3, 2, 20))
            self.assertEqual((profile.last_follow_up_date, profile.next_follow_up_date), (date(2026, 3, 3), date(2026, 3, 17)))

    def test_days_over_a_change_to_and_from_summer_time(self):
        """Europe/Berlin: UTC+1 until 29 March, UTC+2 until 25 October 2026."""
        self.env.company.resource_calendar_id.tz = "Europe/Berlin"
        for moment, day in (
            (datetime(2026, 3, 28, 22, 30), date(2026, 3, 28)), (datetime(2026, 3, 28, 23, 30), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 22, 30), date(2026, 3, 30)), (datetime(2026, 10, 24, 22, 30), date(2026, 10, 25)),
            (datetime(2026, 10, 25, 22, 30), date(2026, 10, 25)), (datetime(2026, 10, 25, 23, 30), date(2026, 10, 26)),
        ):
            with freeze_time(moment):
                profile = self._customer("B")
                self._follow_up(profile, moment)
            self.assertEqual((profile.last_follow_up_date, profile.next_follow_up_date), (day, day + timedelta(days=14)))

    def test_month_ends_keep_their_day(self):
        """31 January + 1 month: 28 February; met on that day: 31 March again."""
        with freeze_time("2026-01-15 04:00"):
            profile = self._customer("C")
        for moment, due in (
            ("2026-01-31 04:00", date(2026, 2, 28)), ("2026-02-28 04:00", date(2026, 3, 31)), ("2026-02-28 05:00", date(2026, 3, 31)),
            ("2026-03-31 04:00", date(2026, 4, 30)), ("2026-04-25 04:00", date(2026, 5, 25)),
        ):
            with freeze_time(moment):
                self._follow_up(profile)
            self.assertEqual(profile.next_follow_up_date, due, moment)

    def test_only_a_deep_contact_meets_the_cadence_of_a(self):
        """D7: a WeChat message, a short note or a talk with somebody without a role is none."""
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        person = self._person(profile)
        stranger = self.env["res.partner"].create({"name": "Zhao", "parent_id": profile.partner_id.id})
        with freeze_time("2026-03-05 04:00"):
            self._follow_up(profile, content=LONG_TALK, contact_ids=[(6, 0, person.ids)])
            self._follow_up(profile, method="call", content="Called", contact_ids=[(6, 0, person.ids)])
            self._follow_up(profile, method="visit", content=LONG_TALK, contact_ids=[(6, 0, stranger.ids)])
            self.assertEqual((profile.last_follow_up_date, profile.last_deep_date, profile.next_follow_up_date), (date(2026, 3, 5), False, date(2026, 3, 9)))
            self._deep_talk(profile)
            self.assertEqual((profile.last_deep_date, profile.next_follow_up_date), (date(2026, 3, 5), date(2026, 3, 12)))

    def test_b_is_met_by_any_contact(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        with freeze_time("2026-03-05 04:00"):
            self._follow_up(profile)
        self.assertEqual(profile.next_follow_up_date, date(2026, 3, 19))

    def test_an_urgent_need_shortens_the_cadence(self):
        """S2.11: the highest priority of the open deals; B every 7 days, C every 14."""
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            self._follow_up(profile)
            self._deal(profile, "low")
            deal = self._deal(profile, "medium")
            self.assertEqual((profile.need_priority, profile.next_follow_up_date), ("medium", date(2026, 3, 16)))
            deal.with_user(self.rep).need_priority = "high"
            self.assertEqual((profile.need_priority, profile.next_follow_up_date), ("high", date(2026, 3, 9)))
            deal.action_set_lost()
            self.assertEqual((profile.need_priority, profile.next_follow_up_date), ("low", date(2026, 3, 16)))
            deal.active = True
            deal.action_set_won()
            self.assertEqual(profile.need_priority, "low", "a won deal needs nothing any more")

    def test_priority_follows_deals_that_move_or_go(self):
        profile, other = self._customer("C"), self._customer("C")
        deal = self._deal(profile, "high")
        self.assertEqual((profile.need_priority, other.need_priority), ("high", False))
        deal.partner_id = other.partner_id
        self.assertEqual((profile.need_priority, other.need_priority), (False, "high"))
        deal.unlink()
        self.assertFalse(other.need_priority)

    def test_leads_are_no_deals(self):
        profile = self._customer("C")
        self._deal(profile, "high", type="lead")
        self.assertFalse(profile.need_priority)

    def test_own_cadence_needs_a_reason(self):
        """S2.14"""
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            for values in ({"cadence_override_days": 3}, {"cadence_override_days": 3, "cadence_override_reason": " "}, {"cadence_override_days": -1}):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    profile.write(values)
            profile.write({"cadence_override_days": 3, "cadence_override_reason": "Trial runs"})
            self.assertEqual((profile.next_follow_up_date, profile.cadence_text), (date(2026, 3, 5), "Every 3 days"))
            self._deal(profile, "high")
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 5), "an own cadence stands above an urgent need")
            profile.cadence_override_days = 0
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 9))

    def test_pause_needs_a_reason_and_ends_by_itself(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            for values in ({"paused_until": "2026-05-01"}, {"paused_until": "2026-03-02", "pause_reason": "Budget"}):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    profile.write(values)
            profile.write({"paused_until": "2026-05-01", "pause_reason": "Budget frozen"})
            self.assertEqual(profile.next_follow_up_date, date(2026, 5, 1))
        with freeze_time("2026-04-30 04:00"):
            self._run_cron()
            self.assertFalse(self._reminders(profile))
        with freeze_time("2026-05-01 04:00"):
            self._run_cron()
            self.assertTrue(self._reminders(profile), "no sweep was needed")
        with freeze_time("2026-05-04 04:00"):
            profile.sudo()._refresh_cadence()
            self.assertEqual(profile.next_follow_up_date, date(2026, 5, 1), "a pause that is over stays what it was")

    def test_a_pause_that_is_ended_early(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            profile.write({"paused_until": "2026-05-01", "pause_reason": "Budget frozen"})
        with freeze_time("2026-03-05 04:00"):
            profile.write({"paused_until": False, "pause_reason": False})
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 16))

    def test_a_shorter_cadence_makes_nobody_late_at_once(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("C")
            self._follow_up(profile)
        with freeze_time("2026-03-20 04:00"):
            deal = self._deal(profile, "high")
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 20))
        with freeze_time("2026-03-25 04:00"):
            profile.sudo()._refresh_cadence()
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 20), "what is late stays late")
            deal.need_priority = "medium"
            self.assertEqual(profile.next_follow_up_date, date(2026, 4, 2))

    def test_another_grade_is_another_promise(self):
        """From B to A: a deep contact is owed one step after the grading; from C to B: two weeks after the last contact, today at the earliest."""
        with freeze_time("2026-03-02 04:00"):
            first, second = self._customer("B"), self._customer("C")
            self._follow_up(first)
            self._follow_up(second)
        with freeze_time("2026-03-20 04:00"):
            self._grade(first, "A")
            self._grade(second, "B")
        self.assertEqual((first.next_follow_up_date, second.next_follow_up_date), (date(2026, 3, 27), date(2026, 3, 20)))

    def test_archived_customers_rest(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B").sudo()
        with freeze_time("2026-03-20 04:00"):
            self._run_cron()
            self.assertTrue(self._reminders(profile))
            profile.partner_id.active = False
            self.assertEqual((profile.next_follow_up_date, len(self._reminders(profile))), (False, 0))
            self._run_cron()
            self.assertFalse(self._reminders(profile))
            profile.partner_id.active = True
            self.assertEqual(profile.next_follow_up_date, date(2026, 3, 20))

    def test_pooled_and_claimed(self):
        """A customer without owner is owed nothing; whoever claims it starts with a clean sheet."""
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B").sudo()
            self._follow_up(profile)
        with freeze_time("2026-04-20 04:00"):
            self._run_cron()
            profile.user_id = False
            self.assertEqual((profile.next_follow_up_date, len(self._reminders(profile))), (False, 0))
            self._run_cron()
            self.assertFalse(self._reminders(profile))
        with freeze_time("2026-05-20 04:00"):
            profile.user_id = self.other_rep
            self.assertEqual(profile.next_follow_up_date, date(2026, 5, 20))

    def test_another_cadence_of_a_grade_reaches_its_customers_in_the_background(self):
        with freeze_time("2026-03-02 04:00"):
            profiles = self.env["sfc.customer.profile"].union(*(self._customer("B") for _number in range(5)))
            other = self._customer("C")
            self.grades["B"].with_user(self.manager).cadence_amount = 10
            self.assertEqual(profiles.mapped("next_follow_up_date"), [date(2026, 3, 16)] * 5, "the form does not wait for it")
            while self.grades["B"].sudo()._refresh_next(2):
                self.assertTrue(self.grades["B"].refresh_pending)
        self.assertEqual(profiles.mapped("next_follow_up_date"), [date(2026, 3, 12)] * 5)
        self.assertEqual((other.next_follow_up_date, self.grades["B"].refresh_pending), (date(2026, 4, 2), False))

    def test_the_cron_of_another_cadence(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            self.grades["B"].write({"cadence_amount": 2, "cadence_unit": "month"})
            with self.enter_registry_test_mode():
                self.env.ref("sales_full_cycle.ir_cron_refresh_cadence").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(profile.next_follow_up_date, date(2026, 5, 2))

    def test_nobody_writes_the_dates_by_hand(self):
        profile = self._customer("B")
        record = self._follow_up(profile)
        for values in ({"next_follow_up_date": "2030-01-01"}, {"need_priority": "low"}, {"cadence_since": "2030-01-01"}):
            with self.assertRaises(UserError), self.cr.savepoint():
                profile.with_user(self.manager).write(values)
        with self.assertRaises(UserError), self.cr.savepoint():
            record.write({"on_time": True})
        with self.assertRaises(UserError), self.cr.savepoint():
            self._follow_up(profile, due_date="2026-01-01")

    def test_others_cannot_pause_or_change_the_cadence(self):
        profile = self._customer("B").with_user(self.other_rep)
        for values in ({"paused_until": "2040-01-01", "pause_reason": "x"}, {"cadence_override_days": 90, "cadence_override_reason": "x"}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                profile.write(values)

    def test_running_it_again_changes_nothing(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("C").sudo()
            record = self._follow_up(profile)
        with freeze_time("2026-07-30 04:00"):
            self._follow_up(profile)
            before = [profile.read(), record.sudo().read(["due_date", "on_time", "periods_due", "counted_on"])]
            self.env.flush_all()
            profile._refresh_cadence()
            with self.assertQueryCount(0):
                self.env.flush_all()  # nothing is waiting to be written
            self.assertEqual([profile.read(), record.sudo().read(["due_date", "on_time", "periods_due", "counted_on"])], before)

    def test_refreshing_is_a_fixed_number_of_queries(self):
        profiles = self.env["sfc.customer.profile"].union(*(self._customer("B") for _number in range(40)))
        counts = []
        for number in (2, 38):
            batch = profiles[:number]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.env["sfc.follow.up"].create([{"profile_id": profile.id} for profile in batch])
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
            profiles -= batch
        self.assertLessEqual(counts[1], counts[0] + 2, counts)


@tagged("post_install", "-at_install")
class TestFollowUpReminder(CadenceCase):
    """S2.11, S2.13: the one activity for what is due."""

    def test_one_activity_with_the_talking_points(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        self._person(profile, last_contacted_on="2026-01-01")
        longest_ago = self._person(profile)
        self._person(profile, role="influencer")
        with freeze_time("2026-03-08 04:00"):
            self._run_cron()
            self.assertFalse(self._reminders(profile))
        with freeze_time("2026-03-09 04:00"):
            self._run_cron()
            self._run_cron()
        activity = self._reminders(profile)
        self.assertEqual(len(activity), 1)
        self.assertEqual((activity.user_id, activity.res_model, activity.res_id, activity.date_deadline, activity.automated), (
            self.rep, "sfc.customer.profile", profile.id, date(2026, 3, 9), True))
        self.assertEqual((activity.follow_up_contact_id, activity.activity_type_id), (longest_ago, self.env.ref("mail.mail_activity_data_call")))
        self.assertEqual(activity.summary, "Follow-up of a grade A customer: Every 7 days (deep contact)")
        self.assertIn("Yearly goals", activity.note)

    def test_the_day_begins_where_the_company_is(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        with freeze_time("2026-03-08 17:00"):  # 01:00 on the 9th in Shanghai
            self._run_cron()
        self.assertTrue(self._reminders(profile))

    def test_own_talking_points_come_first(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
            profile.own_talking_points = "Ask about the <new> hall"
        self._run_cron()
        self.assertIn("Ask about the &lt;new&gt; hall", self._reminders(profile).note)
        self.assertNotIn("Success cases", self._reminders(profile).note)

    def test_texts_are_in_the_owners_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.grades["B"].update_field_translations("talking_points", {"zh_CN": {"Success cases of their industry": "同行成功案例"}})
        self.other_rep.lang = "zh_CN"
        with freeze_time("2026-03-02 04:00"):
            profile, other = self._customer("B"), self._customer("B", user=self.other_rep)
        self._run_cron()
        self.assertIn("Success cases", self._reminders(profile).note)
        self.assertIn("同行成功案例", self._reminders(other).note)

    def test_nobody_is_mailed(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        before = self.env["mail.message"].search_count([])
        self._run_cron()
        self.assertTrue(self._reminders(profile))
        self.assertEqual(self.env["mail.message"].search_count([]), before)

    def test_a_second_activity_is_impossible(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B").sudo()
        self._run_cron()
        with self.assertRaises(UniqueViolation), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            profile._remind()

    def test_paused_archived_pooled_and_ownerless_get_none(self):
        with freeze_time("2026-03-02 04:00"):
            paused, archived, pooled, left = (self._customer("B").sudo() for _number in range(4))
            ungraded = self._customer().sudo()
            left.user_id = leaver = self.other_rep.copy({"login": "leaver"})
        with freeze_time("2026-03-10 04:00"):
            paused.write({"paused_until": "2040-01-01", "pause_reason": "Budget"})
            archived.partner_id.active = False
            pooled.user_id = False
            self.env.flush_all()
            self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", leaver.ids)  # past the handover, as an old database may have it
            self.env.invalidate_all()
        with freeze_time("2026-06-01 04:00"):
            self._run_cron()
        self.assertFalse(self._reminders(paused | archived | pooled | left | ungraded))

    def test_a_contact_before_the_activity_is_done_removes_it(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        with freeze_time("2026-03-09 04:00"):
            self._run_cron()
            self._follow_up(profile)
            self.assertTrue(self._reminders(profile), "not a deep one: still due")
            self._deep_talk(profile)
            self.assertFalse(self._reminders(profile))

    def test_a_finished_activity_without_a_contact_comes_back(self):
        """What is due stays due until the contact is noted; the finished one stays in the history."""
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        with freeze_time("2026-03-09 04:00"):
            self._run_cron()
            self._reminders(profile).with_context(sfc_no_follow_up=True).write({"active": False})
            self._run_cron()
        self.assertEqual(len(self._reminders(profile)), 1)
        self.assertEqual(len(self.env["mail.activity"].with_context(active_test=False).search([("sfc_cadence_profile_id", "=", profile.id)])), 2)

    def test_the_activity_moves_with_the_customer(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B").sudo()
            self._follow_up(profile)
        with freeze_time("2026-03-20 04:00"):
            self._run_cron()
            profile.user_id = self.other_rep
        self.assertEqual(self._reminders(profile).user_id, self.other_rep)

    def test_a_pause_removes_the_activity(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        with freeze_time("2026-03-20 04:00"):
            self._run_cron()
            profile.write({"paused_until": "2040-01-01", "pause_reason": "Budget"})
        self.assertFalse(self._reminders(profile))

    def test_a_postponed_activity_stays_where_it_was_put(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        with freeze_time("2026-03-09 04:00"):
            self._run_cron()
            self._reminders(profile).with_user(self.rep).date_deadline = "2026-03-11"
            self._follow_up(profile)
        self.assertEqual(self._reminders(profile).date_deadline, date(2026, 3, 11))

    def test_nobody_else_names_a_customer_on_an_activity(self):
        """It would keep the cron from reminding the owner."""
        profile = self._customer("B")
        activity = profile.activity_schedule("mail.mail_activity_data_todo", user_id=self.rep.id)
        with self.assertRaises(AccessError):
            activity.with_user(self.rep).sfc_cadence_profile_id = profile

    def test_the_cron(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("B")
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_follow_up").method_direct_trigger()
        self.assertEqual(len(self._reminders(profile)), 1)

    def test_refused_data_of_one_customer_does_not_stop_the_others(self):
        with freeze_time("2026-03-02 04:00"):
            profile, other = self._customer("B").sudo(), self._customer("B").sudo()
        people = type(profile)._people_to_talk_to

        def refuse(profiles):
            if profile in profiles:
                raise UserError(self.env._("refused"))
            return people(profiles)

        self.patch(type(profile), "_people_to_talk_to", refuse)
        with self.assertLogs("odoo.addons.sales_full_cycle.models.step2_customer.sfc_customer_profile_reminder", "WARNING"):
            self._run_cron()
        self.assertEqual((len(self._reminders(profile)), len(self._reminders(other))), (0, 1))

    def test_ten_thousand_due_customers_in_a_fixed_number_of_queries_a_batch(self):
        """Done when 1 (design section 10): a batch out of 10,000 asks as many queries as one out of 400.

        More customers in a batch cost Odoo's INSERT alone: one for each INSERT_BATCH_SIZE activities.
        """
        self._due_customers(400)
        small = self._queries_of_batches(200, 2)
        self._due_customers(10_000)
        big = self._queries_of_batches(200, 3)
        self.assertLessEqual(max(big), max(small), (small, big))
        self.assertLessEqual(max(self._queries_of_batches(500, 1)), max(small) + 300 // INSERT_BATCH_SIZE)

    def _due_customers(self, count):
        users = self.rep | self.other_rep
        self.env.flush_all()
        [[partner_id]] = self.env.execute_query(SQL("SELECT max(id) FROM res_partner"))
        self.env.cr.execute(SQL(
            """INSERT INTO res_partner (name, complete_name, is_company, active, type, autopost_bills)
               SELECT 'Due ' || n, 'Due ' || n, TRUE, TRUE, 'contact', 'ask'
                 FROM generate_series(1, %s) n""", count))
        self.env.cr.execute(SQL("UPDATE res_partner SET commercial_partner_id = id WHERE id > %s", partner_id))
        self.env.cr.execute(SQL(
            """INSERT INTO sfc_customer_profile
                      (partner_id, name, active, company_id, currency_id, user_id, grade_id, next_follow_up_date, cadence_anchor, cadence_amount, cadence_unit)
               SELECT id, name, TRUE, %s, %s, (%s::int[])[id %% 2 + 1], %s, '2026-03-02', 2, 14, 'day' FROM res_partner WHERE id > %s""",
            self.env.company.id, self.env.company.currency_id.id, users.ids, self.grades["B"].id, partner_id))

    def _queries_of_batches(self, size, batches):
        """Queries of each batch of the cron; it reminds of that many customers, once each."""
        counts, last = [], ()
        cron = self.env["sfc.customer.profile"].sudo()
        with freeze_time("2026-03-02 04:00"):
            for _batch in range(batches):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env["mail.activity"].search_count([("sfc_cadence_profile_id", "!=", False)])
                start = self.cr.sql_log_count
                last, done = cron._remind_next(size, last)
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - start)
                self.assertEqual(done, size)
                self.assertEqual(self.env["mail.activity"].search_count([("sfc_cadence_profile_id", "!=", False)]), before + size)
        return counts


@tagged("post_install", "-at_install")
class TestCompliance(CadenceCase):
    """Ahead 3, S2.12: done on time ÷ due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-02 04:00"):
            cls.profile = cls._customer("B")  # due on the 16th

    def _contact(self, moment, **values):
        with freeze_time(f"{moment} 04:00"):
            return self._follow_up(self.profile, **values)

    def _judged(self, record):
        return record.due_date, record.periods_due, record.on_time

    def _figures(self, user=None, now="2026-03-16"):
        with freeze_time(f"{now} 04:00"):
            profile = self.profile.with_user(user or self.manager)
            profile.invalidate_recordset()
            return profile.periods_due, round(profile.compliance, 1)

    def test_in_time(self):
        self.assertEqual(self._judged(self._contact("2026-03-10")), (date(2026, 3, 16), 1, True))
        self.assertEqual(self._judged(self._contact("2026-03-24")), (date(2026, 3, 24), 1, True))
        self.assertEqual(self._figures(now="2026-03-24"), (2, 100))

    def test_late_counts_every_due_date_that_passed(self):
        self.assertEqual(self._judged(self._contact("2026-03-17")), (date(2026, 3, 16), 1, False))
        self.assertEqual(self._judged(self._contact("2026-04-28")), (date(2026, 3, 31), 3, False))
        self.assertEqual(self._figures(now="2026-04-28"), (4, 0))

    def test_what_is_overdue_now_counts_too(self):
        self._contact("2026-03-10")  # next: the 24th
        self.assertEqual(self._figures(now="2026-03-24"), (1, 100), "today is still in time")
        self.assertEqual(self._figures(now="2026-03-25"), (2, 50))
        self.assertEqual(self._figures(now="2026-04-08"), (3, 33.3))

    def test_a_second_contact_of_the_day_does_not_count_twice(self):
        self._contact("2026-03-10")
        self.assertEqual(self._judged(self._contact("2026-03-10")), (False, 0, False))
        self.assertEqual(self._figures(), (1, 100))

    def test_a_contact_that_is_not_deep_keeps_no_promise_of_a(self):
        with freeze_time("2026-03-02 04:00"):
            profile = self._customer("A")
        with freeze_time("2026-03-05 04:00"):
            record = self._follow_up(profile)
            self.assertEqual(self._judged(record), (False, 0, False))
            person = self._person(profile)
            record.write({"method": "call", "content": LONG_TALK, "contact_ids": [(6, 0, person.ids)]})
        self.assertEqual((self._judged(record), profile.next_follow_up_date), ((date(2026, 3, 9), 1, True), date(2026, 3, 12)))

    def test_a_contact_noted_later_is_judged_by_its_day(self):
        late = self._contact("2026-04-07")
        self.assertEqual(self._judged(late), (date(2026, 3, 16), 2, False))
        noted_later = self._contact("2026-04-08", done_at=datetime(2026, 3, 15, 4))
        self.assertEqual((self._judged(noted_later), self._judged(late)), ((date(2026, 3, 16), 1, True), (date(2026, 3, 29), 1, False)))
        self.assertEqual(self._figures(now="2026-04-08"), (2, 50))

    def test_an_archived_contact_is_owed_again(self):
        record = self._contact("2026-03-15")
        with freeze_time("2026-03-20 04:00"):
            record.sudo().active = False
            self.assertEqual(self._judged(record), (False, 0, False))
            self.assertEqual(self.profile.next_follow_up_date, date(2026, 3, 16))
        self.assertEqual(self._figures(now="2026-03-20"), (1, 0))
        with freeze_time("2026-03-20 04:00"):
            record.sudo().active = True
        self.assertEqual(self._figures(now="2026-03-20"), (1, 100))

    def test_a_corrected_date_and_a_deleted_record(self):
        record = self._contact("2026-03-15")
        with freeze_time("2026-03-20 04:00"):
            record.done_at = datetime(2026, 3, 18, 4)
            self.assertEqual((self._judged(record), self.profile.next_follow_up_date), ((date(2026, 3, 16), 1, False), date(2026, 4, 1)))
            record.sudo().unlink()
        self.assertEqual(self.profile.next_follow_up_date, date(2026, 3, 16))

    def test_history_stays_as_it_was_judged(self):
        """Another grade later does not make earlier contacts late."""
        record = self._contact("2026-03-15")
        judged = self._judged(record)
        with freeze_time("2026-03-20 04:00"):
            self._grade(self.profile, "A")
            self._grade(self.profile, "C")
        self.assertEqual(self._judged(record), judged)

    def test_imported_history_promises_nothing(self):
        """P11: the date is derived, the figures stay clean, and nobody is late at once."""
        for key in ("sfc_import", "import_file"):
            with freeze_time("2026-03-02 04:00"):
                profile = self._customer("B").with_context(**{key: True})
                record = self.env["sfc.follow.up"].with_context(**{key: True}).create({"profile_id": profile.id, "done_at": "2025-01-10 04:00:00"})
                self.assertEqual((self._judged(record), profile.last_follow_up_date), ((False, 0, False), date(2025, 1, 10)))
                self.assertEqual((profile.next_follow_up_date, profile.compliance, profile.periods_due), (date(2026, 3, 2), 0, 0))
                profile.with_context(**{key: False})._refresh_cadence()
            self.assertEqual(self._judged(record), (False, 0, False))

    def test_a_contact_before_the_first_grade_keeps_no_promise(self):
        record = self._contact("2026-03-05", done_at=datetime(2026, 2, 1, 4))
        self.assertEqual(self._judged(record), (False, 0, False))

    def _report(self, user, now, domain=()):
        with freeze_time(f"{now} 04:00"):
            rows = self.env["sfc.cadence.report"].with_user(user).search([("profile_id", "=", self.profile.id), *domain], order="due_date")
            return [(row.due_date, row.state, row.on_time, row.user_id) for row in rows]

    def test_report_has_a_row_for_each_due_date(self):
        self._contact("2026-03-16")
        self._contact("2026-04-14")  # due on 30 March and 13 April
        rep = self.rep
        self.assertEqual(self._report(self.manager, "2026-05-13"), [
            (date(2026, 3, 16), "on_time", 100, rep), (date(2026, 3, 30), "late", 0, rep), (date(2026, 4, 13), "late", 0, rep),
            (date(2026, 4, 28), "open", 0, rep), (date(2026, 5, 12), "open", 0, rep)])
        with freeze_time("2026-05-13 04:00"):
            [(average, count)] = self.env["sfc.cadence.report"].with_user(self.manager)._read_group(
                [("profile_id", "=", self.profile.id)], [], ["on_time:avg", "__count"])
        self.assertEqual((count, average), self._figures(now="2026-05-13"))

    def test_report_rows_of_months_keep_the_day(self):
        with freeze_time("2026-01-15 04:00"):
            self.profile = self._customer("C")
        self._contact("2026-01-31")
        dues = [row[0] for row in self._report(self.manager, "2026-05-01", [("state", "=", "open")])]
        self.assertEqual(dues, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)])
        record = self._contact("2026-05-01")
        self.assertEqual(record.periods_due, 3)
        self.assertEqual([row[0] for row in self._report(self.manager, "2026-05-01", [("state", "=", "late")])], dues)

    def test_a_new_owner_does_not_answer_for_the_one_before(self):
        with freeze_time("2026-04-01 04:00"):
            self.profile.sudo().write({"user_id": self.other_rep.id})
            self._follow_up(self.profile, user=self.other_rep)
        with freeze_time("2026-05-01 04:00"):
            self.profile.sudo().write({"user_id": self.rep.id})
        self.assertEqual([(row[0], row[3]) for row in self._report(self.manager, "2026-05-14", [("state", "=", "open")])], [
            (date(2026, 4, 15), self.env["res.users"]), (date(2026, 4, 29), self.env["res.users"]), (date(2026, 5, 13), self.rep)])

    def test_who_sees_the_report(self):
        self._contact("2026-03-10")
        rows = self._report(self.manager, "2026-03-10")
        self.assertEqual(len(rows), 1)
        self.assertEqual(self._report(self.rep, "2026-03-10"), rows, "own")
        self.assertEqual(self._report(self.leader, "2026-03-10"), rows, "a team that one leads")
        self.assertEqual(self._report(self.other_rep, "2026-03-10"), [])
        with self.assertRaises(AccessError):
            self._report(self.clerk, "2026-03-10")
        with self.assertRaises(AccessError):
            self.env["sfc.cadence.report"].with_user(self.manager).create({})

    def test_rows_open_what_is_behind_them(self):
        record = self._contact("2026-03-10")
        with freeze_time("2026-04-01 04:00"):
            done, missed = self.env["sfc.cadence.report"].with_user(self.rep).search([("profile_id", "=", self.profile.id)], order="due_date")
            action, other = done.action_open_document(), missed.action_open_document()
            self.assertEqual(self.profile.action_open_compliance()["domain"], [("profile_id", "=", self.profile.id)])
        self.assertEqual((action["res_model"], action["res_id"]), ("sfc.follow.up", record.id))
        self.assertEqual((other["res_model"], other["res_id"]), ("sfc.customer.profile", self.profile.id))

    def test_customers_to_follow_up(self):
        """P4: the menu lists what is due, red what is late."""
        action = self.env["ir.actions.act_window"].with_user(self.rep)._for_xml_id("sales_full_cycle.sfc_customer_profile_action_due")
        for now, found, days in (("2026-03-15", False, 0), ("2026-03-16", True, 0), ("2026-03-19", True, 3)):
            with freeze_time(f"{now} 04:00"):
                profiles = self.env["sfc.customer.profile"].with_user(self.rep).search([("next_follow_up_date", "<=", "today"), ("id", "=", self.profile.id)])
                self.profile.invalidate_recordset(["days_overdue"])
                self.assertEqual((bool(profiles), self.profile.days_overdue), (found, days))
        self.assertIn("mine", str(action["context"]))
