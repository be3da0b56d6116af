from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, new_test_user


class SalesCase(TransactionCase):
    """A sales team with one user a role; leads that are complete unless a test says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_notify_force_send": False, "lang": "en_US"})
        cls.leader = new_test_user(cls.env, "sfc_leader", "sales_full_cycle.group_sfc_team_leader", lang="en_US")
        cls.rep = new_test_user(cls.env, "sfc_rep", "sales_team.group_sale_salesman", lang="en_US")
        cls.other_rep = new_test_user(cls.env, "sfc_other_rep", "sales_team.group_sale_salesman", lang="en_US")
        cls.manager = new_test_user(cls.env, "sfc_manager", "sales_team.group_sale_manager", lang="en_US")
        cls.clerk = new_test_user(cls.env, "sfc_clerk", "base.group_user", lang="en_US")
        cls.team = cls.env["crm.team"].create({
            "name": "East", "user_id": cls.leader.id, "use_leads": True, "member_ids": [(6, 0, [cls.rep.id, cls.other_rep.id])]})
        cls.manufacturing = cls.env.ref("sales_full_cycle.industry_manufacturing")
        cls.retail = cls.env.ref("sales_full_cycle.industry_retail")
        cls.fair = cls.env.ref("sales_full_cycle.source_fair")
        # clocks are told apart from those of other leads by their own managers
        cls.env.ref("sales_team.group_sale_manager").user_ids = [(6, 0, [cls.env.ref("base.user_root").id, cls.manager.id])]

    @classmethod
    def _lead_vals(cls, **values):
        return {
            "type": "lead", "partner_name": "Hongda Machinery Co., Ltd.", "industry_id": cls.manufacturing.id, "contact_name": "Wang",
            "function": "Buyer", "contact_channel": "138 0000 1111", "need_summary": "12 test benches before June", "source_id": cls.fair.id,
            "team_id": cls.team.id, "user_id": False, **values,
        }

    @classmethod
    def _lead(cls, user=None, **values):
        return cls.env["crm.lead"].with_user(user or cls.rep).create(cls._lead_vals(**values))

    @classmethod
    def _high_lead(cls, user=None, **values):
        """Target industry, full need, unknown budget: 82.5 points (D4)."""
        lead = cls._lead(user, **values)
        lead._screen({"need_clarity": "full"})
        return lead

    @classmethod
    def _evaluated(cls, deal):
        """The deal, evaluated as strong: a proposal of it may be submitted for approval (D11)."""
        deal._evaluate({"urgency": "soon", "budget_match": "close", "decision_clarity": "met"})
        return deal

    @classmethod
    def _clock(cls, lead, key):
        """Newest clock of a promise."""
        return cls.env["sfc.sla.clock"].search([("lead_id", "=", lead.id), ("key", "=", key)], order="id desc", limit=1)

    @classmethod
    def _let_time_pass(cls, clock, **delta):
        """Age a clock: everything about it happened that much earlier. Then the cron's work is done once."""
        shift = timedelta(**delta)
        clock.sudo().write({
            name: clock[name] - shift
            for name in ("started_at", "warn_at", "deadline", "escalate_at", "again_at", "next_check_at", "paused_at") if clock[name]})
        now = fields.Datetime.now()
        due = cls.env["sfc.sla.clock"].sudo().search([("id", "in", clock.ids), ("next_check_at", "<=", now)])
        due._advance(now)


class CustomerCase(SalesCase):
    """Customers of the salesperson `rep`, with figures that give a known grade."""

    # figures far inside the bands of D5, whatever the company's currency
    FIGURES = {
        "A": ({"annual_revenue": 900e6, "employee_count": 2000, "expected_purchase_amount": 9e6}, "strategic", "complex"),
        "B": ({"annual_revenue": 900e6, "employee_count": 2000, "expected_purchase_amount": 9e6}, "low", "complex"),
        "C": ({"annual_revenue": 1000, "employee_count": 5, "expected_purchase_amount": 1000}, "low", "complex"),
    }

    @classmethod
    def _company(cls, **values):
        cls._companies = getattr(cls, "_companies", 0) + 1
        return cls.env["res.partner"].create({"name": f"Customer {cls._companies} Ltd", "is_company": True, "industry_id": cls.manufacturing.id, **values})

    @classmethod
    def _customer(cls, **values):
        """A customer sheet of the salesperson."""
        return cls.env["sfc.customer.profile"].create({"partner_id": values.pop("partner_id", None) or cls._company().id, "user_id": cls.rep.id, **values})

    @classmethod
    def _graded(cls, code, **values):
        figures, fit, chain = cls.FIGURES[code]
        profile = cls._customer(**figures, scoring_answers={"strategic_fit": fit, "chain_complexity": chain}, **values)
        assert profile.grade_id.code == code, (profile.grade_id.code, profile.score)
        return profile

    @classmethod
    def _level(cls, criterion, code):
        return cls.env.ref(f"sales_full_cycle.level_customer_{criterion}_{code}")

    @classmethod
    def _grade(cls, profile, user=None, **answers):
        """Grade in the dialog, as a person."""
        wizard = cls.env["sfc.customer.grading"].with_user(user or cls.rep).with_context(
            **profile.with_user(user or cls.rep).action_grade()["context"]).create({})
        for line in wizard.line_ids:
            if line.criterion_id.code in answers:
                line.level_id = line.criterion_id._level(answers[line.criterion_id.code])
        wizard.action_apply()

    @classmethod
    def _override(cls, profile, code, user=None):
        cls.env["sfc.grade.override"].with_user(user or cls.rep).create({
            "profile_ids": [(6, 0, profile.ids)], "grade_id": cls.env.ref(f"sales_full_cycle.grade_{code.lower()}").id, "note": "the minister asked",
            "reason_id": cls.env.ref("sales_full_cycle.reason_override_strategic_project").id}).action_apply()


def at(moment):
    """Freeze what Odoo takes for now (naive UTC, 'YYYY-MM-DD HH:MM')."""
    now = datetime.strptime(moment, "%Y-%m-%d %H:%M")
    return patch.object(fields.Datetime, "now", lambda *args: now)
