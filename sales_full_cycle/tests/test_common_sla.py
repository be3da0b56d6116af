from datetime import date, datetime, timedelta
from functools import partial
from unittest.mock import patch

import pytz
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools import mute_logger

from ..models.common import sla_time
from .common import SalesCase, at


def utc(text, tz="Asia/Shanghai"):
    """Naive UTC of a local time."""
    local = pytz.timezone(tz).localize(datetime.strptime(text, "%Y-%m-%d %H:%M"))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


class TestSlaTime(BaseCase):
    """P5: the arithmetic of deadlines without a database."""

    def test_clock_hours_run_through_nights_and_weekends(self):
        friday = utc("2026-03-06 17:30")
        self.assertEqual(sla_time.after(24, "hour", friday, tz="Asia/Shanghai"), utc("2026-03-07 17:30"))

    def test_24_hours_are_24_hours_over_a_change_to_summer_time(self):
        start = utc("2026-03-28 12:00", "Europe/Berlin")
        self.assertEqual(sla_time.after(24, "hour", start, tz="Europe/Berlin"), utc("2026-03-29 13:00", "Europe/Berlin"))

    def test_days_end_at_midnight_of_the_calendars_zone(self):
        """Also over a change of summer time, and when UTC has another date than the zone."""
        self.assertEqual(sla_time.after(3, "day", utc("2026-03-06 00:30"), tz="Asia/Shanghai"), utc("2026-03-10 00:00"))
        self.assertEqual(sla_time.after(1, "day", utc("2026-03-28 12:00", "Europe/Berlin"), tz="Europe/Berlin"), utc("2026-03-30 00:00", "Europe/Berlin"))
        self.assertEqual(sla_time.after(7, "day", utc("2026-01-31 23:59"), tz="Asia/Shanghai"), utc("2026-02-08 00:00"))

    def test_short_form(self):
        texts = [sla_time.short(seconds) for seconds in (59, 3600, 7200, 86399, 2 * 86400, -3600 * 5)]
        self.assertEqual(texts, ["0m", "1h", "2h", "23h", "2d", "-5h"])


