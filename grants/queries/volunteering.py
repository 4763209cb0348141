"""A volunteer's own log in a round, and what the panel gave in all."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.models.round import Round
from grants.models.volunteering import VolunteerEntry
from grants.queries.visible import (
    applications_seen,
    assessments_of,
    rounds_of,
    unless_blind,
    visible,
)
from grants.rules.actions import Action
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.volunteering import Kind

NO_SUCH = "There is no such page."
MOST = 500  # lines of one log that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One line of one's own log."""

    key: uuid.UUID
    kind: Kind
    day: dt.date
    minutes: int | None
    amount: Pence | None
    note: str
    reference: str  # of the application, while one may read it
    approved_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One's own log in a round, the latest first."""

    round_key: uuid.UUID
    round_title: str
    rows: tuple[LogRow, ...]
    bids: tuple[tuple[uuid.UUID, str], ...]  # applications that time may be noted for

    @property
    def minutes(self) -> int:
        """All the time that is noted."""
        return sum(row.minutes or 0 for row in self.rows)

    @property
    def amount(self) -> Pence:
        """All the expenses that are noted."""
        return sum(row.amount or 0 for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerRow:
    """What one person gave to a round."""

    name: str
    minutes: int
    bids: int  # applications that time is noted for
    training: int
    noted: Pence  # expenses that wait
    approved: Pence


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseRow:
    """An expense that waits for approval, or was approved."""

    key: uuid.UUID
    name: str
    day: dt.date
    amount: Pence
    note: str
    is_own: bool
    approved_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteers:
    """What the panel of a round gave in all."""

    round_key: uuid.UUID
    round_reference: str
    round_title: str
    people: tuple[VolunteerRow, ...]
    expenses: tuple[ExpenseRow, ...]

    @property
    def minutes(self) -> int:
        """All the time that was given."""
        return sum(row.minutes for row in self.people)

    @property
    def noted(self) -> Pence:
        """All the expenses that wait."""
        return sum(row.noted for row in self.people)

    @property
    def approved(self) -> Pence:
        """All the expenses that are approved."""
        return sum(row.approved for row in self.people)


def log(actor: Actor, round_key: uuid.UUID) -> Log:
    """One's own log in a round. Three statements. Raises NotFound."""
    head = _head(actor, round_key, Action.LOG_TIME)
    reference = sa.case((visible(actor, Action.READ_OWN_SCORE), Application.reference), else_="")
    rows: Any = db.session.execute(
        sa.select(
            VolunteerEntry.key,
            VolunteerEntry.kind,
            VolunteerEntry.day,
            VolunteerEntry.minutes,
            VolunteerEntry.amount,
            VolunteerEntry.note,
            sa.func.coalesce(reference, "").label("reference"),
            VolunteerEntry.approved_at,
        )
        .join(Round, Round.id == VolunteerEntry.round_id)
        .outerjoin(Application, Application.id == VolunteerEntry.application_id)
        .where(VolunteerEntry.round_id == head.id, VolunteerEntry.person_id == actor.person_id)
        .order_by(VolunteerEntry.day.desc(), VolunteerEntry.id.desc())
        .limit(MOST)
    ).mappings()
    return Log(
        round_key=head.key,
        round_title=head.title,
        rows=tuple(LogRow(**row) for row in rows),
        bids=bids_of(actor, round_key),
    )


def bids_of(actor: Actor, round_key: uuid.UUID) -> tuple[tuple[uuid.UUID, str], ...]:
    """The applications of a round that this person has declared and may read, by reference."""
    rows: Any = db.session.execute(
        assessments_of(
            Application.key,
            Application.reference,
            unless_blind(Application.title).label("title"),
        )
        .where(
            Round.key == round_key,
            Assessment.person_id == actor.person_id,
            visible(actor, Action.READ_OWN_SCORE),
        )
        .order_by(Application.reference)
    )
    return tuple((row.key, ", ".join(filter(None, (row.reference, row.title)))) for row in rows)


def volunteers(actor: Actor, round_key: uuid.UUID) -> Volunteers:
    """Who gave how much, for those who manage the round. Time on an application that this person may
    not see is in none of the figures. Three statements. Raises NotFound."""
    head = _head(actor, round_key, Action.READ_VOLUNTEERS)
    of_round = (VolunteerEntry.round_id == head.id, _may_be_counted(actor))
    waits, done = VolunteerEntry.approved_at.is_(None), VolunteerEntry.approved_at.is_not(None)
    amount, minutes = VolunteerEntry.amount, VolunteerEntry.minutes
    people: Any = db.session.execute(
        sa.select(
            Person.name,
            sa.func.coalesce(sa.func.sum(minutes), 0).label("minutes"),
            sa.func.count(sa.distinct(VolunteerEntry.application_id)).label("bids"),
            sa.func.count().filter(VolunteerEntry.kind == Kind.TRAINING).label("training"),
            sa.func.coalesce(sa.func.sum(amount).filter(waits), 0).label("noted"),
            sa.func.coalesce(sa.func.sum(amount).filter(done), 0).label("approved"),
        )
        .select_from(VolunteerEntry)
        .join(Person, Person.id == VolunteerEntry.person_id)
        .where(*of_round)
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
    ).mappings()
    expenses: Any = db.session.execute(
        sa.select(
            VolunteerEntry.key,
            Person.name,
            VolunteerEntry.day,
            amount,
            VolunteerEntry.note,
            (VolunteerEntry.person_id == actor.person_id).label("is_own"),
            VolunteerEntry.approved_at,
        )
        .join(Person, Person.id == VolunteerEntry.person_id)
        .where(*of_round, VolunteerEntry.kind == Kind.EXPENSE)
        .order_by(done, VolunteerEntry.day, VolunteerEntry.id)
        .limit(MOST)
    ).mappings()
    return Volunteers(
        round_key=head.key,
        round_reference=head.reference,
        round_title=head.title,
        people=tuple(
            VolunteerRow(**{name: _whole(value) for name, value in row.items()}) for row in people
        ),
        expenses=tuple(ExpenseRow(**row) for row in expenses),
    )


def _whole(value: Any) -> Any:
    """PostgreSQL adds up whole numbers as decimals."""
    return value if isinstance(value, str) else int(value)


def _may_be_counted(actor: Actor) -> sa.ColumnElement[bool]:
    seen = applications_seen(actor, Action.ASSIGN, Application.id)
    return sa.or_(VolunteerEntry.application_id.is_(None), VolunteerEntry.application_id.in_(seen))


def _head(actor: Actor, round_key: uuid.UUID, action: Action) -> Any:
    found = db.session.execute(
        rounds_of(Round.id, Round.key, Round.reference, Round.title).where(
            Round.key == round_key, visible(actor, action)
        )
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    return found
