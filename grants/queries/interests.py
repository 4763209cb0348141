"""Declared and suggested interests: one's own, and the register of a round."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.interest import ConflictOverride
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.models.round import Round
from grants.queries.assessors import Assessor, assessors_of
from grants.queries.ties import batches, parties_of, ways_by_person
from grants.queries.visible import applications_of, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.conflicts import (
    INTERESTS,
    Candidate,
    Interest,
    Parties,
    certainly,
    folded,
    near_pairs,
    suggestions,
)
from grants.rules.interests import Suggestion
from grants.rules.people import Actor, Role
from grants.rules.refusals import NotFound
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."
PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPair:
    """What stands between one person and one application."""

    certain: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    is_overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage:
    """One assessor and one application, for who might set a suggestion aside."""

    round_key: uuid.UUID
    round_title: str
    round_reference: str
    person_key: uuid.UUID
    name: str
    key: uuid.UUID
    reference: str
    organisation: str
    found: OfPair
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One person and one application, and what is known of an interest."""

    person_key: uuid.UUID
    name: str
    key: uuid.UUID
    reference: str
    organisation: str
    is_declared: bool = False
    why: tuple[str, ...] = ()
    detail: str = ""
    at: dt.datetime | None = None
    set_aside_by: str = ""
    reason: str = ""
    state: AssessmentState | None = None  # their assessment, where they hold it
    may_override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """One page of the register of a round. Counts are of the whole register."""

    key: uuid.UUID
    reference: str
    title: str
    hands_out: bool  # may open the pages of the assignments
    rows: tuple[RegisterRow, ...]
    declared: int
    suggested: int
    set_aside: int
    page: int

    @property
    def total(self) -> int:
        """How many lines there are on all pages."""
        return self.declared + self.suggested + self.set_aside

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class _Desk:
    """A round's applications and assessors, with what stands between them."""

    applications: Mapping[int, Any]
    people: Mapping[int, Assessor]
    parties: Mapping[int, Parties]


def reasons_for(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> tuple[str, ...]:
    """What suggests that one has an interest oneself: for the page where one declares."""
    row = db.session.execute(
        applications_of(Application.id, Application.organisation_id, Organisation.name)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.key == key, visible(actor, Action.DECLARE))
    ).one_or_none()
    if row is None:
        return ()
    parties = parties_of([(row.id, row.organisation_id, row.name)])[row.id]
    found = suggestions(_candidate(actor, now), parties)
    return tuple(one.of_you for one in found)


def pair(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> PairPage:
    """What stands between an assessor and an application. Raises NotFound for who is no assessor."""
    row: Any = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.organisation_id,
            Organisation.name,
            Round,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.key == key, visible(actor, Action.OVERRIDE_CONFLICT))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    people = assessors_of(row.Round, now)
    person = next((one for one in people.values() if one.key == person_key), None)
    if person is None:
        raise NotFound(NO_SUCH)
    parties = parties_of([(row.id, row.organisation_id, row.name)])[row.id]
    number = person.candidate.person_id
    return PairPage(
        round_key=row.Round.key,
        round_title=row.Round.title,
        round_reference=row.Round.reference,
        person_key=person_key,
        name=person.name,
        key=row.key,
        reference=row.reference,
        organisation=row.name,
        is_own=number == actor.person_id,
        found=OfPair(
            certain=certainly(person.candidate, parties, 0),
            suggestions=suggestions(person.candidate, parties),
            is_overridden=number in parties.overridden,
        ),
    )


