from odoo import api, fields, models
from odoo.tools import SQL

from .crm_lead_needs import NEED_WEIGHTS

NEEDS_ENOUGH = 60  # percent of the needs that must be known (D11)


class CrmLead(models.Model):
    """需求明确: graded, needs known, decision maker contacted or a reason why not (S2.8, S2.15, D11). Nothing is blocked by it."""
    _inherit = "crm.lead"

    no_decider_reason = fields.Char(
        "Decision maker not contacted because", tracking=True, copy=False, help="Lets the deal count as qualified all the same.")
    qualification_gaps = fields.Char("Missing for clear needs", compute="_compute_qualification_gaps", compute_sudo=True)

    @api.model
    def _cycle_step_facts(self):
        return super()._cycle_step_facts() | {"type", "partner_id", "company_id", "customer_profile_id", "no_decider_reason", *NEED_WEIGHTS}

    # One rule, for the database and for the reader: _cycle_step_evidence() and _qualification_missing() say the same.

    @api.model
    def _cycle_step_evidence(self):
        profile, role = (self.env[model]._fields for model in ("sfc.customer.profile", "sfc.decision.role"))
        graded = SQL(
            "EXISTS (SELECT FROM sfc_customer_profile customer WHERE customer.id = lead.customer_profile_id AND customer.grade_id IS NOT NULL)",
            to_flush=profile["grade_id"])
        contacted = SQL(
            """EXISTS (SELECT FROM sfc_decision_role decider
                        WHERE decider.profile_id = lead.customer_profile_id
                          AND decider.role = 'decision_maker' AND decider.last_contacted_on IS NOT NULL)""",
            to_flush=[role[fname] for fname in ("profile_id", "role", "last_contacted_on")])
        qualified = SQL(
            "lead.type = 'opportunity' AND lead.needs_completeness >= %s AND %s AND (lead.no_decider_reason > '' OR %s)",
            NEEDS_ENOUGH, graded, contacted)
        return {**super()._cycle_step_evidence(), "qualified": qualified}

    def _missing_for_qualified(self):
        return list(self._qualification_missing().values())

    def _qualification_missing(self, needs_enough=NEEDS_ENOUGH):
        """{what: how it is said} of all that is missing; a later step may ask for more or less of the needs."""
        self.ensure_one()
        missing = {}
        if not self.customer_grade_id:
            missing["customer_graded"] = self.env._("customer not graded")
        if self.needs_completeness < needs_enough:
            missing["needs_complete"] = self.env._("needs known at %(known)s %% of %(enough)s %%", known=self.needs_completeness, enough=needs_enough)
        if not self.no_decider_reason and not self.customer_profile_id.role_ids._is_decider_contacted():
            missing["decider_contacted"] = self.env._("decision maker not contacted (or say why not)")
        return missing

    @api.depends("type", "customer_grade_id", "needs_completeness", "no_decider_reason",
                 "customer_profile_id.role_ids.role", "customer_profile_id.role_ids.last_contacted_on")
    @api.depends_context("lang")
    def _compute_qualification_gaps(self):
        for lead in self:
            missing = lead._missing_for_qualified() if lead.type == "opportunity" else []
            lead.qualification_gaps = ", ".join(missing)
