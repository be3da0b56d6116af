from odoo import api, fields, models
from odoo.fields import Domain

from .crm_lead_needs import NEED_FIELDS

MIRRORED = (*NEED_FIELDS, "needs_completeness")
# What a sheet or a questionnaire may write through the customer sheet.
WRITABLE = {*NEED_FIELDS, "need_priority"}


class SfcCustomerProfile(models.Model):
    """The needs of one deal on the customer sheet: of the latest open one, or of the one that somebody selects (S2.10).

    They are the deal's; the sheet shows those of deals that the reader may see.
    """
    _inherit = "sfc.customer.profile"

    need_lead_id = fields.Many2one(
        "crm.lead", "Needs of deal", compute="_compute_need_lead_id", readonly=False,
        domain="[('customer_profile_id', '=', id), ('type', '=', 'opportunity')]")
    need_function = fields.Text("Functional needs", compute="_compute_needs", help="产品功能需求")
    need_service = fields.Text("Service needs", compute="_compute_needs", help="服务要求")
    budget_min = fields.Monetary("Budget from", compute="_compute_needs", help="预算范围, tax included.")
    budget_max = fields.Monetary("Budget up to", compute="_compute_needs")
    purchase_date = fields.Date("Purchase date", compute="_compute_needs", help="采购时间节点")
    decision_process = fields.Text("Decision process", compute="_compute_needs", help="决策流程")
    competitors = fields.Char(compute="_compute_needs", help="竞争对手")
    needs_completeness = fields.Integer("Needs known (%)", compute="_compute_needs", help="需求完整度")

    @api.depends("lead_ids.active", "lead_ids.won_status", "lead_ids.type")
    @api.depends_context("uid")
    def _compute_need_lead_id(self):
        """The latest open deal; the latest of all when none is open."""
        latest = self._latest_deals()
        for profile in self:
            profile.need_lead_id = latest.get(profile._origin.id)

    @api.depends("need_lead_id", *(f"lead_ids.{fname}" for fname in MIRRORED))
    @api.depends_context("uid")
    def _compute_needs(self):
        for profile in self:
            for fname in MIRRORED:
                profile[fname] = profile.need_lead_id[fname]

    def _latest_deals(self, open_only=False):
        """{profile id: its latest deal} of those that the user may see; an open deal comes before one that is closed."""
        deals = self.env["crm.lead"].with_context(active_test=False)
        of_these = Domain([("customer_profile_id", "in", self.ids), ("type", "=", "opportunity")])
        are_open = of_these & Domain([("active", "=", True), ("won_status", "=", "pending")])
        latest = {}
        for domain in (are_open,) if open_only else (of_these, are_open):
            latest.update({profile.id: deal_id for profile, deal_id in deals._read_group(domain, ["customer_profile_id"], ["id:max"])})
        found = self.env["crm.lead"].browse(latest.values())
        return dict(zip(latest, found, strict=True))

    # === WRITING NEEDS === #

    @api.model
    def _write_needs(self, vals_by_profile):
        """Write needs to the latest open deal of each customer; a customer without one gets a deal, made for its owner (S2.10).

        A customer of whom nothing is known gets none. The number of queries does not depend on the number of customers.

        :param vals_by_profile: {profile: {need field: value}}
        :return: {profile: its deal}
        """
        given = {profile.id: vals for profile, vals in vals_by_profile.items() if vals}
        if wrong := {fname for vals in given.values() for fname in vals} - WRITABLE:
            raise ValueError(f"not fields of the needs: {sorted(wrong)}")
        profiles = self.browse(given)
        profiles.check_access("write")
        deals = profiles._latest_deals(open_only=True)
        self._write_needs_of({deal: given[profile_id] for profile_id, deal in deals.items()})
        deals.update(profiles.filtered(lambda p: p.id not in deals and any(given[p.id].values()))._make_deals(given))
        return {profile: deals[profile.id] for profile in profiles if profile.id in deals}

    @api.model
    def _write_needs_of(self, vals_by_deal):
        """Each deal its own values, then what follows from them for all deals at once."""
        deals = self.env["crm.lead"].union(*vals_by_deal)
        for deal, vals in vals_by_deal.items():
            deal.with_context(sfc_no_scoring=True, sfc_no_step_sync=True).write(dict(vals))
        deals._score_changed({fname for vals in vals_by_deal.values() for fname in vals})
        deals._written_together()

    def _make_deals(self, needs):
        """{profile id: a new deal with these needs}."""
        # sudo: the deal is the customer's owner's; whoever may change the customer may note what it needs
        deals_sudo = self.env["crm.lead"].sudo()
        # core looks up the first stage once a deal; once a team is enough
        stages = {team: deals_sudo._stage_find(team_id=team.id, domain=[("fold", "=", False)]) for team in self.grouped("team_id")}
        made = deals_sudo.create([{**profile._prepare_deal_vals(stages[profile.team_id]), **needs[profile.id]} for profile in self])
        return dict(zip(self.ids, self.env["crm.lead"].browse(made.ids), strict=True))

    def _prepare_deal_vals(self, stage):
        self.ensure_one()
        return {
            "type": "opportunity", "name": self.name, "partner_id": self.partner_id.id, "company_id": self.company_id.id,
            "user_id": self.user_id.id, "team_id": self.team_id.id, "source_id": self.source_id.id,
            "stage_id": stage.id,
        }
