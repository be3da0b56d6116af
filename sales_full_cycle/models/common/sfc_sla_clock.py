import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL

from . import sla_time

_logger = logging.getLogger(__name__)


class SfcSlaClock(models.Model):
    """One promise running for one document. Its engine is the only writer: see sfc.sla.mixin for start, pause, stop."""
    _name = "sfc.sla.clock"
    _description = "Promise Clock"
    _inherit = ["sfc.document.row"]
    _order = "deadline, id"

    policy_id = fields.Many2one("sfc.sla.policy", "Promise", required=True, readonly=True, index=True, ondelete="restrict")
    key = fields.Char(related="policy_id.key", store=True)
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    user_id = fields.Many2one("res.users", "Responsible", readonly=True, index="btree_not_null")
    team_id = fields.Many2one("crm.team", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index="btree_not_null")
    started_at = fields.Datetime("Started", required=True, readonly=True)
    warn_at = fields.Datetime("Warning at", readonly=True)
    deadline = fields.Datetime(required=True, readonly=True)
    escalate_at = fields.Datetime("First escalation at", readonly=True, help="Empty: at the deadline.")
    again_at = fields.Datetime("Second escalation at", readonly=True)
    paused_at = fields.Datetime("Paused", readonly=True)
    remaining_hours = fields.Float("Hours left when paused", readonly=True, help="Working hours when the promise counts working hours.")
    stopped_at = fields.Datetime("Stopped", readonly=True)
    warned = fields.Boolean(readonly=True)
    told = fields.Boolean("Escalated later than the deadline", readonly=True)
    escalated = fields.Boolean("Escalated twice", readonly=True)
    state = fields.Selection([
        ("running", "Running"), ("paused", "Paused"), ("met", "Met"), ("breached", "Late"), ("cancelled", "Cancelled"),
    ], required=True, readonly=True, default="running", index=True)
    # What the cron looks for; empty when nothing more can happen by itself.
    next_check_at = fields.Datetime(readonly=True)
    late_hours = fields.Float("Late by (hours)", compute="_compute_late_hours")
    time_left = fields.Char(compute="_compute_time_left")

    _due = models.Index("(next_check_at) WHERE next_check_at IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("deadline", "stopped_at", "state")
    def _compute_late_hours(self):
        now = fields.Datetime.now()
        for clock in self:
            late = (clock.stopped_at or now) - clock.deadline if clock.state == "breached" else None
            clock.late_hours = max(late.total_seconds() / 3600, 0) if late else 0

    @api.depends("deadline", "stopped_at", "state")
    def _compute_time_left(self):
        now = fields.Datetime.now()
        for clock in self:
            clock.time_left = sla_time.short((clock.deadline - now).total_seconds()) if not clock.stopped_at and clock.state != "paused" else False

    # === RIGHTS === #

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A promise clock is run by the system and cannot be edited."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("A promise clock is history and cannot be deleted."))

    # === CHANGES, called by the mixin in sudo === #

    def _next_check(self):
        self.ensure_one()
        pending = []
        if not self.stopped_at and self.state in ("running", "breached"):
            pending = [
                self.warn_at if self.state == "running" and not self.warned else None,
                self.deadline if self.state == "running" else None,
                self.escalate_at if not self.told else None,
                self.again_at if not self.escalated else None,
            ]
        return min((moment for moment in pending if moment), default=False)

    def _set_next_check(self):
        for clock in self:
            clock.next_check_at = clock._next_check()
        self._arm()

    def _stop(self, at, state=None):
        """Stop open clocks; met in time, late otherwise, or the state given (cancelled).

        What was done in time is met, also when it is noted after the deadline.
        """
        for clock in self:
            late = clock.state in ("running", "breached") and at > clock.deadline
            clock.write({"stopped_at": at, "state": state or ("breached" if late else "met"), "next_check_at": False})

    def _pause(self, at):
        for clock in self.filtered(lambda c: c.state == "running"):
            clock.write({"state": "paused", "paused_at": at, "remaining_hours": clock._hours_between(at, clock.deadline), "next_check_at": False})

    def _resume(self, at):
        """Go on with the time that was left; a warning that was still to come moves along."""
        for clock in self.filtered(lambda c: c.state == "paused"):
            warn_left = clock._hours_between(clock.warn_at, clock.deadline) if clock.warn_at else None
            later = {fname: clock._hours_between(clock.deadline, clock[fname]) for fname in ("escalate_at", "again_at") if clock[fname]}
            deadline = clock._plus_hours(clock.remaining_hours, at)
            clock.write({
                "state": "running", "paused_at": False, "deadline": deadline,
                "warn_at": clock._plus_hours(max(clock.remaining_hours - warn_left, 0), at) if warn_left is not None else False,
                **{fname: clock._plus_hours(hours, deadline) for fname, hours in later.items()},
            })
        self._set_next_check()

    def _hours_between(self, start, end):
        if self.policy_id.unit == "working_hour":
            return sla_time.working_hours_between(self.policy_id._calendar(self.company_id).sudo(), start, end)
        return max((end - start).total_seconds() / 3600, 0)

    def _plus_hours(self, hours, start):
        unit = "working_hour" if self.policy_id.unit == "working_hour" else "hour"
        calendar = self.policy_id._calendar(self.company_id).sudo()
        return sla_time.after(hours, unit, start, tz=calendar.tz, calendar=calendar)

    # === TIME PASSES === #

    @api.model
    def _cron_advance(self, batch=200):
        """Warn and escalate what is due.

        Each batch is locked and committed: other workers take other clocks meanwhile, and one that is killed loses its batch only.
        A batch that meets a change of the same lead at the same moment is tried again.
        """
        clocks, done = self.sudo(), batch
        while done:
            done = retrying(partial(clocks._advance_next, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return
        clocks._arm()

    def _advance_next(self, batch):
        """Advance the next due clocks that no other worker holds; their number."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(SQL(
            """SELECT id FROM sfc_sla_clock WHERE next_check_at <= %s
             ORDER BY next_check_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""", now, batch))
        clocks = self.browse(id_ for (id_,) in rows)
        clocks.invalidate_recordset()
        try:
            with self.env.cr.savepoint():
                clocks._advance(now)
        except UserError:
            clocks._advance_one_by_one(now)
        return len(clocks)

    def _advance_one_by_one(self, now):
        """Somebody's data refuses one clock: the others go on, and that one is looked at again in an hour."""
        for clock in self:
            try:
                with self.env.cr.savepoint():
                    clock._advance(now)
            except UserError as error:
                _logger.warning("Promise clock %s (%s) waits an hour: %s", clock.id, clock.key, error)
                clock.next_check_at = now + timedelta(hours=1)

    def _advance(self, now):
        """Warn, mark late and escalate the clocks in self as far as `now` demands."""
        running = self.filtered(lambda c: c.state == "running" and not c.stopped_at)
        late = running.filtered(lambda c: c.deadline <= now)
        warned = (running - late).filtered(lambda c: not c.warned and c.warn_at and c.warn_at <= now)
        warned.write({"warned": True})
        late.write({"state": "breached", "warned": True})
        told = self.filtered(lambda c: c.state == "breached" and not c.stopped_at and not c.told and c.escalate_at and c.escalate_at <= now)
        told.write({"told": True})
        again = self.filtered(lambda c: c.state == "breached" and not c.stopped_at and not c.escalated and c.again_at and c.again_at <= now)
        again.write({"escalated": True})
        for clock in self:
            clock.next_check_at = clock._next_check()
        for documents in (warned | late)._documents():
            documents._sla_refresh()
        warned._warn()
        (late.filtered("escalate_at") - told)._tell_late()
        (late.filtered(lambda c: not c.escalate_at) | told)._escalate()
        again._escalate_again()

    def _warn(self):
        """Tell the responsible person (nobody yet: the team leader) that time is running out."""
        for clock in self:
            document = clock._document()
            for user in document._sla_users(clock):
                clock._notify(user, self.env._("%(promise)s: %(left)s left", promise=clock.policy_id.name, left=clock.time_left))
            document._sla_warned(clock)

    def _tell_late(self):
        """It is late, and those above will hear it only later: the responsible people are told."""
        for clock in self:
            for user in clock._document()._sla_users(clock):
                clock._notify(user, clock.policy_id.with_context(lang=user.lang)._late_summary())

    def _escalate(self):
        """One activity for the team leader or manager, ever (unique index on mail.activity)."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        vals_list = []
        for clock in self:
            user, document = clock._recipient(clock.policy_id.escalate_to), clock._document()
            if user:
                vals_list.append({
                    "sfc_clock_id": clock.id, "activity_type_id": todo.id, "user_id": user.id, "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(document._name), "res_id": document.id,
                    "date_deadline": fields.Date.context_today(self),
                    "summary": clock.policy_id.with_context(lang=user.lang)._late_summary(),
                })
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _escalate_again(self):
        for clock in self:
            text = clock.policy_id._late_summary()
            clock._notify(clock._recipient(clock.policy_id.escalate_again_to), text)

    def _recipient(self, role):
        """User of a role for this clock: the leader of its team, who is not told about himself, else a sales manager."""
        self.ensure_one()
        leader = self.team_id.user_id
        if role == "leader" and leader.active and leader != self.user_id:
            return leader
        return self.env["res.users"]._sfc_sales_managers(self.company_id)[:1] if role != "none" else self.env["res.users"]

    def _notify(self, user, text):
        if user:
            document = self._document().with_context(lang=user.lang)
            document.message_notify(
                partner_ids=user.partner_id.ids, subject=f"{text}: {document.display_name}",
                body=self.env._("Deadline: %(deadline)s", deadline=self._local_deadline(user)), email_layout_xmlid="mail.mail_notification_light")

    def _local_deadline(self, user):
        return fields.Datetime.to_string(fields.Datetime.context_timestamp(self.with_context(tz=user.tz), self.deadline).replace(tzinfo=None))

    @api.model
    def _arm(self):
        """Keep one cron trigger, at the next moment when something is due (a trigger is a row each, so not one per clock)."""
        self.flush_model(["next_check_at"])
        cron = self.env.ref("sales_full_cycle.ir_cron_sla").sudo()
        [(first, armed)] = self.env.execute_query(SQL(
            """SELECT (SELECT min(next_check_at) FROM sfc_sla_clock WHERE next_check_at IS NOT NULL),
                      (SELECT min(call_at) FROM ir_cron_trigger WHERE cron_id = %s)""", cron.id))
        if first and (not armed or first < armed):
            cron._trigger(at=first)
