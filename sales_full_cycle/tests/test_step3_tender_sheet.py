import base64
import io
import unicodedata
from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from ..models.step3_opportunity import tender_cells
from ..models.step3_opportunity.tender_cells import Bid
from .test_step2_customer_sheet import FormCase

TENDER_HEADINGS = {
    "No.": "登记编号", "Deal": "关联商机", "Tender no.": "招标编号", "Issuer": "招标单位", "Agency": "代理机构", "Method": "招标方式", "Budget": "预算金额",
    "Documents until": "购买文件截止", "Questions until": "澄清截止", "Bid deadline": "投标截止", "Opening": "开标时间", "Opening place": "开标地点",
    "Deposit": "保证金", "Deposit paid on": "保证金缴纳日期", "Deposit back by": "保证金应退日期", "Deposit returned on": "保证金退还日期",
    "Technical lead": "技术负责人", "Commercial lead": "商务负责人", "Qualification preparation": "资质准备",
    "Bidders: name, price, score, rank": "投标单位及报价/评分/名次", "Our offer": "我方报价", "Result": "结果", "Why": "中标/失标原因",
    "Decided on": "结果日期", "About the result": "结果说明",
}
BIDDERS = "Bidders: name, price, score, rank"


class TenderSheetCase(FormCase):
    res_model = "sfc.tender"
    chinese = TENDER_HEADINGS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.env.company.name = "Our Company"
        cls.issuer = cls.env["res.partner"].create({"name": "City Transport", "is_company": True})
        cls.agency = cls.env["res.partner"].create({"name": "Zhengxin Agency", "is_company": True})
        cls.deal = cls._deal()

    @classmethod
    def _deal(cls, name="Bus displays", user=None):
        return cls.env["crm.lead"].create({
            "type": "opportunity", "name": name, "partner_id": cls.issuer.id, "user_id": (user or cls.rep).id, "team_id": cls.team.id})

    def _tender(self, deal=None, **values):
        return self.env["sfc.tender"].with_user(self.rep).create({"lead_id": (deal or self.deal).id, **values})

    def _full_tender(self):
        tender = self._tender(
            issuer_number="=A-1", agency_id=self.agency.id, method="consultation", budget=400000.5, document_deadline="2026-06-10 09:00:00",
            clarification_deadline="2026-06-12 09:00:00", bid_deadline="2026-06-30 01:30:00", opening_at="2026-06-30 02:00:00", opening_place="Room 2",
            deposit_amount=8000, deposit_paid_on="2026-06-20", deposit_returned_on="2026-08-01", tech_user_id=self.other_rep.id, qualification="-1\n+2",
            our_offer=380000, bidder_ids=[(0, 0, {"name": "Alpha", "price": 390000, "score": 91.5}), (0, 0, {"name": "Beta", "disqualified": True})])
        tender.bidder_ids.filtered("is_us").score = 95
        tender._record_result("won", self.env.ref("sales_full_cycle.reason_tender_price"), "Good", "2026-07-03")
        return tender


