"""Cells of the customer forms that hold more than one value: people, budget range, cadence, talking points. No database."""
import re
import unicodedata

from odoo.tools import html2plaintext

from ..common import sheet_cells
from ..common.sheet_cells import comparable

_PEOPLE = re.compile(r"[、;；\n]")
_END_OF_LINE = re.compile(r"<br\s*/?>|</(?:li|p|div|h\d)>", re.IGNORECASE)
_AMOUNT = r"[¥$€£]?\d[\d,.]*(?:万|亿)?元?"
_RANGE = re.compile(rf"(?P<low>{_AMOUNT})(?:-|–|—|~|至|到)(?P<high>{_AMOUNT})")
_AT_MOST = re.compile(rf"(?:<=?|≤)(?P<before>{_AMOUNT})|(?P<after>{_AMOUNT})(?:以内|以下)")
_AT_LEAST = re.compile(rf"(?:>=?|≥)(?P<before>{_AMOUNT})|(?P<after>{_AMOUNT})以上")
_DAYS = re.compile(r"(?:every|每)?(?P<count>\d+|[一两二三四])?个?(?P<unit>天|日|days?|周|星期|weeks?)(?:[1一]次)?")
_COUNTS = {None: 1, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4}


def people(cell):
    """Names in a cell, each once: {comparable name: name}."""
    names = filter(None, (name.strip() for name in _PEOPLE.split(unicodedata.normalize("NFKC", sheet_cells.text(cell)))))
    return {comparable(name): name for name in names}


def join_people(names):
    return "; ".join(filter(None, names))


def budget_text(low, high):
    """A budget as one cell: '100000 - 200000', '<= 200000', '>= 100000', or the number when both are the same."""
    low_text, high_text = sheet_cells.text(low), sheet_cells.text(high)
    if low and high:
        return high if low == high else f"{low_text} - {high_text}"
    return f"<= {high_text}" if high else f">= {low_text}" if low else None


def budget(cell):
    """(from, up to) of a cell; 0 is not said.

    :raises ValueError: the cell holds something else, or more than it allows
    """
    if not isinstance(cell, str):
        low, high = (sheet_cells.number(cell),) * 2
    else:
        low, high = _budget_of_text(comparable(cell))
    if low < 0 or high < 0 or (high and low > high):
        raise ValueError(cell)
    return low, high


def _budget_of_text(written):
    if found := _RANGE.fullmatch(written):
        low, high = found["low"], found["high"]
        if high_unit := re.search("[万亿]", high):  # 10-20万 is 10万-20万
            low = low if re.search("[万亿]", low) else low + high_unit[0]
        return sheet_cells.number(low), sheet_cells.number(high)
    if found := _AT_MOST.fullmatch(written):
        return 0, sheet_cells.number(found["before"] or found["after"])
    if found := _AT_LEAST.fullmatch(written):
        return sheet_cells.number(found["before"] or found["after"]), 0
    return (sheet_cells.number(written),) * 2


def cadence_days(cell):
    """Days between two contacts: 10, '10 days', '每10天', '每两周1次'; None when the cell says it in another way."""
    written = comparable(cell)
    if written.isdecimal():
        return int(written)
    found = _DAYS.fullmatch(written)
    if not found:
        return None
    count = _COUNTS[found["count"]] if found["count"] in _COUNTS else int(found["count"])
    return count * (1 if found["unit"][0] in "天日d" else 7)


def points(html):
    """Talking points as text, a line each."""
    plain = html2plaintext(_END_OF_LINE.sub("<br/>", html or ""), include_references=False)
    return "\n".join(filter(None, (line.strip() for line in plain.splitlines())))
