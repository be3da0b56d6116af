import logging
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import retrying
from odoo.tools import SQL

from ..common.bulk_write import bulk_update

_logger = logging.getLogger(__name__)


class CrmLead(models.Model):
    """暂停跟进: a paused deal owes nothing until its day; then it wakes by itself (S3.6).

    Suspended are its promise clocks, rotting, automated activities, and the cadence of the customer once all of its open deals are paused.
    """
    _inherit = "crm.lead"

    deal_paused_until = fields.Date("Paused until", readonly=True, copy=False, index="btree_not_null", help="On this day the deal goes on by itself.")
    deal_paused_at = fields.Datetime("Paused since", readonly=True, copy=False)
    deal_pause_reason_id = fields.Many2one("sfc.reason", "Paused because", readonly=True, copy=False, ondelete="restrict")

    def _evaluation_fields(self):
        return super()._evaluation_fields() | {"deal_paused_until", "deal_paused_at", "deal_pause_reason_id"}

    def _apply_deal_evaluations(self, evaluations):
        """Whoever evaluates a paused deal works on it again."""
        self._end_pause()
        return super()._apply_deal_evaluations(evaluations)

    def write(self, vals):
        paused = self.filtered("deal_paused_until") if not {"partner_id", "company_id"}.isdisjoint(vals) else self.browse()
        before = paused.customer_profile_id
        result = super().write(vals)
        if paused:
            (before | paused.customer_profile_id)._refresh_deals_rest()
        return result

    # === ROTTING === #

    def _get_rotting_depends_fields(self):
        return [*super()._get_rotting_depends_fields(), "deal_paused_until"]

    def _get_rotting_domain(self):
        return super()._get_rotting_domain() & Domain("deal_paused_until", "=", False)

    # === PAUSE === #

    def _pause_deals(self, until, reason):
        now = fields.Datetime.now()
        bulk_update(self, {deal.id: (until, deal.deal_paused_at or now, reason.id) for deal in self},
                    ["deal_paused_until", "deal_paused_at", "deal_pause_reason_id"])
        self._sla_pause()
        self._put_off_activities(until)
        self.customer_profile_id._refresh_deals_rest()

    def _put_off_activities(self, until):
        """What the system planned waits; what people planned, and what the leader was told, stays."""
        # sudo: whoever has the activity
        self.env["mail.activity"].sudo().search([
            ("res_model", "=", "crm.lead"), ("res_id", "in", self.ids), ("automated", "=", True), ("sfc_clock_id", "=", False),
            ("date_deadline", "<", until)]).write({"date_deadline": until})

    def _end_pause(self):
        """Go on where the deals stood; those of them that were paused."""
        deals = self.filtered("deal_paused_until")
        if not deals:
            return deals
        now, values = fields.Datetime.now(), {}
        for deal in deals:
            # rotting goes on from where it stood: as if the time of the pause had not been
            moved = deal.date_last_stage_update and deal.date_last_stage_update + (now - max(deal.deal_paused_at, deal.date_last_stage_update))
            values[deal.id] = (False, False, False, moved or False)
        bulk_update(deals, values, ["deal_paused_until", "deal_paused_at", "deal_pause_reason_id", "date_last_stage_update"])
        deals._sla_resume()
        deals.customer_profile_id._refresh_deals_rest()
        return deals

    # === WAKING === #

    @api.model
    def _cron_wake_deals(self, batch=200):
        """End the pauses whose day has come.

        Each batch is locked and committed: other workers take other deals meanwhile, and one that is killed loses its batch only.
        """
        deals, last, done = self.sudo(), 0, batch
        while done == batch:
            last, done = retrying(partial(deals._wake_next, batch, last), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    @api.model
    def _wake_next(self, batch, after):
        """Wake the next deals that no other worker holds: (id of the last one, so that one who is refused is not met again; their number)."""
        self.flush_model(["deal_paused_until", "company_id"])
        rows = self.env.execute_query(SQL(
            """SELECT deal.id FROM crm_lead deal JOIN %(days)s ON local.company_id = COALESCE(deal.company_id, %(company)s)
                WHERE deal.deal_paused_until <= local.today AND deal.id > %(after)s
             ORDER BY deal.id LIMIT %(batch)s FOR NO KEY UPDATE OF deal SKIP LOCKED""",
            days=self._local_days(), company=self.env.company.id, after=after, batch=batch))
        deals = self.browse(id_ for (id_,) in rows)
        deals.invalidate_recordset()
        deals._try_to_wake()
        return deals[-1:].id or after, len(deals)

    def _try_to_wake(self):
        """Somebody's data refuses one deal: the others wake, and that one is tried again with the next run."""
        try:
            with self.env.cr.savepoint():
                self._wake()
        except UserError as error:
            if len(self) == 1:
                _logger.warning("Deal %s (%s) stays paused: %s", self.id, self.deal_number, error)
                return
            for deal in self:
                deal._try_to_wake()

    def _wake(self):
        """The pause is over: the owner takes the deal up again. A deal that was closed meanwhile needs nobody."""
        open_ones = self._end_pause().filtered(lambda deal: deal._is_open_deal())
        open_ones._message_log_batch(dict.fromkeys(open_ones.ids, self.env._("The pause is over.")))
        open_ones._plan_for_owner(lambda deal: deal.env._("The pause is over: take the deal up again and evaluate it"))

    def action_resume_deal(self):
        """Go on before the day.

        :raises UserError: the deal is not paused
        """
        self.check_access("write")
        if any(not deal.deal_paused_until for deal in self):
            raise UserError(self.env._("Only a paused deal can be resumed."))
        self._end_pause()
        self._message_log_batch(dict.fromkeys(self.ids, self.env._("Resumed before the end of the pause.")))
