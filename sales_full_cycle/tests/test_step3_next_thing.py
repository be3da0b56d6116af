from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..models.step3_opportunity.crm_lead_next_step import Due
from .common import CustomerCase


@tagged("post_install", "-at_install")
class TestNextThing(CustomerCase):
    """design.md section 4: five phases, the next thing to do, one sentence and one button."""

    def _deal(self, **values):
        return self.env["crm.lead"].with_user(self.rep).create({
            "type": "opportunity", "name": "Test benches", "team_id": self.team.id, "user_id": self.rep.id, **values})

    def test_a_lead_from_screening_to_conversion(self):
        lead = self._lead(contact_name=False)
        self.assertEqual((lead.next_action, lead.next_button, lead.cycle_phase), ("screen", "Screen", "lead"))
        self.assertIn("Contact", lead.next_missing)
        lead.contact_name = "Wang"
        self.assertFalse(lead.next_missing)
        lead._screen({"need_clarity": "full"})
        self.assertEqual((lead.next_action, lead.next_button), ("assign", "Assign to me"))
        self.assertEqual(lead.with_user(self.leader).next_button, "Assign")
        self.assertEqual(lead.with_user(self.leader).action_next_thing()["res_model"], "sfc.lead.assign")
        lead.action_next_thing()
        self.assertEqual((lead.user_id, lead.next_action), (self.rep, "convert"))
        action = lead.action_next_thing()
        self.assertEqual((action["res_model"], action["context"]["active_id"]), ("crm.lead2opportunity.partner", lead.id))

    def test_a_lead_that_is_put_aside_waits(self):
        lead = self._lead()
        lead._screen({"need_clarity": "full"})
        lead.nurture_until = "2030-01-01"
        self.assertEqual((lead.next_action, lead.next_button), ("nurture", False))
        with self.assertRaisesRegex(UserError, "nothing to do"):
            lead.action_next_thing()

    def test_a_deal_until_its_needs_are_clear(self):
        """S2.15, D11: customer, grade, needs, decision maker; then phase 2."""
        deal = self._deal()
        self.assertEqual((deal.next_action, deal.next_button), ("customer", False))
        deal.partner_id = self._company()
        self.assertEqual(deal.next_action, "grade")
        self.assertEqual(deal.action_next_thing()["res_model"], "sfc.customer.grading")
        figures, fit, chain = self.FIGURES["A"]
        deal.customer_profile_id.write({**figures, "scoring_answers": {"strategic_fit": fit, "chain_complexity": chain}})
        self.assertEqual(deal.next_action, "needs")
        self.assertIn("Budget", deal.next_missing)
        self.assertEqual(deal.next_missing.count("badge"), 5)
        self.assertEqual(deal.action_next_thing()["res_model"], "sfc.need.invite")
        deal.write({"need_function": "12 of them", "budget_max": 100, "purchase_date": "2030-01-01"})
        self.assertEqual(deal.next_action, "decider")
        self.assertEqual(deal.action_next_thing()["res_model"], "sfc.follow.up")
        deal.no_decider_reason = "no contact before the tender"
        self.assertNotEqual(deal.next_action, "decider")
        self.assertEqual((deal.cycle_step, deal.cycle_phase), ("qualified", "customer"))

    def _clear_deal(self, **values):
        """A deal whose needs are clear."""
        return self._deal(partner_id=self._graded("A").partner_id.id, need_function="12 of them", budget_max=1000, purchase_date="2030-01-01",
                          no_decider_reason="no contact before the tender", **values)

    def test_a_deal_is_evaluated_and_a_weak_one_decided(self):
        """S3.1, S3.6: the sentence and the button follow the evaluation."""
        deal = self._clear_deal(expected_revenue=900)
        self.assertEqual((deal.next_action, deal.next_button), ("evaluate", "Evaluate"))
        self.assertEqual(deal.action_next_thing()["res_model"], "sfc.deal.evaluation")
        deal._evaluate({"urgency": "none", "budget_match": "none", "decision_clarity": "none"})
        self.assertEqual((deal.opportunity_strength, deal.next_action), ("weak", "decide"))
        self.assertEqual(deal.action_next_thing()["res_model"], "sfc.weak.decision")
        deal._decide_adjust("pilot", "one bench first", fields.Date.today() + timedelta(days=7))
        self.assertNotEqual(deal.next_action, "decide")
        deal.budget_max = 100
        self.assertTrue(deal.evaluation_stale)
        self.assertEqual((deal.next_action, deal.next_button), ("evaluate_again", "Evaluate again"))

    def test_a_paused_deal_waits(self):
        deal = self._clear_deal(expected_revenue=900)
        deal._evaluate({"urgency": "none", "budget_match": "none", "decision_clarity": "none"})
        reason = self.env["sfc.reason"].search([("kind", "=", "pause")], limit=1)
        deal._decide_pause(reason, fields.Date.today() + timedelta(days=30))
        self.assertEqual((deal.next_action, deal.next_button), ("paused", "Resume now"))
        deal.action_next_thing()
        self.assertNotEqual(deal.next_action, "paused")

    def test_a_proposal_from_making_it_to_the_decision(self):
        """S3.7, S3.11, S3.15: make, complete, submit, wait, send, ask for the decision, win."""
        deal = self._clear_deal(expected_revenue=900)
        deal._evaluate({"urgency": "soon", "budget_match": "close", "decision_clarity": "met"})
        self.assertEqual((deal.next_action, deal.next_button), ("propose", "New proposal"))
        self.assertEqual(deal.action_next_thing()["res_model"], "sale.order")
        order = self.env["sale.order"].with_user(self.rep).create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id, "user_id": self.rep.id, "team_id": self.team.id,
            "order_line": [Command.create({"product_id": self.env["product.product"].create({"name": "Bench", "taxes_id": False}).id, "price_unit": 900})]})
        self.assertEqual((deal.next_action, deal.next_button), ("complete", "Open the proposal"))
        self.assertEqual(deal.next_missing.count("badge"), len(order._approval_gaps()))
        self.assertEqual(deal.action_next_thing()["res_id"], order.id)
        order.solution_line_ids.solution = "Bench of type A"
        order.write({"no_value_service": True, "no_success_case": True})
        self.assertEqual((deal.next_action, deal.next_button), ("submit", "Submit for approval"))
        deal.action_next_thing()
        self.assertEqual((deal.next_action, deal.next_button), ("wait", False))
        order.approval_ids.with_user(self.leader).action_approve()
        self.assertEqual((deal.next_action, deal.next_button), ("send", "Send the proposal"))
        self.assertEqual(deal.action_next_thing()["res_model"], "mail.compose.message")
        order.order_line.price_unit = 800
        self.assertEqual(deal.next_action, "submit")
        self.assertIn("changed after its approval", deal.next_thing)
        order.order_line.price_unit = 900
        self.assertEqual(deal.next_action, "send")
        order._submit_proposal("paper", deal.partner_id, documents=[])
        self.assertEqual((deal.next_action, deal.cycle_phase), ("plan_decision", "opportunity"))
        order.decision_date = "2030-01-01"
        self.assertEqual((deal.next_action, deal.next_button), ("negotiate", "Start a round"))
        self.assertIn("2030", deal.next_thing)
        order.decision_date = fields.Date.today()
        self.assertEqual((deal.next_action, deal.next_button), ("ask_decision", "New follow-up"))
        self.assertIn(str(fields.Date.today().year), deal.next_thing)
        order.action_confirm()
        self.assertEqual((deal.next_action, deal.next_button), ("win", "Won"))
        deal.action_next_thing()
        self.assertEqual((deal.won_status, deal.next_action), ("won", False))

    def test_nothing_is_next_for_what_is_closed(self):
        deal = self._deal()
        deal.action_set_lost()
        self.assertFalse(deal.next_thing)
        deal.action_restore()
        self.assertTrue(deal.next_thing)
        deal.action_set_won()
        self.assertEqual((deal.next_thing, deal.cycle_phase), (False, "contract"))

    def test_what_is_missing_cannot_carry_markup(self):
        """The chips are HTML; what they say may come from a person."""
        lead = self._lead()
        with patch.object(self.env.registry["crm.lead"], "_due_screen", lambda lead: Due("Screen", ["<script>x</script>"])):
            self.assertNotIn("<script", lead.next_missing)
            self.assertIn("&lt;script", lead.next_missing)

    def test_only_who_may_write_presses_the_button(self):
        deal = self._deal()
        with self.assertRaises(AccessError):
            deal.with_user(self.other_rep).action_next_thing()
        with self.assertRaises(AccessError):
            deal.with_user(self.clerk).action_next_thing()

    def test_every_thing_can_be_asked_and_done(self):
        """A step that adds something to the registry names methods that exist."""
        lead = self.env["crm.lead"]
        for thing in lead._next_things():
            self.assertTrue(callable(getattr(lead, thing.due)), thing.code)
            self.assertEqual(bool(thing.button), bool(thing.action), thing.code)
            if thing.action:
                self.assertTrue(callable(getattr(lead, thing.action)), thing.code)
        codes = [thing.code for thing in lead._next_things()]
        self.assertEqual(len(codes), len(set(codes)))

    def test_every_step_has_a_phase(self):
        steps = dict(self.env["crm.lead"]._fields["cycle_step"].selection)
        for step in steps:
            self.assertTrue(self.env["crm.lead"].new({"cycle_step": step}).cycle_phase, step)

    # === LIST, KANBAN === #

    def test_deals_action_shows_at_most_ten_columns_first(self):
        """screens.md: at most 10 columns before the optional ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.crm_lead_action_deals")
        self.assertEqual([mode for _view, mode in action["views"]], ["list", "kanban", "form", "pivot", "graph", "activity"])
        arch, _view = self.env["crm.lead"].with_user(self.rep)._get_view(action["views"][0][0], "list")
        shown = [node.get("name") for node in arch.iterfind("field") if not node.get("column_invisible") and node.get("optional") != "hide"]
        self.assertEqual(shown[:4], ["deal_number", "partner_id", "customer_grade_id", "name"])
        # the last two are only there for those who use them
        self.assertEqual(set(shown), {
            "deal_number", "partner_id", "customer_grade_id", "name", "opportunity_strength", "cycle_step", "expected_revenue", "date_deadline",
            "activity_ids", "user_id", "lead_properties", "recurring_revenue_monthly"})

    def test_colour_of_a_card_is_the_strength(self):
        """screens.md: colours mean something."""
        deal = self._clear_deal(expected_revenue=900)
        self.assertEqual(deal.strength_color, 0)
        deal._evaluate({"urgency": "none", "budget_match": "none", "decision_clarity": "none"})
        self.assertEqual(deal.strength_color, 1)
        arch, _view = self.env["crm.lead"]._get_view(self.env.ref("sales_full_cycle.crm_lead_view_kanban_deals").id, "kanban")
        self.assertEqual(arch.get("highlight_color"), "strength_color")
        self.assertFalse(arch.findall(".//field[@widget='kanban_color_picker']"), "a colour that somebody picked would say nothing")

    def test_filters_and_groups_of_the_deals_can_be_asked(self):
        """Every filter of the search view is a domain that the database understands, every group one it can group by."""
        arch, _view = self.env["crm.lead"].with_user(self.rep)._get_view(self.env.ref("sales_full_cycle.crm_lead_view_search_deals").id, "search")
        deals, values = self.env["crm.lead"].with_user(self.rep), {"uid": self.rep.id}
        names = [node.get("name") for node in arch.iter("filter")]
        for wanted in ("assigned_to_me", "my_team", "weak", "evaluation_stale", "paused", "no_next_step", "overdue", "by_step", "by_grade"):
            self.assertIn(wanted, names)
        for node in arch.iter("filter"):
            if domain := node.get("domain"):
                deals.search(safe_eval(domain, values), limit=1)
            group = safe_eval(node.get("context") or "{}", values).get("group_by")
            if group and group != "lead_properties":
                date = deals._fields[group.split(":")[0].split(".")[0]].type in ("date", "datetime") and ":" not in group
                deals.formatted_read_group([], [f"{group}:month" if date else group], ["__count"])

    def test_at_most_one_highlighted_button_in_the_header(self):
        arch, _view = self.env["crm.lead"].with_user(self.rep)._get_view(self.env.ref("crm.crm_lead_view_form").id, "form")
        of_deals = [
            button.get("name") for button in arch.iterfind("header/button")
            if {"oe_highlight", "btn-primary"} & set((button.get("class") or "").split()) and "type == 'opportunity'" not in (button.get("invisible") or "")]
        self.assertFalse(of_deals, "the highlighted button of a deal is that of the next thing")
        self.assertEqual(len(arch.findall(".//button[@name='action_next_thing']")), 1)
