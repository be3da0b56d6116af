import logging
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL, format_datetime

from .sfc_tender_activities import DEPOSIT

_logger = logging.getLogger(__name__)

# Days before a deadline on which people are warned (D20).
WARN_DAYS = (5, 3, 1)


class SfcTender(models.Model):
    """What the days bring: warnings before the deadlines, and the alert for a deposit that does not come back (D20, ahead 12).

    Each batch is claimed by the row that says it was done, and committed: a second worker takes others, one that is killed loses its batch only.
    """
    _inherit = "sfc.tender"

    deposit_alerted_on = fields.Date("Deposit alert on", readonly=True, copy=False, help="When somebody was told that the deposit is late.")

    _deposit_out = models.Index(
        "(deposit_return_due, id) WHERE deposit_paid_on IS NOT NULL AND deposit_returned_on IS NULL AND deposit_alerted_on IS NULL")

    # === CRONS === #

    @api.model
    def _cron_warn(self, batch=200):
        self._in_batches(self._warn_next, batch)

    @api.model
    def _cron_deposit(self, batch=200):
        self._in_batches(self._alert_next, batch)

    @api.model
    def _in_batches(self, work, batch):
        """:param work: method that does the next so many, and returns how many it found"""
        done = batch
        while done == batch:
            done = retrying(partial(work, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    def _each(self, work):
        """Do it for all; when somebody's data refuses one tender, for the others."""
        try:
            with self.env.cr.savepoint():
                work(self)
        except UserError:
            for tender in self:
                try:
                    with self.env.cr.savepoint():
                        work(tender)
                except UserError as error:
                    _logger.warning("Tender %s: %s", tender.id, error)

    def _days_sql(self):
        """Rows (company, today there, its time zone); tenders without a company follow the cron's."""
        companies = self.env["res.company"].sudo().search([])
        return SQL(", ").join(
            SQL("(%s, %s::date, %s)", company.id, company._local_date(), company.resource_calendar_id.tz or "UTC") for company in companies)

    # === WARNINGS === #

    @api.model
    def _warn_next(self, batch):
        rows = self._claim_warnings(batch)
        due = {}
        for tender_id, deadline in rows:
            due.setdefault(tender_id, []).append(deadline)
        self.sudo().browse(due)._each(lambda tenders: [tender._warn(due[tender.id]) for tender in tenders])
        return len(rows)

    @api.model
    def _claim_warnings(self, batch):
        """[(tender, deadline)] that come near and that nobody was warned of at this distance, noted as done.

        A run that was missed is made up for by the nearest warning alone. The unique index makes a second worker wait, then pass on.
        """
        self.flush_model()
        self.env["crm.lead"].flush_model(["active", "won_status"])
        return self.env.execute_query(SQL(
            """INSERT INTO sfc_tender_warning (tender_id, deadline, due_on, days_before)
               SELECT near.id, near.deadline, near.due_on, near.days_before FROM (
                   SELECT tender.id, pending.deadline, local.due_on,
                          (SELECT MIN(days) FROM unnest(%(warn_days)s) days WHERE days >= local.due_on - day.today) AS days_before
                     FROM sfc_tender tender
                     JOIN crm_lead deal ON deal.id = tender.lead_id AND deal.active AND deal.won_status != 'lost'
                     JOIN (VALUES %(days)s) day (company_id, today, tz) ON day.company_id = COALESCE(tender.company_id, %(company)s)
                    CROSS JOIN LATERAL (VALUES
                          ('document_deadline', tender.document_deadline, 'preparing'), ('clarification_deadline', tender.clarification_deadline, 'preparing'),
                          ('bid_deadline', tender.bid_deadline, 'preparing'), ('opening_at', tender.opening_at, 'submitted')) pending (deadline, at, state)
                    CROSS JOIN LATERAL (SELECT (pending.at AT TIME ZONE 'UTC' AT TIME ZONE day.tz)::date AS due_on) local
                    WHERE tender.state = pending.state AND pending.at >= %(now)s AND local.due_on - day.today <= %(first)s) near
                WHERE NOT EXISTS (
                   SELECT FROM sfc_tender_warning given WHERE (given.tender_id, given.deadline, given.due_on, given.days_before)
                        = (near.id, near.deadline, near.due_on, near.days_before))
             ORDER BY near.id, near.deadline LIMIT %(batch)s
                   ON CONFLICT DO NOTHING RETURNING tender_id, deadline""",
            warn_days=list(WARN_DAYS), first=max(WARN_DAYS), days=self._days_sql(), company=self.env.company.id, now=fields.Datetime.now(), batch=batch))

    def _warn(self, deadlines):
        """Owner, technical and commercial lead are told, each in their language and time."""
        people = self._people()["owner"] | self.tech_user_id | self.commercial_user_id
        for (lang, tz), users in people.filtered("active").grouped(lambda user: (user.lang, user.tz)).items():
            texts = self.with_context(lang=lang).env
            lines = [texts._(
                "%(deadline)s: %(moment)s", deadline=self._deadline_label(fname, lang), moment=format_datetime(texts, self[fname], tz=tz or "UTC"))
                for fname in deadlines]
            self.message_notify(
                partner_ids=users.partner_id.ids, subject=texts._("Deadline of tender %(tender)s", tender=self.display_name), body="; ".join(lines),
                email_layout_xmlid="mail.mail_notification_light")

    # === DEPOSIT === #

    @api.model
    def _alert_next(self, batch):
        tenders, found = self.sudo()._claim_late_deposits(batch)
        tenders._each(lambda late: late._alert_deposit())
        return found

    def _claim_late_deposits(self, batch):
        """Tenders whose deposit should be back by now. The claim is an UPDATE: who reads with an older snapshot fails on it and looks again."""
        self.flush_model()
        ids = [id_ for [id_] in self.env.execute_query(SQL(
            """WITH late AS MATERIALIZED (
                   SELECT tender.id FROM sfc_tender tender
                     JOIN (VALUES %(days)s) day (company_id, today, tz) ON day.company_id = COALESCE(tender.company_id, %(company)s)
                    WHERE tender.deposit_paid_on IS NOT NULL AND tender.deposit_returned_on IS NULL AND tender.deposit_alerted_on IS NULL
                      AND tender.deposit_return_due < day.today
                 ORDER BY tender.deposit_return_due, tender.id LIMIT %(batch)s
                      FOR NO KEY UPDATE OF tender SKIP LOCKED)
               UPDATE sfc_tender tender SET deposit_alerted_on = %(now)s::date FROM late WHERE late.id = tender.id RETURNING tender.id""",
            days=self._days_sql(), company=self.env.company.id, batch=batch, now=fields.Datetime.now()))]
        tenders = self.browse(sorted(ids))
        tenders.invalidate_recordset(["deposit_alerted_on"], flush=False)
        return tenders, len(ids)

    def _alert_deposit(self):
        """One activity a tender, ever: for finance, else the owner, else whoever leads."""
        vals_list = []
        for tender in self:
            people = tender._people()
            candidates = people["finance"] | people["owner"] | people["leader"] | self.env["res.users"]._sfc_sales_managers(tender._company())
            user = candidates.filtered("active")[:1]
            if user:
                summary = tender.with_context(lang=user.lang).env._(
                    "The deposit of %(tender)s should be back since %(date)s", tender=tender.display_name, date=tender.deposit_return_due)
                vals = tender._prepare_activity_vals(user, tender.deposit_return_due, summary)
                vals_list.append({**vals, "sfc_tender_deadline": DEPOSIT, "note": tender._deposit_note(user.lang)})
        self.env["mail.activity"].create(vals_list)

    def _deposit_note(self, lang):
        amount = self.currency_id.with_context(lang=lang).format(self.deposit_amount)
        return self.with_context(lang=lang).env._(
            "Deposit %(amount)s, paid on %(date)s. Ask %(issuer)s for it, then fill in when it came back.",
            amount=amount, date=self.deposit_paid_on, issuer=self.agency_id.name or self.issuer_id.name or "–")
