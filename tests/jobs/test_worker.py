"""What becomes of a job: done, refused, tried again, given up, taken over, given back."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from grants import queue
from grants.extensions import db
from grants.jobs import worker
from grants.jobs.handlers import HANDLERS
from grants.models.job import Job
from grants.rules.people import CLOCK
from grants.rules.refusals import Forbidden
from grants.rules.states import JobState
from grants.services import jobs
from grants.services.transaction import transaction
from tests.clock import Clock

NOW = Clock.START
LATER = NOW + jobs.LEASE + dt.timedelta(seconds=1)


@pytest.fixture
def handle(monkeypatch):
    """Says what a job of the kind "try" does."""
    return lambda handler: monkeypatch.setitem(HANDLERS, "try", handler)


def put(count: int = 1, kind: str = "try") -> list[int]:
    with transaction():
        return [queue.put(kind, {"n": n}, actor=CLOCK, now=NOW).id for n in range(count)]


def job(key: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, key)


def claimed() -> jobs.Claim:
    held = jobs.claim("a", now=NOW)
    assert held is not None
    return held


def test_job_that_is_done_keeps_its_result(context, handle):
    handle(lambda payload, *, now, progress: {"got": payload["n"]})
    (key,) = put()

    assert worker.run_due(NOW) == 1

    row = job(key)
    assert (row.state, row.result, row.ended_at, row.leased_until) == (
        JobState.DONE,
        {"got": 0},
        NOW,
        None,
    )


def test_refusal_fails_the_job_with_its_sentence(context, handle):
    def refuse(payload, *, now, progress):
        raise Forbidden("You may not do this.")

    handle(refuse)
    (key,) = put()
    worker.run_due(NOW)

    assert (job(key).state, job(key).fault) == (JobState.FAILED, "You may not do this.")


def test_fault_is_tried_three_times_with_pauses(context, handle):
    tries = []

    def stumble(payload, *, now, progress):
        tries.append(now)
        raise ZeroDivisionError

    handle(stumble)
    (key,) = put()
    for seconds in (0, 14, 15, 74, 75, 1000):
        worker.run_due(NOW + dt.timedelta(seconds=seconds))

    assert [(then - NOW).seconds for then in tries] == [0, 15, 75]
    assert (job(key).state, job(key).fault) == (JobState.FAILED, jobs.STOPPED)


def test_kind_without_handler_fails(context):
    (key,) = put(kind="juggle")

    worker.run_due(NOW)

    assert (job(key).state, job(key).fault) == (JobState.FAILED, worker.UNKNOWN_KIND)


def test_progress_is_kept_and_keeps_the_lease(context, handle):
    seen = []

    def go_on(payload, *, now, progress):
        progress(3, 10)
        seen.append((job(key).done, job(key).total, job(key).leased_until))
        progress(10, 10)

    handle(go_on)
    (key,) = put()
    worker.run_due(NOW)

    assert seen == [(3, 10, NOW + jobs.LEASE)]
    assert (job(key).done, job(key).total) == (10, 10)


def test_job_of_a_dead_worker_is_done_by_the_next(context, handle):
    handle(lambda payload, *, now, progress: None)
    (key,) = put()
    claimed()

    assert worker.run_due(NOW) == 0
    assert worker.run_due(LATER) == 1
    assert (job(key).state, job(key).attempts) == (JobState.DONE, 2)


def test_job_that_kills_its_workers_is_given_up(context):
    (key,) = put()
    for turn in range(jobs.MOST_ATTEMPTS):
        then = NOW + turn * (LATER - NOW)
        jobs.sweep(now=then)
        assert jobs.claim("a", now=then) is not None

    jobs.sweep(now=NOW + jobs.MOST_ATTEMPTS * (LATER - NOW))

    assert (job(key).state, job(key).fault) == (JobState.FAILED, jobs.STOPPED)


@pytest.mark.parametrize("late", ["renew", "finish", "fail", "release"])
def test_worker_taken_for_dead_changes_nothing(context, late):
    (key,) = put()
    dead = claimed()
    jobs.sweep(now=LATER)
    alive = jobs.claim("b", now=LATER)
    acts = {
        "renew": lambda: jobs.renew(dead, 9, 9, now=LATER),
        "finish": lambda: jobs.finish(dead, {}, now=LATER),
        "fail": lambda: jobs.fail(dead, "No.", now=LATER),
        "release": lambda: jobs.release(dead),
    }

    with pytest.raises(jobs.LeaseLost):
        acts[late]()

    assert (job(key).state, job(key).leased_by) == (JobState.RUNNING, alive.lease)


def test_worker_asked_to_stop_gives_its_job_back(context, handle):
    def be_stopped(payload, *, now, progress):
        worker.stopping.set()
        progress(1, 2)

    handle(be_stopped)
    first, second = put(2)
    try:
        assert worker.run_due(NOW) == 1
    finally:
        worker.stopping.clear()

    assert [(job(key).state, job(key).attempts) for key in (first, second)] == [
        (JobState.QUEUED, 0),
        (JobState.QUEUED, 0),
    ]


def test_job_waits_for_its_time(context, handle):
    handle(lambda payload, *, now, progress: None)
    (key,) = put()
    job(key).not_before = NOW + dt.timedelta(hours=1)
    db.session.commit()

    assert worker.run_due(NOW) == 0
    assert worker.run_due(NOW + dt.timedelta(hours=1)) == 1


@pytest.mark.long
def test_parallel_workers_claim_each_job_once(app, long):
    count = 200 if long else 20
    with app.app_context():
        put(count)
    held: list[int] = []

    def take_all() -> None:
        with app.app_context():
            while (found := jobs.claim("a", now=NOW)) is not None:
                held.append(found.id)

    threads = [threading.Thread(target=take_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(held), len(set(held))) == (count, count)
