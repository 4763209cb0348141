"""Long work as rows with leases: the rows are the truth, whoever wakes the worker only hurries it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import queue
from grants.extensions import db
from grants.models.job import Job
from grants.rules.states import JobState
from grants.services.transaction import transaction

LEASE = dt.timedelta(seconds=60)
MOST_ATTEMPTS = 3
FIRST_PAUSE = dt.timedelta(seconds=15)
GREW = 4  # each pause is this many times the one before
STOPPED = (
    "This stopped before it was done, three times. Ask for it again; if it stops again, "
    "tell the administrator."
)


class LeaseLost(Exception):
    """The job was taken for dead and given to another worker: stop, and change nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in one worker's hands. ``lease`` is the proof, good until somebody else holds another."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    total: int
    lease: str


def wake_with(waker: Callable[[list[int]], None]) -> None:
    """Say who is called with the ids of jobs once they are kept."""
    queue.on_wake(waker)


def is_waiting(*, now: dt.datetime) -> bool:
    """Whether a job could be claimed. A read alone, so that an idle worker writes nothing."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_due(now)))))


def claim(worker: str, *, now: dt.datetime) -> Claim | None:
    """Take the job that has waited longest, or None. Two workers never take the same one."""
    lease = f"{worker[:40]}:{uuid.uuid4().hex}"
    oldest = (sa.select(Job.id).where(_due(now)).order_by(Job.id).limit(1)).with_for_update(
        skip_locked=True
    )
    with transaction():
        row = db.session.execute(
            sa.update(Job)
            .where(Job.id == oldest.scalar_subquery(), Job.state == JobState.QUEUED)
            .values(
                state=JobState.RUNNING,
                leased_by=lease,
                leased_until=now + LEASE,
                attempts=Job.attempts + 1,
            )
            .returning(Job.id, Job.kind, Job.payload, Job.attempts, Job.total)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if row is None:
        return None
    return Claim(row.id, row.kind, row.payload, row.attempts, row.total, lease)


def renew(held: Claim, done: int, total: int, *, now: dt.datetime) -> None:
    """Say how far the job is, and keep it for another minute. Raises LeaseLost."""
    _change(held, leased_until=now + LEASE, done=done, total=total)


def finish(held: Claim, result: dict[str, Any] | None, *, now: dt.datetime) -> None:
    """The job is done. Raises LeaseLost."""
    _end(
        held,
        JobState.DONE,
        now,
        done=sa.func.coalesce(sa.func.nullif(Job.total, 0), Job.done),
        result=result,
    )


def fail(held: Claim, sentence: str, *, now: dt.datetime) -> None:
    """The job cannot be done; the sentence is for the person who asked. Raises LeaseLost."""
    _end(held, JobState.FAILED, now, fault=sentence)


def put_back(held: Claim, *, now: dt.datetime) -> bool:
    """Let the job be tried again after a pause; False when it has been tried enough and fails."""
    if held.attempts >= MOST_ATTEMPTS:
        fail(held, STOPPED, now=now)
        return False
    pause = FIRST_PAUSE * GREW ** (held.attempts - 1)
    _change(held, state=JobState.QUEUED, leased_by=None, leased_until=None, not_before=now + pause)
    return True


def release(held: Claim) -> None:
    """Give the job back untried, as when the worker is asked to stop. Raises LeaseLost."""
    _change(
        held,
        state=JobState.QUEUED,
        leased_by=None,
        leased_until=None,
        attempts=held.attempts - 1,
    )


def sweep(*, now: dt.datetime) -> int:
    """Queue again what dead workers held, or fail what was tried enough. Returns how many."""
    expired = sa.and_(Job.state == JobState.RUNNING, Job.leased_until <= now)
    if not db.session.scalar(sa.select(sa.exists().where(expired))):
        return 0
    free = {"leased_by": None, "leased_until": None}
    with transaction():
        failed = _update(
            sa.and_(expired, Job.attempts >= MOST_ATTEMPTS),
            {**free, "state": JobState.FAILED, "ended_at": now, "fault": STOPPED},
        )
        queued = _update(expired, {**free, "state": JobState.QUEUED, "not_before": None})
    return failed + queued


def _due(now: dt.datetime) -> sa.ColumnElement[bool]:
    is_time = sa.or_(Job.not_before.is_(None), Job.not_before <= now)
    return sa.and_(Job.state == JobState.QUEUED, is_time)


def _end(held: Claim, state: JobState, now: dt.datetime, **values: Any) -> None:
    _change(held, state=state, ended_at=now, leased_by=None, leased_until=None, **values)


def _change(held: Claim, **values: Any) -> None:
    mine = sa.and_(Job.id == held.id, Job.state == JobState.RUNNING, Job.leased_by == held.lease)
    with transaction():
        if not _update(mine, values):
            raise LeaseLost(f"job {held.id}")


def _update(condition: sa.ColumnElement[bool], values: dict[str, Any]) -> int:
    result = db.session.execute(
        sa.update(Job)
        .where(condition)
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return len(result.all())
