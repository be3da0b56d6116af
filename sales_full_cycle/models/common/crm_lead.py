from odoo import api, fields, models
from odoo.tools import SQL, OrderedSet

from .bulk_write import bulk_update
from .sfc_step_log import CYCLE_STEPS


class CrmLead(models.Model):
    _inherit = "crm.lead"

    cycle_step = fields.Selection(CYCLE_STEPS, "Step", readonly=True, copy=False, default="captured", index=True, group_expand=True)
    step_log_ids = fields.One2many("sfc.step.log", "lead_id", "Steps", readonly=True)
    captured_at = fields.Datetime(
        "Created", default=fields.Datetime.now, copy=False, index=True,
        help="创建时间. When the lead came in; an import keeps the original time.")
    author_id = fields.Many2one("res.users", "Entered by", default=lambda self: self.env.user, copy=False, readonly=True)

    # Head and progress bars of the pipeline count all open deals: this is a fifth of the table, whose rows our columns make wider.
    _pipeline = models.Index(
        "(stage_id) INCLUDE (id, company_id, user_id, team_id, expected_revenue) WHERE active IS TRUE AND type = 'opportunity'")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._log_first_step()
        leads._complete_new()
        leads._sync_cycle_step()
        return leads

    def _complete_new(self):
        """Hook: what a step derives from new deals; it still goes to the database with the rest of them (one UPDATE)."""

    def write(self, vals):
        result = super().write(vals)
        if self.env.context.get("sfc_follow_later"):
            if vals.keys() != {"team_id"}:  # nothing follows from the team alone
                self._follow_later()
        elif not self._is_written_one_by_one() and not self._cycle_step_facts().isdisjoint(vals):
            self._sync_cycle_step()
        return result

    def _is_written_one_by_one(self):
        """The caller writes many deals one after the other, and calls _written_together() in the end (context sfc_no_step_sync).

        Or it calls _follow_up_written(), and may commit in between (context sfc_follow_later).
        """
        return bool(self.env.context.get("sfc_no_step_sync") or self.env.context.get("sfc_follow_later"))

    def _follow_later(self):
        """What follows from these changes waits for the end of the batch, and at most for the next commit."""
        waiting = self.env.cr.precommit.data.setdefault("sfc.lead.written", OrderedSet())
        if not waiting:
            self.env.cr.precommit.add(self.browse().with_context(sfc_follow_later=False)._follow_up_written)
        waiting.update(self.ids)

    @api.model
    def _follow_up_written(self):
        waiting = self.env.cr.precommit.data.pop("sfc.lead.written", ())
        if waiting:
            leads = self.with_context(sfc_follow_later=False).browse(waiting).exists()
            leads._written_together()
            leads.flush_recordset()

    def _written_together(self):
        """What was put off while the deals were written one by one; each step adds its own."""
        self._sync_cycle_step()

    @api.model
    def _cycle_step_facts(self):
        """Fields of the lead that the evidence below reads."""
        return {"stage_id", "probability", "active", "won_status"}

    @api.model
    def _cycle_step_evidence(self):
        """SQL conditions over `lead` and its `stage`, one a step that has evidence; each step of the cycle adds its own."""
        return {"signed": SQL("lead.won_status = 'won'")}

    def _sync_cycle_step(self):
        """Put each deal on the furthest step that the facts show; lost deals stay where they were. One query, one writer."""
        if not self:
            return
        self.flush_recordset()
        evidence = self._cycle_step_evidence()
        whens = SQL(" ").join(
            SQL("WHEN stage.cycle_step = %s OR (%s) THEN %s", step, evidence.get(step, SQL("FALSE")), step)
            for step, _label in reversed(CYCLE_STEPS)
        )
        changed = dict(self.env.execute_query(SQL(
            """SELECT id, step FROM (
                   SELECT lead.id, lead.cycle_step, CASE %(whens)s ELSE 'captured' END AS step
                     FROM crm_lead lead LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                    WHERE lead.id = ANY(%(ids)s) AND lead.won_status IS DISTINCT FROM 'lost') deal
                WHERE step IS DISTINCT FROM cycle_step""",
            whens=whens, ids=list(self.ids))))
        if changed:
            leads = self.browse(changed)
            bulk_update(leads, {lead_id: (step,) for lead_id, step in changed.items()}, ["cycle_step"])
            leads._log_step_change()

    def _log_first_step(self):
        """Needs no flush: what it reads of new deals is in the cache."""
        deals = self.sudo()
        if not deals:
            return
        self._insert_steps(SQL(
            "SELECT * FROM unnest(%s, %s, %s::timestamp[])", deals.ids, [deal.cycle_step or "captured" for deal in deals],
            [deal.captured_at or deal.create_date for deal in deals]))

    def _log_step_change(self):
        """Close the open log row of each deal and open one for its step: now, or when an import says that it was."""
        entered_at = SQL("%s::timestamp", fields.Datetime.now())
        if self._is_import():
            entered_at = SQL("CASE WHEN lead.won_status = 'won' THEN COALESCE(lead.date_closed, lead.captured_at) ELSE lead.captured_at END")
        self.env.cr.execute(SQL(
            """UPDATE sfc_step_log SET left_at = GREATEST(%s, entered_at)
                 FROM crm_lead lead WHERE lead.id = lead_id AND lead_id = ANY(%s) AND left_at IS NULL""", entered_at, list(self.ids)))
        self.env["sfc.step.log"].invalidate_model(["left_at"], flush=False)
        self._log_steps(entered_at)

    def _is_import(self):
        """History is being loaded: by our sheets (sfc_import) or by Odoo's import (import_file)."""
        return bool(self.env.context.get("sfc_import") or self.env.context.get("import_file"))

    def _log_steps(self, entered_at):
        self.flush_recordset(["cycle_step", "captured_at", "won_status", "date_closed"])
        self._insert_steps(SQL(
            "SELECT id, COALESCE(cycle_step, 'captured'), %s FROM crm_lead lead WHERE id = ANY(%s)", entered_at, list(self.ids)))

    def _insert_steps(self, rows):
        """Open a log row for each of the rows (lead, step, entered) that the query gives."""
        self.env.cr.execute(SQL(
            """INSERT INTO sfc_step_log (lead_id, step, entered_at, user_id, origin, create_uid, create_date, write_uid, write_date)
               SELECT row.lead_id, row.step, row.entered_at, %(uid)s, %(origin)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM (%(rows)s) row (lead_id, step, entered_at)""",
            rows=rows, uid=self.env.uid, now=self.env.cr.now(), origin="import" if self._is_import() else "fact",
        ))
        self.invalidate_recordset(["step_log_ids"], flush=False)