@tagged("post_install", "-at_install")
class TestTenderSheetExport(TenderSheetCase):
    """T4b, ST.*: the tender register goes out."""

    def test_headings_in_both_languages(self):
        for lang, headings in (("en_US", list(TENDER_HEADINGS)), ("zh_CN", list(TENDER_HEADINGS.values()))):
            self.assertEqual(self._cells(self._forms(lang=lang).browse()._sheet_export())[0], headings)

    def test_what_each_column_says(self):
        tender = self._full_tender()
        cells = dict(zip(TENDER_HEADINGS, self._cells(tender._sheet_export())[1], strict=True))
        self.assertEqual(cells, {
            "No.": tender.number, "Deal": f"{self.deal.deal_number} Bus displays", "Tender no.": "=A-1", "Issuer": "City Transport",
            "Agency": "Zhengxin Agency", "Method": "Competitive consultation", "Budget": 400000.5,
            "Documents until": datetime(2026, 6, 10, 17), "Questions until": datetime(2026, 6, 12, 17),
            "Bid deadline": datetime(2026, 6, 30, 9, 30), "Opening": datetime(2026, 6, 30, 10), "Opening place": "Room 2", "Deposit": 8000,
            "Deposit paid on": datetime(2026, 6, 20), "Deposit back by": datetime(2026, 8, 14), "Deposit returned on": datetime(2026, 8, 1),
            "Technical lead": self.other_rep.name, "Commercial lead": self.rep.name, "Qualification preparation": "-1\n+2",
            BIDDERS: "Our Company | 380000 | 95 | 1 | us\nAlpha | 390000 | 91.5 | 2\nBeta |  |  |  | disqualified",
            "Our offer": 380000, "Result": "Bid won", "Why": "Price score", "Decided on": datetime(2026, 7, 3), "About the result": "Good",
        })

    def test_round_trip_changes_nothing(self):
        """Ahead 14: export, import, export are identical, whatever the language of the file and of the reader."""
        tenders = self._full_tender() | self._tender(deal=self._deal("Bare"))
        self.env.flush_all()
        self.env.invalidate_all()
        self._round_trip(tenders)

    def test_the_same_file_comes_into_another_database(self):
        tender = self._full_tender()
        cells = self._cells(tender._sheet_export())
        other = self._deal("Tram displays")
        prefix, _dash, count = tender.number.rpartition("-")
        cells[1][:2] = [f"{prefix}-{int(count) + 50:04d}", other.deal_number]
        again = self._records(self._import(cells[1:], cells[0]))
        self.assertEqual(self._cells(again.with_user(self.rep)._sheet_export())[1][2:], cells[1][2:])
        self.assertFalse(again.task_ids, "history prepares nothing (P11)")


