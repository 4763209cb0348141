"""A worker that is killed loses nothing, and nothing that matters happens twice."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from grants import queue
from grants.extensions import db
from grants.jobs import worker
from grants.jobs.handlers import HANDLERS
from grants.models.job import Job
from grants.models.outbox import OutboxMessage
from grants.rules.people import CLOCK
from grants.rules.states import JobState
from grants.services import jobs
from grants.services.transaction import transaction
from tests.clock import Clock
from tests.jobs import slow_worker

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def steps_done(app) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) or 0


def kill_after(app, settings, steps: int) -> None:
    """Begin a worker and kill it as it stands once so many steps more are kept."""
    wanted = steps_done(app) + steps
    child = subprocess.Popen(
        [sys.executable, slow_worker.__file__, str(settings.instance), settings.database_url],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + PATIENCE
    while steps_done(app) < wanted and child.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    child.kill()
    child.wait()


@pytest.mark.long
@pytest.mark.feature("P5")
def test_killed_worker_loses_nothing_and_repeats_nothing(app, settings, long, monkeypatch):
    kills, count = (10, 40) if long else (1, 20)
    with app.app_context(), transaction():
        for n in range(count):
            queue.put("slow", {"n": n, "pause": 0.01}, actor=CLOCK, now=Clock.START)

    for _ in range(kills):
        kill_after(app, settings, steps=13)
        with app.app_context():
            held = db.session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING)).all()
            assert [row.attempts for row in held] in ([1], [])
            jobs.sweep(now=dt.datetime.now(dt.UTC) + jobs.LEASE)
    monkeypatch.setitem(HANDLERS, "slow", slow_worker.slow)
    with app.app_context():
        worker.run_due(dt.datetime.now(dt.UTC))
        rows = db.session.scalars(sa.select(Job)).all()

    assert {row.state for row in rows} == {JobState.DONE}
    assert sum(row.attempts for row in rows) <= count + kills
    assert steps_done(app) == count * slow_worker.STEPS
