"""Date arithmetic of the follow-up cadence (S2.11, S2.12, D7). Dates are days of the company's calendar; nothing here knows Odoo."""
import calendar
from bisect import bisect
from datetime import date, timedelta
from typing import NamedTuple


class Step(NamedTuple):
    """How often a customer is met: every 7 days, every month."""
    amount: int
    unit: str  # day or month


class Promise(NamedTuple):
    """A contact that is owed: until when, and how it goes on.

    `anchor` is the day of the month that `due` stands for: a 28 February that stands in for the 31st has 31.
    """
    due: date
    anchor: int
    step: Step


def next_due(day, step, anchor=None):
    """The day one `step` after `day`; months keep to the anchor day as far as the month has it."""
    if step.unit == "day":
        return day + timedelta(days=step.amount)
    year, month = divmod(day.year * 12 + day.month - 1 + step.amount, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor or day.day, last))


def anchor_of(day, kept=None):
    """Day of the month that a contact on `day` stands for: that of the promise when it was kept to the day, else its own."""
    return kept.anchor if kept and kept.due == day else day.day


def promise_after(day, step, anchor=None):
    """What is owed after a contact on `day`."""
    anchor = anchor or day.day
    due = next_due(day, step, anchor)
    return Promise(due, anchor if step.unit == "month" else due.day, step)


def due_dates_passed(promise, day):
    """How many due dates there were from the promised one up to and including `day`; none while it is not due."""
    due, anchor, step = promise
    if day < due:
        return 0
    if step.unit == "day":
        return (day - due).days // step.amount + 1
    steps = ((day.year - due.year) * 12 + day.month - due.month) // step.amount
    reached = next_due(due, Step(steps * step.amount, "month"), anchor) if steps else due
    return steps + 1 if reached <= day else steps


class Chain:
    """Contacts of a customer in their order, each with the promise that it kept; the last promise is the open one."""

    def __init__(self, kept, open_promise):
        """:param kept: [((day, id), promise)] of the contacts, in their order"""
        self._contacts = [contact for contact, _promise in kept]
        self._promises = [promise for _contact, promise in kept] + [open_promise]

    @property
    def open_promise(self):
        return self._promises[-1]

    def kept(self):
        """{id of a contact: (its day, the promise that it kept)}"""
        return {id_: (day, promise) for (day, id_), promise in zip(self._contacts, self._promises, strict=False)}

    def remove(self, contact):
        """A contact that counts no longer: the next one has to answer what it kept."""
        position = self._contacts.index(contact)
        del self._contacts[position], self._promises[position + 1]

    def add(self, contact):
        """A contact, perhaps noted later than it was made: it keeps what was owed then, and opens the promise that the next one keeps.

        A second contact of a day keeps nothing, and one after which nothing was owed neither.
        """
        position = bisect(self._contacts, contact)
        promise = self._promises[position]
        neighbours = self._contacts[max(position - 1, 0):position + 1]
        if promise and contact[0] not in [day for day, _id in neighbours]:
            self._contacts.insert(position, contact)
            self._promises.insert(position + 1, promise_after(contact[0], promise.step, anchor_of(contact[0], promise)))
