from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from ..common.sfc_scorecard import LEVELS

# Core's stars follow the level, so that its kanban, filters and order keep working (S1.7).
PRIORITY_OF_LEVEL = {"high": "2", "medium": "1", "low": "0"}


class CrmLead(models.Model):
    """Screening: a score proposes the level, a person may change it with a reason (S1.6, S1.7)."""
    _inherit = "crm.lead"
    _scoring_scope = "lead"
    _scoring_fk = "lead_id"

    screening_level = fields.Selection(
        LEVELS, "Level", readonly=True, copy=False, index="btree_not_null", tracking=True, group_expand=True, help="优先级. Empty: not screened.")
    proposed_level = fields.Selection(related="evaluation_id.result", string="Proposed level")
    industry_fit = fields.Selection(
        [("target", "Target industry"), ("adjacent", "Adjacent industry"), ("other", "Other industry")], compute="_compute_industry_fit")
    evaluation_ids = fields.One2many("sfc.evaluation", "lead_id", "Screening history", readonly=True)
    nurture_until = fields.Date("Nurtured until", copy=False, tracking=True)
    discard_reason_id = fields.Many2one("sfc.reason", "Discarded because", readonly=True, copy=False, tracking=True, index="btree_not_null")

    @api.depends("industry_id", "company_id")
    def _compute_industry_fit(self):
        profiles = self.env["sfc.ideal.profile"]._by_company()
        default = profiles.get(False, self.env["sfc.ideal.profile"])
        for lead in self:
            lead.industry_fit = profiles.get(lead.company_id.id or self.env.company.id, default)._industry_fit(lead.industry_id)

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "evaluation_ids": None}

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Groups of leads without a level read 'Not screened' instead of nothing; on kanban and list the web client has no label for it."""
        result = super().fields_get(allfields, attributes)
        selection = result.get("screening_level", {}).get("selection")
        if selection:
            result["screening_level"]["selection"] = [*selection, (False, self.env._("Not screened"))]
        return result

    # === ENGINE === #

    @api.model
    def _cycle_step_facts(self):
        return super()._cycle_step_facts() | {"screening_level"}

    @api.model
    def _cycle_step_evidence(self):
        return {**super()._cycle_step_evidence(), "screened": SQL("lead.screening_level IS NOT NULL")}

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_level(vals_list)
        return super().create(vals_list)

    def _complete_new(self):
        self._score_changed()
        return super()._complete_new()

    def write(self, vals):
        self._refuse_level([vals])
        result = super().write(vals)
        self._score_changed(vals)
        return result

    def _refuse_level(self, vals_list):
        """The level has one writer, the evaluation: otherwise nobody could say why a lead is high."""
        if any(vals.get("screening_level") for vals in vals_list):
            raise UserError(self.env._("The level of a lead is set by screening it. Use the button 'Screen', or 'Change level' with a reason."))

    @api.constrains("source_id")
    def _check_source_kept(self):
        """S1.2: a lead that somebody screened says where it came from; imported history may not know."""
        if any(not lead.source_id and lead.screening_level and lead.evaluation_id.sudo().origin != "import" for lead in self):
            raise ValidationError(self.env._("A screened lead needs its source. Choose another source instead of none."))

    def _apply_scores(self, evaluations):
        """Take over a level that a person decided, or a complete score of a complete lead; else it stays a proposal."""
        result = super()._apply_scores(evaluations)
        decided = {
            lead.id: (evaluation.result, PRIORITY_OF_LEVEL[evaluation.result])
            for lead, evaluation in evaluations.items() if lead._takes_over(evaluation)
        }
        leads = self.browse(decided)
        bulk_update(leads, decided, ["screening_level", "priority"])
        leads._sync_cycle_step()
        leads._sync_promises()
        return result

    def _takes_over(self, evaluation):
        if evaluation.origin in ("person", "override", "import"):
            return True
        if self._is_overridden():
            return False
        judged = bool(self.screening_level and self.scoring_answers)  # an imported level was judged elsewhere
        return judged or (self.is_complete and not evaluation.provisional)

    @api.model
    def _rescore_domain(self, scope):
        """Only leads that are still worked on; what became a deal keeps the level that it was judged by."""
        return [("type", "=", "lead")] if scope == self._scoring_scope else super()._rescore_domain(scope)

    @api.model
    def _request_rescoring(self):
        self.env["sfc.scorecard"].sudo().search([("scope", "=", "lead"), ("state", "=", "active")]).write({"rescore_pending": True})
        self.env.ref("sales_full_cycle.ir_cron_rescore").sudo()._trigger()

    # === ACTIONS === #

    def action_screen(self):
        """Open the screening dialog for one lead or a selection."""
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.lead.screening", "view_mode": "form", "target": "new",
            "name": self.env._("Screen"), "context": {"default_lead_ids": self.ids},
        }

    def _check_screenable(self):
        """:raises UserError: names everything that the lead sheet still misses (S1.4), lead by lead"""
        gaps = [
            self.env._("%(lead)s: %(fields)s", lead=lead.lead_number or lead.name, fields=lead.missing_information)
            for lead in self if not lead.is_complete
        ]
        if gaps:
            raise UserError(self.env._("Please fill in first:\n%(gaps)s", gaps="\n".join(gaps)))

    def _screen(self, answers):
        """Screen the leads with what a person judged.

        :param answers: {criterion code: level code}, added to the answers that a lead already has
        :raises UserError: when a lead is incomplete, or when too little is known for a result
        """
        self._check_screenable()
        for lead in self:
            lead.with_context(sfc_no_scoring=True).scoring_answers = {**(lead.scoring_answers or {}), **answers}
        self.sudo().override_until = False  # a new judgement ends an old exception
        self._score("person", force=True)
        unanswered = self.filtered(lambda lead: not lead.screening_level)
        if unanswered:
            raise UserError(self.env._(
                "Less than half of what the scorecard asks is known, so there is no result for: %(leads)s. "
                "Answer more criteria, or check that a scorecard for leads is active under Configuration.",
                leads=", ".join(unanswered.mapped(lambda lead: lead.lead_number or lead.name))))

    def action_nurture(self):
        """Put a lead aside and come back to it: an activity on the review date (S1.8, low leads)."""
        for lead in self:
            until = fields.Date.context_today(lead) + timedelta(days=(lead.company_id or self.env.company).lead_nurture_days)
            lead.nurture_until = until
            lead.activity_schedule("mail.mail_activity_data_call", until, self.env._("Review nurtured lead"), user_id=lead.user_id.id or self.env.uid)
        self._sla_cancel("assign", "first_contact", "first_contact_medium")

    def _discard(self, reason):
        """Close leads that lead nowhere, with the reason; the number and the history stay."""
        self.action_set_lost(discard_reason_id=reason.id)

    def action_restore(self):
        self.discard_reason_id = False
        return super().action_restore()
