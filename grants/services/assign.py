"""Handing applications to assessors: one by hand, or many in one balanced step."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.queries import assessors
from grants.queries.assessors import Pool, RoundHead
from grants.rules import allocation
from grants.rules.actions import Action
from grants.rules.allocation import Allocation, Assignment
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason, Stale
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import access, decide
from grants.services.transaction import transaction

CHANGED = "Something changed since this was worked out. Look at the new proposal and confirm again."
MOST_READERS = 9
MOST_LOAD = 9_999
SPARE = 2  # room above an even share, so that conflicts can be gone round


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of an allocation: readers for each application, and the most one may hold."""

    readers: int
    most: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one assessor would hold: before, and new."""

    name: str
    before: int
    new: int


@dataclass(frozen=True, slots=True)
class Given:
    """One application and the readers it would be given."""

    reference: str
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Short:
    """One application for which there are not enough readers."""

    reference: str
    title: str
    wanted: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A balanced allocation, shown before it is made. ``mark`` says what was shown."""

    round: RoundHead
    wish: Wish
    given: tuple[Given, ...]
    shares: tuple[Share, ...]
    shorts: tuple[Short, ...]
    count: int
    mark: str


def assign(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    *,
    due_on: dt.date | None = None,
    now: dt.datetime,
) -> None:
    """Give one application to one assessor, and open it for assessment if it is not yet.

    Raises Blocked where this person may not assess it. A second time nothing happens.
    """
    with transaction():
        record, person = _pair(actor, key, person_key)
        if record.state not in assessors.OPEN:
            raise MoveNotAllowed("This application is not open for assessment.")
        found = _assessment(record, person)
        if found is not None and found.state != AssessmentState.CONFLICTED:
            return
        why_not = assessors.barred(actor, record.id, person.id, now=now)
        if why_not:
            raise Blocked(Reason(f"{person.name}: {why_not}.", "person"))
        if record.state == ApplicationState.SUBMITTED:
            decide.open_assessing(actor, key, now=now)
        _give(
            actor,
            {record.id: (record.reference, _version(record))},
            [(record.id, person)],
            due_on,
            now,
        )


