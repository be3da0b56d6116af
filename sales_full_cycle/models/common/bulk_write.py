"""Writes engine-owned columns of many records together with what else is pending for them."""


def bulk_update(records, values_by_id, fnames):
    """Set `fnames` of `records` to the tuples in `values_by_id` (id -> tuple in the order of `fnames`).

    For stored columns that an engine alone writes (cycle step, score, deadline): no tracking, no write()
    of the model, but dependent computed fields are recomputed. The values wait in the ORM's cache, so that they
    go to the database together with whatever else is pending for the records: one UPDATE for all of it.
    """
    records = records.browse(values_by_id)
    for position, fname in enumerate(fnames):
        field = records._fields[fname]
        for record in records:
            field.write(record, values_by_id[record.id][position])
    records.modified(fnames)
