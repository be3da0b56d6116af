from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..models.common import scoring
from .common import SalesCase

CARD = {
    "bands": [["high", 70], ["medium", 45], ["low", 0]],
    "criteria": [
        {"id": 1, "dimension": "size", "weight": 35, "levels": [[11, 100], [12, 60], [13, 30]]},
        {"id": 2, "dimension": "need", "weight": 40, "levels": [[21, 100], [22, 60], [23, 30], [24, 0]]},
        {"id": 3, "dimension": "need", "weight": 25, "levels": [[31, 100], [32, 20]]},
    ],
}


class TestScoringArithmetic(BaseCase):
    """Plain functions: weights, dimensions, provisional results, what would lift them (ahead 2)."""

    def test_contributions_add_up_to_the_total(self):
        snapshot = scoring.evaluate(CARD, {1: 12, 2: 21, 3: 32})
        self.assertEqual(snapshot["total"], 66.0)
        self.assertEqual([c["contribution"] for c in snapshot["criteria"]], [21.0, 40.0, 5.0])
        self.assertEqual((snapshot["result"], snapshot["provisional"]), ("medium", False))

    def test_dimensions_have_subtotals(self):
        snapshot = scoring.evaluate(CARD, {1: 11, 2: 22, 3: 31})
        self.assertEqual(scoring.subtotals(snapshot), {"size": (35.0, 35.0), "need": (49.0, 65.0)})

    def test_unanswered_criteria_are_left_out_and_the_rest_rescaled(self):
        snapshot = scoring.evaluate(CARD, {1: 12, 3: 31})
        self.assertAlmostEqual(snapshot["total"], (60 * 35 + 100 * 25) / 60, 2)
        self.assertTrue(snapshot["provisional"])

    def test_too_little_known_gives_no_result(self):
        snapshot = scoring.evaluate(CARD, {2: 21})
        self.assertIsNone(snapshot["result"])
        self.assertEqual(snapshot["total"], 0)

    def test_points_on_the_boundary_reach_the_band(self):
        self.assertEqual([scoring.band(CARD["bands"], total) for total in (70, 69.99, 45, 44.99, 0)], ["high", "medium", "medium", "low", "low"])

    def test_every_lift_is_proved_by_applying_it(self):
        for picks in ({1: 13, 2: 23, 3: 32}, {1: 12, 2: 22, 3: 32}, {1: 11, 2: 23}, {1: 13, 2: 24, 3: 32}):
            snapshot = scoring.evaluate(CARD, picks)
            alternatives = scoring.lifts(snapshot)
            self.assertTrue(alternatives, picks)
            for changes in alternatives:
                lifted = scoring.evaluate(CARD, picks | dict(changes))
                order = ["low", "medium", "high"]
                self.assertGreater(order.index(lifted["result"]), order.index(snapshot["result"]), (picks, changes))

    def test_the_best_result_needs_no_lift(self):
        self.assertEqual(scoring.lifts(scoring.evaluate(CARD, {1: 11, 2: 21, 3: 31})), [])