def remove(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> None:
    """Take an application back from an assessor who has not begun. Raises MoveNotAllowed."""
    with transaction():
        record, person = _pair(actor, key, person_key)
        found = _assessment(record, person)
        if found is None:
            return
        if found.state != AssessmentState.ASSIGNED:
            raise MoveNotAllowed(f"{person.name} has already begun, so this stays.")
        db.session.delete(found)
        audit.record(
            actor,
            "unassign",
            ("application", record.id, record.reference),
            now=now,
            before={"assessor": person.name},
        )


def propose(actor: Actor, key: uuid.UUID, wish: Wish | None, *, now: dt.datetime) -> Proposal:
    """Work out a balanced allocation, changing nothing. The same every time for the same facts.

    Without a wish it takes the fund's own number of readers. Raises Blocked for a wish out of range.
    """
    if wish is not None:
        _check(wish)
    pool = assessors.pool(actor, key, now=now)
    wish = wish or _usual(pool)
    return _proposal(pool, wish, _work_out(pool, wish))


def _usual(pool: Pool) -> Wish:
    seats = pool.round.readers * len(pool.applications)
    even = -(-(seats + len(pool.held)) // max(1, len(pool.people)))
    return Wish(pool.round.readers, even + SPARE)


def make(
    actor: Actor,
    key: uuid.UUID,
    wish: Wish,
    mark: str,
    *,
    due_on: dt.date | None = None,
    now: dt.datetime,
) -> int:
    """Make the allocation that was shown, all of it or nothing. Returns how many were assigned.

    Raises Stale where the facts are no longer those that it was worked out from.
    """
    _check(wish)
    with transaction():
        access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        pool = assessors.pool(actor, key, now=now)
        found = _work_out(pool, wish)
        if _proposal(pool, wish, found).mark != mark:
            raise Stale(CHANGED)
        ids = {str(row[0]): row[0] for row in pool.applications}
        pairs = [(ids[made.application], int(made.assessor)) for made in found.assignments]
        _make(actor, pool, pairs, due_on, now)
    return len(pairs)


def _make(
    actor: Actor,
    pool: Pool,
    pairs: list[tuple[int, int]],
    due_on: dt.date | None,
    now: dt.datetime,
) -> None:
    wanted = {application for application, _ in pairs}
    keys = {row[0]: row[1] for row in pool.applications if row[0] in wanted}
    rows = db.session.execute(
        sa.select(Application.id, Application.reference, Application.state, ApplicationVersion.id)
        .join(
            ApplicationVersion,
            sa.and_(
                ApplicationVersion.application_id == Application.id,
                ApplicationVersion.number == Application.number,
            ),
        )
        .where(Application.round_id == pool.round.id, Application.state.in_(assessors.OPEN))
    ).all()
    for row in rows:
        if row[0] in wanted and row.state == ApplicationState.SUBMITTED:
            decide.open_assessing(actor, keys[row[0]], now=now)
    people = {
        person.id: person
        for person in db.session.scalars(
            sa.select(Person).where(Person.id.in_({person for _, person in pairs}))
        )
    }
    found = {row[0]: (row.reference, row[3]) for row in rows}
    _give(actor, found, [(one, people[person]) for one, person in pairs], due_on, now)


def _check(wish: Wish) -> None:
    faults = []
    if not 1 <= wish.readers <= MOST_READERS:
        faults.append(Reason(f"Ask for 1 to {MOST_READERS} readers.", "readers"))
    if not 1 <= wish.most <= MOST_LOAD:
        faults.append(Reason("Say how many applications one assessor may hold.", "most"))
    if faults:
        raise Blocked(*faults)


def _work_out(pool: Pool, wish: Wish) -> Allocation:
    return allocation.assign(
        [str(row[0]) for row in pool.applications],
        [str(person) for person in pool.people],
        wish.readers,
        conflicts={(str(person), str(application)) for person, application in pool.barred},
        load=wish.most,
        already=[Assignment(str(application), str(person)) for application, person in pool.held],
    )


def _proposal(pool: Pool, wish: Wish, found: Allocation) -> Proposal:
    titles = {str(row[0]): row[2:] for row in pool.applications}
    names = {str(person): row[1] for person, row in pool.people.items()}
    by_application: dict[str, list[str]] = {}
    new = dict.fromkeys(names, 0)
    for made in found.assignments:
        by_application.setdefault(made.application, []).append(names[made.assessor])
        new[made.assessor] += 1
    lines = "\n".join(f"{made.application} {made.assessor}" for made in found.assignments)
    return Proposal(
        round=pool.round,
        wish=wish,
        given=tuple(
            Given(*titles[key], tuple(by_application[key]))
            for key in titles
            if key in by_application
        ),
        shares=tuple(
            Share(name, found.loads.get(key, 0) - new[key], new[key]) for key, name in names.items()
        ),
        shorts=tuple(
            Short(*titles[short.application], short.wanted, short.found)
            for short in found.shortfalls
        ),
        count=len(found.assignments),
        mark=hashlib.sha256(f"{wish.readers} {wish.most}\n{lines}".encode()).hexdigest(),
    )


def _pair(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> tuple[Application, Person]:
    record = access.application(actor, key, Action.ASSIGN, lock=True).thing
    person = db.session.scalar(sa.select(Person).where(Person.key == person_key))
    if person is None:
        raise NotFound("There is no such page.")
    return record, person


def _assessment(record: Application, person: Person) -> Assessment | None:
    return db.session.scalar(
        sa.select(Assessment).where(
            Assessment.application_id == record.id, Assessment.person_id == person.id
        )
    )


def _version(record: Application) -> int:
    """The latest sent version: what is scored."""
    return db.session.scalars(
        sa.select(ApplicationVersion.id).where(
            ApplicationVersion.application_id == record.id,
            ApplicationVersion.number == record.number,
        )
    ).one()


def _give(
    actor: Actor,
    applications: dict[int, tuple[str, int]],  # reference and version by id
    pairs: list[tuple[int, Any]],  # application and person
    due_on: dt.date | None,
    now: dt.datetime,
) -> None:
    for application_id, person in pairs:
        reference, version_id = applications[application_id]
        db.session.add(
            Assessment(
                application_id=application_id,
                version_id=version_id,
                person_id=person.id,
                state=AssessmentState.ASSIGNED,
                assigned_at=now,
                assigned_by=actor.person_id,
                due_on=due_on,
            )
        )
        audit.record(
            actor,
            Action.ASSIGN,
            ("application", application_id, reference),
            now=now,
            after={"assessor": person.name},
        )
