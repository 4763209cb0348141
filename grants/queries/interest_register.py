"""The register of interests of a round: what was declared, what is suggested, what was set aside.

Likeness of names is no matter for a database: the suggested pairs are found in memory, from names
alone. All else is counted and taken a page at a time where it lies.
"""

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
from grants.models.person import Person
from grants.models.round import Round
from grants.queries.assessors import Assessor, assessors_of
from grants.queries.paging import PAGE
from grants.queries.ties import parties_of
from grants.queries.visible import applications_of, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.conflicts import (
    INTERESTS,
    Candidate,
    Interest,
    Parties,
    certainly,
    near_pairs,
    suggestions,
)
from grants.rules.interests import Suggestion
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."
Pair = tuple[int, int]  # person, application


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


def register(actor: Actor, key: uuid.UUID, *, page: int = 1, now: dt.datetime) -> RegisterPage:
    """Every interest that was declared or is suggested in a round, and what was set aside.

    Of applications in which the reader has an interest there is no line. Raises NotFound, to the
    chair of a blind round too: they read there themselves, and every line says who applies.
    Thirteen statements however long it is: nine of them for what the pairs are found from.
    """
    head: Any = db.session.execute(
        rounds_of(
            Round,
            visible(actor, Action.SET_UP_ROUND).label("hands_out"),
            _count(actor, key, Conflict).label("declared"),
            _count(actor, key, ConflictOverride).label("set_aside"),
        ).where(Round.key == key, visible(actor, Action.READ_INTERESTS))
    ).one_or_none()
    if head is None:
        raise NotFound(NO_SUCH)
    record = head[0]
    desk = _desk(actor, record, now)
    suggested = _suggested(desk)
    total = head.declared + len(suggested) + head.set_aside
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    return RegisterPage(
        key=record.key,
        reference=record.reference,
        title=record.title,
        hands_out=bool(head.hands_out),
        rows=_with_states(_rows(actor, record, desk, suggested, head.declared, page)),
        declared=head.declared,
        suggested=len(suggested),
        set_aside=head.set_aside,
        page=page,
    )


def _rows(
    actor: Actor, record: Round, desk: _Desk, suggested: Sequence[Pair], declared: int, page: int
) -> list[RegisterRow]:
    """The lines of one page: first what is declared, then what is suggested, then what was set aside."""
    start, end = (page - 1) * PAGE, page * PAGE
    after = declared + len(suggested)
    mine = suggested[max(start - declared, 0) : max(end - declared, 0)]
    return [
        *(_declared_row(row) for row in _declared(actor, record, start, end)),
        *(_suggested_row(actor, desk, *pair) for pair in mine),
        *(
            _set_aside_row(row, desk)
            for row in _set_aside(actor, record, start - after, end - after)
        ),
    ]


def _count(actor: Actor, key: uuid.UUID, table: Any) -> sa.ScalarSelect[int]:
    """How many lines there are of this kind."""
    return (
        applications_of(sa.func.count())
        .join(table, table.application_id == Application.id)
        .where(Round.key == key, visible(actor, Action.OVERRIDE_CONFLICT))
        .correlate(None)
        .scalar_subquery()
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


def _suggested(desk: _Desk) -> Sequence[Pair]:
    """Those for which something is suggested and nobody said anything, in the order of the applications."""
    candidates = [one.candidate for one in desk.people.values()]
    return [
        (person, application)
        for person, application in near_pairs(candidates, desk.parties)
        if not _is_said(desk.parties[application], person)
        and _is_suggested(desk.people[person].candidate, desk.parties[application])
    ]


def _is_said(parties: Parties, person: int) -> bool:
    """Whether this person declared it, or somebody set it aside: that has a line of its own."""
    return person in parties.declared or person in parties.overridden


def _is_suggested(candidate: Candidate, parties: Parties) -> bool:
    return bool(suggestions(candidate, parties) or certainly(candidate, parties, 0))


def _declared(actor: Actor, record: Round, start: int, end: int) -> Sequence[Any]:
    columns = (Conflict.kind, Conflict.detail, Conflict.declared_at.label("at"))
    return _lines(actor, record, Conflict, columns, start, end)


def _set_aside(actor: Actor, record: Round, start: int, end: int) -> Sequence[Any]:
    maker = sa.orm.aliased(Person)
    by = sa.select(maker.name).where(maker.id == ConflictOverride.made_by).scalar_subquery()
    columns = (ConflictOverride.reason, by.label("by"), ConflictOverride.made_at.label("at"))
    return _lines(actor, record, ConflictOverride, columns, start, end)


def _lines(
    actor: Actor, record: Round, table: Any, columns: Sequence[Any], start: int, end: int
) -> Sequence[Any]:
    """The lines of this kind from one place up to another, taken in the database."""
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
        .order_by(Application.reference, Person.name, table.id)
        .offset(max(start, 0))
        .limit(max(end, 0) - max(start, 0))
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
    found = db.session.execute(
        sa.select(Application.key, Person.key, Assessment.state)
        .join(Assessment, Assessment.application_id == Application.id)
        .join(Person, Person.id == Assessment.person_id)
        .where(
            Application.key.in_([row.key for row in rows]),
            Assessment.state != AssessmentState.CONFLICTED,
        )
    )
    held = {(key, person): state for key, person, state in found}
    return tuple(replace(row, state=held.get((row.key, row.person_key))) for row in rows)
