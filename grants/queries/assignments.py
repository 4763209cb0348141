"""Who reads what in a round: for the fund manager who hands applications out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries.assessors import (
    NO_SUCH,
    UNASKED,
    RoundHead,
    assessors_of,
    head_of,
    in_round,
    out,
    unasked,
)
from grants.queries.panel import USUAL, Terms, terms_of
from grants.queries.ties import parties_of
from grants.queries.visible import applications_of, applications_seen, visible
from grants.rules.actions import Action
from grants.rules.conflicts import bar, certainly
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, AssessmentState

PAGE = 60
SORTS = {
    "reference": Application.reference,
    "organisation": Organisation.name,
    "asked": Application.asked,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One assessor of one application."""

    person_key: uuid.UUID
    name: str
    state: AssessmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One application and its readers."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    asked: Pence
    state: ApplicationState
    readers: tuple[Reader, ...]

    @property
    def active(self) -> int:
        """Readers without a conflict."""
        return sum(reader.state != AssessmentState.CONFLICTED for reader in self.readers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One page of the applications of a round with their readers."""

    round: RoundHead
    rows: tuple[BoardRow, ...]
    total: int
    unopened: int  # submitted, not yet being assessed
    short: int  # with fewer readers than wanted
    all: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """One assessor and what they hold in this round."""

    key: uuid.UUID
    id: int
    name: str
    to_declare: int = 0
    to_score: int = 0
    done: int = 0
    conflicts: int = 0
    barred: str = ""  # why not this application; empty where no application is asked about
    may_override: bool = False  # it is a suggestion, and another person's
    is_overridden: bool = False
    state: AssessmentState | None = None  # on the application that is asked about
    terms: Terms = USUAL

    @property
    def active(self) -> int:
        """All that is to be read or was read."""
        return self.to_declare + self.to_score + self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """The assessors of a round and what each holds."""

    round: RoundHead
    rows: tuple[LoadRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersPage:
    """One application, and everybody who might assess it."""

    round: RoundHead
    application: BoardRow
    people: tuple[LoadRow, ...]
    may_type: bool  # what an assessor gave on paper


def board(actor: Actor, key: uuid.UUID, *, show: str = "", sort: str = "", page: int = 1) -> Board:
    """The applications of a round with their readers. Four statements."""
    head = head_of(actor, key)
    is_short = _active_readers() < head.readers
    is_unopened = Application.state == ApplicationState.SUBMITTED
    condition = in_round(actor, head)
    counts: Any = db.session.execute(
        applications_seen(
            actor,
            Action.ASSIGN,
            sa.func.count(),
            sa.func.count().filter(is_short),
            sa.func.count().filter(is_unopened),
        ).where(condition)
    ).one()
    whole, short, unopened = counts
    narrowed, total = {
        "short": (is_short, short),
        "unopened": (is_unopened, unopened),
    }.get(show, (sa.true(), whole))
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows = db.session.execute(
        _board_columns()
        .where(condition, narrowed)
        .order_by(_sorted(sort), Application.reference)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return Board(
        round=head,
        rows=_with_readers(rows),
        total=total,
        unopened=unopened,
        short=short,
        all=whole,
        page=page,
    )


def loads(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Loads:
    """Every assessor of a round's fund, their terms and what they hold. Six statements."""
    head = head_of(actor, key)
    people = assessors_of(head, now)
    held, terms = _held(actor, head), terms_of(actor, head)
    return Loads(
        round=head,
        rows=tuple(
            LoadRow(
                id=person,
                key=row.key,
                name=row.name,
                terms=terms.get(person, USUAL),
                **held.get(person, {}),
            )
            for person, row in people.items()
        ),
    )


def readers_of(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> ReadersPage:
    """One application with everybody who might assess it, and why some may not."""
    found = db.session.execute(
        _board_columns()
        .add_columns(
            Round.key.label("round_key"),
            Application.organisation_id,
            visible(actor, Action.TYPE_SCORES).label("may_type"),
        )
        .where(Application.key == key, visible(actor, Action.ASSIGN))
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    head = head_of(actor, found.round_key)
    record = _with_readers([found])[0]
    people, held, terms = assessors_of(head, now), _held(actor, head), terms_of(actor, head)
    waiting, gone = unasked(head, people), out(head)
    states = {reader.person_key: reader.state for reader in record.readers}
    parties = parties_of([(record.id, found.organisation_id, record.organisation)])[record.id]
    return ReadersPage(
        round=head,
        application=record,
        may_type=bool(found.may_type),
        people=tuple(
            LoadRow(
                id=person,
                key=row.key,
                name=row.name,
                state=states.get(row.key),
                terms=terms.get(person, USUAL),
                barred=bar(row.candidate, parties, actor.person_id)
                or gone.get(person, "")
                or (UNASKED if person in waiting else ""),
                may_override=not certainly(row.candidate, parties, actor.person_id)
                and bool(bar(row.candidate, parties, actor.person_id)),
                is_overridden=person in parties.overridden,
                **held.get(person, {}),
            )
            for person, row in people.items()
        ),
    )


def _sorted(sort: str) -> Any:
    column: Any = SORTS.get(sort.removeprefix("-"), Application.reference)
    return column.desc() if sort.startswith("-") else column


def _active_readers() -> Any:
    return (
        sa.select(sa.func.count())
        .select_from(Assessment)
        .where(
            Assessment.application_id == Application.id,
            Assessment.state != AssessmentState.CONFLICTED,
        )
        .correlate(Application)
        .scalar_subquery()
    )


def _board_columns() -> Any:
    return (
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Application.asked,
            Application.state,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
    )


def _with_readers(rows: Sequence[Any]) -> tuple[BoardRow, ...]:
    readers: dict[int, list[Reader]] = defaultdict(list)
    found: Any = db.session.execute(
        sa.select(Assessment.application_id, Person.key, Person.name, Assessment.state)
        .join(Person, Person.id == Assessment.person_id)
        .where(Assessment.application_id.in_([row.id for row in rows]))
        .order_by(Assessment.id)
    )
    for application, *reader in found:
        readers[application].append(Reader(*reader))
    return tuple(
        BoardRow(
            id=row.id,
            key=row.key,
            reference=row.reference,
            title=row.title,
            organisation=row.organisation,
            area=row.area,
            asked=row.asked,
            state=row.state,
            readers=tuple(readers[row.id]),
        )
        for row in rows
    )


def _held(actor: Actor, head: RoundHead) -> dict[int, dict[str, Any]]:
    """By person, how many assessments of this round stand in each state."""
    names = {
        AssessmentState.ASSIGNED: "to_declare",
        AssessmentState.SCORING: "to_score",
        AssessmentState.SUBMITTED: "done",
        AssessmentState.CONFLICTED: "conflicts",
    }
    held: dict[int, dict[str, Any]] = defaultdict(dict)
    rows: Any = db.session.execute(
        applications_of(Assessment.person_id, Assessment.state, sa.func.count())
        .join(Assessment, Assessment.application_id == Application.id)
        .where(in_round(actor, head))
        .group_by(Assessment.person_id, Assessment.state)
    )
    for person, state, count in rows:
        held[person][names[state]] = count
    return held
