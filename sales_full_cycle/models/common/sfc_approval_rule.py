from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SfcApprovalRule(models.Model):
    """Which documents need whose approval before they go out, and in which order (defaults.md D10)."""
    _name = "sfc.approval.rule"
    _description = "Approval Rule"
    _order = "kind, rank, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection([("proposal", "Proposal")], "For", required=True, default="proposal", index=True)
    rank = fields.Integer("Order", required=True, default=1, help="Rules of order 2 are asked when those of order 1 have approved.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: documents of every company.")
    team_ids = fields.Many2many("crm.team", string="Teams", help="Empty: documents of every team.")
    # One of these is enough; without any the rule is for every document.
    amount_from = fields.Float("Amount from", help="With tax, in the currency of the company. 0: the amount does not matter.")
    discount_above = fields.Float("Discount above (%)", help="Of the whole document, against the prices of the pricelist. 0: the discount does not matter.")
    payment_days_above = fields.Integer("Payment term above (days)", help="Until the last payment is due. 0: the payment term does not matter.")
    reviewer_kind = fields.Selection([
        ("leader", "Team leader of the deal"), ("manager", "Sales managers"), ("user", "A person"), ("group", "A group"),
    ], "Reviewer", required=True, default="manager", help="销售经理. Where nobody of them may decide, the sales managers are asked.")
    reviewer_user_id = fields.Many2one("res.users", "Person", domain=[("share", "=", False)], ondelete="restrict")
    reviewer_group_id = fields.Many2one("res.groups", "Group", ondelete="restrict")
    condition = fields.Char("Applies to", compute="_compute_condition")

    _order_positive = models.Constraint("CHECK (rank > 0)", "The order begins with 1.")
    _conditions_positive = models.Constraint(
        "CHECK (amount_from >= 0 AND discount_above >= 0 AND payment_days_above >= 0)", "Amount, discount and days cannot be negative.")

    @api.depends_context("lang")
    @api.depends("amount_from", "discount_above", "payment_days_above", "team_ids.name")
    def _compute_condition(self):
        for rule in self:
            conditions = rule._condition_words()
            words = self.env._(" or ").join(conditions) if conditions else self.env._("every document")
            teams = ", ".join(rule.team_ids.mapped("name"))
            rule.condition = self.env._("%(documents)s of %(teams)s", documents=words, teams=teams) if teams else words

    def _condition_words(self):
        _ = self.env._
        return [
            *([_("amount from %(amount)s", amount=f"{self.amount_from:,.0f}")] if self.amount_from else []),
            *([_("discount above %(percent)s %%", percent=f"{self.discount_above:g}")] if self.discount_above else []),
            *([_("payment term above %(days)s days", days=self.payment_days_above)] if self.payment_days_above else []),
        ]

    @api.constrains("reviewer_kind", "reviewer_user_id", "reviewer_group_id")
    def _check_reviewer(self):
        for rule in self:
            if rule.reviewer_kind == "user" and not rule.reviewer_user_id or rule.reviewer_kind == "group" and not rule.reviewer_group_id:
                raise ValidationError(self.env._("Say who reviews: choose the person or the group of %(rule)s.", rule=rule.name))
            if rule.reviewer_kind == "user" and rule.reviewer_user_id.share:
                raise ValidationError(self.env._("%(name)s is no employee and cannot review.", name=rule.reviewer_user_id.name))

    # === WHICH DOCUMENTS === #

    def _matches(self, company, team, figures):
        """Is the rule for a document of that company and team?

        :param figures: {"amount": in the company's currency with tax, "discount": %, "payment_days": days}
        """
        self.ensure_one()
        if self.company_id and self.company_id != company or self.team_ids and team not in self.team_ids:
            return False
        thresholds = [
            (self.amount_from, figures["amount"] >= self.amount_from),
            (self.discount_above, figures["discount"] > self.discount_above),
            (self.payment_days_above, figures["payment_days"] > self.payment_days_above),
        ]
        passed = [reached for threshold, reached in thresholds if threshold]
        return any(passed) or not passed

    # === WHO === #

    def _candidates(self, company, team):
        """Whom the rule names, whether they may decide or not."""
        self.ensure_one()
        return {
            "leader": team.user_id,
            "manager": self.env["res.users"]._sfc_sales_managers(company),
            "user": self.reviewer_user_id,
            "group": self.reviewer_group_id.all_user_ids,
        }[self.reviewer_kind]

    def _reviewers(self, document, excluded):
        """Who decides about the document: absent and archived reviewers are represented, where nobody is left the sales managers decide (P2).

        :param excluded: author and submitter (four eyes); they decide only where there is nobody else and the company allows it
        :return: users; none if nobody may decide
        """
        self.ensure_one()
        company, team = document.company_id, document._approval_team()
        named, managers = self._candidates(company, team), self.env["res.users"]._sfc_sales_managers(company)
        choices = [named._approval_present() - excluded, managers._approval_present() - excluded, managers - excluded]
        if company.approval_allow_self:
            choices += [named._approval_present(), managers, excluded]
        for users in choices:
            if reviewers := users._approval_able(document):
                return reviewers
        return self.env["res.users"]
