import io
import re
import unicodedata
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase, Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader
from odoo.tools.translate import code_translations

from ..models.common import sheet
from ..models.step4_contract import minutes_cells
from ..models.step4_contract.minutes_cells import Option, Point
from ..models.step4_contract.sfc_negotiation_sheet import POINT_LABELS
from .test_step2_customer_sheet import FormCase

MINUTES_HEADINGS = {
    "No.": "纪要编号", "Deal": "项目/商机", "Customer": "客户名称", "Round": "谈判轮次", "Time": "时间", "Place": "地点", "Our side": "我方人员",
    "Customer side": "客户人员", "Topics": "议题", "Key demands": "客户关键诉求", "Price": "价格", "Payment": "付款方式", "Delivery standard": "交付标准",
    "Breach liability": "违约责任", "Warranty and service": "质保与服务", "Other": "其他", "Customer feedback": "客户反馈", "Agreed": "达成共识",
    "Open items": "未决事项", "Next step, owner, due": "下一步、责任人、期限", "Recorder": "记录人", "Fallback options (internal)": "备选方案（内部）",
    "Price sensitivity (internal)": "价格敏感度（内部）", "Decision concerns (internal)": "决策顾虑（内部）",
}
LABELS = {
    "Our position": "我方立场", "Customer's position": "客户立场", "Result": "结果", "Outcome": "结论", "Owner": "责任人", "Due": "期限"}
PUBLIC = list(MINUTES_HEADINGS)[:21]
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
PLAIN, INTERNAL = "sales_full_cycle.report_minutes", "sales_full_cycle.report_minutes_internal"
# What nobody but those on the deal may read; each word is in no other field.
SECRETS = ("SECRETOPTION", "SECRETCONCERN", "SECRETSERVICE")


class MinutesCase(FormCase):
    """A round of negotiation of `rep` with a customer who has a portal user; a floor on the deal."""
    res_model = "sfc.negotiation"
    chinese = MINUTES_HEADINGS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = code_translations.get_python_translations("sales_full_cycle", "zh_CN")
        labels = {str(term._translate("en_US")): LABELS[sheet.heading(term._translate("en_US"))] for term in POINT_LABELS.values()}
        cls.classPatch(code_translations, "python_translations", {
            **code_translations.python_translations, ("sales_full_cycle", "zh_CN"): {**labels, **known}})
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.customer = cls.env["res.partner"].create({"name": "Hongda Machinery", "is_company": True, "lang": "en_US"})
        cls.buyer = cls.env["res.partner"].create({"name": "Ms Wang", "parent_id": cls.customer.id, "email": "wang@hongda.example", "lang": "en_US"})
        cls.boss = cls.env["res.partner"].create({"name": "Mr Zhao", "parent_id": cls.customer.id})
        cls.portal = new_test_user(cls.env, "sfc_buyer", "base.group_portal", lang="en_US", name="Ms Wang", partner_id=cls.buyer.id)
        cls.stranger = new_test_user(cls.env, "sfc_stranger", "base.group_portal", lang="en_US", name="Stranger")
        cls.legal = new_test_user(cls.env, "sfc_lawyer", "sales_full_cycle.group_sfc_legal", lang="en_US")
        cls.accountant = new_test_user(cls.env, "sfc_accountant", "account.group_account_invoice", lang="en_US")
        cls.engineer = new_test_user(cls.env, "sfc_engineer", "base.group_user", lang="en_US", name="Chen Gong")
        cls.rep.name = "Li Qiang"
        cls.deal = cls._deal()
        cls.env["sfc.collaborator"].create({"lead_id": cls.deal.id, "user_id": cls.engineer.id, "role": "technical"})
        cls.env["sfc.negotiation.floor"].create({
            "lead_id": cls.deal.id, "asked_by_id": cls.manager.id, "approved_at": "2026-03-01 00:00:00", **{
                f"{which}_{figure}": value for which in ("asked", "approved")
                for figure, value in (("discount", 17.5), ("lead_days", 73), ("amount", 414243))}})
        cls.minutes = cls._minutes()

    @classmethod
    def _deal(cls, name="Test benches", user=None, partner=None):
        return cls.env["crm.lead"].create({
            "type": "opportunity", "name": name, "partner_id": (partner or cls.buyer).id, "user_id": (user or cls.rep).id, "team_id": cls.team.id})

    @classmethod
    def _minutes(cls, **values):
        """A full draft of the salesperson, as an import of history would leave it."""
        return cls.env["sfc.negotiation"].with_user(cls.rep).with_context(sfc_import=True).create({
            "lead_id": cls.deal.id, "user_id": cls.rep.id, "start": "2026-03-02 02:00:00", "location": "Room 2", "key_demands": "=Ten percent off\n-Training",
            "attendee_ids": [Command.set((cls.rep | cls.engineer).ids)], "customer_attendee_ids": [Command.set((cls.buyer | cls.boss).ids)],
            "feedback": "Will decide soon", "agreed_text": "Training is included", "recorder_id": cls.engineer.id,
            "price_sensitivity": "high", "concerns": "SECRETCONCERN", "service_needs": "SECRETSERVICE",
            "line_ids": [
                Command.create({
                    "topic": "price", "our_position": "100,000", "customer_position": "90,000\n\nResult: final", "result": "95,000", "outcome": "agreed"}),
                Command.create({"topic": "payment", "our_position": "3/4/3", "outcome": "open", "responsible_id": cls.rep.id, "due_date": "2026-03-09"}),
                Command.create({"topic": "price", "customer_position": "Rebate at year end", "outcome": "dropped"}),
            ],
            "option_ids": [
                Command.create({"name": "SECRETOPTION | A", "kind": "service", "description": "Training\n instead | of a discount"}),
                Command.create({"name": "Two deliveries", "kind": "delivery"})],
            **values}).with_env(cls.env)

    @classmethod
    def _confirm(cls, minutes):
        minutes.with_user(cls.rep).action_confirm()
        return minutes

    def _pages(self, report, minutes, user=None, lang="en_US"):
        """The text of each page, without spaces."""
        content = self.env["ir.actions.report"].with_user(user or self.rep).with_context(force_report_rendering=True, lang=lang)._render_qweb_pdf(
            report, minutes.ids)[0]
        return ["".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in PdfFileReader(io.BytesIO(content)).pages]

    def log_in(self, user):
        self.authenticate(user.login if user else None, user.login.ljust(8, "x") if user else None)

    def assert_nothing_inside(self, text):
        for secret in (*SECRETS, "17.5", "8.25", "414,243", "414243"):
            self.assertNotIn(secret, text)


