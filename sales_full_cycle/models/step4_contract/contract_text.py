"""Words of contracts as plain values: placeholders, what two texts have in common, what changed from one to the other (S4.10, ahead 6)."""
import re
import unicodedata
from decimal import Decimal
from difflib import SequenceMatcher

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
# A word, one sign of a script that writes without spaces, a gap, or any other sign.
TOKEN = re.compile(r"[㐀-䶿一-鿿豈-﫿]|\s+|[^\W㐀-䶿一-鿿豈-﫿]+|.", re.DOTALL)
# What tells 5 from 5 %, and 5 from 0.5.
MEANINGFUL = set("%‰.$€£¥<>=±+")


def fill(text, values):
    """The text with each {name} replaced by its value. Nothing is evaluated; a name without a value stays, to be seen."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1]) or found[0]), text or "")


def placeholders(text):
    """Names in braces that are still in the text, in their order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text or "")))


def normalized(text):
    """The text without what changes nothing: full width or half, spaces, punctuation, capitals; separators of thousands."""
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    plain = re.sub(r"(?<!\d)\.|\.(?!\d)", "", plain)  # a point counts between two digits only
    return "".join(char for char in plain if char.isalnum() or char in MEANINGFUL)


def numbers(text):
    """The set of numbers in the text; 1,000.00 is 1000."""
    return {Decimal(found.replace(",", "")).normalize() for found in NUMBER.findall(unicodedata.normalize("NFKC", text or ""))}


def missing_numbers(agreed, written):
    """Numbers that were agreed and are not written, as words, smallest first."""
    return [f"{number:f}" for number in sorted(numbers(agreed) - numbers(written))]


def contains(written, agreed):
    """Does the text say what was agreed, however it is spaced and punctuated? A number must be the same number, not the end of another one."""
    pattern = re.escape(normalized(agreed))
    if not pattern:
        return True
    before = r"(?<![\d.])" if pattern[:1].isdigit() else ""
    after = r"(?![\d.])" if pattern[-1:].isdigit() else ""
    return re.search(before + pattern + after, normalized(written)) is not None


def closest(text, candidates):
    """Position of the candidate that shares most with the text; of the first one where they are equal."""
    wanted = _pairs(text)
    shares = [len(wanted & _pairs(candidate)) for candidate in candidates]
    return shares.index(max(shares))


def _pairs(text):
    plain = normalized(text)
    return {plain[place:place + 2] for place in range(len(plain) - 1)}


def changes(old, new):
    """What became of the old text: [("equal" / "delete" / "insert", words)]."""
    before, after = TOKEN.findall(old or ""), TOKEN.findall(new or "")
    found = []
    for action, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if action == "equal":
            found.append(("equal", "".join(before[start:end])))
        if action in ("replace", "delete"):
            found.append(("delete", "".join(before[start:end])))
        if action in ("replace", "insert"):
            found.append(("insert", "".join(after[new_start:new_end])))
    return found