@tagged("post_install", "-at_install")
class TestSlaClock(SalesCase):
    """Ahead 1, P3-P6: one clock for every promise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create({
            "name": "Office", "tz": "Asia/Shanghai", "attendance_ids": [(0, 0, {
                "name": "Office", "dayofweek": str(day), "hour_from": 9, "hour_to": 17, "day_period": "morning"}) for day in range(5)]})
        cls.policy = cls.env.ref("sales_full_cycle.promise_assign")

    def _working_hours(self, hours=8, **values):
        self.policy.write({"unit": "working_hour", "amount": hours, "warn_amount": hours / 2, "calendar_id": self.calendar.id, **values})

    def _running_clock(self):
        return self._clock(self._high_lead(), "assign")

    def test_working_hours_jump_over_the_weekend(self):
        self._working_hours()
        with at("2026-03-06 07:00"):  # Friday 15:00 in Shanghai: 2 h today, 6 h on Monday
            clock = self._running_clock()
        self.assertEqual(clock.deadline, utc("2026-03-09 15:00"))
        self.assertEqual(clock.warn_at, utc("2026-03-09 11:00"))

    def test_holidays_do_not_count(self):
        self.env["resource.calendar.leaves"].create({
            "name": "Qingming", "calendar_id": self.calendar.id, "date_from": utc("2026-03-09 00:00"), "date_to": utc("2026-03-09 23:59")})
        self._working_hours()
        with at("2026-03-06 07:00"):
            self.assertEqual(self._running_clock().deadline, utc("2026-03-10 15:00"))

    def test_deadline_does_not_depend_on_who_looks(self):
        """The user's own time zone changes nothing: 24 h are 24 h (S1.8)."""
        for tz in ("America/New_York", "Asia/Shanghai"):
            self.rep.tz = tz
            with at("2026-03-06 07:00"):
                self.assertEqual(self._running_clock().deadline, datetime(2026, 3, 7, 7, 0))

    def test_a_changed_calendar_leaves_running_clocks_alone(self):
        self._working_hours()
        with at("2026-03-06 07:00"):
            clock = self._running_clock()
        deadline = clock.deadline
        self.calendar.attendance_ids.filtered(lambda a: a.dayofweek == "0").unlink()
        self.assertEqual(clock.deadline, deadline)

    def test_pause_keeps_the_time_left(self):
        with at("2026-03-06 00:00"):
            clock = self._running_clock()
        with at("2026-03-06 06:00"):
            clock.lead_id._sla_pause("assign")
        self.assertEqual((clock.state, clock.remaining_hours, clock.next_check_at), ("paused", 18, False))
        self.assertFalse(clock.lead_id.sla_deadline, "a paused promise does not press")
        with at("2026-03-10 00:00"):
            clock.lead_id._sla_resume("assign")
        self.assertEqual((clock.deadline, clock.warn_at), (datetime(2026, 3, 10, 18), datetime(2026, 3, 10, 12)))
        self.assertEqual(clock.lead_id.sla_deadline, clock.deadline)

    def test_pause_in_working_hours(self):
        self._working_hours()
        with at("2026-03-06 07:00"):
            clock = self._running_clock()
        with at("2026-03-09 02:00"):  # Monday 10:00: 5 of 8 working hours are left
            clock.lead_id._sla_pause("assign")
        with at("2026-03-13 08:00"):  # Friday 16:00: 1 h today, 4 h on Monday
            clock.lead_id._sla_resume("assign")
        self.assertEqual(clock.deadline, utc("2026-03-16 13:00"))

    def test_warning_then_breach_then_second_escalation_each_once(self):
        """S1.8, P4: leader first, then the sales manager; one activity per breach, ever."""
        clock = self._running_clock()
        lead = clock.lead_id
        self._let_time_pass(clock, hours=19)
        self.assertEqual((clock.state, clock.warned, lead.sla_state), ("running", True, "warned"))
        self.assertIn(self.leader.partner_id, self._notified(lead))
        self._let_time_pass(clock, hours=6)
        activity = self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)])
        self.assertEqual((clock.state, lead.sla_state, activity.user_id), ("breached", "breached", self.leader))
        self.assertNotIn(self.manager.partner_id, self._notified(lead))
        self._let_time_pass(clock, hours=4)
        self.assertTrue(clock.escalated)
        self.assertIn(self.manager.partner_id, self._notified(lead))
        self.assertFalse(clock.next_check_at)
        self._let_time_pass(clock, hours=100)
        self.assertEqual(self.env["mail.activity"].search_count([("sfc_clock_id", "=", clock.id)]), 1)

    def _notified(self, lead):
        return self.env["mail.message"].search([("model", "=", "crm.lead"), ("res_id", "=", lead.id), ("message_type", "=", "user_notification")]).partner_ids

    def test_second_activity_of_a_breach_is_impossible(self):
        clock = self._running_clock()
        self._let_time_pass(clock, hours=30)
        with self.assertRaises(UniqueViolation), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            clock.sudo()._escalate()

    def test_a_leader_is_not_told_about_himself(self):
        clock = self._clock(self._high_lead(user=self.leader, user_id=self.leader.id), "first_contact")
        self._let_time_pass(clock, hours=30)
        self.assertEqual(self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)]).user_id, self.manager)

    def test_archived_people_are_not_told(self):
        """P2, P3: the leader left the company: the sales manager is told."""
        clock = self._running_clock()
        self.leader.active = False
        self._let_time_pass(clock, hours=30)
        self.assertEqual(self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)]).user_id, self.manager)

    def test_stopped_late_counts_as_late_even_before_the_cron_came(self):
        clock = self._running_clock()
        lead = clock.lead_id
        clock.sudo().write({"deadline": clock.deadline - timedelta(hours=30)})
        lead.user_id = self.rep
        self.assertEqual(clock.state, "breached")
        self.assertAlmostEqual(clock.late_hours, 6, 1)

    def test_cron_does_what_is_due_and_leaves_one_trigger_at_the_next_moment(self):
        clock = self._running_clock()
        later = self._running_clock()
        clock.sudo().write({"warn_at": clock.warn_at - timedelta(hours=25), "deadline": clock.deadline - timedelta(hours=25),
                            "next_check_at": clock.next_check_at - timedelta(hours=25)})
        cron = self.env.ref("sales_full_cycle.ir_cron_sla")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((clock.state, later.state), ("breached", "running"))
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        first = self.env["sfc.sla.clock"].search([("next_check_at", "!=", False)], order="next_check_at", limit=1)
        self.assertEqual(triggers.mapped("call_at"), [first.next_check_at])

    def test_a_clock_that_is_refused_does_not_stop_the_others(self):
        """Lead refused by somebody's rule: it is logged and tried again later, the next one is marked late all the same."""
        bad, good = self._running_clock(), self._running_clock()
        for clock in (bad, good):
            clock.sudo().write({name: clock[name] - timedelta(hours=25) for name in ("warn_at", "deadline", "next_check_at")})
        self.env.flush_all()
        escalate = type(bad)._escalate

        def refuse(clocks):
            if bad in clocks:
                raise UserError(bad.key)
            return escalate(clocks)

        with patch.object(type(bad), "_escalate", refuse), self.assertLogs("odoo.addons.sales_full_cycle.models.common.sfc_sla_clock", "WARNING"):
            self.env["sfc.sla.clock"].sudo()._advance_next(100)
        self.assertEqual((bad.state, good.state), ("running", "breached"))
        self.assertGreater(bad.next_check_at, fields.Datetime.now())

    def test_a_leader_without_the_leaders_role_is_told_all_the_same(self):
        """P2: teams exist before roles are given; the breach must not fail because of it."""
        self.team.user_id = self.other_rep
        clock = self._running_clock()
        self._let_time_pass(clock, hours=30)
        self.assertEqual(clock.state, "breached")
        self.assertTrue(self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)]))

    def test_many_clocks_arm_one_trigger(self):
        cron = self.env.ref("sales_full_cycle.ir_cron_sla")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        for n in range(5):
            self._high_lead(contact_channel=f"1370000{n:04d}")
        self.assertLessEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_nobody_edits_a_clock(self):
        clock = self._running_clock()
        for user in (self.rep, self.manager):
            for change in (lambda c: c.write({"deadline": datetime(2030, 1, 1)}), lambda c: c.unlink()):
                with self.assertRaises(UserError), self.cr.savepoint():
                    change(clock.with_user(user))

    def test_promise_of_a_company_wins_over_the_common_one(self):
        own = self.policy.copy({"company_id": self.env.company.id, "amount": 8, "warn_amount": 4})
        lead = self._lead(company_id=self.env.company.id)
        lead._screen({"need_clarity": "full"})
        self.assertEqual(self._clock(lead, "assign").policy_id, own)


