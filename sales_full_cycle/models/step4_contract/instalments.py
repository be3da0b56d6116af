"""Splitting an amount into instalments that add up exactly, in any currency (ahead 9, P15). Plain values, no database.

Amounts are counted in whole units of the currency's smallest step (0.01, 1, 0.001), so that no sum is off by a fraction of it.
"""
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
PERCENT_STEP = 0.01


def units(amount, step):
    """`amount` in whole steps; half a step goes up, away from zero."""
    return int((_exact(amount) / _exact(step)).quantize(Decimal(1), ROUND_HALF_UP))


def share(total, percent, step):
    """`percent` of `total`, to the step."""
    return _amount(units(_exact(total) * _exact(percent) / HUNDRED, step), step)


def split(total, percents, step):
    """Parts of `total`, one for each of `percents`; the last takes the rest, so that they add up.

    Where rounding each part up would leave less than nothing for the last (a few cents in many parts), the parts are cut from the running
    sum instead: then none is more than a step away from its share.
    """
    if not percents:
        return []
    whole = units(total, step)
    shares = [units(_exact(total) * _exact(percent) / HUNDRED, step) for percent in percents[:-1]]
    if adds_up(percents) and (whole - sum(shares)) * whole < 0:
        shares = _cut(total, percents[:-1], step)
    return [_amount(part, step) for part in [*shares, whole - sum(shares)]]


def adds_up(percents):
    """Whether the shares make up the whole."""
    return percent_left(percents) == 0


def percent_left(percents):
    """What is missing to 100 %; negative when there is too much."""
    return float(HUNDRED - sum(_percent(percent) for percent in percents))


def percent_of(amount, total):
    """The share that `amount` is of `total`, with two decimals."""
    return float(_percent(_exact(amount) * HUNDRED / _exact(total))) if total else 0.0


def rest(total, amounts, step):
    """What is missing to `total`; negative when there is too much."""
    return _amount(units(total, step) - sum(units(amount, step) for amount in amounts), step)


def _cut(total, percents, step):
    marks, running = [0], Decimal(0)
    for percent in percents:
        running += _exact(percent)
        marks.append(units(_exact(total) * running / HUNDRED, step))
    return [end - start for start, end in zip(marks, marks[1:], strict=False)]


def _exact(value):
    """A float as it is written: 0.1 is a tenth."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _percent(value):
    return _exact(value).quantize(_exact(PERCENT_STEP), ROUND_HALF_UP)


def _amount(count, step):
    return float(count * _exact(step))
