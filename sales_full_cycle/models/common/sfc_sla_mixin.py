from odoo import api, fields, models
from odoo.tools import SQL

from . import sla_time
from .bulk_write import bulk_update


class SfcSlaMixin(models.AbstractModel):
    """Adopts the clock engine: declare `_sla_fk` and an `sla_clock_ids` field over it."""
    _name = "sfc.sla.mixin"
    _description = "Document with promises"

    _sla_fk = None  # name of the foreign key on sfc.sla.clock

    # Of the open clock that ends first; written by _sla_refresh() alone.
    sla_deadline = fields.Datetime("Deadline", readonly=True, copy=False, index="btree_not_null")
    sla_state = fields.Selection(
        [("running", "In time"), ("warned", "Soon late"), ("breached", "Late")], "Time status", readonly=True, copy=False)
    sla_time_left = fields.Char("Time left", compute="_compute_sla_time_left")
    sla_promise = fields.Char("Promise", compute="_compute_sla_promise")

    @api.depends("sla_deadline")
    def _compute_sla_time_left(self):
        now = fields.Datetime.now()
        for document in self:
            document.sla_time_left = document.sla_deadline and sla_time.short((document.sla_deadline - now).total_seconds())

    @api.depends("sla_deadline")
    def _compute_sla_promise(self):
        first = {}
        promised = self.filtered("sla_deadline")
        for clock in promised._sla_open().sorted("deadline") if promised else ():
            first.setdefault(clock[self._sla_fk].id, clock.policy_id.name)
        for document in self:
            document.sla_promise = first.get(document.id, False)

    # === ENGINE === #

    def _sla_open(self, keys=None):
        """Open (not stopped) clocks of the documents."""
        domain = [(self._sla_fk, "in", self.ids), ("stopped_at", "=", False)]
        if keys:
            domain.append(("key", "in", keys))
        return self.env["sfc.sla.clock"].sudo().search(domain)

    def _sla_start(self, key, at=None, deadline=None):
        """Start the promise `key` on the documents where it is not already running.

        :param at: naive UTC start, now by default; or one a document: {document: start}
        :param deadline: for a promise whose deadline comes from the document: a date (its end), or a naive UTC moment, or one a document
        """
        if self.env.context.get("sfc_no_clocks") or not self:
            return
        running = self._sla_open([key])[self._sla_fk]
        policies = self.env["sfc.sla.policy"]._get(key, self.company_id)
        starts = at if isinstance(at, dict) else dict.fromkeys(self, at or fields.Datetime.now())
        deadlines = deadline if isinstance(deadline, dict) else dict.fromkeys(self, deadline)
        vals_list = []
        for document in self - running:
            if policy := policies[document.company_id]:
                started_at = starts[document]
                moments = policy._moments(started_at, document.company_id, deadlines[document])
                vals_list.append({
                    "policy_id": policy.id, self._sla_fk: document.id, "company_id": document.company_id.id, "started_at": started_at,
                    "next_check_at": moments.warn_at or moments.deadline, **moments._asdict(), **document._sla_party(),
                })
        # sudo: clocks are the system's, nobody has the right to create one
        if self.env["sfc.sla.clock"].sudo().create(vals_list):
            self._sla_refresh()
            self.env["sfc.sla.clock"].sudo()._arm()

    def _sla_party(self):
        """Who is responsible, for which team and customer."""
        return {"user_id": self.user_id.id, "team_id": self.team_id.id, "partner_id": self.partner_id.id}

    def _sla_users(self, clock):
        """Hook: who is warned and told first that it is late; nobody responsible yet: the team leader."""
        return clock.user_id or clock._recipient("leader")

    def _sla_change(self, keys, change):
        clocks = self._sla_open(keys)
        if clocks:
            change(clocks)
            self._sla_refresh()

    def _sla_stop(self, *keys, at=None):
        """The promise was kept (or at last done): stop the clocks, as met or late."""
        self._sla_change(keys, lambda clocks: clocks._stop(at or fields.Datetime.now()))

    def _sla_cancel(self, *keys):
        """The promise is no longer owed; without keys, every promise of the documents."""
        self._sla_change(keys, lambda clocks: clocks._stop(fields.Datetime.now(), "cancelled"))

    def _sla_pause(self, *keys, at=None):
        self._sla_change(keys, lambda clocks: clocks._pause(at or fields.Datetime.now()))

    def _sla_resume(self, *keys, at=None):
        self._sla_change(keys, lambda clocks: clocks._resume(at or fields.Datetime.now()))

    def _sla_hand_over(self, givers):
        """Open promises of `givers` on the documents go to whoever answers for these now; start, deadline and warning stay (ahead 15)."""
        clocks = self._sla_open().filtered(lambda clock: clock.user_id in givers)
        parties = {document.id: document._sla_party() for document in self}
        for party, theirs in clocks.grouped(lambda clock: tuple(parties[clock[self._sla_fk].id].items())).items():
            theirs.write(dict(party))

    def _sla_refresh(self):
        """Store deadline and state of the first open clock on the documents, in one query."""
        self.env["sfc.sla.clock"].flush_model()
        rows = {row[0]: row[1:] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT ON (%(fk)s) %(fk)s, deadline,
                      CASE WHEN state = 'breached' THEN 'breached' WHEN warned THEN 'warned' ELSE 'running' END
                 FROM sfc_sla_clock
                WHERE %(fk)s = ANY(%(ids)s) AND stopped_at IS NULL AND state != 'paused'
             ORDER BY %(fk)s, deadline""",
            fk=SQL.identifier(self._sla_fk), ids=list(self.ids)))}
        bulk_update(self, {id_: rows.get(id_, (None, None)) for id_ in self.ids}, ["sla_deadline", "sla_state"])

    def _sla_warned(self, clock):
        """Hook: the time of `clock` is running out."""
