from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.orm.registry import Registry
from odoo.tests import Form, tagged
from odoo.tests.common import BaseCase

from ..models.common import scoring
from .common import CustomerCase, at
from .test_common_scoring import CARD

NOW = "2026-03-02 04:00"
TODAY = date(2026, 3, 2)


class TestZeroRule(BaseCase):
    """Two dimensions at 0 are always weak (D6)."""

    def test_dimensions_at_zero_cap_the_result(self):
        card = {**CARD, "zeros": 1}
        picks = {1: 11, 2: 24, 3: 31}  # "need" has 0 and 100 points: it is not at 0
        self.assertEqual(scoring.evaluate(card, picks)["result"], "medium")
        card["criteria"] = [{**c, "dimension": c["id"]} for c in card["criteria"]]
        snapshot = scoring.evaluate(card, picks)
        self.assertEqual((snapshot["total"], snapshot["result"]), (60.0, "low"))
        self.assertEqual(scoring.evaluate({**card, "zeros": 2}, picks)["result"], "medium")
        self.assertFalse(scoring.is_capped({**card, "zeros": 0}, snapshot["criteria"]))

    def test_lifts_know_the_rule(self):
        card = {**CARD, "zeros": 1, "criteria": [{**c, "dimension": c["id"]} for c in CARD["criteria"]]}
        snapshot = scoring.evaluate(card, {1: 11, 2: 24, 3: 31})
        self.assertIn([(2, 23)], scoring.lifts(snapshot), "leaving 0 is enough")

    def test_what_is_not_answered_is_not_zero(self):
        card = {**CARD, "zeros": 1, "criteria": [{**c, "dimension": c["id"]} for c in CARD["criteria"]]}
        self.assertEqual(scoring.evaluate(card, {1: 11, 3: 31})["result"], "high")


