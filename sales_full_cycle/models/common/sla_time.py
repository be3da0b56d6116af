"""Date arithmetic of promises. Datetimes are naive UTC, as Odoo stores them."""
from datetime import datetime, time, timedelta

import pytz


def after(amount, unit, start, *, tz, calendar=None):
    """Moment that lies `amount` units after `start`.

    hour: clock hours. working_hour: hours of `calendar`, holidays left out.
    day: the end (24:00 in `tz`) of the day that many days later; 0.5 days are 12 clock hours.
    """
    if unit == "working_hour":
        return plan_working_hours(calendar, amount, start)
    if unit == "hour" or amount != int(amount):
        return start + timedelta(hours=amount if unit == "hour" else amount * 24)
    zone = pytz.timezone(tz or "UTC")
    day = pytz.utc.localize(start).astimezone(zone).date() + timedelta(days=int(amount) + 1)
    return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)


def end_of(day, tz):
    """24:00 of a date in `tz`; a moment is that moment."""
    if isinstance(day, datetime):
        return day
    return after(0, "day", _noon(day, tz), tz=tz)


def before(amount, unit, deadline, *, tz):
    """Moment that lies `amount` hours or days before `deadline`; whole days are days of the calendar in `tz`, also over a change of summer time."""
    if unit != "day" or amount != int(amount):
        return deadline - timedelta(hours=amount * 24 if unit == "day" else amount)
    zone = pytz.timezone(tz or "UTC")
    local = pytz.utc.localize(deadline).astimezone(zone).replace(tzinfo=None) - timedelta(days=int(amount))
    return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)


def _noon(day, tz):
    return pytz.timezone(tz or "UTC").localize(datetime.combine(day, time(12))).astimezone(pytz.utc).replace(tzinfo=None)


def plan_working_hours(calendar, hours, start):
    """`start` plus that many working hours; hours of a calendar without attendance are clock hours."""
    end = calendar.plan_hours(hours, pytz.utc.localize(start), compute_leaves=True)
    return end.astimezone(pytz.utc).replace(tzinfo=None) if end else start + timedelta(hours=hours)


def working_hours_between(calendar, start, end):
    return calendar.get_work_hours_count(pytz.utc.localize(start), pytz.utc.localize(end), compute_leaves=True)


def next_working_day(calendar, day):
    """First day after `day` on which the calendar works; the next day when it never does."""
    midnight = pytz.timezone(calendar.tz or "UTC").localize(datetime.combine(day + timedelta(days=1), time.min))
    end = calendar.plan_days(1, midnight, compute_leaves=True)
    return end.date() if end else day + timedelta(days=1)


def short(seconds):
    """Time left for a list, largest unit only: 2d, 3h, 20m; negative when late."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    for size, unit in ((86400, "d"), (3600, "h")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{sign}{int(seconds // size)}{unit}"
    return f"{sign}{int(seconds // 60)}m"
