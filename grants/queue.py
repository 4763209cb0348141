"""Put a job row in the verb's own transaction; wake the worker once it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from grants.extensions import db
from grants.models.job import Job
from grants.rules.people import Actor

PENDING = "grants_jobs"
_wakers: list[Callable[[list[int]], None]] = []


def put(
    kind: str,
    payload: dict[str, Any],
    *,
    actor: Actor,
    now: dt.datetime,
    total: int = 0,
) -> Job:
    """A new job, flushed so that it has its id. The payload holds ids, never content."""
    job = Job(
        kind=kind,
        payload=payload,
        asked_by=actor.person_id if actor.is_signed_in else None,
        asked_at=now,
        total=total,
    )
    session = db.session()
    session.add(job)
    session.flush()
    session.info.setdefault(PENDING, []).append(job.id)
    return job


def on_wake(waker: Callable[[list[int]], None]) -> None:
    """Say who is called with the ids of kept jobs. The job rows are the truth; this only hurries."""
    _wakers[:] = [waker]


def wake(session: Session) -> None:
    """Tell the worker of the jobs that were just kept."""
    ids: list[int] = session.info.pop(PENDING, [])
    for waker in _wakers if ids else ():
        waker(ids)


def forget(session: Session) -> None:
    """Drop what a transaction that was not kept would have woken."""
    session.info.pop(PENDING, None)