class TestGivenDeadlines(BaseCase):
    """D9: deadlines that are a date of the document; the arithmetic."""

    def test_a_date_ends_at_midnight_of_the_calendars_zone(self):
        self.assertEqual(sla_time.end_of(date(2026, 3, 9), "Asia/Shanghai"), utc("2026-03-10 00:00"))
        self.assertEqual(sla_time.end_of(date(2026, 3, 28), "Europe/Berlin"), utc("2026-03-29 00:00", "Europe/Berlin"))
        self.assertEqual(sla_time.end_of(utc("2026-03-09 11:30"), "Asia/Shanghai"), utc("2026-03-09 11:30"), "a moment is that moment")

    def test_days_before_are_days_of_the_calendar(self):
        """Also over a change of summer time."""
        self.assertEqual(sla_time.before(7, "day", utc("2026-03-10 00:00"), tz="Asia/Shanghai"), utc("2026-03-03 00:00"))
        self.assertEqual(sla_time.before(2, "day", utc("2026-03-31 00:00", "Europe/Berlin"), tz="Europe/Berlin"), utc("2026-03-29 00:00", "Europe/Berlin"))
        self.assertEqual(sla_time.before(5, "hour", utc("2026-03-10 12:00"), tz="Asia/Shanghai"), utc("2026-03-10 07:00"))


