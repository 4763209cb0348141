"""Of two that do the same at once one is told so, and nothing of what failed is remembered."""

from __future__ import annotations

import threading

import pytest

from grants import audit, queue
from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.job import Job
from grants.models.person import Person
from grants.models.scenario import Scenario
from grants.rules.refusals import Stale
from grants.services import scenarios
from grants.services.scenarios import View
from grants.services.transaction import transaction
from tests import build, deciding

EMAIL = "twice@example.org"


def add_person(actor, email):
    """A verb that leaves a trail and a job before the database refuses the row."""
    with transaction():
        audit.record(actor, "invite", ("person", None, email), now=build.NOW)
        queue.put("no-such-job", {}, actor=actor, now=build.NOW)
        db.session.add(Person(name="A", email=email, created_at=build.NOW))


@pytest.fixture
def manager(context):
    return deciding.scene().manager


def test_second_of_the_same_is_told_that_it_is_there(manager):
    add_person(manager, EMAIL)

    with pytest.raises(Stale, match="Somebody else changed this"):
        add_person(manager, EMAIL)

    assert db.session.query(Person).filter_by(email=EMAIL).count() == 1


def change_behind(record):
    """Somebody else writes the row after it was read here."""
    table = Scenario.__table__
    db.session.execute(
        table.update().where(table.c.id == record.id).values(version=record.version + 1)
    )


def rename_late(actor, key):
    """A verb that leaves a trail and a job, and then finds that it came too late."""
    with transaction():
        record = db.session.query(Scenario).filter_by(key=key).one()
        audit.record(actor, "never-done", ("scenario", record.id, ""), now=build.NOW)
        queue.put("no-such-job", {}, actor=actor, now=build.NOW)
        change_behind(record)
        record.name = "Two"


def test_nothing_of_what_was_stale_is_remembered_by_what_comes_after(manager):
    made = deciding.scene()
    key = scenarios.keep(
        made.manager, made.round_key, "One", View(measure="total", budgets={}), now=build.NOW
    )
    before = db.session.query(AuditEntry).count()
    with pytest.raises(Stale):
        rename_late(made.manager, key)

    add_person(manager, EMAIL)

    actions = [entry.action for entry in db.session.query(AuditEntry).offset(before)]
    assert actions == ["invite"]
    assert db.session.query(Job).count() == 1


def test_two_scenarios_of_a_name_at_once_are_one_and_nobody_meets_a_fault(app):
    with app.app_context():
        made = deciding.scene()
    barrier, answers = threading.Barrier(6), []

    def keep(budget):
        with app.app_context():
            barrier.wait(timeout=60)
            try:
                view = View(measure="total", budgets={"Shetland Islands": budget})
                scenarios.keep(made.manager, made.round_key, "One", view, now=build.NOW)
            except Exception as error:  # noqa: BLE001 (whatever it is, it is looked at)
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=keep, args=(pence,)) for pence in range(100, 700, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        assert db.session.query(Scenario).filter_by(name="One").count() == 1
    assert len(answers) == 5
    assert set(answers) <= {"Stale", "Blocked"}
