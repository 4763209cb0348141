"""Lists of returns hold what each person may see, and one return what each side may read."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.queries import return_reports, returns
from grants.queries.returns import Group, Wanted
from grants.rules.people import NOBODY
from grants.rules.refusals import NotFound
from grants.rules.states import ReturnState
from grants.services import returns as service
from grants.services.answer_sheet import Sent
from tests import build, returning
from tests.returning import actor

NOW = build.NOW
LATER = NOW + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("who", "own", "staff"),
    [
        ("reporter", 2, 0),
        ("submitter", 2, 0),
        ("editor", 2, 0),
        ("signatory", 2, 0),
        ("manager", 0, 2),
        ("approver", 0, 2),
        ("rival", 0, 0),
        ("finance", 0, 0),
        ("evaluator", 0, 0),
        ("assessor", 0, 0),
    ],
)
def test_each_person_finds_their_own_returns_and_no_others(context, who, own, staff):
    at = returning.scene()
    person = actor(at, who)

    assert returns.own(person, now=NOW)[0].total == own
    assert returns.of_round(person, at.round_key, Wanted(), now=NOW).total == staff
    assert [row.owed for row in returns.rounds(person, now=NOW)] == ([staff] if staff else [])


def test_nobody_finds_nothing(context):
    at = returning.scene()

    assert returns.own(NOBODY, now=NOW)[0].total == 0
    assert returns.of_round(NOBODY, at.round_key, Wanted(), now=NOW).total == 0


def test_groups_say_what_there_is_to_do(context):
    at = returning.scene(projects=2)
    reporter, manager = actor(at, "reporter"), actor(at, "manager")
    before = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)

    early = returns.own(reporter, now=before)[1]
    returning.send(at)
    sent = returns.own(reporter, now=NOW)[1]
    service.query(manager, at.returns[0], {"worked": "Why?"}, now=NOW)
    found, asked = returns.own(reporter, now=NOW)

    assert early == {Group.DUE: 2, Group.LATER: 2}
    assert sent == {Group.OVERDUE: 1, Group.DUE: 2, Group.SENT: 1}
    assert asked == {Group.QUERIED: 1, Group.OVERDUE: 1, Group.DUE: 2}
    assert [row.group for row in found.rows] == ["queried", "overdue", "due", "due"]


def test_counts_of_a_round_tell_state_and_lateness(context):
    at = returning.scene()
    returning.send(at)

    found = returns.counts(actor(at, "manager"), at.round_key, now=NOW)

    assert [(row.state, row.count, row.overdue) for row in found] == [
        (ReturnState.SUBMITTED, 1, 0),
        (ReturnState.OPEN, 1, 0),
    ]


def test_fund_reads_what_was_sent_and_its_people_what_they_write(context):
    at = returning.scene()
    reporter, manager = actor(at, "reporter"), actor(at, "manager")
    returning.send(at, worked="Tea")
    service.query(manager, at.returns[0], {"worked": "Why?"}, now=NOW)
    place = ("worked", "")
    service.save(reporter, at.returns[0], Sent(texts={place: "Song"}), now=LATER)

    assert return_reports.review(manager, at.returns[0], now=LATER).answers[place] == "Tea"
    assert return_reports.report(reporter, at.returns[0], now=LATER).answers[place] == "Song"


@pytest.mark.parametrize("who", ["rival", "finance", "evaluator", "assessor"])
def test_stranger_reads_no_return(context, who):
    at = returning.scene()
    returning.send(at)

    for read in (return_reports.report, return_reports.review):
        with pytest.raises(NotFound):
            read(actor(at, who), at.returns[0], now=NOW)


@pytest.mark.feature("T3")
def test_later_return_knows_what_the_earlier_one_said(context):
    at = returning.scene()
    returning.send(at, sessions="12")

    report = return_reports.report(actor(at, "reporter"), at.returns[1], now=NOW)

    assert (report.promise.spent_before, report.promise.left) == (250_050, 249_950)
    assert (report.promise.people_before, report.promise.is_final) == (20, True)
    assert report.last_time()["sessions"] == "12"
    assert len(report.outcomes) == 1


def test_return_that_was_sent_without_a_copy_is_read_by_its_unchanged_answers(context):
    at = returning.scene()
    returning.send(at, worked="Tea")
    record = returning.record_of(at)
    record.content = None
    build.kept(record)

    report = return_reports.review(actor(at, "manager"), at.returns[0], now=NOW)

    assert report.answers["worked", ""] == "Tea"
