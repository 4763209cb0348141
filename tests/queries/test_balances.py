"""What is set aside is told without what a person with an interest must not know."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.round import AllocationArea, Round
from grants.queries import awards, balances, home, rounds
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AwardState
from tests import build

pytestmark = pytest.mark.usefixtures("context")
AMOUNT = 950_000


@pytest.fixture
def scene():
    """An award and a neighbour in one area; a manager with an interest in the award, and others."""
    funder, applicant = build.programme(), build.organisation()
    record = build.round_("adult", funder)
    manager, other = (build.person(Role.FUND_MANAGER, at=funder) for _ in range(2))
    sender = build.person(Role.APPLICANT_SUBMITTER, at=applicant)
    made, neighbour = (
        build.application(record, applicant, sender, state=ApplicationState.MODERATION)
        for _ in range(2)
    )
    build.conflict(made, manager)
    return record, made, build.award(neighbour), manager, other, funder


def set_aside(person, of):
    actor = build.actor_of(person)
    return list(db.session.scalars(db.select(balances.committed(actor, of)).order_by(of.id)))


@pytest.mark.feature("R9")
@pytest.mark.parametrize(
    ("state", "hidden"),
    [(AwardState.RECOMMENDED, 0), (AwardState.APPROVED, AMOUNT), (AwardState.RELEASED, 0)],
)
def test_approval_is_left_out_for_who_has_an_interest_until_it_is_released(scene, state, hidden):
    record, made, _, manager, other, _ = scene
    build.award(made, state=state, recommended_by=manager, decided_by=other)
    whole = 0 if state == AwardState.RECOMMENDED else AMOUNT

    assert set_aside(other, Round) == [whole]
    assert set_aside(manager, Round) == [whole - hidden]
    assert set_aside(other, AllocationArea) == [whole, 0]
    assert set_aside(manager, AllocationArea) == [whole - hidden, 0]
    actor = build.actor_of(manager)
    assert (
        f"{rounds.one(actor, record.key).committed:,d}" == f"{whole - hidden:,d}"
    )  # pence are whole
    assert [row.committed for row in home.rounds(actor)] == [whole - hidden]


@pytest.mark.feature("R9")
def test_decision_beside_it_shows_neither_promise_nor_commitment(scene):
    _, made, neighbour, manager, other, _ = scene
    build.award(made, state=AwardState.RECOMMENDED, recommended_by=other)

    promised = [
        awards.decision(build.actor_of(person), neighbour.key).area_promised
        for person in (other, manager)
    ]

    assert promised == [AMOUNT, 0]


@pytest.mark.feature("R9")
@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.EVALUATOR])
def test_balance_is_not_for_who_only_scores_or_evaluates(scene, role):
    record, made, _, manager, other, funder = scene
    build.award(made, state=AwardState.APPROVED, recommended_by=manager, decided_by=other)
    actor = build.actor_of(build.person(role, at=funder))

    row = rounds.one(actor, record.key)

    assert (row.has_balance, row.committed) == (False, 0)
    assert [one.committed for one in home.rounds(actor)] == [None]