@tagged("post_install", "-at_install")
class TestScorecards(SalesCase):
    """Versions, immutability, preview, resumable re-scoring (design.md section 5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.env.ref("sales_full_cycle.scorecard_lead")

    def test_shipped_examples(self):
        """D4: the three checks of the defaults, and S1.7 for all three levels."""
        expected = [(self.manufacturing, "full", 82.5, "high"), (self.manufacturing, "product", 66.5, "medium"), (self.retail, "product", 42.0, "low")]
        for industry, need, total, level in expected:
            lead = self._lead(industry_id=industry.id)
            lead._screen({"need_clarity": need})
            self.assertEqual((lead.score, lead.screening_level), (total, level))

    def test_active_card_cannot_be_changed_by_anybody(self):
        """Ahead 2: history is never rewritten; not even by a manager."""
        card = self.card.with_user(self.manager)
        for change in (
            lambda: card.write({"scope": "lead", "industry_id": self.retail.id}),
            lambda: card.criterion_ids[0].write({"weight": 50}),
            lambda: card.criterion_ids[0].level_ids[0].write({"points": 1}),
            lambda: card.band_ids[0].write({"minimum": 99}),
            lambda: card.criterion_ids[0].unlink(),
            lambda: card.write({"state": "draft"}),
            lambda: card.unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_salesperson_cannot_touch_standards(self):
        card = self.card.with_user(self.rep)
        for change in (card.action_new_version, card.action_retire, card.action_confirm_standard, card.action_preview):
            with self.assertRaises(AccessError), self.cr.savepoint():
                change()

    def _new_version(self, **bands):
        draft = self.env["sfc.scorecard"].browse(self.card.with_user(self.manager).action_new_version()["res_id"]).with_user(self.manager)
        for code, minimum in bands.items():
            draft.band_ids.filtered(lambda b, code=code: b.code == code).minimum = minimum
        return draft

    def test_new_version_replaces_the_old_one_and_keeps_its_history(self):
        lead = self._high_lead()
        before = lead.evaluation_id
        last = self.card._last_version()
        draft = self._new_version(high=90)
        self.assertEqual((draft.version, draft.previous_id), (last + 1, self.card))
        draft.action_activate()
        self.assertEqual((self.card.state, draft.state), ("retired", "active"))
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_rescore").method_direct_trigger()
        lead.invalidate_recordset()
        self.assertEqual((lead.screening_level, lead.evaluation_id.scorecard_id), ("medium", draft.sudo()))
        self.assertEqual((before.result, before.snapshot["bands"][0][1]), ("high", 70))
        self.assertFalse(draft.rescore_pending)

    def test_rescoring_goes_on_where_it_was_killed(self):
        """The work left is known from the evaluations, so a second run does the rest and nothing twice."""
        leads = self.env["crm.lead"].union(*(self._high_lead(contact_channel=f"1380000{n:04d}") for n in range(5)))
        draft = self._new_version(high=90)
        draft.action_activate()
        leads[:2]._score("activation")  # what a killed run had done
        self.assertEqual(len(leads._to_rescore(draft, 0, 100)[1] & leads), 3)
        count = len(leads.evaluation_ids)
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_rescore").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(len(leads.evaluation_ids), count + 3)
        self.assertEqual(set(leads.mapped("screening_level")), {"medium"})

    def test_preview_names_who_would_change_and_changes_nothing(self):
        lead = self._high_lead(name="Preview Ltd")
        draft = self._new_version(high=90)
        preview = self.env["sfc.scorecard.preview"].with_user(self.manager).browse(draft.action_preview()["res_id"])
        line = preview.line_ids.filtered(lambda ln: ln.name == "Preview Ltd")
        self.assertEqual((line.before, line.after), ("high", "medium"))
        self.assertEqual((lead.screening_level, draft.state), ("high", "draft"))

    def test_incomplete_card_cannot_be_activated_and_all_gaps_are_named(self):
        draft = self._new_version(high=30, low=5)
        draft.criterion_ids[0].weight = 20
        with self.assertRaises(ValidationError) as error:
            draft.action_activate()
        self.assertIn("85", str(error.exception))
        self.assertEqual(len(str(error.exception).splitlines()), 2)

    def test_a_level_whose_condition_cannot_be_read_is_refused(self):
        draft = self._new_version()
        level = draft.criterion_ids.filtered("is_automatic")[0].level_ids[0]
        for domain in ("[('no_such_field', '=', 1)]", "[('name', '=', ", "1 + 1"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                level.domain = domain

    def test_confirming_removes_the_banner(self):
        """S2.6: 提前明确."""
        self.card.with_user(self.manager).action_confirm_standard()
        self.assertEqual(self.card.confirmed_by_id, self.manager)

    def test_evaluation_is_immutable(self):
        evaluation = self._high_lead().evaluation_id
        for user in (self.rep, self.manager):
            with self.assertRaises(UserError), self.cr.savepoint():
                evaluation.with_user(user).write({"total": 1})
            with self.assertRaises(UserError), self.cr.savepoint():
                evaluation.with_user(user).unlink()
        with self.assertRaises(UserError):
            evaluation.sudo().write({"total": 1})

    def test_explanation_adds_up_and_speaks_the_readers_language(self):
        lead = self._lead()
        lead._screen({"need_clarity": "product"})
        text = str(lead.score_explanation)
        for part in ("66.5", "Need clarity", "What would raise it"):
            self.assertIn(part, text)

    def test_a_batch_is_scored_in_a_fixed_number_of_queries(self):
        """Ten leads and a hundred cost the same number of queries, but for the rows written."""
        def queries(count):
            leads = self.env["crm.lead"].create([self._lead_vals(scoring_answers={"need_clarity": "interest"}) for _n in range(count)])
            leads._score("person", force=True)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads._score("person", force=True)
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2)
        self.assertEqual(queries(10), queries(100))