@tagged("post_install", "-at_install")
class TestGivenDeadlineClocks(SalesCase):
    """D9: payment, delivery links, rectification: the document gives the deadline, the leader may hear it later than the responsible person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("sales_full_cycle.promise_objection").copy({
            "key": "given", "deadline_given": True, "unit": "day", "amount": 0, "warn_amount": 0, "warn_before": 2, "escalate_to": "leader",
            "escalate_after": 3, "escalate_again_to": "manager", "escalate_again_after": 15,
            "calendar_id": cls.env["resource.calendar"].create({"name": "Shanghai", "tz": "Asia/Shanghai"}).id})
        cls.lead = cls._lead(user_id=cls.rep.id)

    def _started(self, deadline):
        self.lead.sudo()._sla_cancel("given")
        self.lead.sudo()._sla_start("given", deadline=deadline)
        return self._clock(self.lead, "given")

    def test_moments(self):
        clock = self._started({self.lead: date(2026, 3, 9)})
        self.assertEqual(
            [clock.warn_at, clock.deadline, clock.escalate_at, clock.again_at, clock.next_check_at],
            [utc("2026-03-08 00:00"), utc("2026-03-10 00:00"), utc("2026-03-13 00:00"), utc("2026-03-25 00:00"), utc("2026-03-08 00:00")])

    def test_who_hears_when(self):
        clock = self._started(fields.Date.today() + timedelta(days=5))
        notified = partial(TestSlaClock._notified, self, self.lead)
        self._let_time_pass(clock, days=4)
        self.assertEqual((clock.warned, clock.state, notified()), (True, "running", self.rep.partner_id))
        told = len(self.env["mail.message"].search([("model", "=", "crm.lead"), ("res_id", "=", self.lead.id), ("message_type", "=", "user_notification")]))
        self._let_time_pass(clock, days=3)
        messages = self.env["mail.message"].search([("model", "=", "crm.lead"), ("res_id", "=", self.lead.id), ("message_type", "=", "user_notification")])
        self.assertEqual((clock.state, clock.told, len(messages), notified()), ("breached", False, told + 1, self.rep.partner_id))
        self.assertFalse(self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)]))
        self._let_time_pass(clock, days=3)
        self.assertEqual(self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)]).user_id, self.leader)
        self._let_time_pass(clock, days=12)
        self.assertIn(self.manager.partner_id, notified())
        self.assertEqual((clock.told, clock.escalated, clock.next_check_at), (True, True, False))

    def test_a_deadline_long_past_tells_all_at_once(self):
        clock = self._started(date(2020, 1, 1))
        self._let_time_pass(clock, days=0)
        self.assertEqual((clock.state, clock.told, clock.escalated), ("breached", True, True))
        self.assertEqual(self.env["mail.activity"].search_count([("sfc_clock_id", "=", clock.id)]), 1)

    def test_resuming_moves_all_of_it(self):
        clock = self._started(fields.Date.today() + timedelta(days=5))
        gap = clock.escalate_at - clock.deadline
        with at(f"{fields.Date.today() + timedelta(days=1)} 00:00"):
            self.lead.sudo()._sla_pause("given")
        with at(f"{fields.Date.today() + timedelta(days=11)} 00:00"):
            self.lead.sudo()._sla_resume("given")
        self.assertEqual(clock.escalate_at - clock.deadline, gap)
        self.assertEqual(clock.again_at - clock.deadline, timedelta(days=15))

    def test_settings_that_make_no_sense(self):
        for values in ({"unit": "working_hour"}, {"warn_before": -1}, {"escalate_after": -1}, {"deadline_given": False}):
            with self.assertRaises(ValidationError):
                self.policy.copy({"key": "other", **values})
