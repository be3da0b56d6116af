from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from .common import CustomerCase


class GateCase(CustomerCase):
    """A pipeline of the team East with four stages and a gate before some of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sfc.stage.gate"].with_context(active_test=False).search([]).active = False
        cls.new, cls.clear, cls.offer, cls.won = cls.env["crm.stage"].create([
            {"name": name, "sequence": sequence, "is_won": name == "Signed", "team_ids": [(6, 0, cls.team.ids)]}
            for name, sequence in (("Fresh", 101), ("Clear", 102), ("Offer", 103), ("Signed", 104))])
        cls.override = cls.env["sfc.gate.override"]

    @classmethod
    def _gate(cls, stage, check="needs_complete", **values):
        return cls.env["sfc.stage.gate"].create({"stage_id": stage.id, "check": check, **values})

    @classmethod
    def _deal(cls, user=None, **values):
        return cls.env["crm.lead"].with_user(user or cls.rep).create({
            "type": "opportunity", "name": "Test benches", "team_id": cls.team.id, "user_id": cls.rep.id, "stage_id": cls.new.id, **values})

    @contextmanager
    def _refused(self, *said):
        """The request fails with these words in this order, and what it wrote is rolled back."""
        with self.assertRaisesRegex(UserError, "(?s)" + ".*".join(said)), self.env.cr.savepoint():
            yield


@tagged("post_install", "-at_install")
class TestStageGates(GateCase):
    """S0.3, S3.15, P7, D11: what a deal must have before it enters a stage."""

    # === ALL WAYS IN === #

    def test_every_way_into_the_stage_is_gated(self):
        """P7: form, mass edit, create, won, import: the same rule."""
        self._gate(self.clear, severity="hard")
        self._gate(self.won, "customer_graded", severity="hard")
        deal = self._deal()
        with self._refused("Test benches", "needs known at 0 % of 60 %"):
            deal.stage_id = self.clear
        with self._refused("needs known"), Form(deal) as form:
            form.stage_id = self.clear
        with self._refused("customer not graded"):
            deal.action_set_won()
        with self._refused("needs known"):
            self._deal(stage_id=self.clear.id)
        loaded = self.env["crm.lead"].with_user(self.rep).with_context(import_file=True).load(
            ["name", "type", "stage_id", "team_id"], [["Imported", "opportunity", "Clear", "East"]])
        self.assertFalse(loaded["ids"])
        self.assertIn("needs known", loaded["messages"][0]["message"])
        self.assertEqual(deal.stage_id, self.new)

    def test_conversion_into_a_gated_stage(self):
        """A lead that stands in a stage enters it when it becomes a deal."""
        self._gate(self.clear, severity="hard")
        lead = self._lead(stage_id=self.clear.id, user_id=self.rep.id)
        with self._refused("needs known"):
            lead.convert_opportunity(self._company())

    def test_one_message_lists_everything_of_all_deals(self):
        """P7: all missing items at once."""
        self._gate(self.clear, severity="hard")
        self._gate(self.clear, "customer_graded")
        deals = self._deal() | self._deal(name="Second line", need_function="12 of them", budget_max=100)
        with self._refused("Test benches", "0 %", "customer not graded", "Second line", "50 %", "customer not graded"):
            deals.write({"stage_id": self.clear.id})

    def test_what_is_written_together_counts(self):
        self._gate(self.clear, severity="hard", threshold=50)
        deal = self._deal()
        deal.write({"stage_id": self.clear.id, "need_function": "12 of them", "budget_max": 100})
        self.assertEqual(deal.stage_id, self.clear)

    def test_skipped_stages_are_passed_too(self):
        """Their gates cannot be walked around; of two gates that check the same, the stricter one speaks."""
        self._gate(self.clear, threshold=60, severity="hard")
        self._gate(self.offer, threshold=30)
        deal = self._deal(need_function="12 of them", budget_max=100)
        with self._refused("50 % of 60 %"):
            deal.stage_id = self.offer

    # === NOT GATED === #

    def test_back_and_lost_are_free(self):
        deal = self._deal(stage_id=self.offer.id)
        self._gate(self.new, severity="hard")
        self._gate(self.clear, severity="hard")
        self._gate(self.offer, severity="hard")
        deal.stage_id = self.clear
        deal.stage_id = self.new
        deal.action_set_lost()
        deal.action_restore()
        self.assertEqual(deal.stage_id, self.new)
        with self._refused("needs known"):
            deal.stage_id = self.clear

    def test_a_deal_that_stands_in_the_stage_is_left_alone(self):
        deal = self._deal(stage_id=self.clear.id)
        self._gate(self.clear, severity="hard")
        deal.write({"stage_id": self.clear.id, "name": "Still test benches"})
        deal.name = "Test benches"

    def test_other_teams_and_companies_and_gates_not_in_use(self):
        other = self.env["crm.team"].create({"name": "West"})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._gate(self.clear, severity="hard", team_ids=[(6, 0, other.ids)])
        self._gate(self.clear, severity="hard", company_id=company.id)
        self._gate(self.clear, severity="hard", active=False)
        deal = self._deal()
        deal.stage_id = self.clear
        self.assertFalse(deal.gate_override_ids)

    def test_leads_are_not_gated(self):
        self._gate(self.clear, severity="hard")
        self.assertTrue(self._lead(stage_id=self.clear.id))

    # === SOFT GATES === #

    def test_warning_is_passed_with_a_reason_and_logged(self):
        """D11: soft gates warn; one sentence of reason is enough, and the leader sees the list."""
        self._gate(self.clear)
        deal = self._deal()
        with self._refused("say in one sentence why you go on"):
            deal.stage_id = self.clear
        self.env["sfc.gate.pass"].with_user(self.rep).create(
            {"lead_ids": deal.ids, "stage_id": self.clear.id, "reason": "the customer is in a hurry"}).action_go_on()
        self.assertEqual(deal.stage_id, self.clear)
        passed = self.override.with_user(self.leader).search([("lead_id", "=", deal.id)])
        self.assertEqual((passed.user_id, passed.severity, passed.stage_id, passed.reason, passed.missing),
                         (self.rep, "soft", self.clear, "the customer is in a hurry", "needs known at 0 % of 60 %"))
        self.assertIn("the customer is in a hurry", deal.message_ids[0].body)

    def test_reason_by_context_and_by_column(self):
        """S3.15: the API and imports obey the gates, and have a way to say why."""
        self._gate(self.clear)
        deal = self._deal()
        deal.with_context(sfc_gate_reason="agreed by telephone").stage_id = self.clear
        loaded = self.env["crm.lead"].with_user(self.rep).with_context(import_file=True).load(
            ["name", "type", "stage_id", "team_id", "gate_reason"], [["Imported", "opportunity", "Clear", "East", "old system"]])
        self.assertTrue(loaded["ids"], loaded["messages"])
        imported = self.env["crm.lead"].browse(loaded["ids"])
        self.assertEqual((deal | imported).gate_override_ids.mapped("reason"), ["agreed by telephone", "old system"])
        with self._refused("needs known"):
            self._deal().write({"stage_id": self.clear.id, "gate_reason": "  "})

    def test_nothing_missing_nothing_logged(self):
        self._gate(self.clear, threshold=50)
        deal = self._deal(need_function="12 of them", budget_max=100)
        deal.with_context(sfc_gate_reason="no matter").stage_id = self.clear
        self.assertFalse(deal.gate_override_ids)

    def test_web_client_offers_to_go_on(self):
        """The message in the web client has a button; an import and code get a plain error. A card that is dragged goes back by itself:
        Odoo's kanban reverts on any error."""
        self._gate(self.clear)
        deal = self._deal()
        model = self.env.registry["crm.lead"]
        with patch.object(model, "_is_web_client", lambda self: True):
            with self.assertRaises(RedirectWarning) as raised:
                deal.stage_id = self.clear
            message, action, button, _context = raised.exception.args
            self.assertIn("needs known", message)
            self.assertEqual((action["res_model"], action["context"]["default_lead_ids"], action["context"]["default_stage_id"]),
                             ("sfc.gate.pass", deal.ids, self.clear.id))
            self.assertTrue(button)
            with self._refused("needs known"):  # what is being created cannot go on in a second dialog
                self._deal(stage_id=self.clear.id)
            self._gate(self.clear, "customer_graded", severity="hard")
            with self._refused("A sales manager may move"):
                deal.stage_id = self.clear

    def test_wizard_shows_what_is_missing(self):
        self._gate(self.clear)
        deal = self._deal()
        action = self.env["sfc.gate.pass"]._action_for(deal, self.clear)
        wizard = self.env["sfc.gate.pass"].with_user(self.rep).with_context(**action["context"]).new({})
        self.assertIn("needs known at 0 %", wizard.missing)

    # === HARD GATES === #

    def test_only_a_sales_manager_overrules_a_stop(self):
        """P7: manager override with reason, logged."""
        self._gate(self.clear, severity="hard")
        deal = self._deal()
        for user in (self.rep, self.leader):
            with self._refused("A sales manager may move"):
                deal.with_user(user).with_context(sfc_gate_reason="please").stage_id = self.clear
        with self._refused("say in one sentence"):
            deal.with_user(self.manager).stage_id = self.clear
        deal.with_user(self.manager).with_context(sfc_gate_reason="strategic customer").stage_id = self.clear
        self.assertEqual((deal.gate_override_ids.severity, deal.gate_override_ids.user_id), ("hard", self.manager))

    # === HISTORY === #

    def test_history_is_immutable(self):
        self._gate(self.clear)
        deal = self._deal()
        deal.with_context(sfc_gate_reason="in a hurry").stage_id = self.clear
        passed = deal.gate_override_ids
        for user in (self.rep, self.leader, self.manager):
            with self._refused("history"):
                passed.with_user(user).write({"reason": "another"})
            with self.assertRaises(AccessError):
                passed.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.override.with_user(user).create({"lead_id": deal.id, "missing": "x", "reason": "y", "severity": "soft", "user_id": user.id})
        with self._refused("history"):
            passed.sudo().reason = "another"
        self.assertFalse(self.override.with_user(self.other_rep).search([("id", "=", passed.id)]))

    def test_merged_deals_keep_their_history(self):
        self._gate(self.clear)
        deals = self._deal() | self._deal()
        deals.with_context(sfc_gate_reason="in a hurry").stage_id = self.clear
        merged = deals.with_user(self.manager).merge_opportunity()
        self.assertEqual(len(merged.gate_override_ids), 2)

    # === CHECKS === #

    def test_checks_of_sheet_and_customer(self):
        """D11: lead sheet, grade, needs, decision maker or a reason why not."""
        for check in ("sheet_complete", "customer_graded", "decider_contacted"):
            self._gate(self.clear, check)
        company = self._company()
        deal = self._deal(partner_id=company.id)
        with self._refused("of the lead sheet: .*Position", "customer not graded", "decision maker not contacted"):
            deal.stage_id = self.clear
        deal.write(self._lead_vals(type="opportunity", user_id=self.rep.id))
        deal.no_decider_reason = "no contact before the tender"
        with self._refused("customer not graded"):
            deal.stage_id = self.clear
        self.assertEqual(deal.customer_profile_id.partner_id, company)
        figures, fit, chain = self.FIGURES["A"]
        deal.customer_profile_id.write({**figures, "scoring_answers": {"strategic_fit": fit, "chain_complexity": chain}})
        deal.stage_id = self.clear
        self.assertEqual(deal.stage_id, self.clear)

    def test_checks_of_the_evaluation(self):
        """S3.15: evaluated, and not weak or decided."""
        self._gate(self.clear, "evaluated")
        self._gate(self.clear, "not_weak")
        deal = self._deal(budget_max=1000, expected_revenue=900)
        with self._refused("not evaluated"):
            deal.stage_id = self.clear
        deal._evaluate({"urgency": "none", "budget_match": "none", "decision_clarity": "none"})
        with self._refused("weak, and nobody decided"):
            deal.stage_id = self.clear
        with self._refused("weak, and nobody decided"):
            deal.action_set_won()
        deal._decide_adjust("pilot", "one bench first", fields.Date.today() + timedelta(days=7))
        deal.stage_id = self.clear
        self.assertFalse(deal.gate_override_ids)

    def test_checks_of_the_proposal(self):
        """S3.11, S3.15: approved, and given to the customer."""
        self._gate(self.clear, "proposal_approved")
        self._gate(self.clear, "proposal_sent")
        deal = self._deal(partner_id=self._company().id)
        order = self.env["sale.order"].with_user(self.rep).create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id, "user_id": self.rep.id,
            "order_line": [Command.create({"product_id": self.env["product.product"].create({"name": "Bench", "taxes_id": False}).id, "price_unit": 900})]})
        with self._refused("no approved proposal; no proposal submitted"):
            deal.stage_id = self.clear
        order.sudo().write({"approval_state": "approved", "approval_content_hash": order._approval_hash()})
        with self._refused("\\): no proposal submitted"):
            deal.stage_id = self.clear
        order._submit_proposal("paper", deal.partner_id, documents=[])
        deal.stage_id = self.clear
        self.assertEqual(deal.stage_id, self.clear)

    def test_checks_read_a_colleagues_customer(self):
        """An unassigned deal of a colleague's customer is moved by whoever may move it; the check does not depend on rights."""
        self._gate(self.clear, "customer_graded")
        profile = self._graded("A")
        deal = self._deal(partner_id=profile.partner_id.id)
        deal.sudo().user_id = False
        deal.with_user(self.other_rep).stage_id = self.clear
        self.assertFalse(deal.gate_override_ids)

    def test_number_of_queries_does_not_grow(self):
        """P7: gates work in batches."""
        self._gate(self.offer)
        self._gate(self.offer, "customer_graded")
        self._gate(self.offer, "decider_contacted")
        self._gate(self.offer, "sheet_complete")

        def queries(count):
            deals = self.env["crm.lead"].browse(self._deal(partner_id=self._graded("A").partner_id.id).id for _number in range(count))
            self.env.flush_all()
            self.env.invalidate_all()
            deals.mapped("name")
            before = self.env.cr.sql_log_count
            self.assertEqual(len(deals._gate_gaps(self.offer)), count)
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(2), queries(8))

    def test_no_gate_costs_one_query(self):
        deals = self._deal() | self._deal()
        deals.mapped("stage_id.sequence")
        self.env.flush_all()
        with self.assertQueryCount(1):
            deals._gate_gaps(self.clear)

    # === CONFIGURATION === #

    def test_shipped_gates_are_not_in_use_until_a_manager_says_so(self):
        """D11: soft, and nothing is gated by installing; one click puts them in use."""
        gates = self.env["sfc.stage.gate"].with_context(active_test=False)
        self.assertFalse(gates.search([("handbook_key", "!=", False), ("active", "=", True)]))
        with self.assertRaises(AccessError):
            self.env["sfc.stage.gate"].with_user(self.leader).action_apply_handbook()
        self.env["sfc.stage.gate"].with_user(self.manager).action_apply_handbook()
        applied = gates.search([("handbook_key", "!=", False)])
        self.assertEqual(set(applied.mapped("handbook_key")), set(gates._handbook_gates()))
        self.assertEqual((set(applied.mapped("severity")), set(applied.mapped("active"))), ({"soft"}, {True}))
        self.assertEqual(applied.confirmed_by_id, self.manager)
        deal = self.env["crm.lead"].with_user(self.rep).create({"type": "opportunity", "name": "Stock pipeline", "user_id": self.rep.id})
        with self._refused("needs known at 0 % of 60 %"):
            deal.stage_id = self.env.ref("crm.stage_lead2")

    def test_shipping_twice_and_without_the_stages(self):
        gates = self.env["sfc.stage.gate"].with_context(active_test=False)
        self.assertFalse(gates._ship_handbook())
        gates.search([("handbook_key", "!=", False)]).unlink()
        self.env["crm.lead"].with_context(active_test=False).search([("stage_id", "=", self.env.ref("crm.stage_lead2").id)]).stage_id = self.new
        self.env.ref("crm.stage_lead2").unlink()
        shipped = gates._ship_handbook()
        self.assertFalse(shipped.filtered(lambda gate: gate.check == "needs_complete"))

    def test_managers_configure_on_the_stage(self):
        with Form(self.clear.with_user(self.manager)) as form, form.gate_ids.new() as gate:
            gate.check = "customer_graded"
        self.assertEqual((self.clear.gate_ids.severity, self.clear.gate_ids.display_name), ("soft", "Clear: Customer graded"))
        with self.assertRaises(AccessError):
            self.env["sfc.stage.gate"].with_user(self.rep).create({"stage_id": self.clear.id, "check": "customer_graded"})
        with self._refused("percentage"):
            self._gate(self.clear, threshold=101)

    def test_table_of_rights(self):
        """design.md section 8."""
        rights = {"sfc.stage.gate": ["", "r", "r", "rwcu"], "sfc.gate.override": ["", "r", "r", "r"]}
        for model, expected in rights.items():
            self.assertEqual(["".join(
                letter for letter, operation in zip("rwcu", ("read", "write", "create", "unlink"), strict=True)
                if self.env[model].with_user(user).has_access(operation)) for user in (self.clerk, self.rep, self.leader, self.manager)], expected)
