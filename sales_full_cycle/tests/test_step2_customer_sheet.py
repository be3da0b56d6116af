import base64
import io
from datetime import date, datetime

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged
from odoo.tools.translate import code_translations

from ..models.common import sheet
from ..models.step2_customer import sheet_text
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

    def _round_trip(self, records):
        """Export, import, export are identical, whatever the language of the file and of the reader."""
        for lang in ("en_US", "zh_CN"):
            before = self._forms(lang=lang).browse(records.ids)._sheet_export()
            for reader in ("en_US", "zh_CN"):
                self.rep.lang = reader
                wizard = self._import(before)
                self.assertEqual(self._counts(wizard), (0, 0, len(records), 0), self._messages(wizard))
                self.assertEqual((wizard.unknown_headings, wizard.missing_headings, wizard.warning_count), ("", "", 0))
            self.env.invalidate_all()
            self.assertEqual(self._cells(before), self._cells(self._forms(lang=lang).browse(records.ids)._sheet_export()))

    def _queries_of(self, rows):
        """How many queries the import of these new rows takes."""
        content = sheet.write("t", list(rows[0]), [row.values() for row in rows])
        self.env.flush_all()
        before = self.cr.sql_log_count
        wizard = self._import(content)
        self.assertEqual(wizard.created_count, len(rows), self._messages(wizard))
        return self.cr.sql_log_count - before

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
        customer._grade({})
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
        self._round_trip(customers)

    def test_what_each_column_says(self):
        customer = self._full_customer()
        cells = dict(zip(CUSTOMER_HEADINGS, self._cells(self._forms().browse(customer.ids)._sheet_export())[1], strict=True))
        updated = cells.pop("Updated")
        self.assertTrue(sheet.same(updated, customer.with_user(self.rep)._sheet_local(customer.write_date)))
        self.assertEqual(cells, {
            "Customer no.": customer.customer_number, "Name": "Hongda Machinery Co., Ltd.", "Industry": "Manufacturing", "Grade": "A",
            "Annual revenue": 80_000_000, "Employees": 200, "Expected purchase": 300_000.5, "Strategic fit": "Strategic",
            "Decision-chain complexity": "Simple: 1-2 people, one department", "Decision maker": "Wang; Li", "Key influencers": "Zhao",
            "Contact data": "0755 1234567 / w@example.com", "Functional needs": "-2\n+3", "Service needs": "Training",
            "Budget range": "100000 - 200000.5", "Purchase date": datetime(2026, 9, 30), "Decision process": "Board", "Competitors": "@home",
            "Source": "Trade fair", "Need priority": "High", "Cadence": "Every 7 days",
            "Talking focus": sheet_text.points(self.env.ref("sales_full_cycle.grade_a").talking_points),
            "Strategy": "=1+1\nvisit first", "Owner": self.rep.name,
        })

    def test_text_is_never_a_formula(self):
        customer = self._full_customer()
        page = openpyxl.load_workbook(io.BytesIO(customer._sheet_export())).active
        strategy = page.cell(2, list(CUSTOMER_HEADINGS).index("Strategy") + 1)
        self.assertEqual((strategy.data_type, strategy.quotePrefix), ("s", True))

    def test_an_own_rhythm_is_shown(self):
        customer = self._customer()
        customer.write({"cadence_override_days": 10, "cadence_override_reason": "asked for it", "own_talking_points": "Spare parts"})
        values = customer._sheet_values()
        self.assertEqual((values["cadence"], values["talking_focus"]), ("Every 10 days", "Spare parts"))

    def test_export_is_for_salespeople_and_shows_what_they_may_see(self):
        mine, other = self._customer(owner=self.rep), self._customer("Other Ltd", owner=self.other_rep)
        with self.assertRaises(AccessError):
            mine.with_user(self.clerk).action_export_sheet()
        action = self._forms().browse().action_export_sheet()
        noted = self.env["sfc.sheet.export"].browse(int(action["url"].rpartition("=")[2]))
        self.assertIn(mine.id, noted.record_ids)
        self.assertNotIn(other.id, noted.record_ids)


