from odoo import api, fields, models

from .crm_lead_needs import NEED_WEIGHTS

MIRRORED = (*NEED_WEIGHTS, "budget_min", "competitors", "needs_completeness")


class SfcCustomerProfile(models.Model):
    """The needs of one deal on the customer sheet: of the latest open one, or of the one that somebody selects (S2.10)."""
    _inherit = "sfc.customer.profile"

    need_lead_id = fields.Many2one(
        "crm.lead", "Needs of deal", compute="_compute_need_lead_id", readonly=False, domain="[('customer_profile_id', '=', id)]")
    need_function = fields.Text("Functional needs", compute="_compute_needs", help="产品功能需求")
    need_service = fields.Text("Service needs", compute="_compute_needs", help="服务要求")
    budget_min = fields.Monetary("Budget from", compute="_compute_needs", help="预算范围, tax included.")
    budget_max = fields.Monetary("Budget up to", compute="_compute_needs")
    purchase_date = fields.Date("Purchase date", compute="_compute_needs", help="采购时间节点")
    decision_process = fields.Text("Decision process", compute="_compute_needs", help="决策流程")
    competitors = fields.Char(compute="_compute_needs", help="竞争对手")
    needs_completeness = fields.Integer("Needs known (%)", compute="_compute_needs", help="需求完整度")

    @api.depends("lead_ids.active", "lead_ids.won_status")
    def _compute_need_lead_id(self):
        """The latest open deal; the latest of all when none is open."""
        for profile in self:
            deals = profile.lead_ids.sorted("id", reverse=True)
            profile.need_lead_id = (deals.filtered(lambda deal: deal.won_status == "pending") or deals)[:1]

    @api.depends("need_lead_id", *(f"lead_ids.{fname}" for fname in MIRRORED))
    def _compute_needs(self):
        for profile in self:
            for fname in MIRRORED:
                profile[fname] = profile.need_lead_id[fname]

    @api.model
    def _write_needs(self, vals_by_profile):
        """Write needs to the latest open deal of each customer; a customer without one gets a deal, made for its owner (S2.10).

        :param vals_by_profile: {profile: {need field: value}}
        """
        new, leads = [], self.env["crm.lead"]
        # core looks up the first stage once a deal; once a team is enough
        stages = {team: leads._stage_find(team_id=team.id, domain=[("fold", "=", False)]).id for team in self.union(*vals_by_profile).grouped("team_id")}
        for profile, vals in vals_by_profile.items():
            deal = profile.lead_ids.filtered(lambda lead: lead.won_status == "pending").sorted("id")[-1:]
            if deal:
                deal.write(dict(vals))
            else:
                new.append({
                    "type": "opportunity", "name": profile.name, "partner_id": profile.partner_id.id, "company_id": profile.company_id.id,
                    "user_id": profile.user_id.id, "team_id": profile.team_id.id, "stage_id": stages[profile.team_id], **vals})
        self.env["crm.lead"].create(new)
