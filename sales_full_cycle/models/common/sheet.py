"""Reading and writing the handbook's forms as XLSX, without any knowledge of Odoo."""
import io
import re
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

from . import sheet_cells

DATE_FORMAT, DATETIME_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
CELL_LENGTH = 32_767  # Excel's limit
# What openpyxl raises on a file that is no workbook, or on a damaged one.
NO_WORKBOOK = (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, TypeError, OSError, SyntaxError, zlib.error)
_FORMULA_START = ("=", "+", "-", "@")
_ESCAPED_ESCAPE = re.compile(r"_x005F(?=_x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Column:
    """A column of a form: technical key, heading (a lazily translated text) and width in characters.

    A word that another form or field translates differently is told apart as gettext does: "customer|Source".
    """
    key: str
    heading: object
    width: int = 14


def heading(term):
    """What is shown of a heading: "customer|Source" is "Source"."""
    return term.rpartition("|")[2]


class NotAWorkbook(Exception):
    """The file is no XLSX workbook."""


class TooLong(Exception):
    """The file has more rows than may be read."""


def write(title, headings, rows, widths=()):
    """Bytes of a workbook with one sheet; rows may be a generator and are not kept in memory.

    Text is always written as text: a cell that begins with = + - @ is never a formula, also not after it was edited in Excel.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True}) as book:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        bold = book.add_format({"bold": True})
        day, moment = book.add_format({"num_format": DATE_FORMAT}), book.add_format({"num_format": DATETIME_FORMAT})
        as_text = book.add_format({"quote_prefix": True})
        page.freeze_panes(1, 0)
        for number, width in enumerate(widths):
            page.set_column(number, number, width)
        for number, name in enumerate(headings):
            page.write_string(0, number, name, bold)
        for line, row in enumerate(rows, 1):
            for number, value in enumerate(row):
                if isinstance(value, date) and value.year >= 1900:
                    page.write_datetime(line, number, value, moment if isinstance(value, datetime) else day)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    page.write_number(line, number, value)
                elif text := sheet_cells.text(value)[:CELL_LENGTH]:
                    page.write_string(line, number, text, as_text if text.startswith(_FORMULA_START) else None)
    return content.getvalue()


def read(content, limit=None):
    """(headings, [(row number in Excel, cells)]) of the first sheet; the first filled row holds the headings, empty rows are left out.

    A row has at least as many cells as there are headings: an empty cell at its end was emptied, its column is not missing.

    :raises NotAWorkbook: when the bytes are something else
    :raises TooLong: when there are more than `limit` rows
    """
    try:
        lines = _filled_lines(content)
        headings = [sheet_cells.text(cell) for cell in next(lines, (1, ()))[1]]
        rows = []
        for number, cells in lines:
            if limit and len(rows) >= limit:
                raise TooLong
            rows.append((number, cells + [None] * (len(headings) - len(cells))))
    except NO_WORKBOOK as error:
        raise NotAWorkbook(str(error)) from error
    return headings, rows


def _filled_lines(content):
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    page = book.worksheets[0]
    page.reset_dimensions()  # some programs write wrong ones
    for number, line in enumerate(page.iter_rows(values_only=True), 1):
        cells = [_unescaped(cell) for cell in line]
        if any(cell not in (None, "") for cell in cells):
            yield number, cells


def _unescaped(cell):
    """A text that looks like an escape (_x0041_) is written escaped, and openpyxl leaves it so in some places."""
    if isinstance(cell, time):
        return cell.isoformat()
    return _ESCAPED_ESCAPE.sub("", cell) if isinstance(cell, str) else cell


def same(cell, shown):
    """Whether a cell that comes back says what was exported."""
    if isinstance(cell, datetime) and isinstance(shown, date):
        return sheet_cells.moment(cell) == sheet_cells.moment(shown)
    return sheet_cells.text(cell)[:CELL_LENGTH].rstrip() == sheet_cells.text(shown)[:CELL_LENGTH].rstrip()
