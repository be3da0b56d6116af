from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import at
from .test_step3_evaluation import TODAY, DealCase


class WeakCase(DealCase):
    """Weak deals of the salesperson `rep`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frozen = cls.env.ref("sales_full_cycle.reason_pause_budget_frozen")
        cls.profile = cls._graded("A")

    def setUp(self):
        super().setUp()
        self.deal = self._weak(self._deal(profile=self.profile))

    @classmethod
    def _decide(cls, deals, user=None, **values):
        cls.env["sfc.weak.decision"].with_user(user or cls.rep).create({"deal_ids": [(6, 0, deals.ids)], **values}).action_apply()
        deals.invalidate_recordset()

    @classmethod
    def _adjust(cls, deals, user=None, **values):
        cls._decide(deals, user, **{
            "kind": "adjust", "strategy_kind": "pilot", "note": "Offer two benches first", "review_date": TODAY + timedelta(days=7), **values})

    @classmethod
    def _pause(cls, deals, user=None, days=30, **values):
        cls._decide(deals, user, **{"kind": "pause", "reason_id": cls.frozen.id, "pause_until": TODAY + timedelta(days=days), **values})

    def _wake(self, batch=200, after=0):
        result = self.env["crm.lead"].sudo()._wake_next(batch, after)
        self.env.invalidate_all()
        return result

    def _undecided(self, user):
        domain = safe_eval(self.env.ref("sales_full_cycle.crm_lead_action_weak").domain)
        return self.env["crm.lead"].with_user(user).search(domain) & self.deal


@tagged("post_install", "-at_install")
class TestWeakDemand(WeakCase):
    """A weak deal demands a decision within three days (S3.6, D6, D9)."""

    def test_three_days(self):
        clock = self._clock(self.deal, "weak")
        self.assertEqual((clock.state, clock.started_at, clock.user_id), ("running", datetime(2026, 3, 2, 4), self.rep))
        self.assertEqual((clock.warn_at, clock.deadline), (datetime(2026, 3, 5), datetime(2026, 3, 6)), "days end at 24:00")
        self.assertEqual(self.deal.sla_deadline, clock.deadline)

    def test_without_decision_the_leader_is_told_once(self):
        clock = self._clock(self.deal, "weak")
        self._let_time_pass(clock, days=300)
        self.assertEqual(clock.state, "breached")
        activity = self.deal.activity_ids.filtered("sfc_clock_id")
        self.assertEqual((len(activity), activity.user_id), (1, self.leader))
        self._adjust(self.deal)
        self.assertFalse(self.deal.activity_ids.filtered("sfc_clock_id"), "decided: nothing left to do for the leader")
        self.assertEqual(clock.state, "breached", "late stays late")

    def test_strong_and_medium_deals_demand_nothing(self):
        deal = self._deal()
        self._evaluate(deal, urgency="soon", budget_match="close", decision_clarity="none")
        self.assertEqual(deal.opportunity_strength, "medium")
        self.assertFalse(self._clock(deal, "weak"))

    def test_list_of_weak_deals_without_decision(self):
        for user, sees in ((self.rep, True), (self.leader, True), (self.manager, True), (self.other_rep, False)):
            self.assertEqual(bool(self._undecided(user)), sees, user.login)
        self._adjust(self.deal)
        self.assertFalse(self._undecided(self.manager))

    def test_evaluating_again_wins_no_time(self):
        clock = self._clock(self.deal, "weak")
        with at("2026-03-04 04:00"):
            self._weak(self.deal)
        self.assertEqual(self._clock(self.deal, "weak"), clock)

    def test_a_better_evaluation_ends_the_demand(self):
        self._evaluate(self.deal, urgency="soon", budget_match="close", decision_clarity="met")
        self.assertEqual(self._clock(self.deal, "weak").state, "cancelled")

    def test_weak_again_asks_again(self):
        self._adjust(self.deal)
        first = self._clock(self.deal, "weak")
        self.assertEqual(first.state, "met")
        self._weak(self.deal)
        self.assertFalse(self.deal.weak_decision_id)
        self.assertNotEqual(self._clock(self.deal, "weak"), first)
        self.assertTrue(self._undecided(self.manager))
        self.assertEqual(len(self.deal.deal_decision_ids), 1, "history stays")

    def test_a_closed_deal_owes_no_decision(self):
        self.deal.action_set_lost()
        self.assertEqual(self._clock(self.deal, "weak").state, "cancelled")
        self.assertFalse(self._undecided(self.manager))
        self.deal.action_restore()
        self.assertEqual(self._clock(self.deal, "weak").state, "running")
        self.deal.action_set_won()
        self.assertEqual(self._clock(self.deal, "weak").state, "cancelled")


@tagged("post_install", "-at_install")
class TestWeakDecision(WeakCase):
    """Adjust the strategy, or pause; one dialog, kept as history (S3.6)."""

    def test_adjust_strategy(self):
        self._adjust(self.deal)
        decision = self.deal.weak_decision_id
        self.assertEqual((decision.kind, decision.strategy_kind, decision.due_on, decision.user_id), ("adjust", "pilot", date(2026, 3, 9), self.rep))
        self.assertEqual(decision.evaluation_id, self.deal.deal_evaluation_id)
        self.assertEqual((self.deal.strategy_kind, self.deal.strategy_note), ("pilot", "Offer two benches first"))
        self.assertEqual(self.deal.strategy_review_date, date(2026, 3, 9))
        activity = self.deal.activity_ids.filtered(lambda a: a.date_deadline == date(2026, 3, 9))
        self.assertEqual(activity.user_id, self.rep)
        self.assertEqual(self._clock(self.deal, "weak").state, "met")
        self.assertTrue(self.deal.message_ids.filtered(lambda m: "Offer two benches first" in m.body))

    def test_dialog_of_the_button(self):
        action = self.deal.with_user(self.rep).action_decide_weak()
        form = Form(self.env["sfc.weak.decision"].with_user(self.rep).with_context(**action["context"]))
        self.assertEqual((form.pause_until - form.review_date).days, 23, "7 and 30 days")
        form.kind = "pause"
        form.reason_id = self.frozen
        form.pause_until = TODAY + timedelta(days=30)
        form.save().action_apply()
        self.assertEqual((self.deal.deal_paused_until, self.deal.deal_pause_reason_id), (date(2026, 4, 1), self.frozen))

    def test_a_strategy_has_a_text_and_a_day_to_come(self):
        for values in ({"note": " "}, {"review_date": TODAY}, {"review_date": False}):
            with self.assertRaises(ValidationError):
                self._adjust(self.deal, **values)

    def test_a_pause_has_a_reason_and_ends_within_180_days(self):
        """D6: also over the ends of months."""
        other_kind = self.env.ref("sales_full_cycle.reason_override_credit_risk")
        for values in ({"days": 0}, {"days": 181}, {"pause_until": False}, {"reason_id": False}, {"reason_id": other_kind.id}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._pause(self.deal, **values)
        self._pause(self.deal, days=180)
        self.assertEqual(self.deal.deal_paused_until, date(2026, 8, 29))

    def test_only_about_weak_open_deals(self):
        medium, lost = self._deal(), self._weak(self._deal())
        self._evaluate(medium, urgency="soon", budget_match="close", decision_clarity="none")
        lost.action_set_lost()
        for deal in (medium, lost, self._deal()):
            with self.assertRaisesRegex(UserError, "evaluated as weak"):
                self._pause(deal)
            with self.assertRaisesRegex(UserError, "evaluated as weak"):
                deal.with_user(self.manager).action_decide_weak()

    def test_who_may_not_write_the_deal_may_not_decide(self):
        with self.assertRaises(AccessError):
            self._pause(self.deal, self.other_rep)
        for user in (self.other_rep, self.clerk):
            with self.assertRaises(AccessError):
                self.deal.with_user(user).action_decide_weak()
        self._pause(self.deal)
        with self.assertRaises(AccessError):
            self.deal.with_user(self.other_rep).action_resume_deal()

    def test_a_decision_is_history(self):
        self._adjust(self.deal)
        decision = self.deal.deal_decision_ids
        for user in (self.rep, self.manager):
            for change in (
                    lambda own: own.write({"note": "other"}), lambda own: own.unlink(), lambda own: own.create({"lead_id": self.deal.id, "kind": "pause"})):
                with self.assertRaises(UserError):  # an AccessError is one
                    change(decision.with_user(user))
        with self.assertRaisesRegex(UserError, "history"):
            decision.sudo().write({"note": "other"})
        self.assertEqual(decision.with_user(self.leader).note, "Offer two benches first")
        with self.assertRaises(AccessError):
            decision.with_user(self.other_rep).read(["note"])

    def test_decision_fields_have_one_writer(self):
        for values in ({"weak_decision_id": False}, {"deal_paused_until": "2026-12-01"}, {"strategy_kind": "pilot"}):
            with self.assertRaises(UserError):
                self.deal.with_user(self.manager).write(values)

    def test_leader_decides_about_several(self):
        deals = self.deal | self._weak(self._deal())
        self._pause(deals, self.leader)
        self.assertEqual(deals.mapped("deal_paused_until"), [date(2026, 4, 1)] * 2)
        self.assertEqual(len(deals.deal_decision_ids), 2)

    def test_history_moves_along_when_deals_are_merged(self):
        self._adjust(self.deal)
        decision = self.deal.deal_decision_ids
        other = self._deal(profile=self.profile, probability=90)
        (other | self.deal).with_user(self.manager).merge_opportunity()
        self.assertEqual((other | self.deal).exists().deal_decision_ids, decision)


@tagged("post_install", "-at_install")
class TestPause(WeakCase):
    """A paused deal owes nothing, then wakes by itself (S3.6)."""

    def test_clocks_go_on_with_the_time_that_was_left(self):
        self.deal._sla_start("first_contact")  # 24 hours
        clock = self._clock(self.deal, "first_contact")
        with at("2026-03-02 10:00"):
            self._pause(self.deal)
        self.assertEqual((clock.state, self.deal.sla_deadline), ("paused", False))
        with at("2026-04-01 06:00"):
            self._wake()
        self.assertEqual((clock.state, clock.deadline), ("running", datetime(2026, 4, 2)), "18 hours were left")
        self.assertEqual(self.deal.sla_deadline, clock.deadline)

    def test_rotting_waits(self):
        self.deal.stage_id.sudo().rotting_threshold_days = 10
        self.env.flush_all()
        self._last_stage_update(20)
        self.assertTrue(self.deal.is_rotting)
        self._last_stage_update(5)
        self._pause(self.deal)
        self._last_stage_update(20)
        self.assertFalse(self.deal.is_rotting)
        self.assertNotIn(self.deal, self.env["crm.lead"].search([("is_rotting", "=", True)]))

    def test_rotting_goes_on_where_it_stood(self):
        self.deal.flush_recordset()
        self.cr.execute("UPDATE crm_lead SET date_last_stage_update = '2026-02-25 04:00' WHERE id = %s", [self.deal.id])
        self.deal.invalidate_recordset()
        self._pause(self.deal)
        with at("2026-04-01 04:00"):
            self._wake()
        self.assertEqual(self.deal.date_last_stage_update, datetime(2026, 3, 27, 4), "five days before the wake, as before the pause")

    def _last_stage_update(self, days):
        self.deal.flush_recordset()
        self.cr.execute("UPDATE crm_lead SET date_last_stage_update = %s WHERE id = %s", [self.cr.now() - timedelta(days=days), self.deal.id])
        self.deal.invalidate_recordset()

    def test_automated_activities_are_put_off_and_peoples_stay(self):
        day = TODAY + timedelta(days=2)
        mine = self.deal.activity_schedule("mail.mail_activity_data_call", day, "call Wang", user_id=self.rep.id, automated=False)
        systems = self.deal.activity_schedule("mail.mail_activity_data_call", day, "remind", user_id=self.rep.id)
        self.assertEqual((mine.automated, systems.automated), (False, True))
        self._pause(self.deal)
        self.assertEqual((mine.date_deadline, systems.date_deadline), (day, date(2026, 4, 1)))

    def test_wakes_by_itself_once_with_an_activity_for_the_owner(self):
        self._pause(self.deal)
        with at("2026-03-31 23:00"):
            self.assertEqual(self._wake()[1], 0)
            self.assertEqual(self.deal.deal_paused_until, date(2026, 4, 1))
        with at("2026-04-01 01:00"):
            self.assertEqual([self._wake()[1], self._wake()[1]], [1, 0])
        self.assertEqual((self.deal.deal_paused_until, self.deal.deal_pause_reason_id.id), (False, False))
        activity = self.deal.activity_ids.filtered(lambda a: a.summary and "pause is over" in a.summary)
        self.assertEqual((len(activity), activity.user_id, activity.date_deadline), (1, self.rep, date(2026, 4, 1)))
        self.assertFalse(self._undecided(self.manager), "the decision stands until somebody evaluates again")

    def test_wakes_on_the_day_of_the_company(self):
        self.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.deal.sudo().company_id = self.env.company
        self._pause(self.deal)
        with at("2026-03-31 17:00"):
            self.assertEqual(self._wake()[1], 1, "it is 1 April in Shanghai")
        self.assertEqual(self.deal.activity_ids.filtered(lambda a: a.summary and "pause is over" in a.summary).date_deadline, date(2026, 4, 1))

    def test_wakes_after_the_end_of_february(self):
        with at("2027-01-30 04:00"):
            self._pause(self.deal, pause_until=date(2027, 2, 28))
        with at("2027-03-01 00:30"):
            self.assertEqual(self._wake()[1], 1)

    def test_the_cron(self):
        self._pause(self.deal)
        with at("2026-04-01 01:00"), self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_wake_deals").method_direct_trigger()
        self.deal.invalidate_recordset()
        self.assertFalse(self.deal.deal_paused_until)

    def test_batches_go_on_where_they_were_stopped(self):
        deals = self.deal | self._weak(self._deal()) | self._weak(self._deal())
        self._pause(deals)
        with at("2026-04-01 01:00"):
            last, done = self._wake(batch=2)
            self.assertEqual((done, len(deals.filtered("deal_paused_until"))), (2, 1))
            self._wake(batch=2, after=last)
        self.assertFalse(deals.filtered("deal_paused_until"))

    def test_many_deals_wake_in_a_fixed_number_of_queries(self):
        def cost(count):
            deals = self.env["crm.lead"].union(*(self._weak(self._deal(profile=self.profile)) for _number in range(count)))
            self._pause(deals)
            self.env.flush_all()
            self.env.invalidate_all()
            with at("2026-04-01 01:00"):
                before = self.cr.sql_log_count
                self.env["crm.lead"].sudo()._wake_next(200, 0)
                self.env.flush_all()
            return self.cr.sql_log_count - before
        cost(1)
        self.assertLessEqual(cost(12), cost(3) + 2)

    def test_resume_now(self):
        self._pause(self.deal)
        self.deal.with_user(self.rep).action_resume_deal()
        self.assertFalse(self.deal.deal_paused_until)
        self.assertTrue(self.deal.message_ids.filtered(lambda m: "Resumed" in m.body))
        with self.assertRaisesRegex(UserError, "Only a paused deal"):
            self.deal.with_user(self.rep).action_resume_deal()

    def test_evaluating_ends_the_pause(self):
        self._pause(self.deal)
        self._weak(self.deal)
        self.assertFalse(self.deal.deal_paused_until)
        self.assertEqual(self._clock(self.deal, "weak").state, "running")

    def test_a_deal_that_was_lost_meanwhile_wakes_silently(self):
        self._pause(self.deal)
        self.deal.action_set_lost()
        activities = self.deal.activity_ids
        with at("2026-04-01 01:00"):
            self._wake()
        self.assertEqual((self.deal.deal_paused_until, self.deal.activity_ids), (False, activities))


@tagged("post_install", "-at_install")
class TestCadenceRests(WeakCase):
    """The cadence rests only while every open deal of the customer is paused ("left room")."""

    def setUp(self):
        super().setUp()
        self.profile.sudo().cadence_since = TODAY
        self.profile.sudo()._refresh_cadence()
        self.due = self.profile.next_follow_up_date

    def _due(self):
        self.profile.invalidate_recordset()
        return self.profile.next_follow_up_date

    def test_all_deals_paused(self):
        self._pause(self.deal)
        self.assertEqual(self._due(), date(2026, 4, 1))
        self.deal.with_user(self.rep).action_resume_deal()
        self.assertLess(self._due(), date(2026, 4, 1))

    def test_one_open_deal_keeps_the_cadence(self):
        other = self._deal(profile=self.profile)
        self._pause(self.deal)
        self.assertEqual(self._due(), self.due)
        self._pause(self._weak(other), days=60)
        self.assertEqual(self._due(), date(2026, 4, 1), "until the first of them goes on")

    def test_a_new_deal_ends_the_rest(self):
        self._pause(self.deal)
        self._deal(profile=self.profile)
        self.assertLess(self._due(), date(2026, 4, 1))

    def test_the_last_other_deal_that_closes_begins_the_rest(self):
        other = self._deal(profile=self.profile)
        self._pause(self.deal)
        other.action_set_lost()
        self.assertEqual(self._due(), date(2026, 4, 1))
        other.action_restore()
        self.assertLess(self._due(), date(2026, 4, 1))

    def test_a_deal_that_moves_takes_its_pause_along(self):
        to = self._graded("A")
        self._pause(self.deal)
        self.deal.partner_id = to.partner_id
        self.assertLess(self._due(), date(2026, 4, 1))
        self.assertEqual(to.next_follow_up_date, date(2026, 4, 1))

    def test_waking_takes_the_cadence_up_again(self):
        self._pause(self.deal)
        with at("2026-04-01 01:00"):
            self._wake()
            self.profile.invalidate_recordset()
            self.assertEqual((self.profile.deals_rest_until, self.profile.has_paused_deals), (False, False))
            self.assertEqual(self._due(), date(2026, 4, 1), "a pause that ends makes nobody late at once")

    def test_the_longer_pause_counts(self):
        self.profile.write({"paused_until": date(2026, 5, 1), "pause_reason": "holidays"})
        self._pause(self.deal)
        self.assertEqual(self._due(), date(2026, 5, 1))

    def test_a_reminder_that_is_due_goes_away(self):
        with at("2026-06-01 04:00"):
            self.env["sfc.customer.profile"].sudo()._remind_next(200, ())
            reminders = self.profile.sudo()._reminders()
            self.assertTrue(reminders)
            self._pause(self.deal, pause_until=date(2026, 7, 1))
            self.assertFalse(reminders.exists())
