"""What a person may not write, and may not smuggle in as a default either."""


def without_defaults(records, fnames):
    """`records` without the defaults of the context for these fields, unless the system itself asks."""
    refused = {f"default_{fname}" for fname in fnames}
    if records.env.su or refused.isdisjoint(records.env.context):
        return records
    context = {key: value for key, value in records.env.context.items() if key not in refused}
    return records.with_context(context)  # pylint: disable=context-overridden