@tagged("post_install", "-at_install")
class TestMinutesPaper(MinutesCase, HttpCase):
    """T3 on paper: for the customer, and with the internal page."""

    def test_every_heading_has_its_place(self):
        """T3 in both languages; each topic with both positions and its result, open items with owner and due, boxes for two signatures."""
        self._confirm(self.minutes)
        for lang in ("en_US", "zh_CN"):
            self.buyer.lang = lang
            self.env.invalidate_all()
            text = "".join(self._pages(PLAIN, self.minutes))
            form = self.env["sfc.negotiation"].with_context(lang=lang)
            headings = [heading for key, heading in form._sheet_headings_by_key().items() if key not in (
                "options", "price_sensitivity", "concerns", "other", "warranty")]
            for part in (*headings, *form._sheet_point_labels().values(), self.minutes.number, "HongdaMachinery", "LiQiang", "MsWang", "MrZhao", "100,000",
                         "95,000", "Rebateatyearend", "2026-03-09", "2026-03-0210:00", "Willdecidesoon", "Trainingisincluded"):
                self.assertIn("".join(unicodedata.normalize("NFKC", part).split()), text)
            self.assert_nothing_inside(text)
            self.assertNotIn("草稿", text)

    def test_a_draft_says_so(self):
        self.assertIn("草稿", self._pages(PLAIN, self.minutes)[0])
        html = str(self.env["ir.actions.report"].with_user(self.rep)._render_qweb_html(PLAIN, self.minutes.ids)[0])
        self.assertIn("data:image/svg+xml", html, "the watermark")

    def test_the_internal_page(self):
        """For the owner of the deal: options, sensitivity, concerns and the floor (最低折扣 also as 折)."""
        pages = self._pages(INTERNAL, self._confirm(self.minutes))
        self.assertIn("Li", "".join(pages))
        self.assert_nothing_inside(pages[0])
        for part in (*SECRETS, "High", "Twodeliveries", "17.5%(8.25/10)", "73", "414,243"):
            self.assertIn(part, pages[-1])

    def test_the_floor_is_on_it_only_for_those_who_may_read_the_floor(self):
        """Ahead 5: the team leader reads the options, not the floor; the manager reads both."""
        leader, manager = self._pages(INTERNAL, self.minutes, self.leader)[-1], self._pages(INTERNAL, self.minutes, self.manager)[-1]
        self.assertIn("SECRETOPTION", leader)
        for figure in ("17.5", "8.25", "414,243", "Maximumdiscount"):
            self.assertNotIn(figure, leader)
            self.assertIn(figure, manager)

    def test_whoever_is_not_on_the_deal_is_refused_the_internal_page(self):
        """Also by the address of the report, in each format, and with a second id; the plain minutes are for those who see them."""
        self._confirm(self.minutes)
        readers = self.engineer  # legal reads the minutes of contracts that it was asked about
        for user in readers | self.legal | self.accountant | self.clerk | self.other_rep | self.portal | self.stranger:
            self.log_in(user)
            for kind in ("pdf", "html", "text"):
                with mute_logger(*QUIET):
                    answer = self.url_open(f"/report/{kind}/{INTERNAL}/{self.minutes.id}")
                self.assertNotEqual(answer.status_code, 200, (user.login, kind))
                self.assert_nothing_inside(answer.text)
            with mute_logger(*QUIET):
                plain = self.url_open(f"/report/html/{PLAIN}/{self.minutes.id}")
            self.assertEqual(plain.status_code == 200, user in readers, user.login)
            self.assert_nothing_inside(plain.text)
        self.log_in(self.rep)
        self.assertEqual(self.url_open(f"/report/html/{INTERNAL}/{self.minutes.id}").status_code, 200)
        foreign = self.env["sfc.negotiation"].with_context(sfc_import=True).create({
            "lead_id": self._deal("Foreign", user=self.other_rep).id, "user_id": self.other_rep.id})
        with mute_logger(*QUIET):
            self.assertNotEqual(self.url_open(f"/report/html/{INTERNAL}/{self.minutes.id},{foreign.id}").status_code, 200)

    def test_all_rights_are_nobodys_right(self):
        """A report that the system renders, for a mail or the portal, has no internal page."""
        for user in (self.env.user, self.legal, self.portal):
            with self.assertRaises(AccessError):
                self.env["report.sales_full_cycle.report_minutes_internal"].with_user(user).sudo()._get_report_values(self.minutes.ids)

    def test_no_mail_carries_the_internal_page(self):
        """What a mail carries is kept with the document, where legal and collaborators read it."""
        template = self.env.ref("sales_full_cycle.mail_template_minutes")
        with self.assertRaises(ValidationError):
            template.report_template_ids += self.env.ref("sales_full_cycle.report_minutes_internal_action")

    def test_readers_of_the_minutes_do_not_read_the_preparation(self):
        """Experts of other departments, by API: neither read nor searched."""
        for user in (self.engineer,):
            minutes = self.minutes.with_user(user)
            self.assertEqual(minutes.read(["number"])[0]["number"], self.minutes.number)
            for fname in ("price_sensitivity", "concerns", "service_needs", "option_ids"):
                with mute_logger(*QUIET), self.assertRaises(AccessError):
                    minutes.read([fname])
                    minutes.option_ids.mapped("name")
            with mute_logger(*QUIET), self.assertRaises(AccessError):
                minutes.search([("concerns", "ilike", "SECRET")])

    def test_printing_keeps_nothing(self):
        self._confirm(self.minutes)
        before = self.env["ir.attachment"].search_count([("res_model", "=", "sfc.negotiation")])
        self._pages(PLAIN, self.minutes)
        self._pages(INTERNAL, self.minutes)
        self.assertEqual(self.env["ir.attachment"].search_count([("res_model", "=", "sfc.negotiation")]), before)


