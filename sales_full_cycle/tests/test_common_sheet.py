import io
import zipfile
from datetime import date, datetime, timezone

import openpyxl

from odoo.tests import BaseCase, tagged

from ..models.common import sheet, sheet_cells

AWKWARD = ["=1+1", "+86 755", "-5", "@SUM(A1)", "\t=tab", "_x0041_", "two\r\nlines", "bell\x07", " spaces ", "好\U0001f600", "'quoted", "https://example.com"]


def through_a_file(*values):
    """The cells after having been written and read."""
    return sheet.read(sheet.write("t", ["H"] * len(values), [values]))[1][0][1]


@tagged("post_install", "-at_install")
class TestSheetFile(BaseCase):
    """Ahead 14: what goes out comes back; design section 11: formulas are neutralised."""

    def test_awkward_texts_come_back_identical(self):
        for value, back in zip(AWKWARD, through_a_file(*AWKWARD), strict=True):
            self.assertEqual(back, sheet_cells.text(value))
            self.assertTrue(sheet.same(back, value))

    def test_formulas_stay_text_also_for_who_edits_them(self):
        page = openpyxl.load_workbook(io.BytesIO(sheet.write("t", ["H"], [["=1+1"], ["plain"]]))).active
        self.assertEqual((page["A2"].data_type, page["A2"].quotePrefix, page["A3"].quotePrefix), ("s", True, False))

    def test_a_text_longer_than_a_cell_is_cut_and_still_counts_as_unchanged(self):
        long = "长" * 40_000
        [back] = through_a_file(long)
        self.assertEqual(len(back), 32_767)
        self.assertTrue(sheet.same(back, long))

    def test_numbers_dates_and_nothing(self):
        moment = datetime(2026, 1, 31, 16, 30, 5)
        self.assertEqual(through_a_file(5, 2.5, moment, date(1850, 1, 2), None), [5, 2.5, moment, "1850-01-02", None])
        self.assertTrue(sheet.same(*through_a_file(moment), moment))

    def test_a_day_has_no_time(self):
        day = date(2026, 1, 31)
        [back] = through_a_file(day)
        self.assertTrue(sheet.same(back, day))
        self.assertFalse(sheet.same(datetime(2026, 1, 31, 8), day))
        page = openpyxl.load_workbook(io.BytesIO(sheet.write("t", ["H"], [[day]]))).active
        self.assertEqual(page["A2"].number_format, "yyyy-mm-dd")

    def test_a_heading_shows_only_its_word(self):
        self.assertEqual([sheet.heading(term) for term in ("customer|Source", "Source", "客户来源")], ["Source", "Source", "客户来源"])

    def test_row_numbers_are_those_of_excel(self):
        self.assertEqual([number for number, _cells in sheet.read(sheet.write("t", ["H"], [["a"], [None], ["b"]]))[1]], [2, 4])

    def test_an_empty_cell_at_the_end_is_a_cell(self):
        self.assertEqual(sheet.read(sheet.write("t", ["A", "B"], [["a", None]]))[1], [(2, ["a", None])])

    def test_headings_may_stand_below_empty_rows(self):
        book = openpyxl.Workbook()
        book.active["B3"], book.active["B4"] = "Heading", "cell"
        content = io.BytesIO()
        book.save(content)
        self.assertEqual(sheet.read(content.getvalue()), (["", "Heading"], [(4, [None, "cell"])]))

    def test_what_is_no_workbook_is_said_to_be_none(self):
        empty_zip = io.BytesIO()
        zipfile.ZipFile(empty_zip, "w").close()
        whole = sheet.write("t", ["H"], [["a"]])
        broken = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(broken, "w") as target:
            for name in source.namelist():
                target.writestr(name, b"<broken" if "sheet1" in name else source.read(name))
        for content in (b"", b"a,b", empty_zip.getvalue(), whole[:200], broken.getvalue()):
            with self.assertRaises(sheet.NotAWorkbook):
                sheet.read(content)

    def test_too_many_rows_are_not_read(self):
        content = sheet.write("t", ["H"], [["a"]] * 4)
        self.assertEqual(len(sheet.read(content, limit=4)[1]), 4)
        with self.assertRaises(sheet.TooLong):
            sheet.read(content, limit=3)

    def test_a_title_that_excel_forbids(self):
        self.assertTrue(sheet.write("a/b: [c]?" * 9, ["H"], []))


@tagged("post_install", "-at_install")
class TestSheetCells(BaseCase):
    """P11: dates as people write them; what is none is refused."""

    def test_dates(self):
        for written in ("2026-01-31 14:30", "2026/1/31 14:30", "1/31/2026 14:30", "2026年1月31日 14:30", "2026-01-31T14:30:00", "2026/1/31 14:30"):
            self.assertEqual(sheet_cells.moment(written), datetime(2026, 1, 31, 14, 30), written)
        for written in ("2026-01-31", "1/31/2026", "2026年1月31日", date(2026, 1, 31)):
            self.assertEqual(sheet_cells.moment(written), datetime(2026, 1, 31), written)
        self.assertEqual(sheet_cells.moment("2026-01-31T14:30:00Z").tzinfo, timezone.utc)
        self.assertEqual(sheet_cells.moment(datetime(2026, 1, 31, 14, 29, 59, 999_700)), datetime(2026, 1, 31, 14, 30))

    def test_numbers(self):
        for written, value in (("80,000", 80_000), ("8,000万", 80_000_000), ("¥1.5亿", 150_000_000), ("120人", 120), ("", 0), (None, 0), (2.5, 2.5)):
            self.assertEqual(sheet_cells.number(written), value, written)
        for written in ("much", "1 - 2", True, "12 boxes"):
            with self.assertRaises(ValueError, msg=written):
                sheet_cells.number(written)

    def test_what_is_no_date(self):
        for written in ("soon", "31/12/2026", "2026-02-30", "13", 46053, 1.5, True, ""):
            with self.assertRaises(ValueError, msg=written):
                sheet_cells.moment(written)

    def test_headings_are_compared_without_width_case_and_space(self):
        self.assertEqual(sheet_cells.comparable("Ｐhone / e-Mail "), sheet_cells.comparable("phone/E-MAIL"))
