"""The bidders of a tender as one cell of the form, a line each: 'name | price | score | rank | us'. No database."""
import unicodedata
from typing import NamedTuple

from ..common import sheet_cells
from ..common.sheet_cells import comparable

BAR = " | "


class Bid(NamedTuple):
    """What a line says; 0 is not said."""
    name: str
    price: float = 0
    score: float = 0
    rank: int = 0
    is_us: bool = False
    disqualified: bool = False

    @property
    def key(self):
        return comparable(self.name)


def text(bids, us, disqualified):
    """The cell; `us` and `disqualified` are the words for them."""
    lines = []
    for bid in bids:
        figures = [sheet_cells.text(value) if value else "" for value in (bid.price, bid.score, bid.rank)]
        words = ([us] if bid.is_us else []) + ([disqualified] if bid.disqualified else [])
        while not words and figures and not figures[-1]:
            figures.pop()
        lines.append(BAR.join([bid.name, *figures, *words]))
    return "\n".join(lines)


def bids(cell, us, disqualified):
    """The bids of a cell.

    :param us: comparable spellings of the word for us; `disqualified` likewise
    :raises ValueError: with the line that cannot be read
    """
    lines = filter(None, (line.strip() for line in sheet_cells.text(cell).splitlines()))
    return [_bid(line, us, disqualified) for line in lines]


def _bid(line, us, disqualified):
    name, *more = (part.strip() for part in line.replace("｜", "|").split("|"))
    words = {comparable(part) for part in more if comparable(part) in us | disqualified}
    figures = [part for part in more if comparable(part) not in words]
    try:
        price, score, rank = (sheet_cells.number(unicodedata.normalize("NFKC", figure)) for figure in (*figures, "", "", "")[:3])
    except ValueError as error:
        raise ValueError(line) from error
    if not name or len(figures) > 3 or min(price, score, rank) < 0 or rank != int(rank):
        raise ValueError(line)
    return Bid(name, price, score, int(rank), bool(words & us), bool(words & disqualified))
