"""What waits for a person. Each count begins with what they may do; a fixed number of statements."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application
from grants.models.application_query import ApplicationQuery
from grants.models.award import Award
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import PendingChange
from grants.models.project import Project
from grants.models.round import Round
from grants.queries import balances
from grants.queries import visible as v
from grants.queries.visible import visible
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import could
from grants.rules.states import (
    AdditionState,
    ApplicationState,
    AwardState,
    MessageState,
    ReturnState,
    RoundState,
)

SHOWN = 5  # of one's own things by name; the rest stand behind a link
ROUNDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """One thing of one's own that is to be done, and by when."""

    key: uuid.UUID
    reference: str
    title: str
    round_title: str
    by: dt.datetime | dt.date | None
    is_returned: bool = False
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """The first few of one's own things, and how many there are."""

    rows: tuple[OwnRow, ...] = ()
    total: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A round that one works in."""

    key: uuid.UUID
    reference: str
    title: str
    state: RoundState
    closes_at: dt.datetime
    pot: int
    committed: int | None  # where this person may know it


@dataclass(frozen=True, slots=True)
class Office:
    """What waits for an administrator."""

    to_confirm: int = 0
    unsent: int = 0


def to_write(actor: Actor, *, now: dt.datetime) -> Own:
    """Drafts that can still be sent, and applications returned for a change; the first to close first."""
    if not could(actor, Action.EDIT_APPLICATION):
        return Own()
    is_returned = Application.state == ApplicationState.RETURNED
    rows = db.session.execute(
        v.applications_of(
            Application.key,
            Application.reference,
            Application.title,
            Application.state,
            Round.title.label("round_title"),
            Round.closes_at,
            _answer_by().label("answer_by"),
            sa.func.count().over().label("total"),
        )
        .where(
            visible(actor, Action.EDIT_APPLICATION),
            sa.or_(is_returned, sa.and_(Round.state == RoundState.OPEN, Round.closes_at > now)),
        )
        .order_by(sa.not_(is_returned), Round.closes_at, Application.id)
        .limit(SHOWN)
    ).all()
    return Own(
        tuple(
            OwnRow(
                key=row.key,
                reference=row.reference,
                title=row.title,
                round_title=row.round_title,
                by=row.answer_by if row.state == ApplicationState.RETURNED else row.closes_at,
                is_returned=row.state == ApplicationState.RETURNED,
            )
            for row in rows
        ),
        rows[0].total if rows else 0,
    )


def _answer_by() -> sa.ScalarSelect[dt.date | None]:
    """The day by which the fund asks for an answer, of the query that is open."""
    return (
        sa.select(sa.func.min(ApplicationQuery.answer_by))
        .where(
            ApplicationQuery.application_id == Application.id,
            ApplicationQuery.closed_at.is_(None),
        )
        .correlate(Application)
        .scalar_subquery()
    )


def to_answer(actor: Actor, *, now: dt.datetime) -> Own:
    """Offers and additions to them that wait for a signature, the first to lapse first."""
    if not could(actor, Action.ACCEPT):
        return Own()
    added = _added_by()
    answer_by = sa.func.coalesce(added, Award.accept_by)
    rows = db.session.execute(
        v.awards_of(
            Award.key,
            Application.reference,
            Application.title,
            answer_by.label("accept_by"),
            Round.title.label("round_title"),
            sa.func.count().over().label("total"),
        )
        .where(
            visible(actor, Action.ACCEPT),
            sa.or_(
                Award.state == AwardState.RELEASED,
                sa.and_(Award.state == AwardState.ACCEPTED, added.is_not(None)),
            ),
        )
        .order_by(answer_by, Award.id)
        .limit(SHOWN)
    ).all()
    return Own(
        tuple(
            OwnRow(
                key=row.key,
                reference=row.reference,
                title=row.title,
                round_title=row.round_title,
                by=row.accept_by,
                is_overdue=row.accept_by is not None and dates.is_past(row.accept_by, now),
            )
            for row in rows
        ),
        rows[0].total if rows else 0,
    )


def _added_by() -> sa.ScalarSelect[dt.date | None]:
    """The first day by which what was added to an award is to be answered."""
    return (
        sa.select(sa.func.min(Addition.accept_by))
        .where(Addition.award_id == Award.id, Addition.state == AdditionState.RELEASED)
        .correlate(Award)
        .scalar_subquery()
    )


def to_report(actor: Actor, *, now: dt.datetime) -> Own:
    """Returns that are owed for a time that has begun, the first due first."""
    if not could(actor, Action.EDIT_RETURN):
        return Own()
    today = dates.today(now)
    due_on = ReturnObligation.due_on
    rows = db.session.execute(
        v.returns_of(
            OutcomeReturn.key,
            OutcomeReturn.state,
            Project.reference,
            Project.title,
            ReturnObligation.label,
            due_on,
            sa.func.count().over().label("total"),
            sa.func.sum(sa.case((due_on < today, 1), else_=0)).over().label("overdue"),
        )
        .where(visible(actor, Action.EDIT_RETURN), ReturnObligation.starts_on <= today)
        .order_by(due_on, OutcomeReturn.id)
        .limit(SHOWN)
    ).all()
    return Own(
        tuple(
            OwnRow(
                key=row.key,
                reference=row.reference,
                title=row.title,
                round_title=row.label,
                by=row.due_on,
                is_returned=row.state == ReturnState.QUERIED,
                is_overdue=dates.is_past(row.due_on, now),
            )
            for row in rows
        ),
        rows[0].total if rows else 0,
        int(rows[0].overdue) if rows else 0,
    )


def rounds(actor: Actor) -> tuple[RoundRow, ...]:
    """The rounds that one works in, open ones first, then the latest."""
    if not could(actor, Action.READ_ROUND):
        return ()
    may = visible(actor, Action.READ_BALANCE)
    rows: Any = db.session.execute(
        v.rounds_of(Round, may, balances.committed(actor, Round))
        .where(visible(actor, Action.READ_ROUND))
        .order_by(Round.state != RoundState.OPEN, Round.closes_at.desc(), Round.id)
        .limit(ROUNDS)
    )
    return tuple(
        RoundRow(
            key=row.key,
            reference=row.reference,
            title=row.title,
            state=row.state,
            closes_at=row.closes_at,
            pot=row.pot,
            committed=committed if has_balance else None,
        )
        for row, has_balance, committed in rows
    )


def office(actor: Actor) -> Office:
    """What waits for an administrator: confirmations that are theirs to give, mail that did not go."""
    if not could(actor, Action.MANAGE_PEOPLE):
        return Office()
    to_confirm = (
        sa.select(sa.func.count())
        .select_from(PendingChange)
        .where(
            visible(actor, Action.MANAGE_PEOPLE),
            PendingChange.decided_at.is_(None),
            PendingChange.asked_by != actor.person_id,
            PendingChange.person_id != actor.person_id,
        )
        .scalar_subquery()
    )
    unsent = (
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(
            visible(actor, Action.READ_OUTBOX),
            OutboxMessage.rehearsal_id.is_(None),
            OutboxMessage.state.in_([MessageState.FAILED, MessageState.UNKNOWN]),
        )
        .scalar_subquery()
    )
    return Office(*db.session.execute(sa.select(to_confirm, unsent)).one())
