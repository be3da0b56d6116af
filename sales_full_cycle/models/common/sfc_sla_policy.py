from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import sla_time


class Moments(NamedTuple):
    """When something happens to a clock; None where nothing does."""
    warn_at: object
    deadline: object
    escalate_at: object  # first escalation; None: at the deadline
    again_at: object


class SfcSlaPolicy(models.Model):
    """A promise: how much time there is, when to warn, whom to tell (defaults.md D9)."""
    _name = "sfc.sla.policy"
    _description = "Promise"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(required=True, help="Technical name that the process asks for.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company that has no promise of its own.")
    deadline_given = fields.Boolean(
        "Deadline comes from the document", help="Such as the day on which a payment is due. Then no time is counted; the deadline is the end of that day.")
    amount = fields.Float("Time", required=True)
    unit = fields.Selection(
        [("hour", "Hours"), ("working_hour", "Working hours"), ("day", "Days")], required=True, default="hour",
        help="Days end at 24:00 in the calendar's time zone.")
    calendar_id = fields.Many2one("resource.calendar", "Working calendar", help="Empty: the calendar of the company.")
    warn_amount = fields.Float("Warn after", help="In the same unit, counted from the start.")
    warn_before = fields.Float("Warn before", help="In the same unit, counted back from a deadline that comes from the document.")
    escalate_to = fields.Selection(
        [("leader", "Team leader"), ("manager", "Sales manager"), ("none", "Nobody")], "When late, tell", required=True, default="leader")
    escalate_after = fields.Float(
        "Late by", help="In the same unit, counted from the deadline: until then only the responsible person hears that it is late.")
    escalate_again_to = fields.Selection(
        [("manager", "Sales manager"), ("none", "Nobody")], "Later, tell", required=True, default="none")
    escalate_again_after = fields.Float("Later by", help="In the same unit, counted from the deadline.")

    _key_unique = models.UniqueIndex("(key, COALESCE(company_id, 0)) WHERE active", "There is already such a promise for this company.")

    @api.constrains("amount", "warn_amount", "deadline_given", "warn_before", "escalate_after", "escalate_again_after")
    def _check_amounts(self):
        for policy in self:
            if not policy.deadline_given and (policy.amount <= 0 or not 0 <= policy.warn_amount <= policy.amount):
                raise ValidationError(self.env._("The time must be positive and the warning must come within it."))
            if min(policy.warn_before, policy.escalate_after, policy.escalate_again_after) < 0:
                raise ValidationError(self.env._("Times before and after the deadline cannot be negative."))

    @api.constrains("deadline_given", "unit", "warn_before")
    def _check_unit(self):
        for policy in self:
            if policy.deadline_given and policy.unit == "working_hour":
                raise ValidationError(self.env._("Before a deadline that comes from the document hours or days are counted, not working hours."))

    @api.model
    def _get(self, key, companies):
        """Promise of each company: {company: policy}; companies without one of their own get the common one."""
        policies = self.sudo().search([("key", "=", key), ("company_id", "in", [*companies.ids, False])])
        by_company = {policy.company_id.id: policy for policy in policies}
        return {company: by_company.get(company.id) or by_company.get(False) or self for company in [*companies, companies.browse()]}

    def _calendar(self, company):
        return self.calendar_id or company.resource_calendar_id or self.env.company.resource_calendar_id

    def _moments(self, start, company, deadline=None):
        """What happens when to a clock that starts at `start`.

        :param deadline: given by the document, if the policy wants one: naive UTC, or a date, which ends at 24:00 of the calendar's time zone
        """
        self.ensure_one()
        calendar = self._calendar(company).sudo()

        def moment(amount, since=start):
            return sla_time.after(amount, self.unit, since, tz=calendar.tz, calendar=calendar)

        if self.deadline_given:
            deadline = sla_time.end_of(deadline, calendar.tz)
            warn_at = sla_time.before(self.warn_before, self.unit, deadline, tz=calendar.tz) if self.warn_before else None
        else:
            deadline = moment(self.amount)
            warn_at = moment(self.warn_amount) if self.warn_amount else None
        # a deadline of days is already the next midnight: count from the day before it
        late_from = deadline - timedelta(seconds=1) if self.unit == "day" else deadline
        escalate_at = moment(self.escalate_after, late_from) if self.escalate_after else None
        again_at = moment(self.escalate_again_after, late_from) if self.escalate_again_to != "none" else None
        return Moments(warn_at, deadline, escalate_at, again_at)

    def _late_summary(self):
        return self.env._("Late: %(promise)s", promise=self.name)
