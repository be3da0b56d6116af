import logging
from datetime import date, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL

from ..common.bulk_write import bulk_update

_logger = logging.getLogger(__name__)
NAMED = 20  # customers that a message names; the lists have all of them


class SfcCustomerProfile(models.Model):
    """Time passes: the owner is warned, then the customer returns to the pool (ahead 3, P14)."""
    _inherit = "sfc.customer.profile"

    @api.model
    def _cron_pool(self, batch=200):
        """Warn of what will return, then return what was warned of long enough ago; nothing for companies whose pool is off.

        Each batch is locked and committed: other workers take other customers meanwhile, and one that is killed loses its batch only.
        """
        for company in self.env["res.company"].sudo().search([("pool_active", "=", True)]):
            customers = self.sudo().with_company(company)
            for step in (customers._pool_warn_next, customers._pool_return_next):
                if not self._pool_in_batches(step, batch):
                    return

    def _pool_in_batches(self, step, batch):
        """Whether there was time for all of it."""
        after = (date.min, 0)
        while after:
            done, after = retrying(partial(step, after, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(bool(after))):
                return False
        return True

    def _pool_warn_next(self, after, batch):
        today = self.env.company._local_date()
        due = SQL("pool_warned_on IS NULL AND pool_due_on <= %s", today + timedelta(days=self.env.company.pool_warning_days))
        return self._pool_next(due, after, batch, lambda customers: customers._pool_warn(today))

    def _pool_return_next(self, after, batch):
        today = self.env.company._local_date()
        due = SQL("pool_warned_on <= %s AND pool_due_on <= %s", today - timedelta(days=self.env.company.pool_warning_days), today)
        return self._pool_next(due, after, batch, lambda customers: customers._pool_return())

    def _pool_next(self, due, after, batch, change):
        """Change the next due customers that no other worker holds: (their number, where to go on or None at the end)."""
        rows = self.env.execute_query(SQL(
            """SELECT id, pool_due_on FROM sfc_customer_profile customer
                WHERE active AND pool_due_on IS NOT NULL AND company_id = %s AND (%s) AND (pool_due_on, id) > (%s, %s) AND NOT %s
             ORDER BY pool_due_on, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            self.env.company.id, due, *after, self._is_protected_sql(SQL.identifier("customer")), batch))
        customers = self.browse(id_ for id_, _due_on in rows)
        customers.invalidate_recordset()
        customers._pool_try(change)
        return len(rows), (rows[-1][1], rows[-1][0]) if len(rows) == batch else None

    def _pool_try(self, change):
        """Somebody's data refuses one customer: the others go on, and that one comes again with the next run."""
        try:
            with self.env.cr.savepoint():
                change(self)
        except UserError as error:
            if len(self) == 1:
                _logger.warning("Customer %s (%s) is left as it is in the pool run: %s", self.id, self.customer_number, error)
                return
            for customer in self:
                customer._pool_try(change)

    def _pool_warn(self, today):
        """One message an owner; the leader finds them in the list of pool warnings."""
        bulk_update(self, dict.fromkeys(self.ids, (today,)), ["pool_warned_on"])
        for owner, customers in self.grouped("user_id").items():
            if owner.active:
                customers.with_context(lang=owner.lang)._pool_tell_warning(owner)

    def _pool_tell_warning(self, owner):
        self._pool_tell(
            owner, self.env._("%(count)s of your customers will return to the pool", count=len(self)),
            [self.env._("A contact noted before that day keeps them.")],
            lambda customer: self.env._("%(customer)s on %(date)s", customer=customer.display_name, date=customer.pool_return_on))

    def _pool_return(self):
        """The customers lose their owner; open deals keep theirs until somebody claims."""
        owners, idle_since = ({profile.id: profile[fname] for profile in self} for fname in ("user_id", "last_follow_up_date"))
        leaders = {profile.id: profile.team_id.user_id for profile in self}
        self.with_context(sfc_assignment={"kind": "pool"}, mail_notrack=True).write({"user_id": False})
        now = fields.Datetime.now()
        bulk_update(self, {id_: (True, now, owner.id) for id_, owner in owners.items()}, ["in_pool", "pooled_at", "pooled_from_id"])
        self._pool_drop_activities()
        self._message_log_batch({profile.id: self.env._(
            "Returned to the pool from %(owner)s. Last contact: %(date)s", owner=owners[profile.id].name, date=idle_since[profile.id] or "–",
        ) for profile in self})
        for person in self.env["res.users"].union(*owners.values(), *leaders.values()):
            theirs = self.filtered(lambda profile, person=person: person in (owners[profile.id], leaders[profile.id]))
            if person.active:
                theirs.with_context(lang=person.lang)._pool_tell_return(person)

    def _pool_tell_return(self, person):
        self._pool_tell(
            person, self.env._("%(count)s customers have returned to the pool", count=len(self)), [],
            lambda customer: self.env._("%(customer)s, until now of %(owner)s", customer=customer.display_name, owner=customer.pooled_from_id.name))

    def _pool_drop_activities(self):
        """Nobody owes what the system planned for the owner; what people planned waits for whoever claims."""
        self.env["mail.activity"].search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("automated", "=", True)]).unlink()

    def _pool_tell(self, user, subject, lines, line):
        self.env["sfc.handover.engine"]._tell(user, subject, [*lines, *(line(customer) for customer in self[:NAMED])], len(self) - NAMED)
