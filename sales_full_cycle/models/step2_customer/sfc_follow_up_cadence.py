from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from . import cadence
from .sfc_grade import UNITS

# Written by sfc.customer.profile._refresh_cadence() alone.
PROMISE_FIELDS = ("counted_on", "due_date", "due_anchor", "cadence_amount", "cadence_unit", "periods_due", "on_time", "due_user_id", "due_team_id")


class SfcFollowUp(models.Model):
    """What a contact means for the cadence: which promise it kept, and whether in time (ahead 3, S2.12)."""
    _inherit = "sfc.follow.up"

    done_on = fields.Date("Day", compute="_compute_done_on", store=True, help="Of the company's calendar.")
    contact_due = fields.Selection(
        [("any", "Any contact"), ("deep", "Deep contact"), ("none", "None")], "What was due", readonly=True, copy=False,
        help="None: there was no cadence yet, or the record was imported.")
    counted_on = fields.Date("Counted for", readonly=True, copy=False)
    due_date = fields.Date("Was due", readonly=True, copy=False, help="Until when this contact was owed; empty when it does not count for the cadence.")
    due_anchor = fields.Integer(readonly=True, copy=False, help="The day of the month that the due date stood for.", aggregator=None)
    cadence_amount = fields.Integer("Cadence then", readonly=True, copy=False, aggregator=None)
    cadence_unit = fields.Selection(UNITS, "Cadence unit then", readonly=True, copy=False)
    periods_due = fields.Integer("Due dates", readonly=True, copy=False, help="Up to and including this contact: 1 when it was in time.")
    on_time = fields.Boolean("In time", readonly=True, copy=False)
    due_user_id = fields.Many2one("res.users", "Owner then", readonly=True, copy=False, index="btree_not_null")
    due_team_id = fields.Many2one("crm.team", "Team then", readonly=True, copy=False, index="btree_not_null")

    _last_of_customer = models.Index("(profile_id, done_on DESC) WHERE active")

    @api.depends("done_at", "profile_id.company_id")
    def _compute_done_on(self):
        for record in self:
            # sudo: the day does not depend on who may see the customer
            record.done_on = record.done_at and record.profile_id.sudo()._local_date(record.done_at)

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_promise_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_promise_fields(vals)
        return super().write(vals)

    def _check_promise_fields(self, vals):
        if not self.env.su and not {"contact_due", *PROMISE_FIELDS}.isdisjoint(vals):
            raise UserError(self.env._("What was due when, and whether it was done in time, follows from the dates of the follow-ups. Change those."))

    def unlink(self):
        """What a deleted contact kept is owed again."""
        self.check_access("unlink")
        self.sudo().filtered("active").write({"active": False})  # sudo: whoever may delete it need not be its author
        return super().unlink()

    # === ENGINE, called by the customer in sudo === #

    @api.model
    def _settle(self, profiles):
        """Write down which contacts kept which promise, where that has changed; {customer: the promise that is open now}.

        History stays as it was judged: only contacts that are new, moved, corrected or archived, and those after them, are looked at.
        """
        self._note_what_was_due(profiles)
        promises = {profile: profile._promise() for profile in profiles}
        values = {}
        for profile, records in self._unsettled(profiles).grouped("profile_id").items():
            chain = records._chain(promises[profile])
            kept = chain.kept()
            values.update({record.id: record._promise_vals(*kept.get(record.id, (None, None))) for record in records})
            promises[profile] = chain.open_promise
        changed = {id_: vals for id_, vals in values.items() if vals != self.browse(id_)._current_promise_vals()}
        bulk_update(self, changed, PROMISE_FIELDS)
        return promises

    @api.model
    def _note_what_was_due(self, profiles):
        """A new record notes once what kind of contact its customer was owed."""
        records = self.with_context(active_test=True).search([("profile_id", "in", profiles.ids), ("contact_due", "=", False)])
        is_import = self.env["crm.lead"]._is_import()
        bulk_update(records, {record.id: ("none" if is_import else record._kind_of_contact_due(),) for record in records}, ["contact_due"])

    def _kind_of_contact_due(self):
        self.ensure_one()
        profile = self.profile_id
        if not profile.next_follow_up_date or self.done_on < (profile.cadence_since or self.done_on):
            return "none"
        return "deep" if profile.grade_id.deep_required else "any"

    @api.model
    def _unsettled(self, profiles):
        """Per customer, the contacts from the first one on whose judgement no longer fits the record."""
        self.flush_model(["profile_id", "active", "is_deep", "contact_due", "done_on", "counted_on"])
        rows = self.env.execute_query(SQL(
            """WITH contact AS (
                   SELECT id, profile_id, done_on, counted_on, active AND (contact_due = 'any' OR COALESCE(is_deep, FALSE)) AS counts
                     FROM sfc_follow_up WHERE profile_id = ANY(%s) AND contact_due IN ('any', 'deep')
               ), changed AS (
                   SELECT profile_id, min(LEAST(done_on, counted_on)) AS since
                     FROM contact WHERE counts != (counted_on IS NOT NULL) OR counted_on != done_on GROUP BY profile_id
               )
               SELECT contact.id FROM contact JOIN changed USING (profile_id) WHERE COALESCE(counted_on, done_on) >= since""", list(profiles.ids)))
        return self.with_context(active_test=False).browse(id_ for (id_,) in rows)

    def _chain(self, open_promise):
        """The contacts in self, of one customer, in the chain of promises as it is now."""
        counted = self.filtered("counted_on").sorted(lambda record: (record.counted_on, record.id))
        chain = cadence.Chain([((record.counted_on, record.id), record._promise()) for record in counted], open_promise)
        gone = counted.filtered(lambda record: not record._counts() or record.counted_on != record.done_on)
        for record in gone:
            chain.remove((record.counted_on, record.id))
        for record in (self - counted + gone).filtered(lambda record: record._counts()).sorted(lambda record: (record.done_on, record.id)):
            chain.add((record.done_on, record.id))
        return chain

    def _counts(self):
        self.ensure_one()
        return self.active and (self.contact_due == "any" or self.contact_due == "deep" and self.is_deep)

    def _promise(self):
        self.ensure_one()
        return cadence.Promise(self.due_date, self.due_anchor, cadence.Step(self.cadence_amount, self.cadence_unit))

    def _promise_vals(self, day, promise):
        """In the order of PROMISE_FIELDS; who owed it stays as it was first noted."""
        self.ensure_one()
        if not promise:
            return (False, False, 0, 0, False, 0, False, False, False)
        owner = (self.due_user_id.id, self.due_team_id.id) if self.counted_on else (self.profile_id.user_id.id, self.profile_id.team_id.id)
        return (
            day, promise.due, promise.anchor, *promise.step, max(cadence.due_dates_passed(promise, day), 1), day <= promise.due, *owner)

    def _current_promise_vals(self):
        self.ensure_one()
        return tuple(
            self[fname].id if self._fields[fname].type == "many2one" else self[fname] for fname in PROMISE_FIELDS)
