from odoo.tests import Form, tagged
from odoo.tests.common import BaseCase

from ..models.step1_lead.company_name import company_key
from ..models.step1_lead.contact_channel import phone_key
from .common import SalesCase


class TestKeys(BaseCase):
    """P10: what counts as the same."""

    def test_company_names(self):
        same = ["上海宏达机械有限公司", "上海宏达机械有限责任公司", " 上海 宏达机械 股份有限公司", "上海宏达机械", "上海宏达机械（有限公司）"]
        self.assertEqual({company_key(name) for name in same}, {"上海宏达机械"})
        self.assertEqual({company_key(name) for name in ("ＡＢＣ Co., Ltd.", "abc limited", "A.B.C", "ABC Inc")}, {"abc"})

    def test_different_companies_stay_different(self):
        names = ["宏达机械有限公司", "上海宏达机械有限公司", "宏达机械有限公司上海分公司", "宏达电子有限公司"]
        self.assertEqual(len({company_key(name) for name in names}), 4)

    def test_a_name_that_is_only_a_legal_form_keeps_something(self):
        self.assertEqual((company_key("有限公司"), company_key(""), company_key(None)), ("有限公司", "", ""))

    def test_phones(self):
        self.assertEqual({phone_key(p) for p in ("138 0000 1111", "+86 13800001111", "0086-138-0000-1111", "１３８００００１１１１")}, {"13800001111"})
        self.assertEqual(phone_key("12345"), "")


@tagged("post_install", "-at_install")
class TestDuplicates(SalesCase):
    """S1.11, P10: warn, show whose it is, never block; merge by Odoo's own merge."""

    def test_each_key_warns_with_number_and_owner(self):
        known = self._lead(user=self.other_rep, user_id=self.other_rep.id, contact_channel="139 1111 2222 / known@example.com / 微信: known", vat="91310000MA1")
        cases = {
            "same company": {"partner_name": "HONGDA MACHINERY"}, "same phone": {"contact_channel": "+86 139-1111-2222"},
            "same e-mail": {"contact_channel": "known@example.com"}, "same WeChat": {"contact_channel": "wechat: known"},
            "same tax ID": {"vat": "91310000MA1"},
        }
        for number, (reason, values) in enumerate(cases.items()):
            lead = self._lead(**{"partner_name": f"Quite Another {number}", "contact_channel": f"137 9999 888{number}", **values})
            self.assertEqual(lead.duplicate_warning, f"{known.lead_number} {known.partner_name} (owner: {self.other_rep.name}), {reason}")
            lead.sudo().unlink()

    def test_it_warns_while_typing_and_does_not_block(self):
        known = self._lead(user_id=self.rep.id)
        form = Form(self.env["crm.lead"].with_user(self.other_rep).with_context(default_type="lead"), "sales_full_cycle.crm_lead_view_form_quick")
        form.partner_name = "hongda machinery limited"
        self.assertIn(known.lead_number, form.duplicate_warning)
        form.owner_choice = "me"
        self.assertTrue(form.save().id)

    def test_customers_are_found_too(self):
        self.env["res.partner"].create({"name": "宏达机械有限公司", "is_company": True, "user_id": self.other_rep.id})
        lead = self._lead(partner_name="宏达机械")
        self.assertIn(self.other_rep.name, lead.duplicate_warning)

    def test_other_companies_are_respected(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        self.env["crm.lead"].create(self._lead_vals(team_id=False, company_id=foreign.id))
        self.assertFalse(self._lead().with_context(allowed_company_ids=self.env.company.ids).duplicate_warning)

    def test_many_leads_are_checked_in_a_fixed_number_of_queries(self):
        def queries(count):
            leads = self.env["crm.lead"].create([
                self._lead_vals(contact_channel=f"135{count:04d}{n:04d}", partner_name=f"Co {count} {n}") for n in range(count)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads.mapped("duplicate_warning")
            return self.cr.sql_log_count - before
        queries(2)
        self.assertEqual(queries(5), queries(50))

    def test_merge_keeps_number_screening_and_promises(self):
        """P10: screening, clocks, number survive; the other number is noted."""
        first = self._lead(user_id=False)
        second = self._high_lead(contact_channel="139 1111 2222 / 微信: second")
        numbers = {first.lead_number, second.lead_number}
        merged = (first | second).with_user(self.manager).merge_opportunity()
        self.assertIn(merged.lead_number, numbers)
        self.assertEqual((merged.screening_level, merged.wechat, len(merged.sla_clock_ids)), ("high", "second", 1))
        self.assertEqual(self._clock(merged, "assign").state, "running")
        other = (numbers - {merged.lead_number}).pop()
        self.assertTrue(merged.message_ids.filtered(lambda m: other in m.body))

    def test_two_running_promises_of_one_kind_become_one(self):
        leads = self._high_lead() | self._high_lead()
        merged = leads.with_user(self.manager).merge_opportunity()
        clocks = self.env["sfc.sla.clock"].search([("lead_id", "=", merged.id), ("key", "=", "assign")])
        self.assertEqual(sorted(clocks.mapped("state")), ["cancelled", "running"])
        self.assertEqual(len(merged.evaluation_ids), len(clocks) * 2, "the screening history of both: proposal and judgement")
