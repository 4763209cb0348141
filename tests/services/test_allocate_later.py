"""Large rounds are handed out by jobs: shown first, made whole, once."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.jobs import worker
from grants.models.job import Job
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import JobState
from grants.services import allocate_later
from grants.services.allocate import Wish
from grants.services.allocate_later import LARGE, Size
from tests import build
from tests.build import NOW
from tests.services.test_assign import Office

pytestmark = pytest.mark.usefixtures("context")


def worked_out(office, wish=None):
    key = allocate_later.ask(office.actor, office.round.key, wish or Wish(2, 9), now=NOW)
    worker.run_due(NOW)
    return key


def plan(office, key):
    db.session.rollback()
    return allocate_later.plan(office.actor, key, now=NOW)


def job(key):
    return db.session.query(Job).filter_by(key=key).populate_existing().one()


@pytest.mark.feature("R4")
def test_plan_is_worked_out_shown_and_made_whole():
    office = Office(6, 4)

    key = worked_out(office)

    shown = plan(office, key)
    assert (shown.state, shown.found["count"], shown.found["groups"]) == (JobState.DONE, 12, 1)
    assert sum(count for _, count in shown.shares) == 12
    assert office.pairs() == []
    making = allocate_later.confirm(office.actor, key, now=NOW)
    worker.run_due(NOW)
    assert plan(office, making).is_made
    assert job(making).result == {"count": 12}
    assert len(office.pairs()) == 12


def test_plan_that_is_made_twice_is_made_once():
    office = Office(3, 3)
    key = worked_out(office)

    first, second = (allocate_later.confirm(office.actor, key, now=NOW) for _ in range(2))
    worker.run_due(NOW)

    assert (first, job(first).result) == (second, {"count": 6})
    assert len(office.pairs()) == 6


@pytest.mark.feature("R4")
def test_plan_that_is_no_longer_true_is_not_made():
    office = Office(3, 3)
    key = worked_out(office)
    build.conflict(office.applications[0], office.readers[0])

    making = allocate_later.confirm(office.actor, key, now=NOW)
    worker.run_due(NOW)

    assert job(making).state == JobState.FAILED
    assert "Something changed" in job(making).fault
    assert office.pairs() == []


def test_plan_is_its_makers_alone_and_waits_until_it_is_worked_out():
    office = Office(2, 2)
    other = build.actor_of(build.person(build.Role.FUND_MANAGER, at=office.programme))
    key = allocate_later.ask(office.actor, office.round.key, Wish(1, 9), now=NOW)

    with pytest.raises(NotFound):
        allocate_later.plan(other, key, now=NOW)
    with pytest.raises(Blocked):
        allocate_later.confirm(office.actor, key, now=NOW)
    with pytest.raises(Blocked):
        allocate_later.ask(office.actor, office.round.key, Wish(0, 9), now=NOW)
    with pytest.raises(Forbidden):
        allocate_later.ask(build.actor_of(office.readers[0]), office.round.key, Wish(1, 9), now=NOW)


def test_size_says_what_is_large_and_what_is_usual():
    office = Office(6, 4)

    found = allocate_later.size(office.actor, office.round.key, now=NOW)

    assert (found.applications, found.people, found.is_large) == (6, 5, False)
    assert found.usual.readers == found.round.readers
    assert Size(found.round, LARGE // 300 + 1, 300).is_large
