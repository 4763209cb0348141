"""Windows, deadlines and due dates. Instants are aware UTC; the days people read are London's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from grants.funds.definition import Period
from grants.rules.answers import MONTHS

LONDON = ZoneInfo("Europe/London")
NO_GRACE = dt.timedelta(0)
YEAR_STARTS = (4, 1)  # the financial year: 1 April to 31 March
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOON, MINUTE, HOUR, DAY = 12, 60, 3_600, 86_400


def local(instant: dt.datetime) -> dt.datetime:
    """This instant as clocks in London show it."""
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone means nothing here.")
    return instant.astimezone(LONDON)


def today(now: dt.datetime) -> dt.date:
    """The day it is in London."""
    return local(now).date()


def from_london(wall: dt.datetime, *, closing: bool = False) -> dt.datetime:
    """The UTC instant of a time on London clocks.

    On the nights when clocks change a time may come twice or not at all: an opening takes the
    earlier reading and a closing the later, so nobody loses time by it.
    """
    readings = [wall.replace(tzinfo=LONDON, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
    return max(readings) if closing else min(readings)


def end_of(day: dt.date) -> dt.datetime:
    """The instant at which this day is over in London."""
    return from_london(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), closing=True)


def is_open(
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    now: dt.datetime,
    grace: dt.timedelta = NO_GRACE,
) -> bool:
    """In time: first byte received (``now``) before the instant of closing, and the grace."""
    return opens_at <= now < closes_at + grace


def time_left(closes_at: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """How long until it closes; nothing once it has."""
    return max(closes_at - now, dt.timedelta(0))


def accept_by(released_at: dt.datetime, days: int) -> dt.date:
    """The last day on which an offer may be accepted."""
    return today(released_at) + dt.timedelta(days=days)


def is_past(due: dt.date, now: dt.datetime) -> bool:
    """Whether this day is over. A thing due on a day is in time until the day ends."""
    return today(now) > due


def days_until(due: dt.date, now: dt.datetime) -> int:
    """Days from today to this day; negative when it is past."""
    return (due - today(now)).days


def financial_year(day: dt.date) -> str:
    """The financial year a day falls in, such as "2026-27"."""
    first = day.year if (day.month, day.day) >= YEAR_STARTS else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def year_bounds(year: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a financial year such as "2026-27"."""
    first = int(year[:4])
    return dt.date(first, *YEAR_STARTS), dt.date(first + 1, *YEAR_STARTS) - dt.timedelta(days=1)


def describe_day(day: dt.date) -> str:
    """A day as people write it: "Friday 27 March 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def describe_time(instant: dt.datetime) -> str:
    """A time as people write it, London's: "12 noon", "5pm", "11:59pm", "midnight"."""
    clock = local(instant)
    if clock.minute == 0 and clock.hour in {0, NOON}:
        return "12 noon" if clock.hour else "midnight"
    half = "am" if clock.hour < NOON else "pm"
    hour = clock.hour % NOON or NOON
    return f"{hour}:{clock.minute:02d}{half}" if clock.minute else f"{hour}{half}"


def describe_left(left: dt.timedelta) -> str:
    """How long is left in its largest whole unit: "4 days", "3 hours", "less than a minute"."""
    seconds = int(left.total_seconds())
    for size, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        count = seconds // size
        if count:
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def describe_deadline(closes_at: dt.datetime, now: dt.datetime) -> str:
    """One sentence on when it closes or closed, by UK time. Midnight is named by the day it ends."""
    moment = local(closes_at)
    day = moment.date()
    if (moment.hour, moment.minute) == (0, 0):
        day -= dt.timedelta(days=1)
        when = f"at midnight at the end of {describe_day(day)}, UK time"
    else:
        when = f"at {describe_time(closes_at)} on {describe_day(day)}, UK time"
    if now >= closes_at:
        return f"Closed {when}."
    days = days_until(day, now)  # days of the calendar, as every page counts them
    left = f"{days} days" if days > 1 else describe_left(time_left(closes_at, now))
    return f"Closes {when} ({left} left)."


def due_before_closing(periods: Iterable[Period], closes_at: dt.datetime) -> tuple[Period, ...]:
    """Returns that would be due while the round still takes applications: nobody could write them."""
    return tuple(p for p in periods if dt.date.fromisoformat(p.due) <= today(closes_at))