@tagged("post_install", "-at_install")
class TestTenderSheetImport(TenderSheetCase):
    def test_a_row_becomes_the_workspace_of_its_deal(self):
        wizard = self._import_cells({
            "Deal": self.deal.deal_number, "Method": "邀请招标", "Bid deadline": "2026-06-30 09:30", "Agency": "New Agency Ltd", "Our offer": 1000,
            BIDDERS: "Ａlpha ｜ 39万 | 91\nour company"})
        self.assertEqual(self._counts(wizard), (1, 0, 0, 0), self._messages(wizard))
        tender = self._records(wizard)
        self.assertEqual((tender.lead_id, tender.issuer_id, tender.agency_id.name, tender.method, tender.bid_deadline),
                         (self.deal, self.issuer, "New Agency Ltd", "invited", datetime(2026, 6, 30, 1, 30)))
        self.assertEqual((self.deal.origin_type, tender.our_offer, tender.commercial_user_id), ("tender", 1000, self.rep))
        self.assertEqual(tender.bidder_ids.sorted("id").mapped(lambda b: (b.name, b.price, b.score, b.is_us)),
                         [("Ａlpha", 390000, 91, False), ("our company", 1000, 0, True)])
        self.assertRegex(tender.number, r"^ZB\d{4}-\d{4}$")
        self.assertFalse(self.env["mail.activity"].sudo().search([("sfc_tender_id", "=", tender.id)]), "history is silent")

    def test_a_live_row_gets_its_checklist(self):
        tender = self._records(self._import_cells({"Deal": self.deal.deal_number, "Bid deadline": "2026-06-30 09:30"}, live=True))
        self.assertEqual(len(tender.task_ids), 17)
        self.assertTrue(self.env["mail.activity"].sudo().search([("sfc_tender_id", "=", tender.id)]))

    def test_a_known_tender_is_updated(self):
        tender = self._full_tender()
        alpha = tender.bidder_ids.filtered(lambda bidder: bidder.name == "Alpha")
        wizard = self._import_cells({"No.": tender.number, BIDDERS: "Alpha | 385000 | 91.5 | 2\nGamma | 1", "Opening place": "", "Technical lead": ""})
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0), self._messages(wizard))
        self.assertEqual((alpha.price, tender.opening_place, tender.tech_user_id.id, tender.our_offer), (385000, False, False, 380000))
        self.assertEqual(set(tender.bidder_ids.mapped("name")), {"Our Company", "Alpha", "Gamma"}, "our own line stays")
        self._import_cells({"No.": tender.number, BIDDERS: "Our Company | 7"})
        self.assertEqual((tender.our_offer, len(tender.bidder_ids)), (7, 1))

    def test_each_bad_row_is_named_and_comes_back(self):
        tender = self._tender()
        foreign = self._deal("Foreign", user=self.other_rep)
        twin, _other_twin = self._deal("Twin"), self._deal("Twin")
        new, odd = self._deal("New").deal_number, self._deal("Odd").deal_number
        bad = [
            ({"Deal": "", "Budget": 1}, "Which deal"), ({"Deal": "nothing like it"}, "nothing like it"), ({"Deal": foreign.deal_number}, "not yours"),
            ({"Deal": "Twin"}, twin.deal_number), ({"Deal": self.deal.deal_number}, tender.number), ({"No.": tender.number, "Deal": new}, "does not move"),
            ({"Deal": new, "Bid deadline": "soon"}, "soon"), ({"Deal": new, "Budget": "much"}, "much"), ({"Deal": new, "Method": "lottery"}, "lottery"),
            ({"Deal": new, "Technical lead": "nobody at all"}, "nobody at all"), ({"Deal": new, "Why": "luck"}, "luck"), ({"Deal": new, BIDDERS: "| 5"}, "| 5"),
            ({"Deal": new, BIDDERS: "A | x"}, "A | x"), ({"Deal": new, BIDDERS: "A\na"}, "stands twice"),
            ({"Deal": new, BIDDERS: "A | us\nB | us"}, "Only one"), ({"Deal": new, BIDDERS: "A | 5 | us", "Our offer": 6}, "Our offer is 6"),
            ({"Deal": new, "Result": "Not won"}, "choose a reason"),
            ({"Deal": odd, "Bid deadline": "2026-06-01", "Opening": "2026-05-01"}, "opened before"), ({"Deal": odd}, "stands twice"),
        ]
        wizard = self._import_cells(*(cells for cells, _text in bad))
        self.assertEqual(self._counts(wizard), (0, 0, 0, len(bad)), self._messages(wizard))
        for row, (_cells, text) in zip(self._cells(base64.b64decode(wizard.error_file))[1:], bad, strict=True):
            self.assertIn(text, row[-1])

    def test_a_colleagues_tender_is_not_changed(self):
        tender = self.env["sfc.tender"].create({"lead_id": self._deal("Foreign", user=self.other_rep).id})
        wizard = self._import_cells({"No.": tender.number, "Opening place": "Mine"})
        self.assertEqual(self._counts(wizard), (0, 0, 0, 1))
        self.assertFalse(tender.opening_place)

    def test_a_moved_deadline_moves_the_activities(self):
        """One activity for each open line also after an import (ahead 12)."""
        tender = self._tender(bid_deadline="2026-06-30 01:30:00")
        self._import_cells({"No.": tender.number, "Bid deadline": "2026-07-10 09:30"})
        activity = self.env["mail.activity"].sudo().search([("sfc_tender_task_id", "=", tender.task_ids.filtered(lambda line: line.days_before == 20).id)])
        self.assertEqual(activity.date_deadline, date(2026, 6, 20))

    def test_check_writes_nothing(self):
        wizard = self._import_cells({"Deal": self.deal.deal_number, "Agency": "New Agency Ltd"}, check=True)
        self.assertEqual(wizard.created_count, 1)
        self.env.invalidate_all()
        self.assertFalse(self.deal.tender_ids)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "New Agency Ltd")]))

    def test_rows_cost_a_fixed_number_of_queries_a_batch(self):
        def queries(count):
            deals = [self._deal(f"D {count} {n}") for n in range(count)]
            return self._queries_of([{"Deal": deal.deal_number, "Agency": "Zhengxin Agency", "Bid deadline": "2026-06-30 09:30"} for deal in deals])
        queries(3)
        few, many = queries(10), queries(40)
        self.assertLess(many - few, 30, "thirty more tenders must not cost a query each")


