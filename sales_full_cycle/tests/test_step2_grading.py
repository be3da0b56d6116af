from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCase


@tagged("post_install", "-at_install")
class TestGrading(CustomerCase):
    """S2.1-S2.6, D5: grade A/B/C from size, potential and decision chain; explained, with history."""

    def test_shipped_examples(self):
        """D5: the five checks of the defaults; amounts by the currency of the main company."""
        cny = self.env.ref("base.main_company").currency_id.name == "CNY"
        revenue = {"800M": (800e6, 90e6), "150M": (150e6, 20e6), "80M": (80e6, 5e6), "15M": (15e6, 1e6), "500M": (500e6, 70e6)}
        purchase = {"1.5M": (1.5e6, 200e3), "600k": (600e3, 80e3), "300k": (300e3, 40e3), "100k": (100e3, 10e3), "150k": (150e3, 20e3)}
        examples = [
            ("800M", 1500, "1.5M", "strategic", "complex", 86.5, "A"), ("150M", 350, "600k", "high", "medium", 73.75, "B"),
            ("80M", 200, "300k", "high", "simple", 66.25, "B"), ("15M", 60, "100k", "fair", "simple", 45.75, "C"),
            ("500M", 2000, "150k", "low", "complex", 48.75, "C"),
        ]
        for turnover, staff, buys, fit, chain, total, grade in examples:
            profile = self._customer(
                annual_revenue=revenue[turnover][not cny], employee_count=staff, expected_purchase_amount=purchase[buys][not cny],
                scoring_answers={"strategic_fit": fit, "chain_complexity": chain})
            self.assertEqual((profile.score, profile.grade_id.code), (total, grade))

    def test_complete_figures_grade_by_themselves_and_incomplete_ones_propose(self):
        """A provisional result is a proposal until a person grades."""
        profile = self._customer(annual_revenue=900e6, employee_count=2000, expected_purchase_amount=5e6)
        self.assertEqual((profile.grade_id.code, profile.proposed_grade, profile.score_provisional), (False, "A", True))
        self._grade(profile)
        self.assertEqual((profile.grade_id.code, profile.evaluation_id.origin, profile.evaluation_id.user_id), ("A", "person", self.rep))
        self.assertEqual(profile.graded_on, fields.Date.today())

    def test_judgements_are_picked_on_the_sheet_itself(self):
        profile = self._customer(annual_revenue=900e6, employee_count=2000, expected_purchase_amount=5e6)
        with Form(profile) as form:
            form.strategic_fit_id = self._level("strategic_fit", "strategic")
            form.chain_complexity_id = self._level("chain_complexity", "complex")
        self.assertEqual(profile.scoring_answers, {"strategic_fit": "strategic", "chain_complexity": "complex"})
        self.assertEqual((profile.grade_id.code, profile.score_provisional), ("A", False))

    def test_a_fact_that_changes_grades_again(self):
        profile = self._graded("A")
        before = profile.evaluation_id
        profile.with_user(self.rep).expected_purchase_amount = 1
        self.assertNotEqual(profile.grade_id.code, "A")
        self.assertEqual((before.result, len(profile.evaluation_ids)), ("A", 2), "history stays")
        self.assertIn("Grade A", str(profile.message_ids[:1].body))

    def test_explained_line_by_line_with_subtotals_and_what_lifts_it(self):
        """Ahead 2."""
        text = str(self._graded("B").score_explanation)
        for part in ("Annual revenue", "Customer size", "Potential", "What would raise it", "A ≥ 80"):
            self.assertIn(part, text)

    def test_too_little_known_is_refused_with_what_to_fill_in(self):
        profile = self._customer(employee_count=10)
        with self.assertRaisesRegex(UserError, "expected purchase"):
            self._grade(profile)
        self.assertFalse(profile.grade_id)

    def test_without_an_active_scorecard_grading_is_refused_and_says_what_to_do(self):
        """S2.6: the standard comes first."""
        self.env.ref("sales_full_cycle.scorecard_customer").with_user(self.manager).action_retire()
        profile = self._customer(annual_revenue=900e6)
        with self.assertRaisesRegex(UserError, "Configuration > Scorecards"):
            profile.with_user(self.rep).action_grade()
        with self.assertRaisesRegex(UserError, "no active scorecard"):
            profile.with_user(self.rep)._grade({})

    def test_grade_has_one_writer(self):
        profile = self._graded("C")
        for user in (self.rep, self.manager):
            with self.assertRaises(UserError), self.cr.savepoint():
                profile.with_user(user).grade_id = self.env.ref("sales_full_cycle.grade_a")

    def test_override_needs_a_reason_and_runs_out(self):
        """D13: 180 days."""
        profile = self._graded("C")
        self._override(profile, "A")
        self.assertEqual((profile.grade_id.code, profile.evaluation_id.origin, profile.evaluation_id.note), ("A", "override", "the minister asked"))
        self.assertEqual(profile.override_until, fields.Date.today() + timedelta(days=180))
        profile.employee_count = 11
        self.assertEqual(profile.grade_id.code, "A", "facts do not end an exception")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["sfc.grade.override"].with_user(self.rep).create({"profile_ids": profile.ids, "grade_id": profile.grade_id.id})
        profile.override_until = fields.Date.today() - timedelta(days=1)
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_end_grade_overrides").method_direct_trigger()
        profile.invalidate_recordset()
        self.assertEqual((profile.grade_id.code, profile.override_until), ("C", False))

    def test_a_new_judgement_ends_an_exception(self):
        profile = self._graded("C")
        self._override(profile, "A")
        self._grade(profile)
        self.assertEqual((profile.grade_id.code, profile.override_until), ("C", False))

    def test_graded_again_after_the_months_of_the_grade(self):
        """D7: A 6 months, B and C 12; the owner is asked once."""
        for code, months in (("A", 6), ("C", 12)):
            profile = self._graded(code)
            self.assertEqual(profile.regrade_on, fields.Date.today() + relativedelta(months=months))
            profile.sudo().regrade_on = fields.Date.today()
            before = profile.evaluation_id
            for _run in range(2):
                with self.enter_registry_test_mode():
                    self.env.ref("sales_full_cycle.ir_cron_regrade").method_direct_trigger()
                profile.invalidate_recordset()
            self.assertNotEqual(profile.evaluation_id, before)
            self.assertEqual(profile.regrade_on, fields.Date.today() + relativedelta(months=months))
            asked = profile.activity_ids.filtered(lambda a: a.summary and "Grade again" in a.summary)
            self.assertEqual((len(asked), asked.user_id), (1, self.rep))

    def test_unconfirmed_standard_is_said_until_somebody_confirms_it(self):
        """S2.6: 提前明确."""
        profile = self._graded("B")
        self.assertTrue(profile.is_standard_unconfirmed)
        self.env.ref("sales_full_cycle.scorecard_customer").with_user(self.manager).action_confirm_standard()
        profile.invalidate_recordset()
        self.assertFalse(profile.is_standard_unconfirmed)

    # === STANDARDS OF THEIR OWN === #

    def _industry_card(self, **vals):
        card = self.env.ref("sales_full_cycle.scorecard_customer").with_user(self.manager).copy({"name": "Retail", "industry_id": self.retail.id, **vals})
        card.band_ids.filtered(lambda band: band.code == "A").minimum = 95
        return card

    def test_one_industry_has_a_standard_of_its_own_previewed_with_names(self):
        """S2.6, ahead 2: previewed, then activated, then applied to that industry alone."""
        profiles = {industry: self._graded("A", partner_id=self._company(industry_id=industry.id).id) for industry in (self.retail, self.manufacturing)}
        card = self._industry_card()
        preview = self.env["sfc.scorecard.preview"].with_user(self.manager).browse(card.action_preview()["res_id"])
        self.assertIn((profiles[self.retail].name, "A", "B"), [(line.name, line.before, line.after) for line in preview.line_ids])
        self.assertNotIn(profiles[self.manufacturing].name, preview.line_ids.mapped("name"))
        self.assertEqual(profiles[self.retail].grade_id.code, "A", "a preview changes nothing")
        card.action_activate()
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_rescore").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((profiles[self.retail].grade_id.code, profiles[self.manufacturing].grade_id.code), ("B", "A"))
        self.assertEqual(profiles[self.retail].evaluation_id.scorecard_id, card.sudo())

    def test_a_change_of_industry_changes_the_standard(self):
        self._industry_card().action_activate()
        profile = self._graded("A")
        profile.partner_id.industry_id = self.retail
        self.assertEqual(profile.grade_id.code, "B")

    def test_a_product_category_has_a_standard_of_its_own(self):
        category = self.env["product.category"].create({"name": "Robots"})
        self._industry_card(industry_id=False, product_category_id=category.id).action_activate()
        profile = self._graded("A")
        profile.product_category_id = category
        self.assertEqual(profile.grade_id.code, "B")

    def test_grades_of_a_scorecard_are_those_of_the_list(self):
        """S2.4: a company may have a fourth grade."""
        self.env["sfc.grade"].with_user(self.manager).create({"code": "D", "name": "Dormant", "sequence": 40})
        draft = self.env["sfc.scorecard"].browse(
            self.env.ref("sales_full_cycle.scorecard_customer").with_user(self.manager).action_new_version()["res_id"]).with_user(self.manager)
        with self.assertRaisesRegex(ValidationError, "A, B, C, D"):
            draft.action_activate()
        draft.band_ids.filtered(lambda band: band.code == "C").minimum = 20
        draft.write({"band_ids": [(0, 0, {"code": "D", "minimum": 0})]})
        draft.action_activate()
        profile = self._customer(annual_revenue=1, employee_count=1, expected_purchase_amount=1)
        self._grade(profile, strategic_fit="low", chain_complexity="complex")
        self.assertEqual(profile.grade_id.code, "D")

    # === THE CONTACT === #

    def test_children_show_the_grade_of_their_company(self):
        profile = self._graded("B")
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": profile.partner_id.id})
        self.assertEqual(contact.with_user(self.rep).customer_grade_id.code, "B")
        self.assertIn(contact, self.env["res.partner"].with_user(self.rep).search([("customer_grade_id", "=", profile.grade_id.id)]))
        self.assertNotIn(contact, self.env["res.partner"].with_user(self.rep).search([("customer_grade_id.code", "=", "A")]))
        action = contact.with_user(self.rep).action_open_customer_profile()
        self.assertEqual(action["res_id"], profile.id)

    def test_each_company_grades_for_itself(self):
        """design.md section 6."""
        profile = self._graded("B")
        foreign = self.env["res.company"].create({"name": "Foreign"})
        other = self.env["sfc.customer.profile"]._ensure(profile.partner_id, foreign)[profile.partner_id]
        self.assertFalse(other.grade_id)
        self.assertFalse(other.with_user(self.manager).has_access("read"))
        self.assertFalse(profile.partner_id.sudo().with_context(allowed_company_ids=foreign.ids).customer_grade_id)

    def test_who_has_no_sales_role_sees_no_grade(self):
        profile = self._graded("A")
        with self.assertRaises(AccessError):
            profile.partner_id.with_user(self.clerk).read(["customer_grade_id"])
        with self.assertRaises(AccessError):
            profile.with_user(self.clerk).read(["name"])

    def test_a_colleague_cannot_grade_somebody_elses_customer(self):
        profile = self._graded("C")
        for action in (
            lambda: profile.with_user(self.other_rep).action_grade(),
            lambda: profile.with_user(self.other_rep).write({"annual_revenue": 1}),
            lambda: self._override(profile, "A", user=self.other_rep),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                action()
        self.assertTrue(profile.with_user(self.leader).has_access("write"))

    def test_salesperson_cannot_change_what_a_grade_means(self):
        grade = self.env.ref("sales_full_cycle.grade_a")
        with self.assertRaises(AccessError):
            grade.with_user(self.rep).cadence_amount = 30
        grade.with_user(self.manager).cadence_amount = 10
        with self.assertRaises(ValidationError):
            grade.with_user(self.manager).cadence_amount = 0

    # === BATCHES === #

    def test_many_customers_are_graded_in_a_fixed_number_of_queries(self):
        def queries(count):
            profiles = self.env["sfc.customer.profile"].union(*(self._customer(annual_revenue=9e6, employee_count=50) for _n in range(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            profiles.write({"expected_purchase_amount": 1e6})
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2)
        self.assertAlmostEqual(queries(5), queries(30), delta=2)


@tagged("post_install", "-at_install")
class TestCustomerSheet(CustomerCase):
    """design.md section 6: one sheet a customer and company, made on demand, never lost."""

    def test_a_deal_makes_the_sheet_of_its_company(self):
        company = self._company()
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": company.id})
        deal = self.env["crm.lead"].with_user(self.rep).create({"type": "opportunity", "name": "Deal", "partner_id": contact.id, "source_id": self.fair.id})
        profile = deal.customer_profile_id
        self.assertEqual((profile.partner_id, profile.user_id, profile.source_id, profile.lead_ids), (company, self.rep, self.fair, deal))
        self.assertRegex(profile.customer_number, r"^KH\d{4,}$")
        second = self.env["crm.lead"].with_user(self.other_rep).create({"type": "opportunity", "name": "Deal 2", "partner_id": company.id})
        self.assertEqual((second.customer_profile_id, profile.user_id), (profile, self.rep))

    def test_converting_a_lead_carries_industry_tax_id_and_source(self):
        """S1.10."""
        lead = self._high_lead(user_id=self.rep.id, vat="91310000MA1FL0AB1C")
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.rep).with_context(
            active_id=lead.id, active_ids=lead.ids, active_model="crm.lead").create({"name": "convert", "action": "create"})
        wizard.action_apply()
        profile = lead.customer_profile_id
        self.assertEqual((profile.industry_id, profile.partner_id.vat, profile.source_id), (self.manufacturing, "91310000MA1FL0AB1C", self.fair))
        self.assertEqual(profile.name, "Hongda Machinery Co., Ltd.")

    def test_leads_without_customer_make_none(self):
        before = self.env["sfc.customer.profile"].search_count([])
        self.assertFalse(self._lead().customer_profile_id)
        self.assertEqual(self.env["sfc.customer.profile"].search_count([]), before)

    def test_a_contact_is_no_customer_and_a_second_sheet_is_refused(self):
        company = self._company()
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": company.id})
        Profile = self.env["sfc.customer.profile"].with_user(self.rep)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            Profile.create({"partner_id": contact.id})
        Profile.create({"partner_id": company.id})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            Profile.create({"partner_id": company.id})

    def test_new_customer_has_eight_inputs(self):
        """screens.md: no more than eight fields on a quick form."""
        form = Form(self.env["sfc.customer.profile"].with_user(self.rep))
        other = ("id", "deal_count", "contact_count", "message_ids", "message_follower_ids", "activity_ids")
        shown = [name for name in form._view["fields"] if name not in other
                 and not form._get_modifier(name, "invisible") and not form._get_modifier(name, "readonly")]
        self.assertLessEqual(len(shown), 8, shown)

    def test_owner_changes_are_history_and_the_contact_follows(self):
        """Ahead 15, P14."""
        profile = self._customer()
        self.assertEqual(profile.partner_id.user_id, self.rep)
        profile.with_user(self.leader).user_id = self.other_rep
        logs = profile.assignment_log_ids
        self.assertEqual([(log.kind, log.from_user_id, log.to_user_id) for log in logs.sorted("id")], [
            ("assigned", self.env["res.users"], self.rep), ("assigned", self.rep, self.other_rep)])
        self.assertEqual((profile.partner_id.user_id, logs.sorted("id")[-1:].user_id), (self.other_rep, self.leader))
        for user in (self.rep, self.manager):
            with self.assertRaises(AccessError), self.cr.savepoint():
                logs.with_user(user).write({"note": "never happened"})

    def test_own_team_and_all(self):
        """P14: own, unassigned, those one has a deal with; the team's; all."""
        stranger = new_test_user(self.env, "sfc_stranger", "sales_team.group_sale_salesman")
        west = self.env["crm.team"].create({"name": "West", "member_ids": [(6, 0, stranger.ids)]})
        mine, free = self._customer(), self._customer(user_id=False)
        theirs = self._customer(user_id=stranger.id)
        self.assertEqual(theirs.team_id, west)
        shared = self._customer(user_id=stranger.id)
        self.env["crm.lead"].create({
            "type": "opportunity", "name": "Shared", "partner_id": shared.partner_id.id, "user_id": self.rep.id, "team_id": self.team.id})
        everything = mine | free | theirs | shared
        expected = {
            self.rep: mine | free | shared, self.other_rep: free, self.leader: mine | free | shared, self.manager: everything,
            stranger: free | theirs | shared,
        }
        for user, visible in expected.items():
            self.assertEqual(everything.with_user(user)._filtered_access("read").sudo(), visible.sudo(), user.login)

    def test_merging_contacts_keeps_everything_of_both_sheets(self):
        """Odoo's merge deletes rows that violate a unique index: a sheet and its history must not go that way."""
        kept, gone = self._graded("B"), self._customer(annual_revenue=5e6)
        kept.annual_revenue = 0
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": gone.partner_id.id})
        record = self.env["sfc.follow.up"].create({"profile_id": gone.id, "contact_ids": contact.ids, "content": "He wants twelve of them, soon."})
        role = self.env["sfc.decision.role"].create({"profile_id": gone.id, "contact_id": contact.id})
        deal = self.env["crm.lead"].create({"type": "opportunity", "name": "Deal", "partner_id": gone.partner_id.id})
        number = gone.customer_number
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((kept.partner_id | gone.partner_id).ids, kept.partner_id)
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual((record.profile_id, role.profile_id, deal.customer_profile_id, contact.parent_id), (kept, kept, kept, kept.partner_id))
        self.assertEqual(kept.annual_revenue, 5e6)
        self.assertIn(number, str(kept.message_ids.mapped("body")))

    def test_sheets_are_made_in_a_fixed_number_of_queries(self):
        def queries(count):
            companies = self.env["res.partner"].union(*(self._company() for _n in range(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["sfc.customer.profile"]._ensure(companies, self.env.company)
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(2)
        self.assertAlmostEqual(queries(5), queries(50), delta=3)


@tagged("post_install", "-at_install")
class TestMassConversion(CustomerCase):
    """S1.10: many leads are converted in one go."""

    def test_each_deal_has_its_customer_sheet_and_number(self):
        leads = self._lead() | self._lead(partner_name="Yuanda Tools Ltd", email_from="li@yuanda.example")
        wizard = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager).with_context(active_model="crm.lead", active_ids=leads.ids).create(
            {"deduplicate": False, "action": "each_exist_or_create", "user_ids": [(6, 0, self.rep.ids)]})
        wizard.action_mass_convert()
        self.assertEqual(leads.mapped("type"), ["opportunity"] * 2)
        self.assertEqual(len(leads.customer_profile_id), 2)
        self.assertEqual(leads.customer_profile_id.user_id, self.rep)
        self.assertTrue(all(leads.mapped("deal_number")))
        self.assertEqual(leads.mapped("cycle_step"), ["captured"] * 2, "nobody screened them, and nothing else is known")

    def test_what_follows_is_there_at_the_next_commit(self):
        """Odoo's assignment commits now and then: no deal is left without number and customer."""
        lead = self._lead(partner_id=self._company().id)
        lead.with_context(sfc_follow_later=True).write({"type": "opportunity"})
        self.assertFalse(lead.deal_number)
        self.env.cr.flush()  # what a commit does first
        self.assertTrue(lead.deal_number)
        self.assertTrue(lead.customer_profile_id)