class DealCase(CustomerCase):
    """Deals of the salesperson `rep`, in the company's own time zone and on a fixed day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "UTC"
        cls.card = cls.env.ref("sales_full_cycle.scorecard_opportunity")
        cls.product = cls.env["product.product"].create({"name": "Test bench", "list_price": 100.0, "taxes_id": [(5,)]})

    def setUp(self):
        super().setUp()
        clock = at(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    @classmethod
    def _deal(cls, user=None, profile=None, **values):
        profile = profile or cls._customer()
        return cls.env["crm.lead"].with_user(user or cls.rep).create({
            "type": "opportunity", "name": "Twelve test benches", "partner_id": profile.partner_id.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "no_decider_reason": "not before the tender", **values})

    @classmethod
    def _need_record(cls, deal, method="visit"):
        return cls.env["sfc.follow.up"].with_user(cls.rep).create({
            "profile_id": deal.customer_profile_id.id, "lead_id": deal.id, "kind": "need", "method": method, "content": "They buy in May, the board agreed.",
            "done_at": fields.Datetime.now()})

    @classmethod
    def _role(cls, deal, role, met=False):
        person = cls.env["res.partner"].create({"name": "Person", "parent_id": deal.customer_profile_id.partner_id.id})
        line = cls.env["sfc.decision.role"].with_user(cls.rep).create({"profile_id": deal.customer_profile_id.id, "contact_id": person.id, "role": role})
        if met:
            cls.env["sfc.follow.up"].with_user(cls.rep).create({
                "profile_id": deal.customer_profile_id.id, "contact_ids": [(6, 0, person.ids)], "method": "visit", "content": "Met at their site for an hour.",
                "done_at": fields.Datetime.now()})
        return line

    @classmethod
    def _quote(cls, deal, amount, **values):
        return cls.env["sale.order"].with_user(cls.rep).create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id,
            "order_line": [(0, 0, {"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": amount, **values.pop("line", {})})], **values})

    @classmethod
    def _hints(cls, deal):
        deal.invalidate_recordset()
        return {criterion.code: level.code for criterion, level in deal._hint_levels(cls.card)[deal.id].items()}

    @classmethod
    def _dialog(cls, deals, user=None):
        return cls.env["sfc.deal.evaluation"].with_user(user or cls.rep).with_context(default_deal_ids=deals.ids).create({})

    @classmethod
    def _evaluate(cls, deals, user=None, reason="we know enough", **judged):
        wizard = cls._dialog(deals, user)
        for line in wizard.line_ids:
            if line.criterion_id.code in judged:
                line.level_id = line.criterion_id._level(judged[line.criterion_id.code])
        wizard.go_on_reason = reason
        wizard.action_apply()
        deals.invalidate_recordset()

    @classmethod
    def _weak(cls, deal):
        cls._evaluate(deal, urgency="none", budget_match="none", decision_clarity="contact")
        return deal

    @classmethod
    def _strong_facts(cls, **values):
        """Purchase in 60 days, confirmed; price is the budget; decision maker met and an influencer known."""
        deal = cls._deal(purchase_date=TODAY + timedelta(days=60), budget_max=100_000, expected_revenue=100_000, **values)
        cls._need_record(deal)
        cls._role(deal, "decision_maker", met=True)
        cls._role(deal, "influencer")
        return deal


@tagged("post_install", "-at_install")
class TestHints(DealCase):
    """What the facts hint at (S3.2-S3.4, D6)."""

    def test_urgency(self):
        """S3.2: days, month ends included, and whether somebody confirmed."""
        deal = self._deal()
        self.assertEqual(self._hints(deal)["urgency"], "none")
        deal.purchase_date = date(2026, 5, 31)  # 90 days from 2 March
        self.assertEqual(self._hints(deal)["urgency"], "later", "only oral")
        self._need_record(deal, "call")
        self.assertEqual(self._hints(deal)["urgency"], "later", "a call is oral")
        self._need_record(deal, "email")
        for day, level in ((date(2026, 5, 31), "soon"), (date(2026, 6, 1), "half_year"), (date(2026, 8, 29), "half_year"), (date(2026, 8, 30), "later"),
                           (TODAY, "soon"), (date(2026, 3, 1), "none"), (date(2026, 2, 28), "none")):
            deal.purchase_date = day
            self.assertEqual(self._hints(deal)["urgency"], level, day)

    def test_urgency_counts_in_the_calendar_of_the_company(self):
        deal = self._deal(purchase_date=date(2026, 5, 31))
        self._need_record(deal)
        with at("2026-03-01 20:00"):
            self.assertEqual(self._hints(deal)["urgency"], "half_year", "91 days in UTC")
            self.env.company.resource_calendar_id.tz = "Asia/Shanghai"
            self.assertEqual(self._hints(deal)["urgency"], "soon", "it is the 2nd in Shanghai already")

    def test_budget_of_expected_revenue(self):
        """S3.3."""
        deal = self._deal(budget_max=100_000)
        self.assertEqual(self._hints(deal)["budget_match"], "none", "no price")
        for price, level in ((69_990, "negotiable"), (70_000, "close"), (105_000, "close"), (105_010, "negotiable"), (120_000, "negotiable"),
                             (120_010, "far"), (150_000, "far"), (150_010, "none")):
            deal.expected_revenue = price
            self.assertEqual(self._hints(deal)["budget_match"], level, price)
        deal.budget_max = 0
        self.assertEqual(self._hints(deal)["budget_match"], "none", "no budget")

    def test_the_newest_quotation_counts_before_expected_revenue(self):
        deal = self._deal(budget_max=100_000, expected_revenue=1_000_000)
        first = self._quote(deal, 100_000)
        self.assertEqual(self._hints(deal)["budget_match"], "close")
        second = self._quote(deal, 140_000)
        self.assertEqual(self._hints(deal)["budget_match"], "far")
        second.action_cancel()
        self.assertEqual(self._hints(deal)["budget_match"], "close")
        first.action_cancel()
        self.assertEqual(self._hints(deal)["budget_match"], "none")

    def test_the_same_tax_basis(self):
        """S3.3, D6: `budget_tax_included`."""
        tax = self.env["account.tax"].create({
            "name": "VAT 13", "amount": 13, "amount_type": "percent", "type_tax_use": "sale", "price_include_override": "tax_excluded"})
        deal = self._deal(budget_max=100_000)
        order = self._quote(deal, 100_000, line={"tax_ids": [(6, 0, tax.ids)]})
        self.assertEqual((order.amount_untaxed, order.amount_total), (100_000, 113_000))
        self.assertEqual((deal.budget_ratio, self._hints(deal)["budget_match"]), (1.13, "negotiable"))
        deal.budget_tax_included = False
        self.assertEqual((deal.budget_ratio, self._hints(deal)["budget_match"]), (1.0, "close"))

    def test_quotation_in_another_currency(self):
        """S3.3: in company currency."""
        currency = self.env["res.currency"].with_context(active_test=False).search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        currency.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": currency.id, "rate": 2.0, "name": "2020-01-01", "company_id": self.env.company.id})
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        deal = self._deal(budget_max=100_000)
        self._quote(deal, 200_000, pricelist_id=pricelist.id)
        self.assertEqual(deal.budget_ratio, 1.0)

    def test_decision_clarity(self):
        """S3.4."""
        deal = self._deal()
        self.assertEqual(self._hints(deal)["decision_clarity"], "none", "only the company is known")
        deal.contact_name = "Wang"
        self.assertEqual(self._hints(deal)["decision_clarity"], "contact")
        decider = self._role(deal, "decision_maker", met=True)
        self.assertEqual(self._hints(deal)["decision_clarity"], "known", "nobody else of the chain")
        self._role(deal, "influencer")
        self.assertEqual(self._hints(deal)["decision_clarity"], "met")
        decider.unlink()
        self.assertEqual(self._hints(deal)["decision_clarity"], "contact")

    def test_each_hint_has_a_reason(self):
        deal = self._strong_facts()
        order = self._quote(deal, 140_000)
        reasons = deal._hint_reasons()[deal]
        self.assertIn(order.name, reasons["budget_match"])
        self.assertIn("140", reasons["budget_match"])
        self.assertIn("in 60 days", reasons["urgency"])
        self.assertIn("decision maker", reasons["decision_clarity"])

    def test_hints_of_many_deals_cost_a_fixed_number_of_queries(self):
        def cost(count):
            deals = self.env["crm.lead"].union(*(self._strong_facts() for _number in range(count)))
            for deal in deals:
                self._quote(deal, 140_000)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            deals._hint_levels(self.card)
            return self.cr.sql_log_count - before
        cost(1)
        self.assertEqual(cost(2), cost(9))


@tagged("post_install", "-at_install")
class TestEvaluation(DealCase):
    """A person judges; the scorecard gives strong, medium or weak (S3.1, S3.5, D6)."""

    def test_shipped_scorecard(self):
        """D6: weights, thresholds, exactly three dimensions, two at 0 are weak."""
        self.assertEqual({c.code: c.weight for c in self.card.criterion_ids}, {"urgency": 35, "budget_match": 35, "decision_clarity": 30})
        self.assertEqual({b.code: b.minimum for b in self.card.band_ids}, {"strong": 80, "medium": 50, "weak": 0})
        self.assertEqual(self.card.lowest_with_zeros, 2)

    def test_results(self):
        """100 x 35 + 60 x 35 + 100 x 30 = 86 strong; 100, 60, 30 = 65 medium; 30, 60, 60 = 49.5 weak."""
        deal = self._deal()
        for judged, total, strength in (
                (("soon", "negotiable", "met"), 86.0, "strong"), (("soon", "negotiable", "contact"), 65.0, "medium"),
                (("later", "negotiable", "known"), 49.5, "weak")):
            self._evaluate(deal, **dict(zip(("urgency", "budget_match", "decision_clarity"), judged, strict=True)))
            self.assertEqual((deal.deal_score, deal.opportunity_strength), (total, strength))
        self.assertEqual((deal.urgency_level, deal.budget_match_level, deal.decision_clarity_level), ("low", "medium", "medium"))
        self.assertEqual(deal.deal_evaluation_ids.mapped("result"), ["weak", "medium", "strong"])
        self.assertEqual(deal.evaluated_at, fields.Datetime.now())
        self.assertFalse(deal.screening_level, "the screening of leads is another scope")

    def test_two_dimensions_at_zero_are_weak_under_any_weights(self):
        draft = self.env["sfc.scorecard"].with_user(self.manager).browse(self.card.with_user(self.manager).action_new_version()["res_id"])
        for code, weight in (("urgency", 80), ("budget_match", 10), ("decision_clarity", 10)):
            draft.criterion_ids.filtered(lambda c, code=code: c.code == code).weight = weight
        draft.action_activate()
        deal = self._deal()
        self._evaluate(deal, urgency="soon", budget_match="none", decision_clarity="none")
        self.assertEqual((deal.deal_score, deal.opportunity_strength), (80.0, "weak"))
        self.assertIn("whatever the total", deal.deal_evaluation_id.explanation)
        self._evaluate(deal, urgency="soon", budget_match="none", decision_clarity="contact")
        self.assertEqual(deal.opportunity_strength, "strong")

    def test_a_scorecard_has_exactly_the_three_dimensions(self):
        """S3.1: 三维度."""
        draft = self.env["sfc.scorecard"].with_user(self.manager).browse(self.card.with_user(self.manager).action_new_version()["res_id"])
        draft.criterion_ids[0].code = "gut_feeling"
        with self.assertRaisesRegex(ValidationError, "decision_clarity"):
            draft.action_activate()

    def test_the_dialog_is_filled_in_with_hints_and_their_reasons(self):
        deal = self._strong_facts()
        form = Form(self.env["sfc.deal.evaluation"].with_user(self.rep).with_context(default_deal_ids=deal.ids))
        self.assertIn("strong", str(form.preview).lower())
        for position in range(3):
            with form.line_ids.edit(position) as line:
                self.assertEqual(line.level_id, line.hint_level_id)
                self.assertTrue(line.hint)
        form.go_on_reason = "sure"
        form.save().action_apply()
        self.assertEqual(deal.opportunity_strength, "strong")

    def test_hint_and_judgement_are_both_kept(self):
        deal = self._strong_facts()
        self._evaluate(deal, urgency="none")
        self.assertEqual((deal.urgency_level, deal.budget_match_level, deal.opportunity_strength), ("none", "high", "medium"))
        entry = next(e for e in deal.deal_evaluation_id.snapshot["criteria"] if e["id"] == self.env.ref("sales_full_cycle.criterion_deal_urgency").id)
        levels = self.env["sfc.scorecard.level"].browse([entry["hint"], entry["level"]])
        self.assertEqual(levels.mapped("code"), ["soon", "none"])
        self.assertIn("Judged otherwise than the facts hinted: Within 90 days", deal.deal_evaluation_id.explanation)
        self.assertIn("in 60 days", deal.deal_evaluation_id.explanation)

    def test_soft_gate(self):
        """D11: graded, needs known, decision maker contacted; a reason is enough, and is noted."""
        deal = self._deal()
        with self.assertRaisesRegex(UserError, "customer not graded"):
            self._evaluate(deal, reason=False)
        self._evaluate(deal, reason="the tender closes today")
        self.assertIn("the tender closes today", deal.deal_evaluation_id.note)
        self.assertIn("customer not graded", deal.deal_evaluation_id.note)
        self.assertTrue(deal.message_ids.filtered(lambda m: "the tender closes today" in m.body))

    def test_no_reason_is_asked_where_nothing_is_missing(self):
        deal = self._deal(profile=self._graded("A"), need_function="x", need_service="x", budget_max=100_000, purchase_date=TODAY)
        self._evaluate(deal, reason=False)
        self.assertFalse(deal.deal_evaluation_id.note)

    def test_facts_typed_in_the_form_of_the_deal(self):
        """The form says at once that the evaluation is stale, and keeps what was judged."""
        deal = self._strong_facts()
        self._evaluate(deal)
        with Form(deal.with_user(self.rep)) as form:
            form.purchase_date = TODAY + timedelta(days=300)
            self.assertTrue(form.evaluation_stale)
            self.assertIn("Urgency", form.evaluation_stale_reasons)
        self.assertEqual((deal.evaluation_stale, deal.opportunity_strength), (True, "strong"))

    def test_a_dimension_left_open_follows_the_hint(self):
        deals = self._strong_facts() | self._deal()
        self._evaluate(deals, decision_clarity="met")
        self.assertEqual(deals.mapped("opportunity_strength"), ["strong", "weak"])
        self.assertEqual(deals.mapped("decision_clarity_level"), ["high", "high"])

    def test_step_evaluated(self):
        """The step follows from the fact, and is logged."""
        deal = self._deal()
        self.assertNotEqual(deal.cycle_step, "evaluated")
        self._evaluate(deal)
        self.assertEqual(deal.cycle_step, "evaluated")
        self.assertEqual(deal.step_log_ids.sorted("id")[-1:].step, "evaluated")

    def test_history_moves_along_when_deals_are_merged(self):
        profile = self._customer()
        first, second = self._deal(profile=profile, probability=90), self._deal(profile=profile, probability=10)
        self._weak(second)
        evaluation = second.deal_evaluation_id
        (first | second).with_user(self.manager).merge_opportunity()
        survivor = (first | second).exists()
        self.assertEqual((survivor.deal_evaluation_ids, survivor.opportunity_strength), (evaluation, "weak"))

    def test_no_proposal_is_submitted_for_approval_before_the_evaluation(self):
        """S3.16, D11: hard."""
        deal = self._deal()
        order = self._quote(deal, 100)
        for user in (self.rep, self.manager):
            with self.assertRaisesRegex(UserError, "Evaluate the deal Twelve test benches first"):
                order.with_user(user).action_submit_for_approval()
        self._evaluate(deal)
        self.assertFalse([gap for gap in order._approval_gaps() if "Evaluate" in gap])

    def test_a_quotation_without_deal_needs_no_evaluation(self):
        order = self.env["sale.order"].with_user(self.rep).create({"partner_id": self._company().id})
        self.assertFalse([gap for gap in order._approval_gaps() if "Evaluate" in gap])

    # === REFUSALS === #

    def test_who_may_not_write_the_deal_may_not_evaluate_it(self):
        deal = self._deal()
        with self.assertRaises(AccessError):
            self.env["sfc.deal.evaluation"].with_user(self.other_rep).create({"deal_ids": [(6, 0, deal.ids)], "go_on_reason": "x"}).action_apply()
        with self.assertRaises(AccessError):
            deal.with_user(self.other_rep).action_evaluate()
        with self.assertRaises(AccessError):
            deal.with_user(self.clerk).action_evaluate()

    def test_leader_and_manager_evaluate(self):
        for user in (self.leader, self.manager):
            deal = self._deal()
            self._evaluate(deal, user)
            self.assertEqual(deal.deal_evaluation_id.user_id, user)

    def test_history_is_seen_by_whoever_sees_the_deal(self):
        deal = self._deal()
        self._evaluate(deal)
        evaluation = deal.deal_evaluation_id
        for user in (self.rep, self.leader, self.manager):
            self.assertTrue(evaluation.with_user(user).explanation)
        for user in (self.other_rep, self.clerk):
            with self.assertRaises(AccessError):
                evaluation.with_user(user).read(["result"])

    def test_leads_and_closed_deals_are_not_evaluated(self):
        lead, lost = self._lead(), self._deal()
        lost.action_set_lost()
        for record in (lead, lost):
            with self.assertRaisesRegex(UserError, "Only open deals"):
                record.with_user(self.manager).action_evaluate()

    def test_the_strength_has_one_writer(self):
        deal = self._deal()
        self._evaluate(deal)
        for values in ({"opportunity_strength": "strong"}, {"opportunity_strength": False}, {"urgency_level": "high"}, {"evaluation_stale": False}):
            with self.assertRaisesRegex(UserError, "Evaluate"):
                deal.with_user(self.manager).write(values)
        with self.assertRaisesRegex(UserError, "Evaluate"):
            self._deal(opportunity_strength="strong")

    def test_without_a_scorecard_it_says_what_to_do(self):
        deal = self._deal()
        self.card.with_user(self.manager).action_retire()
        with self.assertRaisesRegex(UserError, "Configuration > Scorecards"):
            deal.action_evaluate()

    def test_an_evaluation_is_history(self):
        deal = self._deal()
        self._evaluate(deal)
        for user in (self.rep, self.manager):
            with self.assertRaises(UserError):
                deal.deal_evaluation_id.with_user(user).write({"result": "strong"})

    def test_a_copy_is_not_evaluated(self):
        deal = self._deal()
        self._evaluate(deal)
        self.assertFalse(deal.copy().opportunity_strength)

    # === BATCHES === #

    def test_many_deals_are_evaluated_in_a_fixed_number_of_queries(self):
        profile = self._customer()

        def cost(count):
            deals = self._many(profile, count)
            before = self.cr.sql_log_count
            deals._evaluate({"urgency": "none", "budget_match": "none", "decision_clarity": "met"})
            self.env.flush_all()
            spent = self.cr.sql_log_count - before
            self.assertEqual(set(deals.mapped("opportunity_strength")), {"weak"})
            return spent
        cost(2)
        self.assertLessEqual(cost(100), cost(10) + 2)
        self.assertLess(cost(1000), 3 * cost(100), "the ORM itself writes in packets of a hundred")

    @classmethod
    def _many(cls, profile, count):
        deals = cls.env["crm.lead"].with_user(cls.rep).create([{
            "type": "opportunity", "name": f"Deal {number}", "partner_id": profile.partner_id.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "purchase_date": TODAY + timedelta(days=91), "budget_max": 100_000, "expected_revenue": 100_000,
        } for number in range(count)])
        cls.env.flush_all()
        cls.env.invalidate_all()
        return deals


@tagged("post_install", "-at_install")
class TestStale(DealCase):
    """Facts that change after the evaluation mark it, they do not rewrite it (S3.1, issue)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with at(NOW):
            cls.deal = cls._strong_facts()
            cls._evaluate(cls.deal, urgency="later")

    def _assert_stale(self, *words):
        self.deal.flush_recordset()
        self.deal.invalidate_recordset()
        self.assertTrue(self.deal.evaluation_stale)
        for word in words:
            self.assertIn(word, self.deal.evaluation_stale_reasons)
        self.assertEqual((self.deal.urgency_level, self.deal.opportunity_strength, len(self.deal.deal_evaluation_ids)), ("low", "medium", 1))

    def test_fresh(self):
        self.assertEqual((self.deal.evaluation_stale, self.deal.evaluation_stale_reasons), (False, False), "judging otherwise is no change")

    def test_quotation(self):
        order = self._quote(self.deal, 104_000)
        self.assertFalse(self.deal.evaluation_stale, "the same level")
        order.order_line.price_unit = 121_000
        self._assert_stale("Budget match", "Close", "Far apart", order.name)
        order.order_line.price_unit = 100_000
        self.assertFalse(self.deal.evaluation_stale, "as it was")
        order.order_line.price_unit = 160_000
        self._assert_stale("Above 150 %")
        order.action_cancel()
        self.assertFalse(self.deal.evaluation_stale)

    def test_budget(self):
        self.deal.budget_max = 80_000
        self._assert_stale("Budget match")

    def test_purchase_date(self):
        self.deal.purchase_date = TODAY + timedelta(days=90)
        self.assertFalse(self.deal.evaluation_stale)
        self.deal.purchase_date = TODAY + timedelta(days=91)
        self._assert_stale("Urgency", "Within 180 days", "in 91 days")

    def test_decision_maker(self):
        self.deal.customer_profile_id.role_ids.filtered(lambda role: role.role == "influencer").unlink()
        self._assert_stale("Decision-chain clarity", "No key influencer known")

    def test_decision_maker_found_and_met(self):
        deal = self._deal()
        self._evaluate(deal)
        self._role(deal, "decision_maker")
        self.assertTrue(deal.evaluation_stale)
        self._evaluate(deal)
        self.assertFalse(deal.evaluation_stale)
        self._role(deal, "influencer")
        self.assertFalse(deal.evaluation_stale, "nobody was met")
        person = deal.customer_profile_id.role_ids.filtered(lambda role: role.role == "decision_maker").contact_id
        self.env["sfc.follow.up"].with_user(self.rep).create({
            "profile_id": deal.customer_profile_id.id, "contact_ids": [(6, 0, person.ids)], "method": "visit", "content": "Met at their site for an hour.",
                "done_at": fields.Datetime.now()})
        deal.flush_recordset()
        self.assertTrue(deal.evaluation_stale)

    def test_need_confirmed(self):
        deal = self._deal(purchase_date=TODAY + timedelta(days=30))
        self._evaluate(deal)
        record = self._need_record(deal)
        self.assertTrue(deal.evaluation_stale)
        record.with_user(self.rep).active = False
        self.assertFalse(deal.evaluation_stale)

    def test_new_standard(self):
        draft = self.env["sfc.scorecard"].with_user(self.manager).browse(self.card.with_user(self.manager).action_new_version()["res_id"])
        draft.action_activate()
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_rescore").method_direct_trigger()
        self._assert_stale("Another version of the standard")
        self._evaluate(self.deal, urgency="later")
        self.assertFalse(self.deal.evaluation_stale)

    def test_preview_of_a_new_standard_looks_at_deals(self):
        draft = self.env["sfc.scorecard"].with_user(self.manager).browse(self.card.with_user(self.manager).action_new_version()["res_id"])
        draft.band_ids.filtered(lambda band: band.code == "strong").minimum = 60
        preview = self.env["sfc.scorecard.preview"].browse(draft.action_preview()["res_id"])
        self.assertEqual((preview.line_ids.mapped("before"), preview.line_ids.mapped("after")), (["medium"], ["strong"]))

    def test_time_passes(self):
        """The date does not change, the days to it do: daily job."""
        with at("2026-05-01 23:00"):
            self._run()
            self.assertFalse(self.deal.evaluation_stale, "the purchase is today")
        with at("2026-05-02 01:00"):
            self.assertEqual(self._run(), 1)
            self._assert_stale("Urgency", "No date, or past", "has passed")
            self.assertEqual(self._run(), 0, "known already")

    def test_the_job_looks_at_a_deal_once_a_day(self):
        self.assertEqual([self._run(), self._run()], [1, 0])
        with at("2026-03-03 00:10"):
            self.assertEqual(self._run(), 1)

    def test_the_job_goes_on_where_it_was_stopped(self):
        other = self._strong_facts()
        self._evaluate(other)
        with at("2026-05-02 01:00"):
            self.assertEqual(self._run(batch=1), 1)
            self.assertEqual(self._run(batch=1), 1)
            self.assertTrue(all((self.deal | other).mapped("evaluation_stale")))

    def test_the_cron(self):
        with at("2026-05-02 01:00"), self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_check_evaluations").method_direct_trigger()
            self._assert_stale("Urgency")

    def _run(self, batch=1000):
        done = self.env["crm.lead"].sudo()._check_next_evaluations(batch)
        self.deal.invalidate_recordset()
        return done

    def test_many_deals_become_stale_in_a_fixed_number_of_queries(self):
        profile = self._customer()

        def cost(count):
            deals = TestEvaluation._many.__func__(type(self), profile, count)
            deals._evaluate({"urgency": "half_year"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with at("2026-09-01 04:00"):
                self.assertGreaterEqual(self._run(), count)
            spent = self.cr.sql_log_count - before
            self.assertTrue(all(deals.mapped("evaluation_stale")))
            return spent
        cost(2)
        self.assertLessEqual(cost(100), cost(10) + 2)
        self.assertLess(cost(900), 3 * cost(100), "the ORM itself writes in packets of a hundred")

    def test_deals_that_are_not_evaluated_look_at_nothing(self):
        """Creating and writing ordinary deals stays as cheap as it was."""
        Lead = type(self.env["crm.lead"])
        with patch.object(Lead, "_newest_proposals", side_effect=AssertionError), patch.object(Lead, "_hint_levels", side_effect=AssertionError):
            deal = self._deal(purchase_date=TODAY, budget_max=10, expected_revenue=10)
            deal.write({"purchase_date": TODAY + timedelta(days=200), "budget_max": 20})
            self._quote(deal, 100)
            self._need_record(deal)
            self.env.flush_all()

    def test_ordinary_deals_cost_no_query_more(self):
        """Counted with and without the field that says stale."""
        deal = self._deal()

        def cost(change):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            change()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def costs():
            return {
                "create": cost(lambda: self._deal(profile=deal.customer_profile_id)), "lead": cost(self._lead),
                "revenue": cost(lambda: deal.write({"expected_revenue": deal.expected_revenue + 1})),
                "date": cost(lambda: deal.write({"purchase_date": (deal.purchase_date or TODAY) + timedelta(days=1)})),
                "contact": cost(lambda: deal.write({"contact_name": f"{deal.contact_name}y"})),
                "quotation": cost(lambda: self._quote(deal, 10)), "record": cost(lambda: self._need_record(deal)),
            }

        costs()
        with_field = costs()
        trigger_tree = Registry.get_trigger_tree
        with patch.object(
                Registry, "get_trigger_tree",
                lambda registry, changed, select=bool: trigger_tree(registry, changed, lambda field: field.name != "evaluation_stale" and select(field))):
            self.assertEqual(with_field, costs())

    def test_unrelated_writes_of_evaluated_deals_look_at_nothing(self):
        Lead = type(self.env["crm.lead"])
        with patch.object(Lead, "_hint_levels", side_effect=AssertionError):
            self.deal.write({"name": "Thirteen test benches", "description": "x", "priority": "2"})
            self.env.flush_all()