@tagged("post_install", "-at_install")
class TestTenderPaper(TenderSheetCase, HttpCase):
    """T4b as PDF and as the template under the import button."""

    def _pages(self, records, lang):
        content = self.env["ir.actions.report"].with_user(self.rep).with_context(force_report_rendering=True, lang=lang)._render_qweb_pdf(
            "sales_full_cycle.report_tender_sheet", records.ids)[0]
        return ["".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in PdfFileReader(io.BytesIO(content)).pages]

    def test_every_column_has_its_place_on_the_page(self):
        keys = [key for _title, group in self.env["sfc.tender"]._sheet_groups() for key in group] + ["number", "bidders"]
        self.assertCountEqual(keys, [column.key for column in self.env["sfc.tender"]._sheet_columns()])

    def test_a_tender_on_paper(self):
        tender = self._full_tender()
        tender.write({"opening_record": "Three bids were read out", "question_ids": [(0, 0, {"question": "Which voltage?", "answer": "24 V"})]})
        for lang in ("en_US", "zh_CN"):
            text = "".join(self._pages(tender, lang))
            headings = ["".join(heading.split()) for heading in self.env["sfc.tender"].with_context(lang=lang)._sheet_headings()]
            for part in (*headings, tender.number, "OurCompany", "Alpha", "Whichvoltage?", "24V", "Threebidswerereadout", "400,000.50"):
                self.assertIn(part, text)
        self.assertGreaterEqual(len(self._pages(tender | self._tender(deal=self._deal("Second")), "en_US")), 2)

    def test_template_and_export_are_for_those_who_may(self):
        [template] = self.env["sfc.tender"].get_import_templates()
        self.authenticate("sfc_rep", "sfc_rep")
        self.assertEqual(self._cells(self.url_open(template["template"]).content), [list(TENDER_HEADINGS)])
        self.authenticate("sfc_clerk", "sfc_clerk")
        self.assertEqual(self.url_open(template["template"]).status_code, 404)
        foreign = self.env["sfc.tender"].create({"lead_id": self._deal("Foreign", user=self.other_rep).id})
        with self.assertRaises(AccessError):
            foreign.with_user(self.rep).read(["number"])
        self.authenticate("sfc_rep", "sfc_rep")
        cells = self._cells(self.url_open(f"/sfc/sheet/sfc.tender/export?ids={self._tender().id},{foreign.id}").content)
        self.assertEqual(len(cells), 2)


class TestTenderCells(BaseCase):
    """The bidders in one cell."""
    US, OUT = {"us", "我方"}, {"disqualified"}

    def test_what_is_written_is_read(self):
        bids = [Bid("A & B (x)", 1.5, 0, 2, True, False), Bid("C", 0, 0, 0, False, True), Bid("D"), Bid("E", 0, 90.25)]
        self.assertEqual(tender_cells.bids(tender_cells.text(bids, "us", "disqualified"), self.US, self.OUT), bids)

    def test_people_write_it_in_their_way(self):
        self.assertEqual(tender_cells.bids("甲｜98万｜９２｜1｜我方\n\n 乙 ", self.US, self.OUT), [Bid("甲", 980000, 92, 1, True), Bid("乙")])

    def test_what_is_no_bidder(self):
        for cell in ("| 5", "A | b", "A | 1 | 2 | 3 | 4", "A | -1", "A | 1 | 2 | 1.5"):
            with self.assertRaises(ValueError):
                tender_cells.bids(cell, self.US, self.OUT)
