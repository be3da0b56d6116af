"""What was approved: the canonical form of a document's business content, its hash, and what changed since. Plain values only.

Content is {key: value}; a value is a scalar, a list of scalars, or a list of rows (a one2many): {"id": 5, key: value, ...}.
"""
import hashlib
import json

ROW_ID = "id"  # names a row for the comparison; no part of the content


def content_hash(content):
    """SHA-256 of the content, whatever the order of its keys; rows count in their order, without their ids."""
    text = json.dumps(_without_ids(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_ids(content):
    return {key: [_without_id(row) for row in value] if is_rows(value) else value for key, value in content.items()}


def _without_id(row):
    return {key: value for key, value in row.items() if key != ROW_ID}


def is_rows(value):
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def differences(old, new):
    """Changes from one content to the other: [(key, row before, row after, key in the row, value before, value after)].

    Both rows are None for a field of the document itself; an added row has none before, a removed one none after, both no key in the row.
    Rows that only changed places are one change with the key "id".
    """
    changes = []
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key), new.get(key)
        if is_rows(before) or is_rows(after):
            changes += _row_differences(key, _by_id(before or []), _by_id(after or []))
        elif before != after:
            changes.append((key, None, None, None, before, after))
    return changes


def _by_id(rows):
    """{id: row}; rows without one are told apart by their place."""
    return {row.get(ROW_ID) or -place: row for place, row in enumerate(rows, 1)}


def _row_differences(key, before, after):
    changes = []
    for row_id, row in after.items():
        old = before.get(row_id)
        if old is None:
            changes.append((key, None, row, None, None, None))
        else:
            names = [*row, *(name for name in old if name not in row)]
            changes += [(key, old, row, name, old.get(name), row.get(name)) for name in names if old.get(name) != row.get(name)]
    changes += [(key, row, None, None, None, None) for row_id, row in before.items() if row_id not in after]
    moved = not changes and list(before) != list(after)
    return [(key, None, None, ROW_ID, None, None)] if moved else changes
