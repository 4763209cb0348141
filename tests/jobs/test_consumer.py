"""The worker process: hears what is put elsewhere, does what the clock says, stops when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from grants import queue
from grants.extensions import db
from grants.jobs.handlers import CLOCK_WORK, HANDLERS
from grants.models.job import Job
from grants.rules.people import CLOCK
from grants.rules.states import JobState
from grants.services.transaction import transaction
from tests.clock import Clock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@pytest.fixture
def worker(app, settings):
    """``flask --app wsgi work`` on this test's database."""
    environment = {
        "PATH": os.environ["PATH"],
        "GRANTS_SECRET_KEY": "k" * 40,
        "GRANTS_INSTANCE": str(settings.instance),
        "GRANTS_DATABASE_URL": settings.database_url,
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    yield child
    child.kill()
    child.wait()
    (settings.instance / "queue.sqlite3").unlink(missing_ok=True)


def states(app) -> set[JobState]:
    with app.app_context():
        return set(db.session.scalars(sa.select(Job.state)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_does_what_is_queued_and_stops_when_asked(app, worker, number):
    with app.app_context(), transaction():
        queue.put("scan_uploads", {}, actor=CLOCK, now=Clock.START)
    until = time.monotonic() + PATIENCE
    while states(app) != {JobState.DONE} and time.monotonic() < until:
        time.sleep(0.1)

    worker.send_signal(number)

    assert (states(app), worker.wait(PATIENCE)) == ({JobState.DONE}, 0)


def test_what_the_clock_does_has_handlers():
    assert set(CLOCK_WORK) <= set(HANDLERS)
