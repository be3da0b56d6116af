from functools import partial

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.service.model import retrying
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from . import cadence

UNITS = [("day", "Days"), ("month", "Months")]
# What the dates of the customers of a grade are derived from.
CADENCE_FIELDS = {"cadence_amount", "cadence_unit", "urgent_amount", "urgent_unit", "deep_required"}


class SfcGrade(models.Model):
    """客户等级: what a grade means, how often its customers are met and about what (S2.4, S2.5, D7). Result of the customer scorecard."""
    _name = "sfc.grade"
    _description = "Customer Grade"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Char("Grade", required=True, help="A, B, C: the result of the customer scorecard that leads to this grade.")
    name = fields.Char("Meaning", required=True, translate=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10, help="The best grade comes first.")
    active = fields.Boolean(default=True)

    # follow-up
    cadence_amount = fields.Integer("Follow up every", required=True, default=1)
    cadence_unit = fields.Selection(UNITS, "Cadence unit", required=True, default="month")
    urgent_amount = fields.Integer("When the need is urgent, every", required=True, default=14, help="A deal of the customer has need priority high.")
    urgent_unit = fields.Selection(UNITS, "Urgent cadence unit", required=True, default="day")
    deep_required = fields.Boolean(
        "Only deep contacts count", help="深度沟通: a call, visit or online meeting with somebody who has a decision role, with at least 20 characters noted.")
    talking_points = fields.Html("Talking points", translate=True, help="沟通重点. Copied into the follow-up activity.")

    # periods
    value_service_months = fields.Integer("Value service every (months)", help="增值服务. 0: none.")
    pool_idle_days = fields.Integer("To the pool after (days)", default=90, help="公海: idle for so long, the customer returns to the pool, if the pool is on.")
    regrade_months = fields.Integer("Grade again after (months)", default=12)

    # where the cron is that derives the dates of the customers anew; 0 when there is nothing to do
    refresh_pending = fields.Boolean(readonly=True, copy=False)
    refreshed_id = fields.Integer(readonly=True, copy=False)

    _code_unique = models.Constraint("unique(code)", "There is already a grade with this letter.")

    @api.constrains("cadence_amount", "urgent_amount", "pool_idle_days", "regrade_months", "value_service_months")
    def _check_amounts(self):
        for grade in self:
            if min(grade.cadence_amount, grade.urgent_amount, grade.pool_idle_days, grade.regrade_months) < 1 or grade.value_service_months < 0:
                raise ValidationError(self.env._("Periods of a grade must be at least 1."))

    def _cadence_step(self, urgent):
        """Time between two contacts."""
        return cadence.Step(self.urgent_amount, self.urgent_unit) if urgent else cadence.Step(self.cadence_amount, self.cadence_unit)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        result = super().write(vals)
        if not CADENCE_FIELDS.isdisjoint(vals):
            self._ask_for_refresh()
        return result

    @api.model
    @tools.ormcache()
    def _ids_by_code(self):
        """{code: id} of all grades, the best first."""
        return {grade.code: grade.id for grade in self.sudo().with_context(active_test=False).search([])}

    @api.model
    def _by_code(self, code):
        return self.browse(self._ids_by_code().get(code))

    # === CADENCE OF THE CUSTOMERS === #

    def _ask_for_refresh(self):
        """The dates of many customers follow another cadence: in the background, so that no form waits for it."""
        bulk_update(self, {grade.id: (True, 0) for grade in self}, ["refresh_pending", "refreshed_id"])
        self.env.ref("sales_full_cycle.ir_cron_refresh_cadence").sudo()._trigger()

    @api.model
    def _cron_refresh_cadence(self, batch=500):
        """Derive the dates of customers whose grade got another cadence; resumable, the grade knows how far it has come."""
        for grade in self.sudo().with_context(active_test=False).search([("refresh_pending", "=", True)]):
            done = batch
            while done:
                done = retrying(partial(grade._refresh_next, batch), self.env)
                if not self.env["ir.cron"]._commit_progress(done, remaining=int(bool(done))):
                    return

    def _refresh_next(self, batch):
        """The next customers of the grade; their number, 0 when none is left or another worker is at it."""
        self.flush_recordset(["refresh_pending", "refreshed_id"])
        rows = self.env.execute_query(SQL(
            "SELECT refreshed_id FROM sfc_grade WHERE id = %s AND refresh_pending FOR NO KEY UPDATE SKIP LOCKED", self.id))
        if not rows:
            return 0
        [[last_id]] = rows
        profiles = self.env["sfc.customer.profile"].with_context(active_test=False).search(
            [("grade_id", "=", self.id), ("id", ">", last_id)], order="id", limit=batch)
        profiles._refresh_cadence()
        bulk_update(self, {self.id: (bool(profiles), profiles[-1:].id or 0)}, ["refresh_pending", "refreshed_id"])
        return len(profiles)
