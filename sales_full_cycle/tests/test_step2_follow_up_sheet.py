import base64
import io
import re
import unicodedata
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from .test_step2_customer_sheet import CUSTOMER_HEADINGS, FormCase

FOLLOW_UP_HEADINGS = {
    "No.": "记录编号", "Customer": "客户名称", "Contact": "联系人", "Deal/contract": "关联商机/合同", "Grade": "客户等级", "Date": "跟进日期",
    "Type": "跟进类型", "Method": "跟进方式", "By": "跟进人", "Content": "跟进内容", "Use and feedback": "使用情况及反馈", "Need change": "需求变化",
    "Commitment": "我方承诺", "Product function": "产品功能评分", "Service quality": "服务质量评分", "Response speed": "响应速度评分",
    "Overall": "综合满意度", "Issues": "遗留问题", "Repurchase chance": "二次合作机会", "Next step": "下一步", "Responsible": "责任人",
    "Next date": "下次跟进时间",
}


class FollowUpCase(FormCase):
    res_model = "sfc.follow.up"
    chinese = FOLLOW_UP_HEADINGS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.partner"].create({"name": "Hongda Machinery Co., Ltd.", "is_company": True})
        cls.customer = cls.env["sfc.customer.profile"].create({"partner_id": company.id, "user_id": cls.rep.id})
        cls.wang = cls.env["res.partner"].create({"name": "Wang", "parent_id": company.id})
        cls.deal = cls.env["crm.lead"].create({"type": "opportunity", "name": "Benches", "partner_id": company.id, "user_id": cls.rep.id})
        cls.customer._import_results({cls.customer: "B"})

    def _record(self, user=None, **values):
        [number] = self.env["ir.sequence"]._next_numbers("sfc.follow.up", 1)
        return self.env["sfc.follow.up"].with_user(user or self.rep).with_context(sfc_import=True).create({
            "number": number, "profile_id": self.customer.id, "grade_id": self.customer.grade_id.id, "done_at": "2026-01-31 16:30:05",
            "content": "=1+1\nThey want a second line of benches.", **values})

    def _full_record(self, **values):
        return self._record(
            contact_ids=[(6, 0, self.wang.ids)], lead_id=self.deal.id, kind="satisfaction", method="visit", usage_feedback="@use", need_change="+1",
            commitment="-5 %", open_issues="Noise", score_function=5, score_service=4, score_speed=4, repurchase_chance="maybe", next_step="Offer",
            next_user_id=self.other_rep.id, next_date="2026-03-01", **values)

    def _full_row(self, **cells):
        return {"Customer": "hongda machinery", "Date": "2025-03-01 10:00", "By": "sfc_other_rep", "Content": "Visited them", **cells}


@tagged("post_install", "-at_install")
class TestFollowUpSheetExport(FollowUpCase):
    """S5.9, ST.5, T5: 22 columns in the order of the handbook."""

    def test_headings_in_both_languages(self):
        for lang, headings in (("en_US", list(FOLLOW_UP_HEADINGS)), ("zh_CN", list(FOLLOW_UP_HEADINGS.values()))):
            self.assertEqual(self._cells(self._forms(lang=lang).browse()._sheet_export())[0], headings)

    def test_what_each_column_says(self):
        record = self._full_record()
        cells = dict(zip(FOLLOW_UP_HEADINGS, self._cells(record._sheet_export())[1], strict=True))
        self.assertEqual(cells.pop("No."), record.number)
        self.assertEqual(cells, {
            "Customer": "Hongda Machinery Co., Ltd.", "Contact": "Wang", "Deal/contract": f"{self.deal.deal_number} Benches", "Grade": "B",
            "Date": datetime(2026, 2, 1, 0, 30, 5), "Type": "Satisfaction", "Method": "Visit", "By": self.rep.name,
            "Content": "=1+1\nThey want a second line of benches.", "Use and feedback": "@use", "Need change": "+1", "Commitment": "-5 %",
            "Product function": 5, "Service quality": 4, "Response speed": 4, "Overall": 4.33, "Issues": "Noise", "Repurchase chance": "Maybe",
            "Next step": "Offer", "Responsible": self.other_rep.name, "Next date": datetime(2026, 3, 1),
        })

    def test_round_trip_changes_nothing(self):
        """Ahead 14: export, import, export are identical, whatever the language of the file and of the reader."""
        records = self._full_record() | self._record()
        self.env.invalidate_all()
        self._round_trip(records)

    def test_the_same_file_comes_into_another_database(self):
        """Ahead 14, P11: number, author, date and the grade of that time come back as they were."""
        record = self._full_record()
        prefix, _dash, count = record.number.rpartition("-")
        number = f"{prefix}-{int(count) + 50:04d}"
        cells = self._cells(record._sheet_export())
        cells[1][0] = number
        self.customer._import_results({self.customer: "C"})
        again = self._records(self._import(cells[1:], cells[0]))
        self.assertEqual((again.number, again.user_id, again.done_at, again.kind), (number, self.rep, record.done_at, "satisfaction"))
        self.assertEqual(self._cells(again.with_user(self.rep)._sheet_export())[1], cells[1])
        [following] = self.env["ir.sequence"]._next_numbers("sfc.follow.up", 1)
        self.assertEqual(int(following.rpartition("-")[2]), int(number.rpartition("-")[2]) + 1, "the sequence goes on behind it")


