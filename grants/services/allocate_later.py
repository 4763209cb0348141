"""Handing out a large round in the background: worked out by one job, made by a second.

A job's row is the plan: what was asked for in its payload, pairs of ids in its result.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from grants import queue
from grants.extensions import db
from grants.models.job import Job
from grants.queries import assessors
from grants.queries.assessors import RoundHead
from grants.rules.actions import Action
from grants.rules.overlap import Assignment
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound
from grants.rules.shortfalls import Gap
from grants.rules.states import JobState
from grants.services import access, acting, allocate
from grants.services.allocate import CHANGED, SPARE, Wish
from grants.services.transaction import transaction

WORK_OUT, MAKE = "work_out_allocation", "make_allocation"
MOST = 20  # of one's own jobs that are looked back
LARGE = 200_000  # pairs of application and assessor that one page may be kept waiting for


class Progress(Protocol):
    """Says how far a job is."""

    def __call__(self, done: int, total: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Size:
    """How large an allocation would be, and what is usually asked."""

    round: RoundHead
    applications: int
    people: int

    @property
    def is_large(self) -> bool:
        """Whether it is worked out in the background."""
        return self.applications * self.people > LARGE

    @property
    def usual(self) -> Wish:
        """The fund's own number of readers, and a little more than an even share."""
        seats = self.round.readers * self.applications
        return Wish(self.round.readers, -(-seats // max(1, self.people)) + SPARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan as its maker sees it: how far it is, and what was found."""

    key: uuid.UUID
    round: RoundHead
    is_made: bool  # this is the job that makes it, not the one that works it out
    state: JobState
    done: int
    total: int
    fault: str
    wish: Wish
    found: dict[str, Any]  # counts, empty while it is worked out
    gaps: tuple[Gap, ...]  # why each of these is short or unseated
    shares: tuple[tuple[str, int], ...]  # each assessor's new applications


def size(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Size:
    """How large an allocation of this round would be."""
    return Size(*assessors.size(actor, key, now=now))


def ask(actor: Actor, key: uuid.UUID, wish: Wish, *, now: dt.datetime) -> uuid.UUID:
    """Ask for an allocation to be worked out. Returns the plan's key. Raises Blocked."""
    allocate.check(wish)
    with transaction():
        access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        payload = {
            "round_key": str(key),
            "person_id": actor.person_id,
            "wish": [wish.readers, wish.most, wish.lived],
        }
        same = _asked(actor, WORK_OUT, payload, (JobState.QUEUED, JobState.RUNNING))
        return (same or queue.put(WORK_OUT, payload, actor=actor, now=now, total=2)).key


def work_out(payload: dict[str, Any], *, now: dt.datetime, progress: Progress) -> dict[str, Any]:
    """The job of ``ask``: it changes nothing."""
    actor = acting.actor_with_id(payload["person_id"], now=now)
    facts = allocate.facts_of(actor, uuid.UUID(payload["round_key"]), now)
    db.session.rollback()
    progress(1, 2)
    found = allocate.work_out(facts, Wish(*payload["wish"]))
    return {
        "facts": facts.mark,
        "pairs": [[one.application, one.assessor] for one in found.assignments],
        "count": len(found.assignments),
        "short": len(found.shortfalls),
        "unseated": len(found.unseated),
        "strangers": found.strangers,
        "groups": found.groups,
        "gaps": [asdict(gap) for gap in found.gaps],
    }


def confirm(
    actor: Actor, plan_key: uuid.UUID, *, due_on: dt.date | None = None, now: dt.datetime
) -> uuid.UUID:
    """Ask for a plan that was shown to be made. Returns the key of the job that does it."""
    with transaction():
        plan = _job(actor, plan_key, WORK_OUT)
        if plan.state != JobState.DONE:
            raise Blocked("It is not worked out yet.")
        access.round_(actor, uuid.UUID(plan.payload["round_key"]), Action.SET_UP_ROUND, lock=True)
        payload = {
            **plan.payload,
            "plan": plan.id,
            "due_on": due_on.isoformat() if due_on else "",
        }
        same = _asked(actor, MAKE, payload, (JobState.QUEUED, JobState.RUNNING, JobState.DONE))
        return (same or queue.put(MAKE, payload, actor=actor, now=now, total=1)).key


def make(payload: dict[str, Any], *, now: dt.datetime, progress: Progress) -> dict[str, Any]:
    """The job of ``confirm``: all of it or nothing. A second time it finds all of it made.

    Raises Blocked where the facts are no longer those that it was worked out from.
    """
    actor = acting.actor_with_id(payload["person_id"], now=now)
    key = uuid.UUID(payload["round_key"])
    progress(0, 1)
    with transaction():
        access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        plan = db.session.get_one(Job, payload["plan"]).result or {}
        pairs = [Assignment(*pair) for pair in plan["pairs"]]
        facts = allocate.facts_of(actor, key, now)
        if {(one.application, one.assessor) for one in pairs} <= facts.pool.held:
            return {"count": 0}
        if facts.mark != plan["facts"]:
            raise Blocked(CHANGED)
        due_on = dt.date.fromisoformat(payload["due_on"]) if payload["due_on"] else None
        allocate.keep(actor, facts.pool, pairs, due_on, now)
    return {"count": len(pairs)}


def plan(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Plan:
    """One's own plan, or the making of it, while one may still hand the round out."""
    job = _job(actor, key, WORK_OUT, MAKE)
    head = assessors.head_of(actor, uuid.UUID(job.payload["round_key"]))
    found = job.result or {}
    counts: dict[int, int] = {}
    for _, person in found.get("pairs", ()):
        counts[person] = counts.get(person, 0) + 1
    people = assessors.assessors_of(head, now) if counts else {}
    return Plan(
        key=job.key,
        round=head,
        is_made=job.kind == MAKE,
        state=job.state,
        done=job.done,
        total=job.total,
        fault=job.fault,
        wish=Wish(*job.payload["wish"]),
        found=found,
        gaps=tuple(Gap(**gap) for gap in found.get("gaps", ())),
        shares=tuple((row.name, counts.get(person, 0)) for person, row in people.items()),
    )


def _asked(
    actor: Actor, kind: str, payload: dict[str, Any], states: tuple[JobState, ...]
) -> Job | None:
    """The job that this person asked for in just these words: sent twice, it is asked for once."""
    mine = db.session.scalars(
        sa.select(Job)
        .where(Job.kind == kind, Job.asked_by == actor.person_id, Job.state.in_(states))
        .order_by(Job.id.desc())
        .limit(MOST)
    )
    return next((job for job in mine if job.payload == payload), None)


def _job(actor: Actor, key: uuid.UUID, *kinds: str) -> Job:
    job = access.job(actor, key)
    if job.kind not in kinds:
        raise NotFound("There is no such page.")
    return job
