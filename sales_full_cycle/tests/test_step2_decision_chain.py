from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_step2_needs import NEEDS, NeedsCase


class ChainCase(NeedsCase):
    @classmethod
    def _person(cls, customer, name="Wang Li", **values):
        return cls.env["res.partner"].create({"name": name, "parent_id": customer.partner_id.id, **values})

    @classmethod
    def _role(cls, customer, role="decision_maker", user=None, **values):
        values.setdefault("contact_id", cls._person(customer, role).id)
        return cls.env["sfc.decision.role"].with_user(user or cls.rep).create({"profile_id": customer.id, "role": role, **values})

    @classmethod
    def _make_a(cls, customer):
        figures, fit, chain = cls.FIGURES["A"]
        customer.write(figures)
        cls._grade(customer, strategic_fit=fit, chain_complexity=chain)


@tagged("post_install", "-at_install")
class TestDecisionChain(ChainCase):
    """S2.8: who decides, influences, uses, buys, guards; gaps are named."""

    def test_gaps_are_named_on_customer_and_deal(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        self.assertEqual(customer.decision_gaps, "No decision maker known · No key influencer known")
        decider = self._role(customer)
        self.assertEqual(customer.decision_gaps, "Decision maker never contacted · No key influencer known")
        decider.last_contacted_on = fields.Date.today()
        self._role(customer, "influencer")
        self.assertEqual((customer.decision_gaps, deal.decision_gaps), ("", ""))
        decider.unlink()
        self.assertEqual((customer.decision_gaps, deal.decision_gaps), ("No decision maker known",) * 2)

    def test_the_picture_is_ordered_by_role_and_influence(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        guard, minor = self._role(customer, "gatekeeper"), self._role(customer, "influencer", influence="low")
        major, decider = self._role(customer, "influencer", influence="high", contact_id=self._person(customer).id), self._role(customer)
        self.assertEqual(deal.decision_role_ids.ids, (decider | major | minor | guard).ids)

    def test_people_are_noted_on_the_deal(self):
        """The deal form adds, changes and removes people of the customer's chain."""
        customer = self._of_rep()
        deal, other_deal = self._deal(customer), self._deal(customer)
        guard = self._role(customer, "gatekeeper")
        with Form(deal, view="crm.crm_lead_view_form") as form:
            with form.decision_role_ids.new() as line:
                line.contact_id = self._person(customer, "Zhao")
                line.role = "decision_maker"
                line.attitude = "supporter"
                line.note = "met at the fair"
            with form.decision_role_ids.edit(0) as line:
                line.attitude = "opponent"
        roles = customer.role_ids.sorted("role_rank")
        self.assertRecordValues(roles, [
            {"contact_id": roles[0].contact_id.id, "role": "decision_maker", "attitude": "supporter", "note": "met at the fair"},
            {"contact_id": guard.contact_id.id, "role": "gatekeeper", "attitude": "opponent", "note": False}])
        self.assertEqual(roles[0].contact_id.name, "Zhao")
        self.assertEqual(other_deal.decision_role_ids, roles, "the chain is the customer's")
        with Form(deal, view="crm.crm_lead_view_form") as form:
            form.decision_role_ids.remove(0)
        self.assertEqual(customer.role_ids, guard)
        self.assertEqual(deal.decision_role_ids, guard)

    def test_without_a_customer_there_is_no_chain(self):
        deal = self.env["crm.lead"].with_user(self.rep).create({"type": "opportunity", "name": "Somebody", "user_id": self.rep.id})
        self.assertFalse(deal.decision_role_ids)
        with self.assertRaises(UserError):
            deal.decision_role_ids = [(0, 0, {"contact_id": self.rep.partner_id.id, "role": "user"})]

    def test_a_colleague_is_refused(self):
        customer = self._of_rep()
        decider = self._role(customer)
        with self.assertRaises(AccessError):
            self._role(customer, "influencer", user=self.other_rep)
        with self.assertRaises(AccessError):
            decider.with_user(self.other_rep).attitude = "opponent"

    def test_an_unassigned_deal_opens_though_its_customer_is_a_colleagues(self):
        customer = self._of_rep()
        self._role(customer)
        deal = self._deal(customer, user=self.manager, user_id=False).with_user(self.other_rep)
        self.env.invalidate_all()
        with Form(deal, view="crm.crm_lead_view_form") as form:
            self.assertEqual(len(form.decision_role_ids), 0)
            self.assertIn("Decision maker never contacted", form.decision_gaps)
        with self.assertRaises(AccessError):
            deal.action_open_customer_profile()

    def test_buttons_lead_to_the_chain_and_the_sheet(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        self.assertEqual(deal.action_open_customer_profile()["res_id"], customer.id)
        self.assertEqual(customer.action_open_decision_chain()["domain"], [("profile_id", "=", customer.id)])
        with self.assertRaises(AccessError):
            customer.with_user(self.other_rep).action_open_decision_chain()


@tagged("post_install", "-at_install")
class TestQualified(ChainCase):
    """D11, S2.15: 需求明确 = graded, needs >= 60 %, decision maker contacted or a reason why not."""

    def _ready(self):
        """Everything is there but one thing, which the test adds last."""
        customer = self._of_rep()
        deal = self._deal(customer, **NEEDS)
        return customer, deal, self._role(customer)

    def test_contact_with_the_decision_maker_comes_last(self):
        customer, deal, decider = self._ready()
        self._make_a(customer)
        self.assertEqual((deal.cycle_step, deal.qualification_gaps), ("captured", "decision maker not contacted (or say why not)"))
        decider.last_contacted_on = fields.Date.today()
        self.assertEqual((deal.cycle_step, deal.qualification_gaps), ("qualified", ""))
        self.assertEqual(deal.step_log_ids.mapped("step"), ["captured", "qualified"])
        decider.role = "influencer"
        self.assertEqual(deal.cycle_step, "captured", "an influencer is no decision maker")
        decider.role = "decision_maker"
        self.assertEqual(deal.cycle_step, "qualified")
        decider.unlink()
        self.assertEqual(deal.cycle_step, "captured")

    def test_the_grade_comes_last(self):
        customer, deal, decider = self._ready()
        decider.last_contacted_on = fields.Date.today()
        self.assertEqual((deal.cycle_step, deal.qualification_gaps), ("captured", "customer not graded"))
        self._make_a(customer)
        self.assertEqual(deal.cycle_step, "qualified")

    def test_the_needs_come_last(self):
        customer, deal, decider = self._ready()
        decider.last_contacted_on = fields.Date.today()
        self._make_a(customer)
        deal.budget_max = 0
        self.assertEqual((deal.cycle_step, deal.qualification_gaps), ("captured", "needs known at 45 % of 60 %"))
        deal.need_service = "Training"
        self.assertEqual((deal.needs_completeness, deal.cycle_step), (60, "qualified"))

    def test_a_reason_stands_for_the_contact(self):
        """S2.8: or a reason; soft."""
        customer, deal, _decider = self._ready()
        self._make_a(customer)
        deal.no_decider_reason = "No contact before the tender"
        self.assertEqual((deal.cycle_step, deal.qualification_gaps), ("qualified", ""))
        deal.no_decider_reason = False
        self.assertEqual(deal.cycle_step, "captured")

    def test_the_right_customer_comes_last(self):
        """The facts are those of the customer that the deal has now."""
        customer, deal, decider = self._ready()
        decider.last_contacted_on = fields.Date.today()
        self._make_a(customer)
        self.assertEqual(deal.cycle_step, "qualified")
        deal.partner_id = self._of_rep("Somebody else").partner_id
        self.assertEqual(deal.cycle_step, "captured")
        deal.partner_id = customer.partner_id
        self.assertEqual(deal.cycle_step, "qualified")

    def test_a_lead_is_not_qualified_before_it_is_a_deal(self):
        customer, _deal, decider = self._ready()
        decider.last_contacted_on = fields.Date.today()
        self._make_a(customer)
        lead = self._lead(partner_id=customer.partner_id.id, user_id=self.rep.id, **NEEDS)
        self.assertEqual((lead.cycle_step, lead.qualification_gaps), ("captured", ""))
        lead.convert_opportunity(customer.partner_id)
        self.assertEqual(lead.cycle_step, "qualified")

    def test_a_deal_that_is_further_stays(self):
        customer, deal, decider = self._ready()
        deal.action_set_won()
        decider.last_contacted_on = fields.Date.today()
        self._make_a(customer)
        self.assertEqual(deal.cycle_step, "signed")

    def test_every_deal_of_the_customer_follows_whoever_has_it(self):
        customer, deal, decider = self._ready()
        theirs = self._deal(customer, user=self.other_rep, **NEEDS)
        self._make_a(customer)
        decider.with_user(self.rep).sudo(False).note = "nothing that counts"
        decider.last_contacted_on = fields.Date.today()
        self.assertEqual((deal.cycle_step, theirs.cycle_step), ("qualified", "qualified"))

    def test_many_contacts_cost_as_much_as_few(self):
        def queries(count, name):
            deciders = self.env["sfc.decision.role"].sudo()
            for number in range(count):
                customer = self._of_rep(f"{name} {number}")
                self._deal(customer, no_decider_reason=False, **NEEDS)
                deciders |= self._role(customer).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            deciders.write({"last_contacted_on": fields.Date.today()})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(2, "warm")
        self.assertEqual(queries(3, "few"), queries(9, "many"))
