from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SalesCase, at


@tagged("post_install", "-at_install")
class TestAssignment(SalesCase):
    """S1.8, S1.9: a high lead has an owner within 24 hours, and the owner makes contact."""

    def test_clock_starts_when_the_level_becomes_high_without_owner(self):
        with at("2026-03-06 07:00"):
            lead = self._high_lead()
        clock = self._clock(lead, "assign")
        self.assertEqual((clock.state, clock.deadline - clock.started_at), ("running", timedelta(hours=24)))
        self.assertEqual(lead.sla_deadline, clock.deadline)
        self.assertIn(lead, self.env["crm.lead"].with_user(self.leader).search([("needs_owner", "=", True)]))

    def test_a_lead_to_be_assigned_reaches_the_leader_of_the_screeners_team(self):
        """Typed in without a team, or nobody but a sales manager would ever see it."""
        lead = self._high_lead(team_id=False)
        self.assertEqual(lead.team_id, self.team)
        self.assertEqual(self._clock(lead, "assign").team_id, self.team)
        self.assertTrue(lead.with_user(self.leader).has_access("write"))

    def test_medium_and_low_leads_start_no_assignment_clock(self):
        for need in ("product", "none"):
            lead = self._lead()
            lead._screen({"need_clarity": need})
            self.assertFalse(self._clock(lead, "assign"))

    def test_assignment_stops_it_and_starts_first_contact_with_a_next_step(self):
        """S1.9: nobody owns a lead without a next action."""
        lead = self._high_lead()
        with at("2026-03-06 07:00"):
            lead.with_user(self.leader).user_id = self.rep
        self.assertEqual(self._clock(lead, "assign").state, "met")
        contact = self._clock(lead, "first_contact")
        self.assertEqual((contact.state, contact.user_id, contact.deadline - contact.started_at), ("running", self.rep, timedelta(hours=24)))
        self.assertEqual(lead.activity_ids.user_id, self.rep)
        self.assertEqual(len(lead.activity_ids), 1)

    def test_what_a_visitor_wrote_is_text_in_the_activity(self):
        """S1.1: the need may come from a public page; it is shown as it was typed, never as markup."""
        lead = self._high_lead(need_summary='<a href="https://bad.example">Click</a>\nsecond line', user_id=self.rep.id)
        self.assertNotIn("<a ", lead.activity_ids.note)
        self.assertIn("&lt;a href", lead.activity_ids.note)

    def test_next_step_falls_on_a_working_day(self):
        lead = self._high_lead()
        lead.user_id = self.rep
        self.assertLess(lead.activity_ids.date_deadline.weekday(), 5)
        self.assertGreater(lead.activity_ids.date_deadline, fields.Date.today())

    def test_medium_lead_has_three_days_for_first_contact(self):
        lead = self._lead(user_id=self.rep.id)
        lead._screen({"need_clarity": "product"})
        clock = self._clock(lead, "first_contact_medium")
        self.assertEqual(clock.state, "running")
        self.assertGreater(clock.deadline - clock.started_at, timedelta(days=3))

    def test_a_finished_activity_is_the_first_contact(self):
        lead = self._high_lead(user_id=self.rep.id)
        lead.activity_ids.with_user(self.rep).action_feedback("He wants 12.")
        self.assertEqual(self._clock(lead, "first_contact").state, "met")
        self.assertTrue(lead.first_contact_at)
        self.assertFalse(lead.sla_deadline)

    def test_an_escalation_marked_done_is_no_contact(self):
        lead = self._high_lead(user_id=self.rep.id)
        clock = self._clock(lead, "first_contact")
        self._let_time_pass(clock, hours=30)
        lead.activity_ids.filtered("sfc_clock_id").with_user(self.leader).action_feedback("told him")
        self.assertFalse(lead.first_contact_at)
        self.assertFalse(clock.stopped_at)

    def test_taking_the_owner_away_starts_it_again(self):
        lead = self._high_lead(user_id=self.rep.id)
        lead.with_user(self.leader).user_id = False
        self.assertEqual(self._clock(lead, "first_contact").state, "cancelled")
        self.assertEqual(self._clock(lead, "assign").state, "running")

    def test_a_new_owner_owes_a_first_contact_of_his_own(self):
        lead = self._high_lead(user_id=self.rep.id)
        lead.activity_ids.action_feedback("done")
        lead.with_user(self.leader).user_id = self.other_rep
        clock = self._clock(lead, "first_contact")
        self.assertEqual((clock.state, clock.user_id), ("running", self.other_rep))

    def test_lost_won_and_discarded_leads_owe_nothing(self):
        lead = self._high_lead()
        lead.action_set_lost()
        self.assertEqual(self._clock(lead, "assign").state, "cancelled")

    def test_lower_level_cancels_the_promise(self):
        lead = self._high_lead()
        lead._screen({"need_clarity": "none"})
        self.assertEqual((lead.screening_level, self._clock(lead, "assign").state), ("medium" if lead.score >= 45 else "low", "cancelled"))

    def test_the_author_chooses_whether_it_is_his(self):
        """A lead typed in by hand is not assigned merely because somebody typed it."""
        for choice, owner in (("later", self.env["res.users"]), ("me", self.rep)):
            leads = self.env["crm.lead"].with_user(self.rep).with_context(default_type="lead", default_user_id=False)
            form = Form(leads, "sales_full_cycle.crm_lead_view_form_quick")
            form.partner_name = "Quick Ltd"
            form.owner_choice = choice
            self.assertEqual(form.save().user_id, owner)

    def test_quick_form_has_eight_inputs(self):
        """screens.md: exactly eight, and nothing hidden is required."""
        arch = self.env["crm.lead"].with_user(self.rep).get_view(self.env.ref("sales_full_cycle.crm_lead_view_form_quick").id)["arch"]
        shown = [f.get("name") for f in etree.fromstring(arch).iter("field") if f.get("invisible") not in ("1", "True") and not f.get("readonly")]
        self.assertEqual(len([name for name in shown if name != "referrer_partner_id"]), 8, shown)

    def test_least_loaded_member_gets_it_when_time_runs_out(self):
        """D22: off by default; at three quarters of the clock."""
        self._lead(user_id=self.rep.id)
        lead = self._high_lead()
        clock = self._clock(lead, "assign")
        self._let_time_pass(clock, hours=19)
        self.assertFalse(lead.user_id, "off by default")
        self.env.company.lead_auto_assign = True
        second = self._high_lead()
        self.other_rep.sudo().crm_team_member_ids.assignment_optout = False
        self._let_time_pass(self._clock(second, "assign"), hours=19)
        self.assertEqual(second.user_id, self.other_rep)
        self.assertEqual(self._clock(second, "assign").state, "met")

    def test_automatic_assignment_skips_who_is_not_available(self):
        """P3: archived or opted-out members get nothing."""
        self.env.company.lead_auto_assign = True
        self.other_rep.sudo().crm_team_member_ids.assignment_optout = True
        self._lead(user_id=self.rep.id)
        lead = self._high_lead()
        self._let_time_pass(self._clock(lead, "assign"), hours=19)
        self.assertEqual(lead.user_id, self.rep)

    def test_leader_assigns_seeing_everybodys_load(self):
        self._lead(user_id=self.rep.id)
        lead = self._high_lead()
        wizard = self.env["sfc.lead.assign"].with_user(self.leader).create({"lead_ids": [(6, 0, lead.ids)]})
        load = {line.user_id: line.open_count for line in wizard.line_ids}
        self.assertEqual((load[self.rep], load[self.other_rep]), (1, 0))
        self.assertEqual(wizard.user_id, self.other_rep, "the least loaded member is proposed")
        wizard.action_assign()
        self.assertEqual(lead.user_id, self.other_rep)

    def test_salesperson_cannot_give_away_a_colleagues_lead(self):
        lead = self._high_lead(user_id=self.rep.id)
        with self.assertRaises(AccessError):
            self.env["sfc.lead.assign"].with_user(self.other_rep).create({"lead_ids": [(6, 0, lead.ids)]})
        with self.assertRaises(AccessError):
            lead.with_user(self.other_rep).action_assign_to_me()

    def test_many_leads_cost_a_fixed_number_of_queries(self):
        """Thirty more leads cost no query each (a cache of the registry may be filled on the way)."""
        def queries(count):
            leads = self.env["crm.lead"].create([self._lead_vals(contact_channel=f"139{count:04d}{n:04d}") for n in range(count)])
            leads._screen({"need_clarity": "full"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads.with_context(sfc_no_clocks=False)._sync_promises()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2), queries(5)  # fill the caches of the registry
        self.assertAlmostEqual(queries(10), queries(40), delta=2)
