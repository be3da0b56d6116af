from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ..models.common import sheet
from .test_step1_lead_sheet import SheetCase

CUSTOMER_HEADINGS = {
    "Customer no.": "客户编号", "Name": "客户名称", "Industry": "所属行业", "Grade": "客户等级", "Annual revenue": "年营收", "Employees": "员工数量",
    "Expected purchase": "预计采购金额", "Strategic fit": "战略匹配度", "Decision-chain complexity": "决策链复杂度", "Decision maker": "决策人",
    "Key influencers": "关键影响者", "Contact data": "联系方式", "Functional needs": "产品功能需求", "Service needs": "服务要求",
    "Budget range": "预算范围", "Purchase date": "采购时间节点", "Decision process": "决策流程", "Competitors": "竞争对手", "Source": "客户来源",
    "Need priority": "需求优先级", "Cadence": "跟进频率", "Talking focus": "沟通重点", "Strategy": "跟进策略", "Owner": "跟进人", "Updated": "更新时间",
}


class FormCase(SheetCase):
    """Forms of step 2: their model, and the handbook's headings in Chinese also while they are not translated yet."""
    res_model = None
    chinese = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = code_translations.get_python_translations("sales_full_cycle", "zh_CN")
        terms = [column.heading._translate("en_US") for column in cls.env[cls.res_model]._sheet_columns()]
        missing = {term: cls.chinese[sheet.heading(term)] for term in terms if term not in known}
        cls.classPatch(code_translations, "python_translations", {
            **code_translations.python_translations, ("sales_full_cycle", "zh_CN"): {**known, **missing}})

    def _forms(self, user=None, lang="en_US"):
        return self.env[self.res_model].with_user(user or self.rep).with_context(lang=lang)

    def _import(self, rows, headings=None, **values):
        return super()._import(rows, headings or list(self.chinese), res_model=self.res_model, **values)

    def _import_cells(self, *rows, **values):
        """Rows as {heading: cell}."""
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        return self._import([[row.get(heading) for heading in headings] for row in rows], headings, **values)

    def _records(self, wizard):
        return self.env[self.res_model].browse(wizard.record_ids)

    def _counts(self, wizard):
        return wizard.created_count, wizard.updated_count, wizard.unchanged_count, wizard.failed_count

    def _messages(self, wizard):
        return " ".join(filter(None, wizard.line_ids.mapped("message")))

    def _customer(self, name="Hongda Machinery Co., Ltd.", owner=None, **partner):
        company = self.env["res.partner"].create({"name": name, "is_company": True, **partner})
        return self.env["sfc.customer.profile"].create({"partner_id": company.id, "user_id": owner and owner.id})


@tagged("post_install", "-at_install")
class TestCustomerSheetExport(FormCase):
    """S2.10, ST.2, T2: 25 columns in the order of the handbook."""
    res_model = "sfc.customer.profile"
    chinese = CUSTOMER_HEADINGS

    def _full_customer(self):
        customer = self._customer(owner=self.rep, industry_id=self.manufacturing.id, phone="0755 1234567", email='"Wang, Li" <w@example.com>')
        people = self.env["res.partner"].create([{"name": name, "parent_id": customer.partner_id.id} for name in ("Wang", "Li", "Zhao")])
        card = customer._grouped_by_scorecard()
        level = {c.code: c.level_ids[0] for c in next(iter(card)).criterion_ids}
        customer.write({
            "annual_revenue": 80_000_000, "employee_count": 200, "expected_purchase_amount": 300_000.5, "source_id": self.fair.id,
            "strategic_fit_id": level["strategic_fit"].id, "chain_complexity_id": level["chain_complexity"].id, "follow_strategy": "=1+1\nvisit first",
            "role_ids": [(0, 0, {"contact_id": person.id, "role": role}) for person, role in zip(
                people, ("decision_maker", "decision_maker", "influencer"), strict=True)],
        })
        customer._grade_by_person()
        customer._write_needs({customer: {
            "need_function": "-2\n+3", "need_service": "Training", "budget_min": 100_000, "budget_max": 200_000.5, "purchase_date": "2026-09-30",
            "decision_process": "Board", "competitors": "@home", "need_priority": "high"}})
        return customer

    def test_headings_in_both_languages(self):
        for lang, headings in (("en_US", list(CUSTOMER_HEADINGS)), ("zh_CN", list(CUSTOMER_HEADINGS.values()))):
            self.assertEqual(self._cells(self._forms(lang=lang).browse()._sheet_export())[0], headings)

    def test_round_trip_changes_nothing(self):
        """Ahead 14: export, import, export are identical, whatever the language of the file and of the reader."""
        customers = self._full_customer() | self._customer("Bare Ltd")
        self.env.flush_all()
        self.env.invalidate_all()
        for lang in ("en_US", "zh_CN"):
            before = self._forms(lang=lang).browse(customers.ids)._sheet_export()
            for reader in ("en_US", "zh_CN"):
                self.rep.lang = reader
                wizard = self._import(before)
                self.assertEqual(self._counts(wizard), (0, 0, 2, 0), self._messages(wizard))
                self.assertEqual((wizard.unknown_headings, wizard.missing_headings, wizard.warning_count), ("", "", 0))
            self.env.invalidate_all()
            self.assertEqual(self._cells(before), self._cells(self._forms(lang=lang).browse(customers.ids)._sheet_export()))

    def test_what_each_column_says(self):
        customer = self._full_customer()
        cells = dict(zip(CUSTOMER_HEADINGS, self._cells(self._forms().browse(customer.ids)._sheet_export())[1], strict=True))
        print(cells)
