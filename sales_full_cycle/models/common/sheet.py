"""Reading and writing the handbook's forms as XLSX, without any knowledge of Odoo."""
import io
from dataclasses import dataclass
from datetime import date, datetime
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

DATETIME_FORMAT = "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True)
class Column:
    """A column of a form: technical key, heading (a lazily translated text) and width in characters."""
    key: str
    heading: object
    width: int = 14


class NotAWorkbook(Exception):
    """The file is no XLSX workbook."""


def write(title, headings, rows, widths=()):
    """Bytes of a workbook with one sheet; rows may be a generator and are not kept in memory.

    Text is always written as text: a cell that begins with = + - @ is never a formula.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(title[:31])
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": DATETIME_FORMAT})
        sheet.freeze_panes(1, 0)
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        sheet.write_row(0, 0, headings, bold)
        for line, row in enumerate(rows, 1):
            for number, value in enumerate(row):
                if isinstance(value, datetime | date):
                    sheet.write_datetime(line, number, value, moment)
                elif value not in (None, False, ""):
                    sheet.write(line, number, value) if isinstance(value, int | float) else sheet.write_string(line, number, str(value))
    return content.getvalue()


def read(content):
    """(headings, rows) of the first sheet; rows are lists of cell values, empty rows left out.

    :raises NotAWorkbook: when the bytes are something else
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise NotAWorkbook(str(error)) from error
    lines = book.worksheets[0].iter_rows(values_only=True)
    headings = [str(cell or "").strip() for cell in next(lines, ())]
    return headings, [list(row) for row in lines if any(cell not in (None, "") for cell in row)]
