"""Topics and options of minutes, each as one cell of the form. No database.

A point of a topic is a block of labelled lines, the blocks are told apart by an empty line:

    Our position: 100,000, payable at once
    Customer's position: 90,000
    Result: 95,000
      with training
    Outcome: Agreed
    Responsible: Li Qiang
    Due: 2026-01-31

A text that has more lines goes on with two spaces, so that no line of it is taken for a label.
"""
import re
from typing import NamedTuple

from ..common import sheet_cells
from ..common.sheet_cells import comparable

INDENT = "  "
BAR = " | "
_LABEL = re.compile(r"(?P<label>[^:：]{1,40})[:：](?P<rest>.*)", re.DOTALL)


class Point(NamedTuple):
    """What a block says, as text; "" is not said."""
    our_position: str = ""
    customer_position: str = ""
    result: str = ""
    outcome: str = ""
    responsible: str = ""
    due: str = ""


class Option(NamedTuple):
    name: str
    kind: str = ""
    description: str = ""


def _indented(text):
    return text.replace("\n", "\n" + INDENT)


def points_text(points, labels):
    """The cell of a topic. `labels`: the words for the fields of a Point."""
    blocks = (
        "\n".join(f"{labels[name]}: {_indented(value)}" for name, value in point._asdict().items() if value) for point in points)
    return "\n\n".join(filter(None, blocks))


def points(cell, names):
    """The points of a cell; what stands before the first label is the result.

    :param names: {comparable label: field of a Point}
    :raises ValueError: with a line whose label stands twice in its block
    """
    found, values, last = [], {}, None
    for line in [*sheet_cells.text(cell).split("\n"), ""]:
        if not line:  # a line of two spaces is an empty line of a text
            found += [values] if values else []
            values, last = {}, None
            continue
        name, text = _labelled(line, names)
        if name and name in values:
            raise ValueError(line)
        if name or not last:
            last = name or "result"
            values[last] = text
        else:
            values[last] += "\n" + line.removeprefix(INDENT)
    return [Point(**{name: sheet_cells.text(value) for name, value in values.items()}) for values in found]


def _labelled(line, names):
    match = None if line.startswith(INDENT) else _LABEL.fullmatch(line)
    name = match and names.get(comparable(match["label"]))
    return (name, match["rest"].strip()) if name else (None, line)


def options_text(options):
    """A line an option: 'name | kind', its description indented below."""
    return "\n".join(
        f"{option.name}{BAR}{option.kind}" + (f"\n{INDENT}{_indented(option.description)}" if option.description else "") for option in options)


def options(cell, kinds):
    """The options of a cell.

    :param kinds: {comparable word: kind}; an option whose line names none has kind ""
    :raises ValueError: with a line that has no name
    """
    found = []
    for line in sheet_cells.text(cell).split("\n"):
        if line.startswith(INDENT) and found:
            found[-1] = found[-1]._replace(description=f"{found[-1].description}\n{line.removeprefix(INDENT)}")
        elif line.strip():
            found.append(_option(line.replace("｜", "|"), kinds))
    return [option._replace(description=sheet_cells.text(option.description)) for option in found]


def _option(line, kinds):
    name, _bar, word = line.rpartition("|")
    kind = kinds.get(comparable(word))
    option = Option(name.strip(), kind) if kind and name else Option(line.strip(), "")
    if not option.name.strip("| "):
        raise ValueError(line)
    return option
