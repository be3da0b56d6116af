"""What cells of a sheet mean: text, headings, dates."""
import re
import unicodedata
from datetime import date, datetime, time, timedelta

# Not allowed in XML.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER = re.compile(r"[¥$€£]?(?P<digits>-?\d+(\.\d+)?)(?P<unit>万|亿|)(元|人|分)?")
_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_TEXT_DATES = (
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S",
    "%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H:%M:%S",
)


def text(value):
    """What a person reads in the cell: no surrounding space, one kind of line break, 5.0 as 5."""
    if value is None or value is False:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()


def comparable(value):
    """Headings and labels are compared without case, width and spaces."""
    return "".join(unicodedata.normalize("NFKC", text(value)).casefold().split())


def number(value):
    """The number of a cell; text may have separators of thousands, a currency sign and 万 or 亿. 0 for an empty cell.

    :raises ValueError: the cell holds something else
    """
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int | float):
        return value
    written = comparable(value).replace(",", "")
    found = _NUMBER.fullmatch(written)
    if written and not found:
        raise ValueError(value)
    return float(found["digits"]) * _UNITS[found["unit"]] if found else 0


def whole_second(moment):
    """Excel counts in fractions of a day: the nearest second is what was meant."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def moment(cell):
    """The datetime of a cell; it is aware only when the text names its zone.

    :raises ValueError: the cell holds something else
    """
    if isinstance(cell, str):
        cell = _moment_of_text(unicodedata.normalize("NFKC", cell).strip())
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time.min)
    if not isinstance(cell, datetime):
        raise ValueError(cell)
    return whole_second(cell)


def _moment_of_text(written):
    for pattern in _TEXT_DATES:
        try:
            return datetime.strptime(written, pattern)
        except ValueError:
            continue
    return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", written))
