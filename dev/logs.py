"""Reads Odoo's logs: a WARNING or worse that nobody explained fails the run."""
import re

# What may stand in a log: pattern found in "LEVEL database logger: message ..." -> why it is no fault of the product.
ALLOWED = {
    r"odoo\.sql_db: bad query: [\s\S]*could not serialize access": "two transactions met; Odoo runs the later one again",
}
RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ ([A-Z]+) (.*)")
BAD = ("WARNING", "ERROR", "CRITICAL")


def problems(log, also_allowed=()):
    """The records of the file at WARNING or above, with their tracebacks; a missing file has none."""
    patterns = (*ALLOWED, *also_allowed)
    return [
        f"{log.name}: {text}" for level, text in _records(log)
        if level in BAD and not any(re.search(pattern, text) for pattern in patterns)
    ]


def _records(log):
    """(level, text) of each record; lines that do not begin one belong to the record before."""
    records = []
    for line in log.read_text(errors="replace").splitlines() if log.exists() else []:
        start = RECORD.match(line)
        if start:
            records.append([start[1], f"{start[1]} {start[2]}"])
        elif records:
            records[-1][1] += f"\n    {line}"
    return records
