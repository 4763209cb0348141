"""Handing out a round's applications in one step: shown first, then all of it or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment
from grants.models.round import Round
from grants.queries import assessors, panel
from grants.queries.assessors import Pool, RoundHead
from grants.queries.panel import USUAL, Terms
from grants.rules import allocation
from grants.rules.actions import Action
from grants.rules.allocation import Allocation, Bid, Reader, Wanted
from grants.rules.overlap import Assignment
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason, Stale
from grants.rules.shortfalls import Gap
from grants.rules.states import AssessmentState
from grants.services import access, already, phases
from grants.services.transaction import transaction

CHANGED = "Something changed since this was worked out. Look at the new proposal and confirm again."
ALLOCATE = "allocate"
MOST_READERS = 9
MOST_LOAD = 9_999
SPARE = 2  # room above an even share, so that conflicts can be gone round


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of an allocation: readers for each application, the most one may hold, and how
    many of the readers sit for lived experience."""

    readers: int
    most: int
    lived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one assessor would hold: before, and new; and the most they may."""

    name: str
    before: int
    new: int
    most: int
    is_lived: bool


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
    gaps: tuple[Gap, ...]  # why each of these is short or unseated
    unseated: tuple[str, ...]  # references without all their seats for lived experience
    strangers: int  # new readers who do not know the area
    groups: int  # above one, harsh readers can't be told from weak applications
    count: int
    mark: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What an allocation is worked out from."""

    pool: Pool
    terms: dict[int, Terms]

    @property
    def mark(self) -> str:
        """The same while nothing has changed that an allocation is worked out from."""
        pool = self.pool
        parts = (
            [(row[0], pool.areas[row[0]]) for row in pool.applications],
            sorted(pool.people),
            sorted(pool.barred),
            sorted(pool.held),
            [
                (person, said.most, said.is_lived, sorted(said.areas))
                for person, said in sorted(self.terms.items())
            ],
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def propose(actor: Actor, key: uuid.UUID, wish: Wish | None, *, now: dt.datetime) -> Proposal:
    """Work out an allocation, changing nothing. The same every time for the same facts.

    Without a wish it takes the fund's own number of readers. Raises Blocked for a wish out of range.
    """
    if wish is not None:
        check(wish)
    facts = facts_of(actor, key, now)
    wish = wish or _usual(facts.pool)
    return _proposal(facts, wish, work_out(facts, wish))


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

    Sent twice, it is made once.
    Raises Stale where the facts are no longer those that it was worked out from.
    """
    check(wish)
    with transaction():
        record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        facts = facts_of(actor, key, now)
        found = work_out(facts, wish)
        if _mark(wish, found) != mark:
            if (count := _made(actor, record, mark)) is not None:
                return count
            raise Stale(CHANGED)
        keep(actor, facts.pool, found.assignments, due_on, now)
        after = {"assignments": len(found.assignments), "mark": mark}
        about = ("round", record.id, record.reference)
        audit.record(actor, ALLOCATE, about, now=now, after=after)
    return len(found.assignments)


def _made(actor: Actor, record: Round, mark: str) -> int | None:
    """How many assignments this person made just as they were shown: sent twice, it is made once."""
    for after in already.acts(actor, ALLOCATE, "round", record.id):
        if after.get("mark") == mark:
            return int(after["assignments"])
    return None


def facts_of(actor: Actor, key: uuid.UUID, now: dt.datetime) -> Facts:
    """All that an allocation of this round is worked out from."""
    pool = assessors.pool(actor, key, now=now)
    return Facts(pool, panel.terms_of(actor, pool.round))


def _usual(pool: Pool) -> Wish:
    seats = pool.round.readers * len(pool.applications)
    even = -(-(seats + len(pool.held)) // max(1, len(pool.people)))
    return Wish(pool.round.readers, even + SPARE)


def check(wish: Wish) -> None:
    """Raises Blocked for a wish out of range."""
    faults = []
    if not 1 <= wish.readers <= MOST_READERS:
        faults.append(Reason(f"Ask for 1 to {MOST_READERS} readers.", "readers"))
    if not 1 <= wish.most <= MOST_LOAD:
        faults.append(Reason("Say how many applications one assessor may hold.", "most"))
    if not 0 <= wish.lived <= wish.readers:
        faults.append(Reason("Keep no more seats than there are readers.", "lived"))
    if faults:
        raise Blocked(*faults)


def work_out(facts: Facts, wish: Wish) -> Allocation:
    """The cheapest allocation."""
    pool = facts.pool
    return allocation.allocate(
        [Bid(row[0], pool.areas[row[0]]) for row in pool.applications],
        [_reader(person, facts, wish) for person in pool.people],
        Wanted(wish.readers, wish.lived),
        conflicts=pool.barred,
        already=sorted(Assignment(*pair) for pair in pool.held),
    )


def _reader(person: int, facts: Facts, wish: Wish) -> Reader:
    terms = facts.terms.get(person, USUAL)
    most = wish.most if terms.most is None else terms.most
    return Reader(person, most, terms.areas, is_lived=terms.is_lived)


def _proposal(facts: Facts, wish: Wish, found: Allocation) -> Proposal:
    pool = facts.pool
    titles = {row[0]: row[2:] for row in pool.applications}
    names = {person: row[1] for person, row in pool.people.items()}
    by_application: dict[int, list[str]] = {}
    new = dict.fromkeys(names, 0)
    for made in found.assignments:
        by_application.setdefault(made.application, []).append(names[made.assessor])
        new[made.assessor] += 1
    return Proposal(
        round=pool.round,
        wish=wish,
        given=tuple(
            Given(*titles[key], tuple(by_application[key]))
            for key in titles
            if key in by_application
        ),
        shares=tuple(
            Share(
                name=names[person],
                before=found.loads.get(person, 0) - new[person],
                new=new[person],
                most=_reader(person, facts, wish).most,
                is_lived=facts.terms.get(person, USUAL).is_lived,
            )
            for person in names
        ),
        shorts=tuple(
            Short(*titles[short.application], short.wanted, short.found)
            for short in found.shortfalls
        ),
        gaps=found.gaps,
        unseated=tuple(titles[key][0] for key in found.unseated),
        strangers=found.strangers,
        groups=found.groups,
        count=len(found.assignments),
        mark=_mark(wish, found),
    )


def _mark(wish: Wish, found: Allocation) -> str:
    lines = "\n".join(f"{made.application} {made.assessor}" for made in found.assignments)
    asked = f"{wish.readers} {wish.most} {wish.lived}"
    return hashlib.sha256(f"{asked}\n{lines}".encode()).hexdigest()


def keep(
    actor: Actor,
    pool: Pool,
    made: Sequence[Assignment],
    due_on: dt.date | None,
    now: dt.datetime,
) -> None:
    """Open what is to be read, and keep every assignment with its line in the trail."""
    if not made:
        return
    phases.open_assessing_all(
        actor, pool.round.key, only=frozenset(one.application for one in made), now=now
    )
    versions = _versions(pool.round)
    db.session.execute(
        sa.insert(Assessment),
        [
            {
                "application_id": one.application,
                "version_id": versions[one.application].version,
                "person_id": one.assessor,
                "state": AssessmentState.ASSIGNED,
                "assigned_at": now,
                "assigned_by": actor.person_id,
                "due_on": due_on,
            }
            for one in made
        ],
    )
    for one in made:
        audit.record(
            actor,
            Action.ASSIGN,
            ("application", one.application, versions[one.application].reference),
            now=now,
            after={"assessor": pool.people[one.assessor][1]},
        )


def _versions(head: RoundHead) -> dict[int, Any]:
    """The latest sent version of each application of the round: what is scored."""
    latest = sa.and_(
        ApplicationVersion.application_id == Application.id,
        ApplicationVersion.number == Application.number,
    )
    rows = db.session.execute(
        sa.select(Application.id, Application.reference, ApplicationVersion.id.label("version"))
        .join(ApplicationVersion, latest)
        .where(Application.round_id == head.id)
    )
    return {row.id: row for row in rows}