@tagged("post_install", "-at_install")
class TestFollowUpSheetImport(FollowUpCase):
    """P11: history keeps who did it and when; what cannot be read is said row by row."""

    def test_a_row_becomes_a_record_of_its_author(self):
        wizard = self._import_cells(self._full_row(Contact="Ｗang、Zhao", Type="Complaint", Method="WeChat", Responsible="sfc_rep", **{
            "Deal/contract": self.deal.deal_number, "Product function": 3, "Next date": "2025-03-15"}))
        self.assertEqual(self._counts(wizard), (1, 0, 0, 0), self._messages(wizard))
        record = self._records(wizard)
        self.assertEqual((record.profile_id, record.user_id, record.author_id, record.done_at, record.lead_id, record.kind, record.method),
                         (self.customer, self.other_rep, self.rep, datetime(2025, 3, 1, 2, 0), self.deal, "complaint", "wechat"))
        self.assertEqual((record.score_function, record.satisfaction, record.next_user_id, record.next_date), (3, 3, self.rep, date(2025, 3, 15)))
        self.assertEqual(set(record.contact_ids.mapped("name")), {"Wang", "Zhao"})
        self.assertEqual(record.contact_ids.commercial_partner_id, self.customer.partner_id)
        self.assertIn(self.wang, record.contact_ids)
        self.assertRegex(record.number, r"^GJ\d{4}-\d{4}$")

    def test_chinese_headings_and_words(self):
        wizard = self._import(
            [["宏达", self.customer.customer_number, "2025年3月1日", "首次回访", "邮件", "sfc_rep", "可能"]],
            ["备注", "客户名称", "跟进日期", "跟进类型", "跟进方式", "跟进人", "二次合作机会"])
        self.assertEqual((self._counts(wizard), wizard.unknown_headings), ((1, 0, 0, 0), "备注"), self._messages(wizard))
        record = self._records(wizard)
        self.assertEqual((record.profile_id, record.kind, record.method, record.repurchase_chance), (self.customer, "first_visit", "email", "maybe"))

    def test_each_bad_row_is_named_and_comes_back(self):
        bad = [
            ({"Customer": "Nobody Ltd"}, "Import the customer sheet first"), ({"Customer": ""}, "Which customer"), ({"Date": ""}, "When was it"),
            ({"Date": "soon"}, "soon"), ({"By": "nobody at all"}, "nobody at all"), ({"Responsible": "nobody at all"}, "nobody at all"),
            ({"Type": "party"}, "Known are: Daily"), ({"Method": "drums"}, "Known are: Call"), ({"Repurchase chance": "50 %"}, "Known are: Yes"),
            ({"Product function": 6}, "not from 1 to 5"), ({"Service quality": 2.5}, "2.5"), ({"Deal/contract": "No such"}, "No such"),
            ({"Next date": "later"}, "later"), ({"Grade": "Z"}, "'Z'"),
        ]
        wizard = self._import_cells(*(self._full_row(**cells) for cells, _text in bad), self._full_row())
        self.assertEqual(self._counts(wizard), (1, 0, 0, len(bad)), self._messages(wizard))
        cells = self._cells(base64.b64decode(wizard.error_file))
        for row, (_cells, text) in zip(cells[1:], bad, strict=True):
            self.assertIn(text, row[-1])
        cells[1][0] = self.customer.customer_number
        self.assertEqual(self._counts(self._import(cells[1:2], cells[0])), (1, 0, 0, 0))

    def test_names_that_fit_more_than_one_are_not_guessed(self):
        twins = self._customer("Twin Ltd", owner=self.rep) | self._customer("Twin", owner=self.rep)
        self.deal.copy()
        wizard = self._import_cells(self._full_row(Customer="TWIN"), self._full_row(**{"Deal/contract": "Benches"}))
        self.assertEqual(self._counts(wizard), (0, 0, 0, 2))
        for text in (*twins.mapped("customer_number"), self.deal.deal_number):
            self.assertIn(text, self._messages(wizard))

    def test_customers_of_others_are_not_written_about(self):
        other = self._customer("Other Ltd", owner=self.other_rep)
        wizard = self._import_cells(self._full_row(Customer="Other"), self._full_row(Customer=other.customer_number))
        self.assertEqual(self._counts(wizard), (0, 0, 0, 2))
        self.assertIn(f"(owner: {self.other_rep.name})", self._messages(wizard))
        with self.assertRaises(AccessError):
            self._import_cells(self._full_row(), user=self.clerk)

    def test_records_that_the_importer_may_not_change_are_errors(self):
        record = self._record(user=self.other_rep, profile_id=self._customer("Other Ltd", owner=self.other_rep).id)
        wizard = self._import_cells({"No.": record.number, "Content": "Not so"})
        self.assertEqual(self._counts(wizard), (0, 0, 0, 1))
        self.assertNotEqual(record.content, "Not so")

    def test_a_known_record_is_corrected_and_stays_with_its_customer(self):
        record = self._full_record()
        other = self._customer("Other Ltd", owner=self.rep)
        wizard = self._import_cells({
            "No.": record.number, "Content": "Better", "Contact": "", "Deal/contract": "", "Repurchase chance": "", "Product function": "",
            "Type": "", "By": ""})
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0), self._messages(wizard))
        self.assertEqual((record.content, record.contact_ids.ids, record.lead_id.id, record.repurchase_chance, record.score_function),
                         ("Better", [], False, False, 0))
        self.assertEqual((record.kind, record.user_id, record.satisfaction), ("satisfaction", self.rep, 4))
        moved = self._import_cells({"No.": record.number, "Customer": other.customer_number})
        self.assertIn("does not move", self._messages(moved))

    def test_what_follows_from_the_rest_is_only_pointed_out(self):
        record = self._full_record()
        wizard = self._import_cells({"No.": record.number, "Overall": 5, "Grade": "C"})
        self.assertEqual((self._counts(wizard), wizard.warning_count, record.grade_id.code), ((0, 0, 1, 0), 1, "B"))
        for text in ("computed from the three scores: 4.33", "The grade is that of the day"):
            self.assertIn(text, self._messages(wizard))
        agreeing = self._full_row(Overall=4.33, **{"Product function": 5, "Service quality": 4, "Response speed": 4})
        self.assertEqual(self._import_cells(agreeing).warning_count, 0)

    def test_a_row_without_author_is_the_importers(self):
        wizard = self._import_cells(self._full_row(By=""))
        self.assertIn("noted as yours", self._messages(wizard))
        self.assertEqual(self._records(wizard).user_id, self.rep)

    def test_history_is_silent(self):
        counted = ("mail.mail", "mail.message", "mail.activity", "sfc.sla.clock")
        before = [self.env[name].search_count([]) for name in counted]
        self._import_cells(self._full_row(**{"Next step": "Call", "Next date": "2030-01-01", "Responsible": "sfc_other_rep"}), user=self.manager)
        self.assertEqual([self.env[name].search_count([]) for name in counted], before)

    def test_check_writes_nothing_and_draws_no_numbers(self):
        self._import_cells(self._full_row())
        sequence = self.env.ref("sales_full_cycle.ir_sequence_follow_up").date_range_ids[-1:]

        def state():
            self.env.invalidate_all()
            return self.env["sfc.follow.up"].search_count([]), self.env["res.partner"].search_count([]), sequence.number_next_actual
        before = state()
        wizard = self._import_cells(self._full_row(Contact="New person"), check=True)
        self.assertEqual((wizard.created_count, state()), (1, before))

    def test_rows_cost_a_fixed_number_of_queries_a_batch(self):
        def queries(count):
            return self._queries_of([self._full_row(Content=f"Talk {n}", Contact="Wang", **{"Deal/contract": "Benches"}) for n in range(count)])
        queries(3)
        few, many = queries(50), queries(200)
        self.assertLess(many - few, 40, "a hundred and fifty more records must not cost a query each")