@tagged("post_install", "-at_install")
class TestMinutesSheet(MinutesCase, HttpCase):
    """T3, ST.3, ahead 14: minutes as XLSX, both ways."""

    def test_headings_in_both_languages(self):
        for lang, headings in (("en_US", list(MINUTES_HEADINGS)), ("zh_CN", list(MINUTES_HEADINGS.values()))):
            self.assertEqual(self._cells(self._forms(lang=lang).browse()._sheet_export())[0], headings)

    def test_what_each_column_says(self):
        cells = dict(zip(MINUTES_HEADINGS, self._cells(self.minutes.with_user(self.rep)._sheet_export())[1], strict=True))
        self.assertEqual({heading: cell for heading, cell in cells.items() if cell is not None}, {
            "No.": self.minutes.number, "Deal": f"{self.deal.deal_number} Test benches", "Customer": "Hongda Machinery",
            "Round": 1, "Time": datetime(2026, 3, 2, 10), "Place": "Room 2",
            "Our side": "; ".join(self.minutes.attendee_ids.mapped("name")), "Customer side": "; ".join(self.minutes.customer_attendee_ids.mapped("name")),
            "Topics": "Price\nPayment", "Key demands": "=Ten percent off\n-Training",
            "Price": "Our position: 100,000\nCustomer's position: 90,000\n  \n  Result: final\nResult: 95,000\nOutcome: Agreed\n\n"
                     "Customer's position: Rebate at year end\nOutcome: Dropped",
            "Payment": "Our position: 3/4/3\nOutcome: Unsettled\nOwner: Li Qiang\nDue: 2026-03-09",
            "Customer feedback": "Will decide soon", "Agreed": "Training is included", "Open items": "Payment: 3/4/3",
            "Next step, owner, due": "Payment: 3/4/3 | Li Qiang | 2026-03-09", "Recorder": "Chen Gong",
            "Fallback options (internal)": "SECRETOPTION | A | Service swap\n  Training\n   instead | of a discount\nTwo deliveries | Partial deliveries",
            "Price sensitivity (internal)": "High", "Decision concerns (internal)": "SECRETCONCERN",
        })

    def test_round_trip_changes_nothing(self):
        """Ahead 14: export, import, export are identical, whatever the language of the file and of the reader, also of confirmed minutes."""
        minutes = self.minutes | self._minutes(line_ids=False, option_ids=False, location=False, start=False) | self._confirm(self._minutes())
        self.env.flush_all()
        self.env.invalidate_all()
        self._round_trip(minutes)

    def test_the_same_file_comes_into_another_database(self):
        """New minutes of the same content, with their author and date."""
        for lang in ("en_US", "zh_CN"):
            cells = self._cells(self.minutes.with_user(self.rep).with_context(lang=lang)._sheet_export())
            other = self._deal(f"Other benches {lang}")
            self.env["sfc.collaborator"].create({"lead_id": other.id, "user_id": self.engineer.id, "role": "technical"})
            cells[1][:2] = [None, other.deal_number]
            wizard = self._import(cells[1:], cells[0])
            self.assertEqual(self._counts(wizard), (1, 0, 0, 0), self._messages(wizard))
            again = self._cells(self._records(wizard).with_user(self.rep).with_context(lang=lang)._sheet_export())
            self.assertEqual(again[1][3:], cells[1][3:])
            self.assertEqual((self._records(wizard).lead_id, self._records(wizard).state, self._records(wizard).user_id), (other, "draft", self.rep))
            self.assertRegex(self._records(wizard).number, r"^JY\d{4}-\d{4}$")

    def test_the_internal_columns_are_for_those_on_the_deal(self):
        """The floor is in no file; collaborators get the minutes without what is inside."""
        for user in (self.engineer,):
            cells = self._cells(self.minutes.with_user(user)._sheet_export())
            self.assertEqual(cells[0], PUBLIC)
            self.assert_nothing_inside(str(cells))
        for user in (self.rep, self.leader, self.manager):
            text = str(self._cells(self.minutes.with_user(user)._sheet_export()))
            self.assertIn("SECRETOPTION", text)
            self.assertNotIn("414243", text)

    def test_a_colleague_who_works_on_the_deal_does_not_see_inside(self):
        """Also with a sales role: the minutes, not what is internal."""
        self.env["sfc.collaborator"].create({"lead_id": self.deal.id, "user_id": self.other_rep.id, "role": "sales"})
        minutes = self.minutes.with_user(self.other_rep)
        cells = self._cells(minutes._sheet_export())
        self.assertEqual(cells[1][:2], [self.minutes.number, f"{self.deal.deal_number} Test benches"])
        self.assert_nothing_inside(str(cells))
        with self.assertRaises(AccessError):
            self.env["report.sales_full_cycle.report_minutes_internal"].with_user(self.other_rep)._get_report_values(minutes.ids)

    def test_rounds_of_history_keep_their_number(self):
        deal = self.deal.deal_number
        wizard = self._import_cells({"Deal": deal, "Round": 7}, {"Deal": deal}, {"Deal": deal, "Round": 1}, {"Deal": deal, "Round": 7})
        self.assertEqual(self._counts(wizard), (2, 0, 0, 2), self._messages(wizard))
        self.assertIn(f"taken by {self.minutes.number}", self._messages(wizard))
        self.assertEqual(self._records(wizard).sorted("round").mapped("round"), [7, 8])

    def test_files_over_http_go_by_the_rights(self):
        url = f"/sfc/sheet/sfc.negotiation/export?ids={self.minutes.id}"
        self.log_in(self.legal)
        self.assertEqual(self._cells(self.url_open(url).content)[0], PUBLIC)
        for user in (self.portal, self.stranger, self.clerk):
            self.log_in(user)
            answer = self.url_open(url)
            self.assertNotIn(self.minutes.number.encode(), answer.content)
            self.assertTrue(answer.status_code == 404 or len(self._cells(answer.content)) == 1)

    def test_a_known_draft_is_updated(self):
        first = self.minutes.line_ids.filtered(lambda line: line.topic == "price")[0]
        two = self.minutes.option_ids.filtered(lambda option: option.name == "Two deliveries")
        wizard = self._import_cells({
            "No.": self.minutes.number, "Place": "", "Price": "我方立场：99,000\n结果：96,000\n结论：达成", "付款方式": "Half now", "Our side": "sfc_rep",
            "Customer side": "Mr Zhao", "Price sensitivity (internal)": "低",
            "Fallback options (internal)": "two deliveries\n  in May\nFramework price | other"})
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0), self._messages(wizard))
        self.assertEqual(
            (first.our_position, first.customer_position, first.result, first.outcome), ("99,000", False, "96,000", "agreed"))
        self.assertEqual(self.minutes.line_ids.mapped(lambda line: (line.topic, line.result or "")), [("price", "96,000"), ("payment", "Half now")])
        self.assertEqual((two.description, two.kind, self.minutes.option_ids.mapped("name")), ("in May", "delivery", ["two deliveries", "Framework price"]))
        self.assertEqual((self.minutes.location, self.minutes.attendee_ids, self.minutes.customer_attendee_ids, self.minutes.price_sensitivity),
                         (False, self.rep, self.boss, "low"))
        self.assertEqual((self.minutes.author_id, self.minutes.start), (self.rep, datetime(2026, 3, 2, 2)))

    def test_an_update_keeps_the_author(self):
        self._import_cells({"No.": self.minutes.number, "Place": "Shanghai"}, user=self.manager)
        self.assertEqual((self.minutes.location, self.minutes.author_id), ("Shanghai", self.rep))

    def test_confirmed_minutes_stay(self):
        """Frozen (S4.6): a row that says something else is an error, one that says the same is nothing."""
        self._confirm(self.minutes)
        wizard = self._import_cells({"No.": self.minutes.number, "Agreed": "Everything"})
        self.assertEqual(self._counts(wizard), (0, 0, 0, 1))
        self.assertIn("stays as it is", self._messages(wizard))
        self.assertEqual(self.minutes.agreed_text, "Training is included")
        self.assertEqual(self._counts(self._import_cells({"No.": self.minutes.number, "Agreed": "Training is included"})), (0, 0, 1, 0))

    def test_each_bad_row_is_named_and_comes_back(self):
        foreign, twin, _other_twin = self._deal("Foreign", user=self.other_rep), self._deal("Twin"), self._deal("Twin")
        mine = self.deal.deal_number
        bad = [
            ({"Deal": "", "Place": "x"}, "Which deal"), ({"Deal": "nothing like it"}, "nothing like it"), ({"Deal": foreign.deal_number}, "not yours"),
            ({"Deal": "Twin"}, twin.deal_number), ({"No.": self.minutes.number, "Deal": twin.deal_number}, "do not move"),
            ({"Deal": mine, "Time": "soon"}, "soon"), ({"Deal": mine, "Our side": "nobody at all"}, "nobody at all"),
            ({"Deal": mine, "Recorder": "nobody else"}, "nobody else"), ({"Deal": mine, "Customer side": "Ms Nobody"}, "Ms Nobody"),
            ({"Deal": mine, "Price": "Result: a\nResult: b"}, "stands twice"), ({"Deal": mine, "Price": "Outcome: perhaps"}, "perhaps"),
            ({"Deal": mine, "Price": "Due: someday"}, "someday"), ({"Deal": mine, "Payment": "Owner: nobody here"}, "nobody here"),
            ({"Deal": mine, "Price sensitivity (internal)": "enormous"}, "enormous"), ({"Deal": mine, "Fallback options (internal)": "| |"}, "not an option"),
        ]
        wizard = self._import_cells(*(cells for cells, _text in bad))
        self.assertEqual(self._counts(wizard), (0, 0, 0, len(bad)), self._messages(wizard))
        errors = dict(zip((line.row_number for line in wizard.line_ids), wizard.line_ids.mapped("message"), strict=True))
        for number, (_cells, text) in enumerate(bad, 2):
            self.assertIn(text, errors[number])

    def test_what_follows_from_the_topics_is_pointed_out(self):
        wizard = self._import_cells({"No.": self.minutes.number, "Open items": "Everything", "Customer": "Hongda Machinery", "Place": "Room 3"})
        self.assertEqual((self._counts(wizard), wizard.warning_count), ((0, 1, 0, 0), 1))
        self.assertIn("Open items", self._messages(wizard))

    def test_a_colleagues_minutes_are_not_changed(self):
        wizard = self._import_cells({"No.": self.minutes.number, "Place": "Mine"}, user=self.other_rep)
        self.assertEqual(self._counts(wizard), (0, 0, 0, 1))
        self.assertEqual(self.minutes.location, "Room 2")

    def test_the_floor_is_not_imported(self):
        wizard = self._import_cells({"No.": self.minutes.number, "Maximum discount (%)": 50, "最低折扣": 50, "Place": "Room 3"})
        self.assertEqual(self.env["sfc.negotiation.floor"].search([("lead_id", "=", self.deal.id)]).max_discount, 17.5)
        self.assertIn("最低折扣", wizard.unknown_headings)

    def test_check_writes_nothing(self):
        before = self.env["sfc.negotiation"].search_count([])
        wizard = self._import_cells({"Deal": self.deal.deal_number, "Price": "95,000"}, check=True)
        self.assertEqual(wizard.created_count, 1, self._messages(wizard))
        self.assertEqual(self.env["sfc.negotiation"].search_count([]), before)

    def test_rows_cost_a_fixed_number_of_queries_a_batch(self):
        def queries(count):
            return self._queries_of([{
                "Deal": self._deal(f"D {count} {number}").deal_number, "Price": "95,000", "Customer side": "Ms Wang", "Our side": "Li Qiang",
                "Fallback options (internal)": "Less"} for number in range(count)])
        queries(3)
        few, many = queries(10), queries(40)
        self.assertLess(many - few, 60, "thirty more minutes must not cost several queries each")

    def test_export_costs_a_fixed_number_of_queries_a_batch(self):
        def queries(minutes):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._forms().browse(minutes.ids)._sheet_export()
            return self.cr.sql_log_count - before
        minutes = self.env["sfc.negotiation"].union(*(self._minutes() for _number in range(12)))
        queries(minutes[:2])
        self.assertLessEqual(queries(minutes), queries(minutes[:3]) + 2)