def register(actor: Actor, key: uuid.UUID, *, page: int = 1, now: dt.datetime) -> RegisterPage:
    """Every interest that was declared or is suggested in a round, and what was set aside.

    Of applications in which the reader has an interest there is no line. Raises NotFound, to the
    chair of a blind round too: they read there themselves, and every line says who applies.
    """
    head: Any = db.session.execute(
        rounds_of(Round, visible(actor, Action.SET_UP_ROUND).label("hands_out")).where(
            Round.key == key, visible(actor, Action.READ_INTERESTS)
        )
    ).one_or_none()
    if head is None:
        raise NotFound(NO_SUCH)
    record = head[0]
    desk = _desk(actor, record, now)
    declared, set_aside = _declared(actor, record), _set_aside(actor, record)
    known = {(row.person_id, row.id) for row in (*declared, *set_aside)}
    suggested = [pair for pair in _suggested(desk) if pair not in known]
    rows = [
        *(_declared_row(row) for row in declared),
        *(_suggested_row(actor, desk, *pair) for pair in suggested),
        *(_set_aside_row(row, desk) for row in set_aside),
    ]
    page = min(max(page, 1), max(1, -(-len(rows) // PAGE)))
    return RegisterPage(
        key=record.key,
        reference=record.reference,
        title=record.title,
        hands_out=bool(head.hands_out),
        rows=_with_states(rows[(page - 1) * PAGE : page * PAGE]),
        declared=len(declared),
        suggested=len(suggested),
        set_aside=len(set_aside),
        page=page,
    )


def _candidate(actor: Actor, now: dt.datetime) -> Candidate:
    """Oneself, with the names of what one belongs to; the funders one assesses for left out."""
    seats = {held.organisation_id for held in actor.held if held.role != Role.ASSESSOR}
    names = db.session.scalars(
        sa.select(Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == actor.person_id, Organisation.id.in_(sorted(seats)))
    )
    ways = ways_by_person([actor.person_id], now=now)
    return Candidate(
        actor.person_id,
        frozenset(seats),
        frozenset(folded(name) for name in names),
        ways.get(actor.person_id, {}),
    )


def _desk(actor: Actor, record: Round, now: dt.datetime) -> _Desk:
    rows = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.organisation_id,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.round_id == record.id, visible(actor, Action.OVERRIDE_CONFLICT))
        .order_by(Application.reference)
    ).all()
    return _Desk(
        {row.id: row for row in rows},
        assessors_of(record, now),
        parties_of([(row.id, row.organisation_id, row.name) for row in rows]),
    )


def _suggested(desk: _Desk) -> Sequence[tuple[int, int]]:
    """(person, application) for which something is suggested, in the order of the applications."""
    candidates = [one.candidate for one in desk.people.values()]
    return [
        (person, application)
        for person, application in near_pairs(candidates, desk.parties)
        if suggestions(desk.people[person].candidate, desk.parties[application])
        or certainly(desk.people[person].candidate, desk.parties[application], 0)
    ]


def _declared(actor: Actor, record: Round) -> Sequence[Any]:
    return _lines(
        actor, record, Conflict, Conflict.kind, Conflict.detail, Conflict.declared_at.label("at")
    )


def _set_aside(actor: Actor, record: Round) -> Sequence[Any]:
    maker = sa.orm.aliased(Person)
    by = sa.select(maker.name).where(maker.id == ConflictOverride.made_by).scalar_subquery()
    return _lines(
        actor,
        record,
        ConflictOverride,
        ConflictOverride.reason,
        by.label("by"),
        ConflictOverride.made_at.label("at"),
    )


def _lines(actor: Actor, record: Round, table: Any, *columns: Any) -> Sequence[Any]:
    return db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Organisation.name.label("organisation"),
            table.person_id,
            Person.key.label("person_key"),
            Person.name.label("person"),
            *columns,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(table, table.application_id == Application.id)
        .join(Person, Person.id == table.person_id)
        .where(Application.round_id == record.id, visible(actor, Action.OVERRIDE_CONFLICT))
        .order_by(Application.reference, Person.name)
    ).all()


def _declared_row(row: Any) -> RegisterRow:
    words = INTERESTS[Interest(row.kind)] if row.kind in set(Interest) else row.kind
    return RegisterRow(**_names(row), is_declared=True, why=(words,), detail=row.detail, at=row.at)


def _set_aside_row(row: Any, desk: _Desk) -> RegisterRow:
    person, parties = desk.people.get(row.person_id), desk.parties[row.id]
    found: Iterable[Suggestion] = suggestions(person.candidate, parties) if person else ()
    return RegisterRow(
        **_names(row),
        why=tuple(one.of_them for one in found),
        at=row.at,
        set_aside_by=row.by,
        reason=row.reason,
    )


def _names(row: Any) -> dict[str, Any]:
    return {
        "person_key": row.person_key,
        "name": row.person,
        "key": row.key,
        "reference": row.reference,
        "organisation": row.organisation,
    }


def _suggested_row(actor: Actor, desk: _Desk, person: int, application: int) -> RegisterRow:
    one, row, parties = (
        desk.people[person],
        desk.applications[application],
        desk.parties[application],
    )
    certain = certainly(one.candidate, parties, 0)
    found = suggestions(one.candidate, parties)
    return RegisterRow(
        person_key=one.key,
        name=one.name,
        key=row.key,
        reference=row.reference,
        organisation=row.name,
        why=(*((certain,) if certain else ()), *(each.of_them for each in found)),
        may_override=not certain and person != actor.person_id,
    )


def _with_states(rows: Sequence[RegisterRow]) -> tuple[RegisterRow, ...]:
    """The assessments that are held all the same. One statement."""
    held: dict[tuple[uuid.UUID, uuid.UUID], AssessmentState] = {}
    for batch in batches([row.key for row in rows]):
        found = db.session.execute(
            sa.select(Application.key, Person.key, Assessment.state)
            .join(Assessment, Assessment.application_id == Application.id)
            .join(Person, Person.id == Assessment.person_id)
            .where(Application.key.in_(batch), Assessment.state != AssessmentState.CONFLICTED)
        )
        held |= {(key, person): state for key, person, state in found}
    return tuple(replace(row, state=held.get((row.key, row.person_key))) for row in rows)
