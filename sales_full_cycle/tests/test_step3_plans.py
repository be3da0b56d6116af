from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .test_step3_objection import ObjectionCase


@tagged("post_install", "-at_install")
class TestPlans(ObjectionCase):
    """D12, S0.12, S3.7: plans give their steps to the people of the deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = new_test_user(cls.env, "sfc_tech", "base.group_user")

    def _start(self, record, plan, user=None, **values):
        """In Odoo's own dialog, as a person."""
        record = record.with_user(user or self.rep)
        form = Form(self.env["mail.activity.schedule"].with_user(user or self.rep).with_context(**record.action_start_plan()["context"]))
        form.plan_id = self.env.ref(f"sales_full_cycle.{plan}")
        for fname, value in values.items():
            setattr(form, fname, value)
        wizard = form.save()
        wizard.action_schedule_plan()
        return wizard, {activity.summary: activity for activity in record.sudo().activity_ids}

    def test_the_dialog_offers_the_plans_of_the_document(self):
        """D12: three plans for a deal, one for a proposal."""
        for record, plans in ((self.deal, ("plan_new_lead", "plan_needs", "plan_negotiation")), (self.proposal, ("plan_proposal",))):
            context = record.with_user(self.rep).action_start_plan()["context"]
            wizard = self.env["mail.activity.schedule"].with_user(self.rep).with_context(**context).create({})
            for plan in plans:
                self.assertIn(self.env.ref(f"sales_full_cycle.{plan}"), wizard.plan_available_ids)
            self.assertIn(wizard.plan_id, wizard.plan_available_ids)

    def test_owner_and_days(self):
        """D12.2: 首次拜访 R+3 ... 需求确认 R+7."""
        _wizard, activities = self._start(self.deal, "plan_needs")
        today = fields.Date.context_today(self.deal)
        self.assertEqual(
            {summary: (activity.date_deadline - today).days for summary, activity in activities.items()},
            {"First visit": 3, "Send the questionnaire": 3, "Identify the decision chain": 5, "Confirm the needs": 7})
        self.assertEqual({activity.user_id for activity in activities.values()}, {self.rep})

    def test_the_proposal_is_made_by_the_people_of_the_deal(self):
        """S3.7: technical and product by role, writing by the owner, review by the leader."""
        product = new_test_user(self.env, "sfc_product", "base.group_user")
        self._collaborator(self.technician)
        self._collaborator(product, "product")
        wizard, activities = self._start(self.proposal, "plan_proposal", plan_on_demand_user_id=self.manager)
        self.assertEqual(
            {summary: activity.user_id for summary, activity in activities.items()},
            {"Technical feasibility": self.technician, "Configuration and cost": product, "Confirm the lead time": self.manager,
             "Write the proposal": self.rep, "Choose a success case": self.rep, "Internal review": self.leader})
        self.assertIn("Confirm the lead time", wizard.warning)
        self.assertTrue(self.proposal.with_user(self.technician).has_access("write"))

    def test_a_role_that_nobody_has_is_asked_for(self):
        """D12: on demand; without an answer the plan does not start."""
        plan = self.env.ref("sales_full_cycle.plan_negotiation")
        self.assertTrue(plan.has_user_on_demand)
        self.assertFalse(self.env.ref("sales_full_cycle.plan_needs").has_user_on_demand)
        with self.assertRaises(UserError):
            self._start(self.deal, "plan_negotiation", plan_on_demand_user_id=self.env["res.users"])
        _wizard, activities = self._start(self.deal, "plan_negotiation", plan_on_demand_user_id=self.manager)
        self.assertEqual(activities["Legal review"].user_id, self.manager)
        self.assertEqual(activities["Draft the contract"].user_id, self.rep)
        self.assertEqual(activities["Legal review"].date_deadline, fields.Date.context_today(self.deal) + timedelta(days=4))

    def test_who_cannot_open_the_document_gets_no_step_of_it(self):
        """S0.12: logistics see no prices, so the lead time is asked for by the owner, who is told."""
        self._collaborator(self.technician, "logistics")
        wizard, activities = self._start(self.proposal, "plan_proposal")
        self.assertEqual(activities["Confirm the lead time"].user_id, self.rep)
        self.assertIn(self.technician.name, wizard.warning)

    def test_a_deal_without_team_asks_a_manager(self):
        """D12: L is the leader, else a sales manager."""
        self.deal.team_id = False
        _wizard, activities = self._start(self.proposal, "plan_proposal")
        self.assertEqual(activities["Internal review"].user_id, self.manager)

    def test_roles_of_a_deal_only_where_there_is_one(self):
        """D12."""
        with self.assertRaises(ValidationError):
            self.env["mail.activity.plan"].create({
                "name": "Contact", "res_model": "res.partner", "template_ids": [(0, 0, {"summary": "Call", "responsible_type": "sfc_legal"})]})

    def test_managers_edit_plans_and_salespeople_do_not(self):
        """D12: rights as Odoo has them."""
        plan = self.env.ref("sales_full_cycle.plan_needs")
        plan.with_user(self.manager).name = "Needs, our way"
        plan.template_ids[0].with_user(self.manager).delay_count = 2
        with self.assertRaises(AccessError):
            plan.with_user(self.rep).name = "Mine"
        with self.assertRaises(AccessError):
            self.deal.with_user(self.other_rep).action_start_plan()

    def test_lost_reasons_are_there_and_odoos_own_untouched(self):
        """D13: fourteen reasons."""
        own = self.env["ir.model.data"].search([("model", "=", "crm.lost.reason"), ("module", "=", "sales_full_cycle")])
        self.assertEqual(len(own), 14)
        self.assertTrue(all(own.mapped("noupdate")))
        self.assertTrue(self.env["crm.lost.reason"]._fields["name"].translate)
        self.assertTrue(self.env.ref("crm.lost_reason_1").active)
        reason = self.env.ref("sales_full_cycle.lost_reason_price_too_high")
        self.deal.with_user(self.rep).action_set_lost(lost_reason_id=reason.id)
        self.assertEqual(self.deal.lost_reason_id, reason)
