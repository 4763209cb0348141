"""Windows and days, with the nights on which the clocks change."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.dates import (
    accept_by,
    days_until,
    describe_deadline,
    describe_left,
    describe_time,
    end_of,
    financial_year,
    from_london,
    is_open,
    is_past,
    local,
    time_left,
    today,
    year_bounds,
)

OPENS = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
CLOSES = dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "grace", "expected"),
    [
        (OPENS - TICK, 0, False),
        (OPENS, 0, True),
        (CLOSES - TICK, 0, True),
        (CLOSES, 0, False),
        (CLOSES, 5, True),
        (CLOSES + dt.timedelta(minutes=5) - TICK, 5, True),
        (CLOSES + dt.timedelta(minutes=5), 5, False),
    ],
)
def test_is_open_until_the_instant_and_its_grace(now, grace, expected):
    assert is_open(OPENS, CLOSES, now, dt.timedelta(minutes=grace)) is expected


@pytest.mark.parametrize(
    ("wall", "opening", "closing"),
    [
        # summer time ends: 01:30 comes twice
        (dt.datetime(2026, 10, 25, 1, 30), (0, 30), (1, 30)),  # noqa: DTZ001 - a time on a wall
        # summer time begins: 01:30 never comes
        (dt.datetime(2026, 3, 29, 1, 30), (0, 30), (1, 30)),  # noqa: DTZ001
        (dt.datetime(2026, 7, 1, 12, 0), (11, 0), (11, 0)),  # noqa: DTZ001
        (dt.datetime(2026, 1, 5, 12, 0), (12, 0), (12, 0)),  # noqa: DTZ001
    ],
)
def test_from_london_never_costs_anybody_time(wall, opening, closing):
    opened, closed = from_london(wall), from_london(wall, closing=True)

    assert ((opened.hour, opened.minute), (closed.hour, closed.minute)) == (opening, closing)


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)]
)
def test_end_of_a_day_knows_how_long_the_day_is(day, hours):
    date = dt.date(*day)

    assert end_of(date) - end_of(date - dt.timedelta(days=1)) == dt.timedelta(hours=hours)


def test_local_refuses_an_instant_without_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        local(dt.datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_a_day_is_londons():
    late = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)

    assert (
        today(late),
        is_past(dt.date(2026, 6, 30), late),
        days_until(dt.date(2026, 7, 8), late),
    ) == (
        dt.date(2026, 7, 1),
        True,
        7,
    )


def test_is_past_only_when_the_day_is_over():
    due = dt.date(2026, 4, 30)

    assert (is_past(due, end_of(due) - TICK), is_past(due, end_of(due))) == (False, True)


def test_accept_by_counts_from_the_day_in_london():
    released = dt.datetime(2026, 6, 1, 23, 30, tzinfo=dt.UTC)

    assert accept_by(released, 28) == dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ((2026, 3, 31), "2025-26"),
        ((2026, 4, 1), "2026-27"),
        ((2026, 12, 31), "2026-27"),
        ((1999, 4, 1), "1999-00"),
    ],
)
def test_financial_year_starts_on_the_first_of_april(day, year):
    assert financial_year(dt.date(*day)) == year


@given(st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)))
def test_a_day_is_within_the_bounds_of_its_year(day):
    first, last = year_bounds(financial_year(day))

    assert first <= day <= last
    assert (last - first).days in {364, 365}


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [
        (0, 0, "midnight"),
        (12, 0, "12 noon"),
        (0, 5, "12:05am"),
        (17, 0, "5pm"),
        (23, 59, "11:59pm"),
    ],
)
def test_describe_time_as_people_write_it(hour, minute, shown):
    assert describe_time(dt.datetime(2026, 1, 5, hour, minute, tzinfo=dt.UTC)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(59, "less than a minute"), (60, "1 minute"), (7_199, "1 hour"), (86_400 * 4 + 5, "4 days")],
)
def test_describe_left_in_its_largest_unit(seconds, shown):
    assert describe_left(dt.timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("closes", "now", "sentence"),
    [
        (CLOSES, OPENS, "Closes at 12 noon on Friday 27 March 2026, UK time (25 days left)."),
        (
            CLOSES,
            CLOSES - dt.timedelta(hours=45),
            "Closes at 12 noon on Friday 27 March 2026, UK time (2 days left).",
        ),
        (
            CLOSES,
            CLOSES - dt.timedelta(hours=30),
            "Closes at 12 noon on Friday 27 March 2026, UK time (1 day left).",
        ),
        (CLOSES, CLOSES, "Closed at 12 noon on Friday 27 March 2026, UK time."),
        (
            end_of(dt.date(2026, 6, 30)),
            OPENS,
            "Closes at midnight at the end of Tuesday 30 June 2026, UK time (120 days left).",
        ),
    ],
)
def test_describe_deadline_is_one_sentence(closes, now, sentence):
    assert describe_deadline(closes, now) == sentence


def test_time_left_is_nothing_once_closed():
    assert (time_left(CLOSES, CLOSES - TICK), time_left(CLOSES, CLOSES + TICK)) == (
        TICK,
        dt.timedelta(0),
    )
