"""Holders of unsent drafts are reminded before the deadline, each once."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.funds.schema import from_document
from grants.jobs.handlers import CLOCK_WORK, HANDLERS
from grants.models.application_query import ApplicationQuery
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.round import RoundDefinition
from grants.queries import audit_trail
from grants.rules.states import ApplicationState, RoundState
from grants.services import apply, asking, reminders
from grants.services.asking import Wanted
from tests import applying, build

NEAR = build.NOW + dt.timedelta(days=24)  # the round closes thirty days after NOW


@pytest.fixture
def at(context):
    return applying.place("adult")


def told() -> list[str]:
    found = db.session.query(OutboxMessage).filter_by(kind="reminder")
    return sorted(message.recipient for message in found)


@pytest.mark.feature("A23")
def test_holders_of_a_draft_are_reminded_once(at):
    applying.drafted(at)

    counts = [reminders.remind_drafts(now=NEAR + dt.timedelta(hours=hour)) for hour in range(3)]

    message = db.session.query(OutboxMessage).filter_by(kind="reminder").first()
    holders = sorted(at.people[who] for who in ("editor", "sender", "signatory"))
    assert (counts, told()) == ([1] * 3, holders)
    assert "is saved but not sent" in message.body
    assert "2 December 2026" in message.body


@pytest.mark.feature("A23")
@pytest.mark.parametrize(
    ("state", "when"),
    [
        (ApplicationState.DRAFT, build.NOW + dt.timedelta(days=22)),
        (ApplicationState.DRAFT, build.NOW + dt.timedelta(days=31)),
        (ApplicationState.SUBMITTED, NEAR),
        (ApplicationState.WITHDRAWN, NEAR),
    ],
)
def test_nobody_else_is_reminded(at, state, when):
    applying.drafted(at, state=state)

    assert (reminders.remind_drafts(now=when), told()) == (0, [])


def test_who_has_just_begun_is_not_reminded_yet(at):
    key = applying.drafted(at)
    record = db.session.query(build.Application).filter_by(key=key).one()
    record.created_at = NEAR
    db.session.commit()

    assert reminders.remind_drafts(now=NEAR + dt.timedelta(hours=1)) == 0


def test_closed_round_reminds_nobody(at):
    applying.drafted(at)
    db.session.get_one(build.Round, at.round_id).state = RoundState.CLOSED
    db.session.commit()

    assert reminders.remind_drafts(now=NEAR) == 0


@pytest.mark.feature("A23")
def test_days_are_the_funds_own(at):
    record = db.session.get_one(build.Round, at.round_id)
    definition = db.session.get_one(RoundDefinition, record.definition_id)
    content = dict(definition.content)
    content["settings"] = {**content["settings"], "reminder_days": 3}
    definition.content = content
    db.session.commit()
    applying.drafted(at)

    assert from_document(content).settings.reminder_days == 3
    assert [reminders.remind_drafts(now=NEAR + dt.timedelta(days=d)) for d in (0, 4)] == [0, 1]


def test_it_is_the_clocks_work():
    assert {"remind_drafts", "remind_queries"} <= set(CLOCK_WORK) & set(HANDLERS)


DAY = (build.NOW + dt.timedelta(days=10)).date()


@pytest.fixture
def queried(at):
    """An application that was sent, and asked about by the manager."""
    key = applying.drafted(at)
    apply.submit(applying.actor(at, "sender"), key, now=build.NOW)
    wanted = Wanted(points={("plan_summary", ""): "Which hall?"}, number=1, answer_by=DAY)
    asking.ask(applying.actor(at, "manager"), key, wanted, now=build.NOW)
    return key


def mails(kind):
    found = db.session.query(OutboxMessage).filter_by(kind=kind)
    return sorted(message.recipient for message in found)


def after(days):
    return build.NOW + dt.timedelta(days=days)


@pytest.mark.feature("A20")
def test_query_is_reminded_of_once_when_its_day_is_near(at, queried):
    counts = [reminders.remind_queries(now=after(day)) for day in (7, 8, 9, 9.5)]

    holders = sorted(at.people[who] for who in ("editor", "sender", "signatory"))
    message = db.session.query(OutboxMessage).filter_by(kind="query_near").first()
    assert (counts, mails("query_near")) == ([0, 1, 1, 1], holders)
    assert mails("query_passed") == mails("query_unanswered") == []
    assert "12 November 2026" in message.body
    assert "Which hall?" not in message.body


@pytest.mark.feature("A20")
def test_day_of_a_query_that_passed_is_told_once_to_both_sides(at, queried):
    counts = [reminders.remind_queries(now=after(day)) for day in (11, 11.1, 12, 40)]

    holders = sorted(at.people[who] for who in ("editor", "sender", "signatory"))
    assert (counts, mails("query_passed")) == ([1, 1, 1, 0], holders)
    assert mails("query_unanswered") == [at.people["manager"]]


@pytest.mark.feature("A20")
def test_answered_query_and_one_just_asked_remind_nobody(at, queried):
    record = db.session.query(build.Application).filter_by(key=queried).one()
    query = db.session.query(ApplicationQuery).one()
    query.answer_by = after(1).date()
    db.session.commit()
    assert reminders.remind_queries(now=after(0.5)) == 0

    record.state, record.withdrawn_at = ApplicationState.WITHDRAWN, build.NOW
    db.session.commit()

    assert [reminders.remind_queries(now=after(day)) for day in (1, 3)] == [0, 0]


@pytest.mark.feature("R9")
def test_who_asked_and_has_an_interest_since_is_not_told(at, queried):
    record = db.session.query(build.Application).filter_by(key=queried).one()
    manager = db.session.query(build.Person).filter_by(email=at.people["manager"]).one()
    build.conflict(record, manager)

    reminders.remind_queries(now=after(12))

    assert mails("query_unanswered") == []


@pytest.mark.feature("A20")
def test_trail_says_what_was_asked_of_which_answer_and_by_when(at, queried):
    del at
    entry = db.session.query(AuditEntry).filter_by(action="return").one()

    assert entry.after["answer_by"] == DAY.isoformat()
    ((label, text),) = entry.after["asked"].items()
    assert (label.endswith("(plan_summary)"), text) == (True, "Which hall?")
    assert "– " + label + ": Which hall?" in audit_trail._text(entry.after)