@tagged("post_install", "-at_install")
class TestCustomerPaper(FollowUpCase, HttpCase):
    """T2 and T5 as PDF and as the template under the import button."""

    def _pages(self, report, records, lang):
        content = self.env["ir.actions.report"].with_user(self.rep).with_context(force_report_rendering=True, lang=lang)._render_qweb_pdf(
            f"sales_full_cycle.{report}", records.ids)[0]
        # Chinese fonts give some characters as their look-alikes among the radicals: NFKC
        return ["".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in PdfFileReader(io.BytesIO(content)).pages]

    def _headings(self, model, lang):
        return ["".join(heading.split()) for heading in self.env[model].with_context(lang=lang)._sheet_headings()]

    def test_customer_sheet_is_a_page_a_customer(self):
        self.customer.write({"annual_revenue": 1_234_567, "follow_strategy": "Visit first", "user_id": self.rep.id})
        self.customer._write_needs({self.customer: {"need_function": "Valves", "budget_min": 5, "budget_max": 7}})
        second = self._customer("Second Ltd", owner=self.rep)
        for lang in ("en_US", "zh_CN"):
            pages = self._pages("report_customer_sheet", self.customer | second, lang)
            self.assertEqual(len(pages), 2)
            for page, customer in zip(pages, self.customer | second, strict=True):
                for text in (*self._headings("sfc.customer.profile", lang), customer.customer_number, "".join(customer.name.split()),
                             "".join(self.env.company.name.split())):
                    self.assertIn(text, page)
            for text in ("1,234,567", "Valves", "5-7", "Visitfirst"):
                self.assertIn(text, pages[0])
                self.assertNotIn(text, pages[1])

    def test_every_column_has_its_place_on_the_page(self):
        keys = [key for _title, group in self.env["sfc.customer.profile"]._sheet_groups() for key in group]
        self.assertCountEqual(keys, [column.key for column in self.env["sfc.customer.profile"]._sheet_columns()])

    def test_follow_up_records_repeat_their_headings(self):
        records = self.env["sfc.follow.up"].union(*(self._record(content=f"Talk {n} about the second line") for n in range(60)))
        for lang in ("en_US", "zh_CN"):
            pages = self._pages("report_follow_up_sheet", records, lang)
            self.assertGreater(len(pages), 1)
            for page in pages:
                for heading in self._headings("sfc.follow.up", lang):
                    self.assertIn(heading, page)
            self.assertEqual(sum(len(re.findall(r"Talk\d", page)) for page in pages), 60)
            self.assertIn("".join(self.env.company.name.split()), pages[0])

    def test_all_records_of_a_customer_on_paper(self):
        action = self.customer.with_user(self.rep)
        with self.assertRaises(UserError):
            action.action_print_follow_ups()
        record = self._record()
        self.assertEqual(action.action_print_follow_ups()["context"]["active_ids"], record.ids)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.clerk).action_print_follow_ups()

    def test_templates_are_for_those_who_may_import(self):
        for model, headings in (("sfc.customer.profile", CUSTOMER_HEADINGS), ("sfc.follow.up", FOLLOW_UP_HEADINGS)):
            [template] = self.env[model].get_import_templates()
            self.authenticate("sfc_rep", "sfc_rep")
            self.assertEqual(self._cells(self.url_open(template["template"]).content), [list(headings)])
            self.authenticate("sfc_clerk", "sfc_clerk")
            self.assertEqual(self.url_open(template["template"]).status_code, 404)

    def test_export_by_address_shows_what_one_may_see(self):
        other = self._record(user=self.other_rep, profile_id=self._customer("Other Ltd", owner=self.other_rep).id, user_id=self.other_rep.id)
        mine = self._record()
        self.authenticate("sfc_rep", "sfc_rep")
        cells = self._cells(self.url_open(f"/sfc/sheet/sfc.follow.up/export?ids={mine.id},{other.id}").content)
        self.assertEqual([row[1] for row in cells], ["Customer", "Hongda Machinery Co., Ltd."])
