import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, plaintext2html

from ..common.bulk_write import bulk_update
from . import cadence
from .sfc_decision_role import LEVELS
from .sfc_grade import UNITS

# Written by _refresh_cadence() alone.
ENGINE_FIELDS = (
    "need_priority", "cadence_amount", "cadence_unit", "cadence_since", "last_follow_up_date", "last_deep_date", "next_follow_up_date", "cadence_anchor")
# What a person writes and the rhythm follows.
RHYTHM_FIELDS = {"user_id", "company_id", "paused_until", "cadence_override_days"}


class SfcCustomerProfile(models.Model):
    """When the customer is met next: cadence by grade and need priority, from the last contact that counts (S2.11-S2.14, D7).

    sfc_customer_profile_reminder.py makes the activity for what is due.
    """
    _inherit = "sfc.customer.profile"

    # strategy
    follow_strategy = fields.Text("Follow-up strategy", tracking=True, help="跟进策略")
    own_talking_points = fields.Text("Own talking points", help="沟通重点 of this customer; empty: those of the grade.")
    talking_points = fields.Html("Talking points", compute="_compute_talking_points", help="沟通重点")
    cadence_override_days = fields.Integer("Own cadence (days)", tracking=True, help="0: the cadence of the grade.")
    cadence_override_reason = fields.Char("Why an own cadence", tracking=True)
    paused_until = fields.Date("Follow-up paused until", tracking=True, help="On this day it goes on.")
    pause_reason = fields.Char("Why paused", tracking=True)
    value_service_months = fields.Integer(related="grade_id.value_service_months", string="Value service every (months)", help="增值服务")

    # the rhythm
    need_priority = fields.Selection(LEVELS, "Need priority", readonly=True, copy=False, help="需求优先级: the highest of the open deals.")
    cadence_amount = fields.Integer("Cadence", readonly=True, copy=False, aggregator=None)
    cadence_unit = fields.Selection(UNITS, "Cadence unit", readonly=True, copy=False)
    cadence_text = fields.Char("Follow-up cadence", compute="_compute_cadence_text", help="跟进频率")
    cadence_since = fields.Date("Cadence since", readonly=True, copy=False)
    last_follow_up_date = fields.Date("Last follow-up", readonly=True, copy=False)
    last_deep_date = fields.Date("Last deep contact", readonly=True, copy=False)
    next_follow_up_date = fields.Date("Next follow-up", readonly=True, copy=False)
    cadence_anchor = fields.Integer(readonly=True, copy=False, aggregator=None, help="The day of the month that the next date stands for.")
    days_overdue = fields.Integer("Days overdue", compute="_compute_days_overdue")

    # how well it is kept
    compliance = fields.Float("Done on time (%)", compute="_compute_compliance", digits=(5, 1), help="Follow-ups in time, of all that have been due.")
    periods_due = fields.Integer("Follow-ups due so far", compute="_compute_compliance")

    _due = models.Index("(next_follow_up_date, id) WHERE next_follow_up_date IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("own_talking_points", "grade_id.talking_points")
    @api.depends_context("lang")
    def _compute_talking_points(self):
        for profile in self:
            own = profile.own_talking_points
            profile.talking_points = plaintext2html(own) if own else profile.grade_id.talking_points

    @api.depends("cadence_amount", "cadence_unit", "grade_id.deep_required")
    @api.depends_context("lang")
    def _compute_cadence_text(self):
        for profile in self:
            step = cadence.Step(profile.cadence_amount, profile.cadence_unit)
            profile.cadence_text = profile._cadence_words(step, profile.grade_id.deep_required) if step.amount else False

    @api.model
    def _cadence_words(self, step, deep):
        amount, unit = step
        if amount == 1:
            text = self.env._("Every day") if unit == "day" else self.env._("Every month")
        else:
            text = self.env._("Every %(count)s days", count=amount) if unit == "day" else self.env._("Every %(count)s months", count=amount)
        return self.env._("%(cadence)s (deep contact)", cadence=text) if deep else text

    @api.depends("next_follow_up_date")
    def _compute_days_overdue(self):
        today = self._today_by_company()
        for profile in self:
            due = profile.next_follow_up_date
            profile.days_overdue = max((today[profile.company_id] - due).days, 0) if due else 0

    def _compute_compliance(self):
        # sudo: who sees the customer sees how it is looked after, by whomever
        rows = self.env["sfc.cadence.report"].sudo()._read_group([("profile_id", "in", self.ids)], ["profile_id"], ["on_time:avg", "__count"])
        found = {profile.id: (on_time, count) for profile, on_time, count in rows}
        for profile in self:
            profile.compliance, profile.periods_due = found.get(profile._origin.id, (0, 0))

    # === DAYS === #

    def _local_date(self, moment):
        """The date that a moment (naive UTC) has in the calendar of the customer's company."""
        self.ensure_one()
        return self._date_in(self.company_id, moment)

    @api.model
    def _date_in(self, company, moment):
        zone = pytz.timezone(company.sudo().resource_calendar_id.tz or "UTC")  # sudo: the calendar of a company is no secret
        return pytz.utc.localize(moment).astimezone(zone).date()

    @api.model
    def _today_by_company(self):
        """{company: the date there now}"""
        now = fields.Datetime.now()
        # sudo: the cron works for every company
        return {company: self._date_in(company, now) for company in self.env["res.company"].sudo().with_context(active_test=False).search([])}

    # === CONSTRAINTS === #

    @api.constrains("cadence_override_days", "cadence_override_reason")
    def _check_override(self):
        for profile in self:
            if profile.cadence_override_days < 0:
                raise ValidationError(self.env._("An own cadence has at least 1 day; 0 is the cadence of the grade."))
            if profile.cadence_override_days and not (profile.cadence_override_reason or "").strip():
                raise ValidationError(self.env._(
                    "Say why %(customer)s has an own cadence: fill in 'Why an own cadence'.", customer=profile.name))

    @api.constrains("paused_until", "pause_reason")
    def _check_pause_reason(self):
        for profile in self:
            if profile.paused_until and not (profile.pause_reason or "").strip():
                raise ValidationError(self.env._("Say why the follow-up of %(customer)s is paused: fill in 'Why paused'.", customer=profile.name))

    @api.constrains("paused_until")
    def _check_pause_ends_later(self):
        now = fields.Datetime.now()
        for profile in self:
            if profile.paused_until and profile.paused_until <= profile._local_date(now):
                raise ValidationError(self.env._("A pause of the follow-up ends on a day to come. Choose a later date, or empty it to go on today."))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_engine_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine_fields(vals)
        result = super().write(vals)
        if "user_id" in vals:
            self._begin_rhythm_anew()
        if not RHYTHM_FIELDS.isdisjoint(vals):
            self._refresh_cadence()
        if "user_id" in vals:
            self._hand_over_reminders()
        return result

    def _begin_rhythm_anew(self):
        """Whoever gets a customer that nobody has met has the time of a cadence; a handover leaves what is owed as it is (ahead 15)."""
        if (self.env.context.get("sfc_assignment") or {}).get("kind") != "handover":
            never_met = self.sudo().filtered(lambda profile: not profile.last_follow_up_date)  # sudo: the dates are the system's
            bulk_update(never_met, dict.fromkeys(never_met.ids, (False,)), ["cadence_since"])

    def _check_engine_fields(self, vals):
        if not self.env.su and not set(ENGINE_FIELDS).isdisjoint(vals):
            raise UserError(self.env._(
                "The dates of the follow-up follow from grade, deals and follow-up records. Change the cadence or pause the follow-up, with a reason."))

    def _complete_new(self):
        result = super()._complete_new()
        self._refresh_cadence()
        return result

    def _grade_changed(self, before):
        """Another grade is another promise: it counts from the day of the grading."""
        result = super()._grade_changed(before)
        profiles = self.sudo()  # sudo: the dates are the system's
        bulk_update(profiles, {profile.id: (False,) for profile in profiles}, ["cadence_since"])
        profiles._refresh_cadence()
        return result

    # === ENGINE === #

    def _refresh_cadence(self):
        """Derive rhythm and dates from grade, deals, contacts, pause and owner; the one writer of them, also of what the contacts kept.

        Called by whatever changes one of these. A fixed number of queries for any number of customers; running it again changes nothing.
        """
        profiles = self.sudo().with_context(active_test=False)  # sudo: the dates are the system's, whoever caused the change
        if not profiles:
            return
        promises = self.env["sfc.follow.up"].sudo()._settle(profiles)
        contacts, priorities, today = profiles._last_contacts(), profiles._deal_priorities(), self._today_by_company()
        due_before = {profile: profile.next_follow_up_date for profile in profiles}
        values = {}
        for profile in profiles:
            vals = profile._rhythm_vals(contacts[profile.id], priorities.get(profile), promises[profile], today[profile.company_id])
            if vals != tuple(profile[fname] for fname in ENGINE_FIELDS):
                values[profile.id] = vals
        bulk_update(profiles, values, ENGINE_FIELDS)
        profiles._keep_reminders_current(due_before, today)

    def _rhythm_vals(self, contacts, need_priority, promise, today):
        """In the order of ENGINE_FIELDS.

        :param contacts: (last contact, last deep one), each a day and the day of the month that it stands for
        :param promise: the one that is open as far as the contacts go
        """
        self.ensure_one()
        last, last_deep = contacts
        step = None if self._is_follow_up_suspended() else self._cadence_step(need_priority)
        if not step:
            return need_priority or False, 0, False, False, last[0], last_deep[0], False, 0
        since = self.cadence_since or self._rhythm_begins(today)
        new = self._next_promise(step, last_deep if self.grade_id.deep_required else last, since)
        # Another rule or a pause that ends makes nobody late at once, and what is late stays late.
        earliest = max(min(promise.due, today) if promise else today, self._follow_up_rests_until() or today.min)
        if new.due < earliest:
            new = cadence.Promise(earliest, earliest.day, step)
        return need_priority or False, step.amount, step.unit, since, last[0], last_deep[0], new.due, new.anchor

    def _next_promise(self, step, last, since):
        """From the last contact that counts; a customer never met is owed a contact one step after its rhythm began."""
        day, anchor = last
        return cadence.promise_after(day, step, anchor) if day else cadence.promise_after(since, step)

    def _rhythm_begins(self, today):
        """With the grade or the owner, whichever came later."""
        graded_on = min(self.graded_on or today, today)
        return max(graded_on, self._local_date(self.assigned_at)) if self.assigned_at else graded_on

    def _cadence_step(self, need_priority):
        """S2.11, D7: the customer's own, else the grade's for an urgent need, else the grade's."""
        self.ensure_one()
        if self.cadence_override_days:
            return cadence.Step(self.cadence_override_days, "day")
        return self.grade_id._cadence_step(need_priority == "high")

    def _is_follow_up_suspended(self):
        """Hook: nothing is owed to the customer, for as long as this is so."""
        self.ensure_one()
        return not (self.active and self.grade_id and self.user_id)

    def _follow_up_rests_until(self):
        """Hook: the day on which the follow-up goes on by itself, if it is paused."""
        self.ensure_one()
        return self.paused_until

    def _promise(self):
        """The open promise as it is stored."""
        self.ensure_one()
        if self.next_follow_up_date:
            step = cadence.Step(self.cadence_amount, self.cadence_unit)
            return cadence.Promise(self.next_follow_up_date, self.cadence_anchor, step)
        return None

    def _last_contacts(self):
        """{id: (last contact, last deep contact)}, each (day, day of the month that it stands for)."""
        self.env["sfc.follow.up"].flush_model(["profile_id", "active", "is_deep", "done_on", "due_date", "due_anchor"])
        latest = """(SELECT done_on, due_date, due_anchor FROM sfc_follow_up WHERE profile_id = profile.id AND active AND %s
                      ORDER BY done_on DESC, due_date = done_on DESC NULLS LAST LIMIT 1)"""
        rows = self.env.execute_query(SQL(
            """SELECT profile.id, last.*, deep.*
                 FROM sfc_customer_profile profile LEFT JOIN LATERAL %s last ON TRUE LEFT JOIN LATERAL %s deep ON TRUE
                WHERE profile.id = ANY(%s)""", SQL(latest, SQL("TRUE")), SQL(latest, SQL("is_deep")), list(self.ids)))

        def contact(day, due, anchor):
            return (day, cadence.anchor_of(day, due and cadence.Promise(due, anchor, None))) if day else (False, None)

        return {id_: (contact(*row[:3]), contact(*row[3:])) for id_, *row in rows}

    def _deal_priorities(self):
        """{customer: highest need priority of the open deals}"""
        rows = self.env["crm.lead"].sudo()._read_group(
            [("customer_profile_id", "in", self.ids), ("type", "=", "opportunity"), ("won_status", "=", "pending"), ("active", "=", True),
             ("need_priority", "!=", False)], ["customer_profile_id"], ["need_priority:array_agg_distinct"])
        ranks = [code for code, _label in LEVELS]
        return {profile: min(found, key=ranks.index) for profile, found in rows}

    def _deals_changed(self):
        """A deal was opened, closed, moved or judged anew: the rhythm follows if the highest need priority is another one."""
        profiles = self.sudo()
        priorities = profiles._deal_priorities()
        profiles.filtered(lambda profile: profile.need_priority != priorities.get(profile, False))._refresh_cadence()

    # === ACTIONS === #

    def action_open_compliance(self):
        """The due dates behind the percentage."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_cadence_report_action")
        return {**action, "domain": [("profile_id", "=", self.id)], "context": {}, "views": [(False, "list"), (False, "pivot")], "view_mode": "list,pivot"}
