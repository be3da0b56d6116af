from odoo import api, fields, models
from odoo.tools import format_date, formatLang

# A need that was noted so is confirmed in writing or in a meeting; a call is only oral (D6).
CONFIRMING_METHODS = ("visit", "online", "wechat", "email", "survey")


class CrmLead(models.Model):
    """What the facts hint at in each of the three dimensions, with one sentence why (S3.2-S3.4, D6).

    The facts are fields, the thresholds stand on the scorecard's levels as conditions over them. A person judges.
    """
    _inherit = "crm.lead"

    budget_tax_included = fields.Boolean("Budget includes tax", default=True, help="预算含税: the quotation is compared on the same basis.")
    days_to_purchase = fields.Integer("Days to purchase", compute="_compute_days_to_purchase", help="Counted in the calendar of the company.")
    purchase_confirmed = fields.Boolean(
        "Need confirmed", compute="_compute_purchase_confirmed", compute_sudo=True,
        help="A follow-up record of the deal of the type Needs says so, in writing or in a meeting.")
    budget_ratio = fields.Float(
        "Price to budget", compute="_compute_budget_ratio", compute_sudo=True, digits=(8, 4),
        help="Current quotation, else expected revenue, divided by the budget. 0: not known.")
    decider_contact = fields.Selection([
        ("met", "Decision maker met, roles known"), ("known", "Decision maker known"), ("contact", "Only the contact"), ("unknown", "Nobody known"),
    ], compute="_compute_decider_contact", compute_sudo=True)

    # === FACTS === #

    @api.depends("purchase_date", "company_id")
    def _compute_days_to_purchase(self):
        dated = self.filtered("purchase_date")
        (self - dated).days_to_purchase = 0
        today = self.env["sfc.customer.profile"]._today_by_company() if dated else {}
        for deal in dated:
            deal.days_to_purchase = (deal.purchase_date - today[deal.company_id or self.env.company]).days

    @api.depends("follow_up_ids.kind", "follow_up_ids.method", "follow_up_ids.active")
    def _compute_purchase_confirmed(self):
        rows = self.env["sfc.follow.up"]._read_group(
            [("lead_id", "in", self.ids), ("kind", "=", "need"), ("method", "in", CONFIRMING_METHODS)], ["lead_id"])
        confirmed = {deal.id for (deal,) in rows}
        for deal in self:
            deal.purchase_confirmed = deal._origin.id in confirmed

    @api.depends("budget_max", "budget_tax_included", "expected_revenue", "company_id",
                 "order_ids.state", "order_ids.amount_total", "order_ids.amount_untaxed", "order_ids.currency_rate")
    def _compute_budget_ratio(self):
        with_budget = self.filtered("budget_max")
        (self - with_budget).budget_ratio = 0
        prices = with_budget._offered_prices()
        for deal in with_budget:
            price, _proposal = prices[deal]
            deal.budget_ratio = round(price / deal.budget_max, 4)

    @api.depends("customer_profile_id.role_ids.role", "customer_profile_id.role_ids.last_contacted_on", "partner_id.is_company", "contact_name")
    def _compute_decider_contact(self):
        for deal in self:
            roles = deal.customer_profile_id.role_ids
            if "decision_maker" in roles.mapped("role"):
                deal.decider_contact = "known" if roles._gaps() else "met"
            else:
                is_person_known = roles or deal.contact_name or (deal.partner_id and not deal.partner_id.is_company)
                deal.decider_contact = "contact" if is_person_known else "unknown"

    def _offered_prices(self):
        """{deal: (price in the deal's company currency, on the tax basis of its budget; the proposal, or none for expected revenue)}"""
        proposals = self._newest_proposals()
        prices = {}
        for deal in self:
            proposal = proposals.get(deal._origin.id, self.env["sale.order"])
            prices[deal] = (deal._price_of(proposal) if proposal else deal.expected_revenue, proposal)
        return prices

    def _newest_proposals(self):
        """{deal id: its newest order that is not cancelled}, in sudo: what a colleague quotes counts too."""
        rows = self.env["sale.order"].sudo()._read_group(
            [("opportunity_id", "in", self.ids), ("state", "!=", "cancel")], ["opportunity_id"], ["id:max"])
        newest = self.env["sale.order"].sudo().browse(order_id for _deal, order_id in rows)
        return {order.opportunity_id.id: order for order in newest}

    def _price_of(self, proposal):
        """Tax included or not as the budget is; by the rate that the proposal was made with."""
        amount = proposal.amount_total if self.budget_tax_included else proposal.amount_untaxed
        company = proposal.company_id
        in_its_currency = amount / (proposal.currency_rate or 1)
        return company.currency_id._convert(in_its_currency, self.company_currency, company, proposal.date_order or fields.Date.today())

    # === HINTS === #

    def _hint_levels(self, card):
        """{deal id: {criterion: level that the facts hint at}}; a fixed number of queries."""
        hints = {deal._origin.id: {} for deal in self}
        for criterion in card.criterion_ids:
            for deal_id, level in criterion._levels_by_condition(self).items():
                hints[deal_id][criterion] = level
        return hints

    def _hint_reasons(self):
        """{deal: {criterion code: one sentence why}}"""
        prices = self.sudo()._offered_prices()  # sudo: only the amount is told
        return {deal: {
            "urgency": deal._why_urgency(), "budget_match": deal._why_budget_match(*prices[deal]), "decision_clarity": deal._why_decision_clarity(),
        } for deal in self}

    def _why_urgency(self):
        self.ensure_one()
        if not self.purchase_date:
            return self.env._("No purchase date is known.")
        day, days = format_date(self.env, self.purchase_date), self.days_to_purchase
        if days < 0:
            return self.env._("The purchase date %(date)s has passed.", date=day)
        if self.purchase_confirmed:
            return self.env._("Purchase on %(date)s, in %(days)s days; a follow-up record of the needs confirms it.", date=day, days=days)
        return self.env._(
            "Purchase on %(date)s, in %(days)s days, but only oral: no follow-up record of the type Needs by visit, online meeting or in writing.",
            date=day, days=days)

    def _why_budget_match(self, price, proposal):
        self.ensure_one()
        if not self.budget_max:
            return self.env._("No budget is known.")
        if not price:
            return self.env._("There is neither a quotation nor an expected revenue to compare with the budget.")
        what = self.env._("Quotation %(number)s", number=proposal.name) if proposal else self.env._("Expected revenue")
        amounts = {
            "what": what, "price": formatLang(self.env, price, currency_obj=self.company_currency), "percent": round(100 * self.budget_ratio, 1),
            "budget": formatLang(self.env, self.budget_max, currency_obj=self.company_currency)}
        if self.budget_tax_included:
            return self.env._("%(what)s %(price)s is %(percent)s %% of the budget %(budget)s, tax included.", **amounts)
        return self.env._("%(what)s %(price)s is %(percent)s %% of the budget %(budget)s, without tax.", **amounts)

    def _why_decision_clarity(self):
        self.ensure_one()
        gaps = self.sudo().customer_profile_id.decision_gaps  # sudo: what is missing, not who the people are
        match self.decider_contact:
            case "met":
                return self.env._("The decision maker was contacted and the roles are known.")
            case "known":
                return self.env._("A decision maker is known. Open: %(gaps)s.", gaps=gaps)
            case "contact":
                return self.env._("A contact is known, but no decision maker.")
        return self.env._("Nobody is known at the customer yet.")