class TestMinutesCells(BaseCase):
    """Topics and options in one cell."""
    LABELS = {"our_position": "Ours", "customer_position": "Theirs", "result": "Result", "outcome": "State", "responsible": "Who", "due": "Due"}
    NAMES = {label.lower(): name for name, label in LABELS.items()} | {"结果": "result"}

    def test_what_is_written_is_read(self):
        points = [Point("a\nResult: b\n\n  c", "", "http://x", "Agreed", "Li: Q", "2026-01-31"), Point(result="95")]
        self.assertEqual(minutes_cells.points(minutes_cells.points_text(points, self.LABELS), self.NAMES), points)

    def test_people_write_it_in_their_way(self):
        self.assertEqual(minutes_cells.points("98万含税", self.NAMES), [Point(result="98万含税")])
        self.assertEqual(minutes_cells.points("OURS ： 1\nnext line\n 结果：2\n\n\nResult:3", self.NAMES), [Point("1\nnext line", "", "2"), Point(result="3")])
        self.assertEqual(minutes_cells.points("", self.NAMES), [])

    def test_a_label_stands_once_in_a_block(self):
        with self.assertRaises(ValueError):
            minutes_cells.points("Result: 1\nResult: 2", self.NAMES)

    def test_options(self):
        options = [Option("A | B", "service", "x\n y | z"), Option("C", "other")]
        self.assertEqual(minutes_cells.options(minutes_cells.options_text(options), {"service": "service", "other": "other"}), options)
        self.assertEqual(minutes_cells.options("Less ｜ nothing", {"service": "service"}), [Option("Less | nothing")])
        with self.assertRaises(ValueError):
            minutes_cells.options("| |", {})


