from functools import partial

from odoo import api, fields, models
from odoo.service.model import retrying
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from .crm_lead_evaluation import SCOPE


class CrmLead(models.Model):
    """Facts that change after the evaluation make it stale; nothing rewrites it, somebody evaluates again (S3.1).

    Stale is: today's facts hint at another level than on the day of the evaluation, or another standard is in force.
    """
    _inherit = "crm.lead"

    evaluation_stale = fields.Boolean("Evaluate again", compute="_compute_evaluation_stale", store=True, copy=False)
    evaluation_stale_reasons = fields.Text("What has changed", compute="_compute_evaluation_stale_reasons", compute_sudo=True)
    evaluation_checked_on = fields.Date(readonly=True, copy=False, help="When the passing of time was looked at last.")

    @api.depends("deal_evaluation_id", "industry_id", "company_id",
                 "purchase_date", "days_to_purchase", "purchase_confirmed", "budget_ratio", "decider_contact")
    def _compute_evaluation_stale(self):
        evaluated = self.filtered("deal_evaluation_id")
        (self - evaluated).evaluation_stale = False
        if not evaluated:  # ordinary deals pay nothing for this
            return
        changes = evaluated._changed_since_evaluation()
        for deal in evaluated:
            deal.evaluation_stale = bool(changes[deal])

    @api.depends("evaluation_stale")
    @api.depends_context("lang")
    def _compute_evaluation_stale_reasons(self):
        stale = self.filtered("evaluation_stale")
        (self - stale).evaluation_stale_reasons = False
        if not stale:
            return
        changes, reasons = stale._changed_since_evaluation(), stale._hint_reasons()
        for deal in stale:
            deal.evaluation_stale_reasons = "\n".join(deal._change_text(*change, reasons[deal]) for change in changes[deal])

    def _change_text(self, criterion, before, now, reasons):
        if not criterion:
            return self.env._("Another version of the standard is in force.")
        nothing = self.env._("none")
        return self.env._(
            "%(dimension)s: %(before)s → %(now)s. %(why)s", dimension=criterion.name, before=before.name or nothing, now=now.name or nothing,
            why=reasons.get(criterion.code, ""))

    def _changed_since_evaluation(self):
        """{deal: [(criterion, level hinted at then, level hinted at now)]}, an empty criterion for another standard. A fixed number of queries."""
        Level = self.env["sfc.scorecard.level"]
        in_force = {deal.id: card for card, deals in self._grouped_by_scorecard(scope=SCOPE).items() for deal in deals}
        changes = {deal: [] for deal in self}
        for card, deals in self.grouped(lambda deal: deal.deal_evaluation_id.scorecard_id).items():
            hints, criteria = deals._hint_levels(card), {criterion.id: criterion for criterion in card.criterion_ids}
            for deal in deals:
                if in_force.get(deal.id, card) != card:
                    changes[deal].append((card.criterion_ids.browse(), Level, Level))
                for entry in deal.deal_evaluation_id.snapshot["criteria"]:
                    criterion = criteria[entry["id"]]
                    now = hints[deal._origin.id].get(criterion, Level)
                    if now.id != (entry["hint"] or False):
                        changes[deal].append((criterion, Level.browse(entry["hint"] or ()), now))
        return changes

    # === NEW STANDARD === #

    def _take_new_standard(self, scope):
        if scope != SCOPE:
            return super()._take_new_standard(scope)
        self.env.add_to_compute(self._fields["evaluation_stale"], self)
        return self.flush_recordset(["evaluation_stale"])

    @api.model
    def _rescore_domain(self, scope):
        if scope != SCOPE:
            return super()._rescore_domain(scope)
        return [("type", "=", "opportunity"), ("won_status", "=", "pending"), ("evaluation_stale", "=", False)]

    # === TIME PASSES === #

    @api.model
    def _cron_check_evaluations(self, batch=1000):
        """A purchase date that comes nearer or passes changes the urgency: look at each open deal once a day.

        Each batch is locked and committed: other workers take other deals meanwhile, and one that is killed loses its batch only.
        """
        deals, done = self.sudo(), batch
        while done == batch:
            done = retrying(partial(deals._check_next_evaluations, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    @api.model
    def _local_days(self):
        """SQL rows `local` (company_id, today): the date that each company has now."""
        today = self.env["sfc.customer.profile"]._today_by_company()
        rows = SQL(", ").join(SQL("(%s, %s::date)", company.id, day) for company, day in today.items())
        return SQL("(VALUES %s) local (company_id, today)", rows)

    @api.model
    def _check_next_evaluations(self, batch):
        self.flush_model(["deal_evaluation_id", "evaluation_checked_on", "evaluation_stale", "won_status", "active"])
        rows = self.env.execute_query(SQL(
            """SELECT deal.id, local.today FROM crm_lead deal JOIN %(days)s ON local.company_id = COALESCE(deal.company_id, %(company)s)
                WHERE deal.deal_evaluation_id IS NOT NULL AND deal.purchase_date IS NOT NULL AND deal.won_status = 'pending' AND deal.active
                  AND NOT COALESCE(deal.evaluation_stale, FALSE) AND (deal.evaluation_checked_on IS NULL OR deal.evaluation_checked_on < local.today)
             ORDER BY deal.id LIMIT %(batch)s FOR NO KEY UPDATE OF deal SKIP LOCKED""",
            days=self._local_days(), company=self.env.company.id, batch=batch))
        deals = self.browse(id_ for id_, _today in rows)
        deals.invalidate_recordset()
        bulk_update(deals, {id_: (today,) for id_, today in rows}, ["evaluation_checked_on"])
        self.env.add_to_compute(self._fields["evaluation_stale"], deals)
        deals.flush_recordset()
        return len(deals)