@tagged("post_install", "-at_install")
class TestCustomerSheetImport(FormCase):
    """P10, P11: rows become customers, or complete those that are known; nothing is taken away that the sheet does not speak of."""
    res_model = "sfc.customer.profile"
    chinese = CUSTOMER_HEADINGS

    def _full_row(self, **cells):
        return {
            "Name": "Imported Ltd", "Industry": "Manufacturing", "Grade": "B", "Annual revenue": "8,000万", "Employees": 120, "Expected purchase": "",
            "Strategic fit": "High", "Decision-chain complexity": "Simple", "Decision maker": "Wang、Li；Wang", "Key influencers": "Zhao",
            "Contact data": "0755-1234567 / info@example.com", "Functional needs": "Test benches", "Budget range": "100000 - 200000",
            "Purchase date": "2026-09-30", "Source": "Trade fair", "Need priority": "高", "Owner": "sfc_rep", **cells}

    def test_a_row_becomes_a_customer_with_people_needs_and_grade(self):
        wizard = self._import_cells(self._full_row())
        self.assertEqual(self._counts(wizard), (1, 0, 0, 0), self._messages(wizard))
        customer = self._records(wizard)
        partner, deal = customer.partner_id, customer.lead_ids
        self.assertEqual((partner.name, partner.is_company, partner.industry_id, partner.phone, partner.email, partner.user_id),
                         ("Imported Ltd", True, self.manufacturing, "0755-1234567", "info@example.com", self.rep))
        self.assertEqual((customer.annual_revenue, customer.employee_count, customer.user_id, customer.source_id), (80_000_000, 120, self.rep, self.fair))
        self.assertEqual((customer.grade_id.code, customer.evaluation_id.origin), ("B", "import"))
        self.assertEqual(customer.scoring_answers, {"strategic_fit": "high", "chain_complexity": "simple"})
        self.assertEqual([(role.contact_id.name, role.role) for role in customer.role_ids.sorted("id")],
                         [("Wang", "decision_maker"), ("Li", "decision_maker"), ("Zhao", "influencer")])
        self.assertEqual(customer.role_ids.contact_id.commercial_partner_id, partner)
        self.assertEqual((deal.type, deal.need_function, deal.budget_min, deal.budget_max, deal.purchase_date, deal.need_priority, deal.user_id),
                         ("opportunity", "Test benches", 100_000, 200_000, date(2026, 9, 30), "high", self.rep))

    def test_chinese_headings_and_words(self):
        wizard = self._import(
            [["甲公司", "制造", "A级", "战略级", "复杂", "低", "10-20万", "每两周1次", "sfc_rep"]],
            ["客户名称", "所属行业", "客户等级", "战略匹配度", "决策链复杂度", "需求优先级", "预算范围", "跟进频率", "跟进人"])
        self.assertEqual(self._counts(wizard), (1, 0, 0, 0), self._messages(wizard))
        customer = self._records(wizard)
        self.assertEqual((customer.industry_id, customer.grade_id.code, customer.cadence_override_days), (self.manufacturing, "A", 14))
        self.assertEqual((customer.lead_ids.budget_min, customer.lead_ids.budget_max, customer.lead_ids.need_priority), (100_000, 200_000, "low"))

    def test_the_same_file_comes_into_another_database(self):
        """Ahead 14: numbers stay, and what the grade says is no wish of the customer's own."""
        number = int(self._customer().customer_number[2:]) + 50
        wizard = self._import_cells(self._full_row(**{"Customer no.": f"KH{number:04d}"}))
        customer = self._records(wizard)
        cells = self._cells(self._forms().browse(customer.ids)._sheet_export())
        customer.lead_ids.unlink()
        customer.unlink()
        self.env["res.partner"].search([("name", "=", "Imported Ltd")]).unlink()
        again = self._records(self._import(cells[1:], cells[0]))
        self.assertEqual((again.customer_number, again.cadence_override_days, again.own_talking_points), (f"KH{number:04d}", 0, False))
        self.assertEqual(self._cells(self._forms().browse(again.ids)._sheet_export())[1][:-1], cells[1][:-1])
        self.assertEqual(self._customer("Next Ltd").customer_number, f"KH{number + 1:04d}", "the sequence goes on behind it")

    def test_check_writes_nothing_and_draws_no_numbers(self):
        sequences = self.env.ref("sales_full_cycle.ir_sequence_customer"), self.env.ref("sales_full_cycle.ir_sequence_deal").date_range_ids
        models = ("sfc.customer.profile", "res.partner", "crm.lead", "sfc.decision.role")

        def state():
            self.env.invalidate_all()
            return [self.env[name].search_count([]) for name in models] + [sequence.number_next_actual for sequence in sequences if sequence]
        self._customer("Before Ltd")._write_needs({self._customer("With a deal Ltd"): {"need_function": "Pumps"}})
        sequences = (sequences[0], self.env.ref("sales_full_cycle.ir_sequence_deal").date_range_ids[-1:])
        before = state()
        wizard = self._import_cells(self._full_row(), self._full_row(Name="Second Ltd", Grade="Z"), check=True)
        self.assertEqual((wizard.created_count, wizard.failed_count, state()), (1, 1, before))

    def test_number_finds_the_customer_and_renames_it(self):
        customer = self._customer(owner=self.rep)
        wizard = self._import_cells({"Customer no.": customer.customer_number, "Name": "Renamed Ltd", "Employees": 70})
        self.assertEqual((self._counts(wizard), customer.partner_id.name, customer.employee_count), ((0, 1, 0, 0), "Renamed Ltd", 70))

    def test_name_in_another_spelling_finds_the_customer(self):
        """P10: 宏达机械 is 宏达机械有限公司; it is completed and keeps its name."""
        customer = self._customer("宏达机械有限公司", owner=self.rep)
        wizard = self._import_cells({"Name": "宏达机械", "Employees": 70})
        self.assertEqual((self._counts(wizard), customer.partner_id.name, customer.employee_count), ((0, 1, 0, 0), "宏达机械有限公司", 70))

    def test_a_contact_company_without_sheet_gets_one(self):
        company = self.env["res.partner"].create({"name": "Known Ltd", "is_company": True, "phone": "123 456"})
        wizard = self._import_cells({"Name": "KNOWN", "Employees": 5, "Contact data": "", "Owner": ""})
        customer = self._records(wizard)
        self.assertEqual((customer.partner_id, company.phone, company.name, customer.user_id.id), (company, "123 456", "Known Ltd", False))

    def test_names_that_fit_more_than_one_are_not_guessed(self):
        twins = self._customer("Twin Ltd", owner=self.rep) | self._customer("Twin", owner=self.rep)
        self.env["res.partner"].create([{"name": "Shadow", "is_company": True}, {"name": "Shadow Ltd", "is_company": True}])
        wizard = self._import_cells({"Name": "TWIN"}, {"Name": "Shadow"}, {"Name": "New Ltd"}, {"Name": "New"}, {"Name": ""  , "Employees": 3})
        self.assertEqual(self._counts(wizard), (1, 0, 0, 4))
        for text in (*twins.mapped("customer_number"), "2 companies called 'Shadow'", "New stands twice", "needs a name"):
            self.assertIn(text, self._messages(wizard))

    def test_a_new_number_with_a_known_name_is_another_customer_and_says_so(self):
        customer = self._customer(owner=self.other_rep)
        wizard = self._import_cells({"Customer no.": f"KH{int(customer.customer_number[2:]) + 50}", "Name": "Hongda Machinery"})
        self.assertEqual((self._counts(wizard), wizard.warning_count), ((1, 0, 0, 0), 1))
        self.assertIn(f"{customer.customer_number} Hongda Machinery Co., Ltd. (owner: {self.other_rep.name})", self._messages(wizard))

    def test_customers_of_others_stay_theirs(self):
        customer = self._customer(owner=self.other_rep)
        wizard = self._import_cells(
            {"Name": "Hongda Machinery", "Customer no.": "", "Employees": 1}, {"Name": "X", "Customer no.": customer.customer_number, "Employees": 1},
            {"Name": "For a colleague Ltd", "Owner": "sfc_other_rep"}, {"Name": "For me Ltd", "Owner": "sfc_rep"})
        self.assertEqual(self._counts(wizard), (1, 0, 0, 3))
        self.assertIn("belongs to somebody else", self._messages(wizard))
        self.assertFalse(customer.employee_count)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "For a colleague Ltd")]), "no company without its sheet")
        self.assertEqual(self._counts(self._import_cells({"Name": "Hongda", "Customer no.": customer.customer_number}, user=self.manager)), (0, 1, 0, 0))
        with self.assertRaises(AccessError):
            self._import_cells({"Name": "A Ltd"}, user=self.clerk)

    def test_each_bad_cell_is_named_and_comes_back(self):
        bad = {
            "Industry": "Alchemy", "Source": "Nowhere", "Owner": "nobody at all", "Grade": "Z", "Annual revenue": "much", "Employees": 2.5,
            "Strategic fit": "perfect", "Budget range": "200 - 100", "Purchase date": "soon", "Need priority": "urgent",
        }
        wizard = self._import_cells(*({**self._full_row(Name=f"Firm {heading}"), heading: cell} for heading, cell in bad.items()), self._full_row())
        self.assertEqual(self._counts(wizard), (1, 0, 0, len(bad)))
        cells = self._cells(base64.b64decode(wizard.error_file))
        for row, cell in zip(cells[1:], bad.values(), strict=True):
            self.assertIn(str(cell), row[-1])
        cells[1][cells[0].index("Industry")] = "Retail"
        again = self._import(cells[1:2], cells[0])
        self.assertEqual((self._counts(again), again.unknown_headings), ((1, 0, 0, 0), ""))

    def test_people_are_matched_added_and_never_removed(self):
        customer = self._customer(owner=self.rep)
        wang, li = self.env["res.partner"].create([{"name": name, "parent_id": customer.partner_id.id} for name in ("Wang", "Li")])
        customer.role_ids = [(0, 0, {"contact_id": wang.id, "role": "decision_maker"})]
        wizard = self._import_cells({"Customer no.": customer.customer_number, "Decision maker": "ＬＩ; Chen", "Key influencers": ""})
        self.assertEqual((self._counts(wizard), wizard.warning_count), ((0, 1, 0, 0), 1))
        self.assertIn("Wang", self._messages(wizard))
        self.assertEqual(set(customer.role_ids.contact_id.mapped("name")), {"Wang", "Li", "Chen"})
        self.assertIn(li, customer.role_ids.contact_id)

    def test_needs_go_to_the_latest_open_deal(self):
        customer = self._customer(owner=self.rep)
        customer._write_needs({customer: {"need_function": "Pumps", "budget_max": 100}})
        deal = customer.lead_ids
        self._import_cells({"Customer no.": customer.customer_number, "Functional needs": "Valves", "Budget range": "<= 50", "Competitors": ""})
        self.assertEqual((customer.lead_ids, deal.need_function, deal.budget_min, deal.budget_max), (deal, "Valves", 0, 50))
        self._import_cells({"Customer no.": customer.customer_number, "Functional needs": ""})
        self.assertEqual((deal.need_function, deal.budget_max), (False, 50))
        bare = self._customer("Bare Ltd", owner=self.rep)
        self._import_cells({"Customer no.": bare.customer_number, "Functional needs": "", "Employees": 5})
        self.assertFalse(bare.lead_ids, "nothing is needed, so there is no deal")

    def test_cadence_and_focus_are_own_only_where_they_differ(self):
        customer = self._customer(owner=self.rep)
        customer._import_results({customer: "B"})
        number = customer.customer_number
        grade_points = sheet_text.points(customer.grade_id.talking_points)
        for cell, days in (("Every 14 days", 0), (14, 0), ("每两周1次", 0), ("Every month", 0), (10, 10), ("", 0)):
            self._import_cells({"Customer no.": number, "Cadence": cell})
            self.assertEqual(customer.cadence_override_days, days, cell)
        for cell, own in ((grade_points, False), ("Spare parts", "Spare parts"), ("", False)):
            self._import_cells({"Customer no.": number, "Talking focus": cell})
            self.assertEqual(customer.own_talking_points, own)
        self.assertIn("number of days", self._messages(self._import_cells({"Customer no.": number, "Cadence": "often"})))
        # a new grade in the same row: its own rhythm and points are no wish either
        points_a = sheet_text.points(self.env.ref("sales_full_cycle.grade_a").talking_points)
        self._import_cells({"Customer no.": number, "Grade": "A", "Cadence": 7, "Talking focus": points_a})
        self.assertEqual((customer.grade_id.code, customer.cadence_override_days, customer.own_talking_points), ("A", 0, False))

    def test_a_missing_column_and_an_empty_grade_leave_what_is_there(self):
        customer = self._customer(owner=self.rep)
        customer._import_results({customer: "B"})
        customer.write({"annual_revenue": 5, "employee_count": 7, "follow_strategy": "Visit"})
        self._import_cells({"Customer no.": customer.customer_number, "Annual revenue": "", "Grade": "", "Updated": "2020-01-01"})
        self.assertEqual((customer.annual_revenue, customer.employee_count, customer.follow_strategy, customer.user_id, customer.grade_id.code),
                         (0, 7, "Visit", self.rep, "B"))

    def test_history_is_silent(self):
        """P11: no mail, message, activity or score; the owner follows."""
        counted = ("mail.mail", "mail.message", "mail.activity", "sfc.sla.clock", "sfc.evaluation")
        before = [self.env[name].search_count([]) for name in counted]
        wizard = self._import_cells(self._full_row(Grade=""), user=self.manager)
        self.assertEqual([self.env[name].search_count([]) for name in counted], before)
        self.assertIn(self.rep.partner_id, self._records(wizard).message_partner_ids)
        live = self._records(self._import_cells(self._full_row(Name="Live Ltd", Grade=""), user=self.manager, live=True))
        self.assertEqual(live.evaluation_id.origin, "automatic")

    def test_rows_cost_a_fixed_number_of_queries_a_batch(self):
        def queries(count, **people):
            return self._queries_of([self._full_row(Name=f"Q{count}-{n} Ltd{len(people)}", **people) for n in range(count)])
        nobody = {"Decision maker": "", "Key influencers": ""}
        queries(3), queries(3, **nobody)
        few, many = queries(50, **nobody), queries(200, **nobody)
        self.assertLess(many - few, 40, "a hundred and fifty more customers must not cost a query each")
        few, many = queries(50), queries(200)
        self.assertLess(many - few, 150 * 3 + 60, "core asks once for each new person of a company; we ask nothing")


