"""Holders of unsent drafts are reminded before the deadline, each once."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.funds.schema import from_document
from grants.jobs.handlers import CLOCK_WORK, HANDLERS
from grants.models.outbox import OutboxMessage
from grants.models.round import RoundDefinition
from grants.rules.states import ApplicationState, RoundState
from grants.services import reminders
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
    assert {"remind_drafts"} <= set(CLOCK_WORK) & set(HANDLERS)