@tagged("post_install", "-at_install")
class TestMinutesPortal(MinutesCase, HttpCase):
    """S4.6: the customer reads and confirms minutes, or asks for a correction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._minutes()
        cls._confirm(cls.minutes)

    def _url(self, minutes=None, suffix="", token=None):
        minutes = minutes or self.minutes
        return f"/my/minutes/{minutes.id}{suffix}" + (f"?access_token={token}" if token else "")

    def _token(self, minutes=None):
        return (minutes or self.minutes).access_token

    def _send(self, what, token=None, minutes=None, **values):
        """Post a form of the page with the visitor's own token against forgery."""
        page = self.url_open(self._url(token=self._token()))
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        if not csrf:  # a page without buttons: whatever page has one
            csrf = re.search(r'csrf_token: "([^"]+)"', page.text)
        with mute_logger(*QUIET):
            return self.url_open(self._url(minutes, f"/{what}", token), data={"csrf_token": csrf[1], **values}, allow_redirects=True)

    def test_the_link_exists_from_the_beginning(self):
        self.assertTrue(self.draft.access_token)
        self.assertNotEqual(self.draft.access_token, self.draft.with_context(sfc_import=True).copy().access_token)

    def test_the_customer_reads_it_by_link_and_by_login(self):
        """Without login by the link, logged in without it; nothing inside; with the PDF."""
        for user, token in ((None, self._token()), (self.portal, None)):
            self.log_in(user)
            page = self.url_open(self._url(token=token))
            self.assertEqual(page.status_code, 200)
            for part in (self.minutes.number, "Rebate at year end", "95,000", "Will decide soon", "Li Qiang", "Ask for a correction"):
                self.assertIn(part, page.text)
            self.assert_nothing_inside(page.text)
            self.assertNotIn("High", page.text)
            pdf = self.url_open(self._url(token=self._token()) + "&report_type=pdf")
            self.assertEqual((pdf.status_code, pdf.headers["Content-Type"]), (200, "application/pdf"))
            self.assertIn("Signature, customer", pdf.text)  # a test server sends what would be printed
            self.assert_nothing_inside(pdf.text)

    def test_list_and_counters(self):
        """Only confirmed minutes of one's own company; the home page counts them."""
        self.log_in(self.portal)
        page = self.url_open("/my/minutes")
        self.assertIn(self.minutes.number, page.text)
        self.assertNotIn(self.draft.number, page.text)
        counts = self._counters(["minutes_count", "minutes_to_confirm_count"])
        self.assertEqual((counts["minutes_count"], counts["minutes_to_confirm_count"]), (1, 1))
        self.log_in(self.stranger)
        self.assertNotIn(self.minutes.number, self.url_open("/my/minutes").text)
        self.assertEqual(self._counters(["minutes_count"])["minutes_count"], 0)

    def _counters(self, names):
        answer = self.opener.post(self.base_url() + "/my/counters", json={"jsonrpc": "2.0", "method": "call", "params": {"counters": names}}, timeout=60)
        return answer.json()["result"]

    def test_wrong_customer_wrong_token_and_drafts_are_refused(self):
        attempts = ((None, None), (None, "wrong"), (self.stranger, None), (self.stranger, "wrong"), (self.clerk, None))
        for user, token in attempts:
            self.log_in(user)
            with mute_logger(*QUIET):
                page = self.url_open(self._url(token=token))
            self.assertNotIn("Rebate at year end", page.text, (user and user.login, token))
            self._send("confirm", token, name="Thief")
            self._send("correct", token, text="Wrong")
        cancelled = self._minutes()
        cancelled.sudo().state = "cancelled"
        for minutes in (self.draft, cancelled):
            for user in (None, self.portal):
                self.log_in(user)
                page = self.url_open(self._url(minutes, token=self._token(minutes)))
                self.assertEqual(page.status_code, 403)
                self.assertIn("being revised", page.text)
                self._send("confirm", self._token(minutes), minutes, name="Early")
        everything = self.minutes | self.draft | cancelled
        self.env.invalidate_all()
        self.assertFalse(any(everything.mapped("customer_confirmed_at")))
        self.assertFalse(everything.activity_ids)

    def test_the_customer_confirms_once(self):
        """Name, time and address are kept; who confirms again changes nothing."""
        self.log_in(None)
        page = self._send("confirm", self._token(), name="  Wang   Fang ")
        self.assertIn("Thank you", page.text)
        self.minutes.invalidate_recordset()
        first = (self.minutes.customer_confirmed_by, self.minutes.customer_confirmed_at, self.minutes.customer_confirmed_ip)
        self.assertEqual(first[0], "Wang Fang")
        self.assertTrue(first[1] and first[2])
        self.assertTrue(self.minutes.message_ids.filtered(lambda message: "Wang Fang confirmed the minutes" in (message.body or "")))
        self.log_in(self.portal)
        page = self._send("confirm", None, name="Somebody else")
        self.assertIn("nothing was changed", page.text)
        self.minutes.invalidate_recordset()
        self.assertEqual((self.minutes.customer_confirmed_by, self.minutes.customer_confirmed_at, self.minutes.customer_confirmed_ip), first)
        self.assertIn("WangFang", "".join(self._pages(PLAIN, self.minutes)))

    def test_a_confirmation_has_a_name(self):
        self.log_in(None)
        self.assertEqual(self._send("confirm", self._token(), name="  ").status_code, 403)
        self.minutes.invalidate_recordset()
        self.assertFalse(self.minutes.customer_confirmed_at)

    def test_nobody_else_confirms_for_the_customer(self):
        """Not the salesperson, though he has the link, nor somebody of another company to whom it was passed on."""
        for user in (self.rep, self.manager, self.stranger):
            self.log_in(user)
            page = self.url_open(self._url(token=self._token()))
            self.assertEqual(page.status_code, 200)
            self.assertNotIn("Ask for a correction", page.text)
            self.assertEqual(self._send("confirm", self._token(), name="X").status_code, 403)
            self.assertEqual(self._send("correct", self._token(), text="X").status_code, 403)
        self.minutes.invalidate_recordset()
        self.assertFalse(self.minutes.customer_confirmed_at)

    def test_a_correction_is_one_activity_and_every_message(self):
        self.log_in(self.portal)
        page = self._send("correct", None, text="The price was 94,000 <b>net</b>")
        self.assertIn("has received your correction", page.text)
        self._send("correct", None, text="And the training")
        self.env.invalidate_all()
        activity = self.minutes.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.rep))
        self.assertIn("And the training", activity.note)
        bodies = " ".join(self.minutes.message_ids.mapped("body"))
        self.assertIn("94,000 &lt;b&gt;net", bodies)
        self.assertEqual(self.minutes.message_ids.filtered(lambda message: "94,000" in message.body).author_id, self.buyer)
        self.assertFalse(self.minutes.customer_confirmed_at)

    def test_forged_forms_are_refused(self):
        self.log_in(self.portal)
        with mute_logger(*QUIET):
            answer = self.url_open(self._url(suffix="/confirm"), data={"name": "Forged"})
        self.assertEqual(answer.status_code, 400)
        self.minutes.invalidate_recordset()
        self.assertFalse(self.minutes.customer_confirmed_at)

    def test_customers_read_nothing_by_api(self):
        """No field of the record, its topics, options or floor; no message and no document of it, with the link either."""
        self.minutes.message_post(body="SECRETOPTION", message_type="comment", subtype_xmlid="mail.mt_comment")
        attachment = self.env["ir.attachment"].create({"name": "inside.txt", "raw": b"SECRETOPTION", "res_model": "sfc.negotiation", "res_id": self.minutes.id})
        for user in (self.portal, self.stranger):
            self.log_in(user)
            for model, ids in (("sfc.negotiation", self.minutes.ids), ("sfc.negotiation.line", self.minutes.line_ids.ids),
                               ("sfc.negotiation.option", self.minutes.option_ids.ids), ("sfc.negotiation.floor", [1])):
                for method, args in (("read", [ids]), ("search_read", [[]])):
                    with mute_logger(*QUIET):
                        answer = self.make_jsonrpc_error(f"/web/dataset/call_kw/{model}/{method}", model, method, args)
                    self.assertIn("not allowed to access", answer)
            with mute_logger(*QUIET):
                self.assertNotIn(b"SECRETOPTION", self.url_open(f"/web/content/{attachment.id}").content)
        for user in (None, self.portal):
            self.log_in(user)
            with mute_logger(*QUIET):
                answer = self.opener.post(self.base_url() + "/mail/chatter_fetch", json={"jsonrpc": "2.0", "method": "call", "params": {
                    "thread_model": "sfc.negotiation", "thread_id": self.minutes.id, "token": self._token()}}, timeout=60)
            self.assertNotIn("SECRETOPTION", answer.text)

    def make_jsonrpc_error(self, path, model, method, args):
        answer = self.opener.post(self.base_url() + path, json={
            "jsonrpc": "2.0", "method": "call", "params": {"model": model, "method": method, "args": args, "kwargs": {}}}, timeout=60).json()
        return answer.get("error", {}).get("data", {}).get("message", str(answer))

    def test_the_confirmation_is_not_written_by_hand(self):
        """Nor is the link: only the customer's page writes them."""
        for vals in ({"customer_confirmed_at": "2026-03-03 10:00:00"}, {"customer_confirmed_by": "Me"}, {"customer_confirmed_ip": "1.2.3.4"},
                     {"access_token": "easy"}):
            for user in (self.rep, self.manager):
                with self.assertRaises(UserError):
                    self.draft.with_user(user).write(vals)
                with self.assertRaises(UserError):
                    self.env["sfc.negotiation"].with_user(user).with_context(sfc_import=True).create({"lead_id": self.deal.id, **vals})
        minutes = self.env["sfc.negotiation"].with_user(self.rep).with_context(sfc_import=True, default_customer_confirmed_by="Me").create({
            "lead_id": self.deal.id})
        self.assertFalse(minutes.customer_confirmed_by)


