from datetime import datetime

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesCase, at


@tagged("post_install", "-at_install")
class TestNumbers(SalesCase):
    """S1.5, D21: LX001 for leads, SJ<year>-0001 for deals, from one query a batch."""

    def test_one_dictionary_for_several_leads_gives_each_its_number(self):
        """As Odoo's own code creates records at times: [vals] * 3."""
        leads = self.env["crm.lead"].create([self._lead_vals()] * 3)
        self.assertEqual(len(set(leads.mapped("lead_number"))), 3)

    def test_leads_get_consecutive_numbers_with_at_least_three_digits(self):
        leads = self.env["crm.lead"].create([self._lead_vals() for _n in range(3)])
        digits = [int(number.removeprefix("LX")) for number in leads.mapped("lead_number")]
        self.assertEqual(digits, [digits[0], digits[0] + 1, digits[0] + 2])
        self.assertTrue(all(len(number) >= 5 for number in leads.mapped("lead_number")))
        self.assertFalse(any(leads.mapped("deal_number")))

    def test_numbers_given_by_hand_stay_and_are_never_given_again(self):
        last = int(self._lead().lead_number.removeprefix("LX"))
        given = self.env["crm.lead"].create([self._lead_vals(lead_number=f"LX{last + 2}")])
        following = [int(self._lead().lead_number.removeprefix("LX")) for _n in range(3)]
        self.assertEqual(given.lead_number, f"LX{last + 2}")
        self.assertEqual(following, [last + 3, last + 4, last + 5])

    def test_a_number_exists_once(self):
        lead = self._lead()
        with self.assertRaises(UniqueViolation), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.env["crm.lead"].create([self._lead_vals(lead_number=lead.lead_number)])

    def test_conversion_keeps_the_lead_number_and_adds_a_deal_number(self):
        """S1.10: the number goes along."""
        lead = self._high_lead(user_id=self.rep.id)
        number = lead.lead_number
        lead.convert_opportunity(self.env["res.partner"])
        self.assertEqual(lead.lead_number, number)
        self.assertRegex(lead.deal_number, r"^SJ\d{4}-\d{4,}$")

    def test_a_copy_gets_a_number_of_its_own_and_is_not_screened(self):
        lead = self._high_lead()
        copy = lead.copy()
        self.assertNotEqual(copy.lead_number, lead.lead_number)
        self.assertFalse(copy.screening_level or copy.sla_deadline)
        self.assertFalse(copy.evaluation_ids & lead.evaluation_ids)

    def test_a_batch_draws_its_numbers_in_one_query(self):
        with self.assertQueryCount(3):  # the sequence, its prefix, the numbers
            self.env["ir.sequence"]._next_numbers("sfc.lead", 500)

    def test_numbers_of_a_year_go_on_behind_given_ones(self):
        """P11: an imported SJ2031-0041 is never given again; each year counts for itself, and names itself."""
        sequences = self.env["ir.sequence"]
        following = [int(sequences._next_numbers("sfc.deal", 1, date=f"{year}-06-01")[0].rpartition("-")[2]) for year in (2031, 2032)]
        sequences._skip_used_numbers("sfc.deal", [f"SJ2031-{following[0] + 40:04d}", "SJ2031-x", "LX900", "SJ31-900", ""])
        self.assertEqual(sequences._next_numbers("sfc.deal", 1, date="2031-06-01"), [f"SJ2031-{following[0] + 41:04d}"])
        self.assertEqual(sequences._next_numbers("sfc.deal", 1, date="2032-06-01"), [f"SJ2032-{following[1] + 1:04d}"])

    def test_a_rehearsal_draws_no_number(self):
        sequences = self.env["ir.sequence"]
        [number] = sequences._next_numbers("sfc.lead", 1)
        rehearsed = sequences.with_context(sfc_rehearsal=True)._next_numbers("sfc.lead", 3)
        self.assertEqual(len({*rehearsed, number}), 4)
        self.assertEqual(sequences._next_numbers("sfc.lead", 1), [f"LX{int(number[2:]) + 1:03d}"])


@tagged("post_install", "-at_install")
class TestCycleStep(SalesCase):
    """design.md section 4: the step follows facts, and the log says when."""

    def _log(self, lead):
        return [(row.step, bool(row.left_at)) for row in lead.step_log_ids.sorted("id")]

    def test_screening_is_the_second_step(self):
        lead = self._lead()
        self.assertEqual((lead.cycle_step, self._log(lead)), ("captured", [("captured", False)]))
        lead._screen({"need_clarity": "full"})
        self.assertEqual((lead.cycle_step, self._log(lead)), ("screened", [("captured", True), ("screened", False)]))

    def test_winning_counts_as_signed_and_losing_freezes(self):
        won, lost = (self._high_lead(user_id=self.rep.id) for _n in range(2))
        (won | lost).convert_opportunity(self.env["res.partner"])
        won.action_set_won()
        lost.action_set_lost()
        self.assertEqual((won.cycle_step, lost.cycle_step), ("signed", "screened"))

    def test_reopened_deal_goes_back_to_where_its_evidence_stands(self):
        deal = self._high_lead(user_id=self.rep.id)
        deal.convert_opportunity(self.env["res.partner"])
        deal.action_set_won()
        deal.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.assertEqual(deal.cycle_step, "screened")
        self.assertEqual([step for step, _left in self._log(deal)], ["captured", "screened", "signed", "screened"])

    def test_a_stage_may_carry_a_step(self):
        stage = self.env["crm.stage"].create({"name": "Bargaining", "cycle_step": "negotiating"})
        deal = self._high_lead(user_id=self.rep.id)
        deal.stage_id = stage
        self.assertEqual(deal.cycle_step, "negotiating")

    def test_an_import_backdates_the_log(self):
        closed, captured = datetime(2017, 3, 1), datetime(2016, 10, 20)
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        deal = self.env["crm.lead"].with_context(import_file=True).create({
            "type": "opportunity", "name": "Old deal", "captured_at": captured, "date_closed": closed, "stage_id": won.id, "probability": 100})
        rows = [(row.step, row.entered_at, row.left_at, row.origin) for row in deal.step_log_ids.sorted("id")]
        self.assertEqual(rows, [("captured", captured, closed, "import"), ("signed", closed, False, "import")])

    def test_nothing_is_logged_when_nothing_changes(self):
        lead = self._high_lead()
        count = len(lead.step_log_ids)
        with at("2030-01-01 00:00"):
            lead._sync_cycle_step()
        self.assertEqual(len(lead.step_log_ids), count)

    def test_the_sync_of_many_costs_what_the_sync_of_one_costs(self):
        leads = self.env["crm.lead"].create([self._lead_vals() for _n in range(60)])
        self.env.flush_all()
        for some in (leads[:1], leads):
            with self.assertQueryCount(1):
                some._sync_cycle_step()

    def test_nobody_writes_the_log(self):
        row = self._lead().step_log_ids
        with self.assertRaises(AccessError):
            row.with_user(self.manager).write({"step": "signed"})