@tagged("post_install", "-at_install")
class TestSheetText(BaseCase):
    """Cells that hold more than one value."""

    def test_budget(self):
        for cell, expected in (
                ("100000 - 200000", (100_000, 200_000)), ("100,000~200,000元", (100_000, 200_000)), ("10-20万", (100_000, 200_000)),
                ("9000-2万", (90_000_000, 20_000)), ("<= 200000", (0, 200_000)), ("20万以内", (0, 200_000)), (">= 1亿", (100_000_000, 0)),
                ("¥5000", (5000, 5000)), (300.5, (300.5, 300.5)), (None, (0, 0)), ("", (0, 0))):
            if expected[0] > expected[1] > 0:
                with self.assertRaises(ValueError):
                    sheet_text.budget(cell)
            else:
                self.assertEqual(sheet_text.budget(cell), expected, cell)
        for cell in ("lots", "1 - 2 - 3", "-5", -5, True):
            with self.assertRaises(ValueError, msg=cell):
                sheet_text.budget(cell)

    def test_budget_comes_back(self):
        for low, high in ((100_000, 200_000.5), (0, 200_000), (100_000, 0), (5000, 5000), (0, 0)):
            self.assertEqual(sheet_text.budget(sheet_text.budget_text(low, high)), (low, high))

    def test_people_and_cadence(self):
        self.assertEqual(list(sheet_text.people("Wang、Li；ＷＡＮＧ\nZhao;").values()), ["WANG", "Li", "Zhao"])
        for cell, days in ((10, 10), ("10 days", 10), ("每10天", 10), ("每周1次", 7), ("每两周一次", 14), ("Every 2 weeks", 14), ("每月1次", None), ("", None)):
            self.assertEqual(sheet_text.cadence_days(cell), days, cell)
