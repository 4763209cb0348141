"""Takes jobs one by one, does them through their handlers, and says how each ended."""

from __future__ import annotations

import datetime as dt
import os
import platform
import threading
import traceback
from collections.abc import Callable

import structlog

from grants.jobs.handlers import HANDLERS, Handler
from grants.rules.refusals import Refusal, Stale
from grants.services import jobs

RENEW_EVERY = 1.0  # seconds: one durable write a second is enough to show progress
UNKNOWN_KIND = "This kind of work is not known here. Tell the administrator."
log = structlog.get_logger()
stopping = threading.Event()
Clock = Callable[[], dt.datetime]


class Stopping(Exception):
    """The worker was asked to stop: the job goes back untried."""


def run_due(now: dt.datetime) -> int:
    """Free what dead workers held, then do all that waits, one after another. Returns how many.

    Call it in an app context. Tests call this; the consumer calls ``run_all``.
    """
    jobs.sweep(now=now)
    return run_all(lambda: now)


def run_all(clock: Clock) -> int:
    """Do jobs until none waits or the worker is asked to stop. Returns how many were taken."""
    taken = 0
    while not stopping.is_set() and jobs.is_waiting(now=clock()):
        held = jobs.claim(name(), now=clock())
        if held is None:
            break
        taken += 1
        run(held, clock)
    return taken


def name() -> str:
    """Who holds a lease: machine, process and thread."""
    return f"{platform.node()[:20]}:{os.getpid()}:{threading.get_ident() % 10_000}"


def run(held: jobs.Claim, clock: Clock) -> None:
    """Do one job. Whatever happens, its row says so, unless another worker has it by now."""
    handler = HANDLERS.get(held.kind)
    try:
        if handler is None:
            jobs.fail(held, UNKNOWN_KIND, now=clock())
        else:
            _do(held, handler, clock)
    except jobs.LeaseLost:
        log.warning("job_lease_lost", job=held.id, kind=held.kind)


def _do(held: jobs.Claim, handler: Handler, clock: Clock) -> None:
    try:
        result = handler(held.payload, now=clock(), progress=_Progress(held, clock))
    except jobs.LeaseLost:
        raise
    except Stopping:
        jobs.release(held)
    except Stale:
        jobs.put_back(held, now=clock())
    except Refusal as refusal:
        jobs.fail(held, str(refusal), now=clock())
        log.info("job_refused", job=held.id, kind=held.kind)
    except Exception as error:  # noqa: BLE001 (the job's own loop: a fault of one job stops no other)
        is_left = jobs.put_back(held, now=clock())
        event = "job_stopped" if is_left else "job_failed"
        log.warning(event, job=held.id, kind=held.kind, **fault_of(error))
    else:
        jobs.finish(held, result, now=clock())
        log.info("job_done", job=held.id, kind=held.kind)


def fault_of(error: Exception) -> dict[str, str]:
    """What a log may say of a fault: its kind and its place, never its text, which may hold answers."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return {"fault": type(error).__name__, "place": f"{last.filename}:{last.lineno}"}


class _Progress:
    """Called by handlers as they go: keeps the lease, shows the figures, hears the call to stop.

    It ends the read transaction, so a handler keeps values between calls, not rows.
    """

    def __init__(self, held: jobs.Claim, clock: Clock) -> None:
        self._held = held
        self._clock = clock
        self._written: dt.datetime | None = None

    def __call__(self, done: int, total: int) -> None:
        if stopping.is_set():
            raise Stopping
        now = self._clock()
        is_soon = self._written and (now - self._written).total_seconds() < RENEW_EVERY
        if is_soon and done < total:
            return
        jobs.renew(self._held, done, total, now=now)
        self._written = now