@tagged("post_install", "-at_install")
class TestMinutesSending(MinutesCase, HttpCase):
    """S4.6: confirmed minutes go to the customer."""

    def test_only_confirmed_minutes_are_sent(self):
        for action in ("action_send_minutes", "action_minutes_for_chat"):
            with self.assertRaises(UserError):
                getattr(self.minutes.with_user(self.rep), action)()

    def test_only_who_may_write_sends(self):
        self._confirm(self.minutes)
        for user in (self.legal, self.engineer, self.other_rep):
            for action in ("action_send_minutes", "action_minutes_for_chat"):
                with self.assertRaises(AccessError):
                    getattr(self.minutes.with_user(user), action)()

    def test_by_mail_with_link_and_document(self):
        self._confirm(self.minutes)
        self.boss.email = "zhao@hongda.example"
        action = self.minutes.with_user(self.rep).action_send_minutes()
        composer = Form(self.env["mail.compose.message"].with_user(self.rep).with_context(**action["context"], force_report_rendering=True)).save()
        self.assertEqual(composer.partner_ids, self.buyer | self.boss)
        self.assertIn(self.minutes.access_token, composer.body)
        composer._action_send_mail()
        message = self.minutes.message_ids.sorted("id")[-1]
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertIn(self.minutes.number, message.attachment_ids.name)
        self.assertEqual(message.notified_partner_ids, self.buyer | self.boss)
        text = "".join(page.extract_text() for page in PdfFileReader(io.BytesIO(message.attachment_ids.raw)).pages)
        self.assert_nothing_inside(text)

    def test_words_for_a_chat(self):
        self._confirm(self.minutes)
        action = self.minutes.with_user(self.rep).action_minutes_for_chat()
        share = self.env["sfc.minutes.share"].with_user(self.rep).browse(action["res_id"])
        for part in ("Ms Wang", self.minutes.number, f"/my/minutes/{self.minutes.id}?access_token={self.minutes.access_token}", "Li Qiang"):
            self.assertIn(part, share.text_to_copy)
        self.assertIn(self.minutes.access_token, share.link)
        self.assertEqual(share.action_download()["report_name"], PLAIN)
        with mute_logger(*QUIET), self.assertRaises(AccessError):
            share.with_user(self.legal).read(["link"])

    def test_the_form_opens_for_each_reader(self):
        for user in (self.rep, self.leader, self.manager, self.legal, self.engineer):
            self.assertTrue(self.env["sfc.negotiation"].with_user(user).get_view(view_type="form")["arch"])
        self.assertEqual(self.minutes.line_ids[1].due_date, date(2026, 3, 9))
