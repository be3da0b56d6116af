from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..common.sheet import Column
from ..step1_lead import contact_channel
from . import sheet_text

_lt = LazyTranslate(__name__)

# Columns that name people of the customer are called like the role they have (sfc.decision.role).
PEOPLE = ("decision_maker", "influencer")


class SfcCustomerProfile(models.Model):
    """客户信息表 as XLSX and on paper: 25 columns, both ways (S2.10, ST.2, T2). This file: the way out; sfc_customer_profile_sheet_import.py: the way back."""
    _name = "sfc.customer.profile"
    _inherit = ["sfc.customer.profile", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Customer sheet")

    @api.model
    def _sheet_columns(self):
        return [
            Column("customer_number", _lt("Customer no."), 10),
            Column("name", _lt("customer|Name"), 28),
            Column("industry", _lt("Industry"), 14),
            Column("grade", _lt("Grade"), 8),
            Column("annual_revenue", _lt("Annual revenue"), 16),
            Column("employee_count", _lt("Employees"), 10),
            Column("expected_purchase_amount", _lt("Expected purchase"), 16),
            Column("strategic_fit", _lt("Strategic fit"), 12),
            Column("chain_complexity", _lt("Decision-chain complexity"), 22),
            Column("decision_maker", _lt("Decision maker"), 16),
            Column("influencer", _lt("Key influencers"), 16),
            Column("contact_channel", _lt("Contact data"), 26),
            Column("need_function", _lt("Functional needs"), 32),
            Column("need_service", _lt("Service needs"), 24),
            Column("budget", _lt("Budget range"), 20),
            Column("purchase_date", _lt("Purchase date"), 12),
            Column("decision_process", _lt("Decision process"), 24),
            Column("competitors", _lt("Competitors"), 18),
            Column("source", _lt("customer|Source"), 14),
            Column("need_priority", _lt("Need priority"), 10),
            Column("cadence", _lt("Cadence"), 14),
            Column("talking_focus", _lt("Talking focus"), 36),
            Column("follow_strategy", _lt("Strategy"), 32),
            Column("owner", _lt("Owner"), 12),
            Column("updated", _lt("customer|Updated"), 20),
        ]

    @api.model
    def _sheet_fields(self):
        return ["customer_number", "name", "partner_id", "industry_id", "grade_id", "annual_revenue", "employee_count", "expected_purchase_amount",
                "scoring_answers", "product_category_id", "company_id", "source_id", "need_priority", "cadence_override_days", "own_talking_points",
                "follow_strategy", "user_id", "write_date"]

    def _sheet_values(self):
        self.ensure_one()
        partner, deal = self.partner_id, self.need_lead_id
        return {
            "customer_number": self.customer_number, "name": self.name, "industry": self.industry_id.display_name, "grade": self.grade_id.code,
            # 0 is not known
            "annual_revenue": self.annual_revenue or None, "employee_count": self.employee_count or None,
            "expected_purchase_amount": self.expected_purchase_amount or None,
            "strategic_fit": self.strategic_fit_id.name, "chain_complexity": self.chain_complexity_id.name,
            **{role: sheet_text.join_people(self._people(role).mapped("name")) for role in PEOPLE},
            "contact_channel": contact_channel.join(partner.phone, partner.email_normalized or partner.email, None),
            "need_function": deal.need_function, "need_service": deal.need_service,
            "budget": sheet_text.budget_text(deal.budget_min, deal.budget_max),
            "purchase_date": deal.purchase_date or None, "decision_process": deal.decision_process, "competitors": deal.competitors,
            "source": self.source_id.display_name, "need_priority": deal and deal._sheet_choice_label("need_priority"),
            "cadence": self._cadence_label(), "talking_focus": self._talking_focus(), "follow_strategy": self.follow_strategy,
            "owner": self.user_id.name, "updated": self._sheet_local(self.write_date),
        }

    def _people(self, role):
        """Contacts that have the role."""
        return self.role_ids.filtered(lambda line: line.role == role).contact_id

    # === CADENCE AND TALKING FOCUS, AS A PERSON READS THEM === #

    def _cadence(self):
        """The rhythm that the customer is meant to have, also while nobody has it."""
        return self._cadence_step(self.need_priority) if self.grade_id or self.cadence_override_days else None

    def _cadence_label(self):
        cadence = self._cadence()
        return cadence and self._cadence_words(cadence, deep=False)

    def _talking_focus(self):
        return self.own_talking_points or sheet_text.points(self.grade_id.talking_points)

    # === PAPER === #

    def action_print_follow_ups(self):
        """The follow-up records of these customers, as far as the reader may see them, as one list on paper (ST.5).

        :raises UserError: there are none
        """
        self.check_access("read")
        records = self.env["sfc.follow.up"].search([("profile_id", "in", self.ids)])
        if not records:
            raise UserError(self.env._("There are no follow-up records yet."))
        return self.env.ref("sales_full_cycle.report_follow_up_sheet_action").report_action(records)

    @api.model
    def _sheet_groups(self):
        """The page of one customer: (title, column keys), in the order of the handbook."""
        return [
            (self.env._("Customer overview"), ["customer_number", "name", "industry", "contact_channel", "source", "owner", "updated"]),
            (self.env._("Grading"), ["grade", "annual_revenue", "employee_count", "expected_purchase_amount", "strategic_fit"]),
            (self.env._("Decision chain"), ["chain_complexity", *PEOPLE]),
            (self.env._("Core needs"), [
                "need_function", "need_service", "budget", "purchase_date", "decision_process", "competitors", "need_priority"]),
            (self.env._("Follow-up"), ["cadence", "talking_focus", "follow_strategy"]),
        ]
