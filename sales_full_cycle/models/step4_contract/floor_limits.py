"""How far we go in a deal, as plain values: comparing, combining, and what a quotation goes beyond (S4.2, ahead 5)."""
from math import inf
from typing import NamedTuple

EPSILON = 1e-6  # figures are rounded before they come here


class Limits(NamedTuple):
    discount: float = 100.0  # at most, in %
    lead_days: int = 0       # at most; 0: does not matter
    amount: float = 0.0      # at least, with tax; 0: does not matter

    def is_looser(self, than):
        """Does it allow in anything more than `than` does?"""
        return bool(self.discount > than.discount + EPSILON or _days(self) > _days(than) or self.amount < than.amount - EPSILON)


NO_LIMITS = Limits()


def _days(limits):
    return limits.lead_days or inf


def tighter(one, other):
    """What both allow."""
    days = min(_days(one), _days(other))
    return Limits(min(one.discount, other.discount), 0 if days == inf else days, max(one.amount, other.amount))


def looser(one, other):
    """What one of them allows, each figure for itself."""
    days = max(_days(one), _days(other))
    return Limits(max(one.discount, other.discount), 0 if days == inf else days, min(one.amount, other.amount))


def distances(limits, discount, lead_days, amount):
    """{name: how much is left, negative when beyond} of what is limited and known; a figure that is None is not known yet."""
    left = {
        "discount": limits.discount - discount if limits.discount < 100 and discount is not None else None,
        "lead_days": limits.lead_days - lead_days if limits.lead_days and lead_days is not None else None,
        "amount": amount - limits.amount if limits.amount and amount is not None else None,
    }
    return {name: value for name, value in left.items() if value is not None}


def beyond(limits, discount, lead_days, amount):
    """Names of the figures that go beyond."""
    return {name for name, left in distances(limits, discount, lead_days, amount).items() if left < -EPSILON}
