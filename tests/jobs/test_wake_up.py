"""The bell: on each store, and quiet where the store is away."""

from __future__ import annotations

import dataclasses

import pytest
from huey import PostgresHuey

from grants.config import SettingsError
from grants.jobs import wake_up
from grants.jobs.wake_up import Bell


@pytest.fixture
def bells(settings, request):
    """Bells on this run's own database server, or on a file."""
    made: list[Bell] = []

    def make(answer=lambda: None) -> Bell:
        address = settings.database_url.replace("+psycopg", "")
        if address.startswith("sqlite"):
            address = f"sqlite:///{settings.instance / 'queue.sqlite3'}"
        bell = Bell(dataclasses.replace(settings, queue_url=address), answer)
        made.append(bell)
        return bell

    yield make
    for bell in made:
        if isinstance(bell.huey, PostgresHuey):
            for table in ("kv", "schedule", "task", "counter"):
                bell.huey.storage.sql(f"drop table if exists huey_{table}")
        bell.huey.storage.close()


def test_ring_of_one_process_is_answered_in_another(app, bells):
    heard: list[str] = []

    def answer() -> None:
        heard.append("!")

    answer.__module__ = "of.the.worker"  # which the process that rings has not loaded
    here, there = bells(), bells(answer)
    here.ring([1, 2])

    assert there.is_rung
    while there.is_rung:
        there.huey.execute(there.huey.dequeue())
    assert heard == ["!", "!"]


def test_many_jobs_ring_a_few_times(app, bells):
    bell = bells()
    bell.ring(list(range(500)))

    assert bell.huey.pending_count() == wake_up.MOST_RINGS


def test_sqlite_store_is_durable_and_not_wal(tmp_path):
    huey = wake_up.huey_of(f"sqlite:///{tmp_path / 'queue.sqlite3'}")

    modes = [
        huey.storage.sql(f"pragma {name}", results=True) for name in ("journal_mode", "synchronous")
    ]
    huey.storage.close()

    assert modes == [[("truncate",)], [(2,)]]


def test_store_that_is_away_undoes_nothing(app, bells, tmp_path):
    bell = bells()
    bell.huey.storage.close()
    bell.huey.storage._create_connection = broken

    bell.ring([1])

    del bell.huey.storage._create_connection


def broken():
    raise OSError("no room left")


def test_unknown_store_is_refused_by_name():
    with pytest.raises(SettingsError, match="GRANTS_QUEUE_URL must begin with"):
        wake_up.huey_of("amqp://localhost")
