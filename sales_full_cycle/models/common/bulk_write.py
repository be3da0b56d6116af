"""Writes engine-owned columns of many records in one statement."""
from odoo.tools import SQL


def bulk_update(records, values_by_id, fnames):
    """Set `fnames` of `records` to the tuples in `values_by_id` (id -> tuple in the order of `fnames`).

    For stored columns that an engine alone writes (cycle step, score, deadline): no tracking, no write()
    of the model, but dependent computed fields are recomputed. One UPDATE whatever the number of records.
    """
    if not values_by_id:
        return
    records = records.browse(values_by_id)
    fields = [records._fields[fname] for fname in fnames]
    records.flush_recordset(fnames)
    rows = SQL(", ").join(
        SQL("(%s)", SQL(", ").join([SQL("%s", record_id), *(
            SQL("%s::%s", field.convert_to_column(value, records), SQL(field.column_type[1]))
            for field, value in zip(fields, values, strict=True)
        )]))
        for record_id, values in values_by_id.items()
    )
    columns = SQL(", ").join(SQL.identifier(fname) for fname in fnames)
    assignments = SQL(", ").join(SQL("%s = new.%s", SQL.identifier(f), SQL.identifier(f)) for f in fnames)
    records.env.cr.execute(SQL(
        "UPDATE %(table)s SET %(assignments)s FROM (VALUES %(rows)s) AS new (id, %(columns)s) WHERE %(table)s.id = new.id",
        table=SQL.identifier(records._table), assignments=assignments, rows=rows, columns=columns,
    ))
    records.invalidate_recordset(fnames, flush=False)
    records.modified(fnames)
