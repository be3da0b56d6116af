from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SalesCase


@tagged("post_install", "-at_install")
class TestScreening(SalesCase):
    """S1.4, S1.6, S1.7: the lead sheet's fields, the score, the level."""

    def test_level_follows_the_judgement_and_the_stars_follow_the_level(self):
        """S1.7: write-through to core's priority."""
        for need, level, stars in (("full", "high", "2"), ("product", "medium", "1"), ("none", "low", "0")):
            lead = self._lead()
            self.assertFalse(lead.screening_level, "empty means not screened")
            lead._screen({"need_clarity": need})
            self.assertEqual((lead.screening_level, lead.priority), (level, stars))

    def test_every_missing_field_is_named_at_once(self):
        """S1.4: eight required fields, one message."""
        lead = self._lead(industry_id=False, contact_name=False, function=False, contact_channel=False, need_summary=False, source_id=False)
        with self.assertRaises(UserError) as error:
            lead._screen({"need_clarity": "full"})
        for name in ("Industry", "Contact", "Position", "Phone / e-mail / WeChat", "Initial need", "Source"):
            self.assertIn(name, str(error.exception))
        self.assertFalse(lead.is_complete)

    def test_incomplete_lead_is_taken_in_and_marked(self):
        """S1.1: never rejected."""
        lead = self._lead(contact_name=False)
        self.assertEqual((lead.is_complete, lead.missing_information), (False, "Contact"))
        lead.contact_name = "Wang"
        self.assertTrue(lead.is_complete)

    def test_a_referral_names_its_referrer(self):
        """S1.2: 老客户推荐."""
        lead = self._lead(source_id=self.env.ref("sales_full_cycle.source_referral").id)
        self.assertFalse(lead.is_complete)
        lead.referrer_partner_id = self.env["res.partner"].create({"name": "Old customer", "is_company": True})
        self.assertTrue(lead.is_complete)

    def test_a_screened_lead_keeps_its_source(self):
        """S1.2: 线索来源 is required from screening on."""
        lead = self._high_lead()
        lead.source_id = self.env.ref("sales_full_cycle.source_website")
        with self.assertRaises(ValidationError):
            lead.source_id = False

    def test_provisional_score_is_a_proposal_until_somebody_screens(self):
        lead = self._lead()  # industry 100 x 35, budget unknown 30 x 25; need not judged
        self.assertEqual((lead.screening_level, lead.proposed_level, lead.score_provisional), (False, "high", True))
        self.assertFalse(lead.sla_clock_ids, "a proposal starts no clock")

    def test_facts_that_change_are_scored_again(self):
        lead = self._lead(industry_id=self.retail.id)
        lead._screen({"need_clarity": "product"})
        self.assertEqual((lead.score, lead.screening_level), (42.0, "low"))
        lead.budget_max = 10_000_000
        self.assertEqual((lead.score, lead.screening_level), (59.5, "medium"))
        self.assertEqual(lead.evaluation_id.origin, "automatic")
        count = len(lead.evaluation_ids)
        lead.description = "nothing that counts"
        self.assertEqual(len(lead.evaluation_ids), count)

    def test_an_imported_level_outlives_a_score_that_knows_less(self):
        """P11: what somebody decided before the import stands until somebody screens again."""
        lead = self._lead(industry_id=self.retail.id)
        lead._import_results({lead: "high"})
        lead.budget_max = 10_000
        self.assertEqual((lead.screening_level, lead.proposed_level), ("high", "low"))
        lead._screen({"need_clarity": "none"})
        self.assertEqual(lead.screening_level, "low")

    def test_level_cannot_be_written_past_the_evaluation(self):
        lead = self._high_lead()
        for user in (self.rep, self.manager):
            with self.assertRaises(UserError), self.cr.savepoint():
                lead.with_user(user).write({"screening_level": "medium"})
        with self.assertRaises(UserError):
            self._lead(screening_level="high")

    def test_override_needs_a_reason_is_history_and_runs_out(self):
        """D13: 人工调整, 180 days."""
        lead = self._lead(industry_id=self.retail.id)
        lead._screen({"need_clarity": "none"})
        decision = self.env["sfc.lead.decision"].with_user(self.rep).create({
            "lead_ids": [(6, 0, lead.ids)], "kind": "override", "level": "high",
            "reason_id": self.env.ref("sales_full_cycle.reason_override_strategic_project").id, "note": "the minister asked"})
        decision.action_apply()
        evaluation = lead.evaluation_id
        self.assertEqual((lead.screening_level, evaluation.origin, evaluation.user_id, evaluation.note), ("high", "override", self.rep, "the minister asked"))
        self.assertEqual(lead.override_until, fields.Date.today() + timedelta(days=180))
        lead.budget_max = 60_000
        self.assertEqual(lead.screening_level, "high", "facts do not end an exception")
        lead.override_until = fields.Date.today() - timedelta(days=1)
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_end_overrides").method_direct_trigger()
        lead.invalidate_recordset()
        self.assertEqual((lead.screening_level, lead.override_until), ("low", False))

    def test_bulk_screening_leaves_out_what_is_incomplete_and_says_so(self):
        complete, incomplete = self._lead(), self._lead(function=False)
        wizard = self.env["sfc.lead.screening"].with_user(self.rep).create({"lead_ids": [(6, 0, (complete | incomplete).ids)]})
        wizard.line_ids.level_id = self.env.ref("sales_full_cycle.level_lead_need_full")
        answer = wizard.action_apply()
        self.assertEqual((complete.screening_level, incomplete.screening_level), ("high", False))
        self.assertIn(incomplete.lead_number, answer["params"]["message"])

    def test_dialog_shows_the_result_before_it_is_saved(self):
        lead = self._lead()
        form = Form(self.env["sfc.lead.screening"].with_user(self.rep).with_context(default_lead_ids=lead.ids))
        with form.line_ids.edit(0) as line:
            line.level_id = self.env.ref("sales_full_cycle.level_lead_need_product")
        self.assertIn("66.5", str(form.preview))
        self.assertFalse(lead.screening_level)
        form.save().action_apply()
        self.assertEqual(lead.screening_level, "medium")

    def test_screening_without_a_scorecard_says_what_to_do(self):
        self.env.ref("sales_full_cycle.scorecard_lead").with_user(self.manager).action_retire()
        wizard = self.env["sfc.lead.screening"].with_user(self.rep).create({"lead_ids": [(6, 0, self._lead().ids)]})
        with self.assertRaises(UserError) as error:
            wizard.action_apply()
        self.assertIn("Configuration > Scorecards", str(error.exception))

    def test_ideal_profile_decides_the_industry_fit(self):
        """D3: the industry levels read the profile, and a changed profile asks for new scores."""
        lead = self._lead(industry_id=self.retail.id)
        lead._screen({"need_clarity": "product"})
        profile = self.env.ref("sales_full_cycle.ideal_profile").with_user(self.manager)
        profile.target_industry_ids = [(4, self.retail.id)]
        lead.invalidate_recordset()
        self.assertEqual(lead.industry_fit, "target")
        self.assertTrue(self.env.ref("sales_full_cycle.scorecard_lead").rescore_pending)

    def test_nurture_comes_back_on_a_date_and_owes_nothing_meanwhile(self):
        """D4: 培育."""
        lead = self._lead(industry_id=self.retail.id, user_id=self.rep.id)
        lead._screen({"need_clarity": "none"})
        lead.action_nurture()
        self.assertEqual(lead.nurture_until, fields.Date.today() + timedelta(days=90))
        self.assertEqual(lead.activity_ids.filtered(lambda a: a.date_deadline == lead.nurture_until).user_id, self.rep)
        self.assertFalse(lead.sla_deadline)

    def test_discard_needs_a_reason_and_can_be_taken_back(self):
        """D13: 作废; the number and the history stay."""
        lead = self._high_lead()
        reason = self.env.ref("sales_full_cycle.reason_discard_no_need")
        self.env["sfc.lead.decision"].with_user(self.rep).create({"lead_ids": [(6, 0, lead.ids)], "kind": "discard", "reason_id": reason.id}).action_apply()
        self.assertEqual((lead.won_status, lead.discard_reason_id, lead.sla_deadline), ("lost", reason, False))
        lead.action_restore()
        self.assertEqual((lead.active, lead.discard_reason_id.id), (True, False))
        self.assertTrue(lead.sla_deadline, "a high lead without owner is owed one again")

    def test_soft_gate_of_conversion(self):
        """S1.10, D11: everything missing is listed; a reason is enough, and is logged."""
        lead = self._lead(user_id=self.rep.id, function=False)
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.rep).with_context(active_id=lead.id, active_ids=lead.ids, sfc_gate=True).create({})
        with self.assertRaises(UserError) as error:
            wizard.action_apply()
        self.assertIn("Position", str(error.exception))
        self.assertIn("not screened", str(error.exception))
        wizard.go_on_reason = "met at the fair"
        wizard.action_apply()
        self.assertEqual(lead.type, "opportunity")
        self.assertTrue(lead.message_ids.filtered(lambda m: "met at the fair" in m.body))

    def test_clerk_sees_nothing_of_it(self):
        lead = self._high_lead()
        for record in (lead, lead.evaluation_id, lead.sla_clock_ids[:1], lead.step_log_ids[:1]):
            with self.assertRaises(AccessError), self.cr.savepoint():
                record.with_user(self.clerk).read(["id"])

    def test_contact_box_recognises_what_is_typed(self):
        """T1: 联系方式 is one column."""
        cases = {
            "138 0000 1111": ("138 0000 1111", False, False), "wang@example.com": (False, "wang@example.com", False),
            "微信：wang_88": (False, False, "wang_88"), "wxid_1 / 0512-6555 0188; w@example.com": ("0512-6555 0188", "w@example.com", "wxid_1"),
            "＋86 138 0000 1111": ("+86 138 0000 1111", False, False),
        }
        for text, (phone, email, wechat) in cases.items():
            lead = self._lead(contact_channel=text)
            self.assertEqual((lead.phone, lead.email_from, lead.wechat), (phone, email, wechat), text)
