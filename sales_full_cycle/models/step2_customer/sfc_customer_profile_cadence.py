import pytz

from odoo import fields, models

from .sfc_decision_role import LEVELS


class SfcCustomerProfile(models.Model):
    """When the customer is met next: cadence by grade and need priority, from the last contact that counts (S2.11-S2.14, D7)."""
    _inherit = "sfc.customer.profile"

    # strategy
    follow_strategy = fields.Text("Follow-up strategy", tracking=True, help="跟进策略")
    own_talking_points = fields.Text("Own talking points", help="沟通重点 of this customer; empty: those of the grade.")
    cadence_override_days = fields.Integer("Own cadence (days)", tracking=True, help="0: the cadence of the grade.")
    cadence_override_reason = fields.Char("Why an own cadence", tracking=True)
    paused_until = fields.Date("Follow-up paused until", tracking=True)
    pause_reason = fields.Char("Why paused", tracking=True)
    need_priority = fields.Selection(LEVELS, "Need priority", help="Highest of the open deals.")

    # written by _refresh_cadence() alone
    last_follow_up_date = fields.Date("Last follow-up", readonly=True, copy=False)
    last_deep_date = fields.Date("Last deep contact", readonly=True, copy=False)
    next_follow_up_date = fields.Date("Next follow-up", readonly=True, copy=False)

    def _refresh_cadence(self):
        """Hook of whatever changes the rhythm: follow-ups, grade, need priority, pause."""

    def _local_date(self, moment):
        """Date of a moment (naive UTC) in the time zone of the company's working calendar."""
        self.ensure_one()
        zone = pytz.timezone(self.company_id.sudo().resource_calendar_id.tz or "UTC")  # sudo: the calendar of the company
        return pytz.utc.localize(moment).astimezone(zone).date()
