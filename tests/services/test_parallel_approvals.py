"""However many approve at once, an allocation is never over-committed, and nothing happens twice."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.award import Approval, Award
from grants.models.ledger import LedgerLine
from grants.models.person import Delegation
from grants.models.round import AllocationArea, Round
from grants.rules.states import AwardState
from grants.services import decide
from tests import build, deciding, racing

AT_ONCE = 32
EACH = 950_000  # as ``deciding`` builds them: thirty-two are £304,000
AREAS = (("Shetland Islands", 10_000_000, ("S12000027",)),)


@pytest.fixture
def race(app):
    """Make every call in a thread of its own, all let go at the same moment."""

    return lambda calls: racing.at_once(app, calls)


def recommended(count):
    """So many recommended awards in one area, though it cannot hold them all; (key, seen) each."""
    made = deciding.scene(count=count, areas=AREAS)
    area = build.area_of(db.session.get_one(Round, made.round_id))
    # Recommending is stricter than approving: it is let past here, so that approvals must hold alone.
    area.amount, whole = 10**9, area.amount
    db.session.get_one(Round, made.round_id).pot = 10**9
    db.session.commit()
    seen = [(key, deciding.recommend(made, key)) for key in made.awards]
    area = build.area_of(db.session.get_one(Round, made.round_id))
    area.amount = whole
    db.session.commit()
    return made, seen


def clicks(made, seen):
    """One click of the approver for each award."""

    def click(key, sha):
        return lambda: decide.approve(made.approver, key, seen=sha, now=build.NOW)

    return [click(key, sha) for key, sha in seen]


def sums(made):
    """What the area, the round, the ledger and the approvals say is committed, and by how many."""
    here = made.round_id
    area = db.session.execute(
        sa.select(AllocationArea.committed, AllocationArea.amount).where(
            AllocationArea.round_id == here
        )
    ).one()
    in_round = db.session.scalar(sa.select(Round.committed).where(Round.id == here))
    in_ledger = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerLine.amount), 0)).where(
            LedgerLine.round_id == here
        )
    )
    used = db.session.scalar(
        sa.select(Delegation.used).where(Delegation.person_id == made.approver.person_id)
    )
    states = Counter(db.session.scalars(sa.select(Award.state).where(Award.round_id == here)))
    return area, in_round, in_ledger, used, states


@pytest.mark.long
@pytest.mark.feature("D5")
def test_parallel_approvals_never_exceed_the_allocation(app, race, long):
    for _ in range(50 if long else 5):
        with app.app_context():
            made, seen = recommended(AT_ONCE)

        results = race(clicks(made, seen))

        fits = AREAS[0][1] // EACH
        with app.app_context():
            area, in_round, in_ledger, used, states = sums(made)
            verdict = audit.verify()
            db.session.rollback()
        assert results.count(True) == fits
        assert all("left of the area" in answer for answer in results if answer is not True)
        assert states == {AwardState.APPROVED: fits, AwardState.RECOMMENDED: AT_ONCE - fits}
        assert (area.committed, in_round, in_ledger, used) == (fits * EACH,) * 4
        assert area.committed <= area.amount
        assert verdict.is_whole


@pytest.mark.feature("D5")
def test_double_click_approves_once(app, race):
    with app.app_context():
        made, seen = recommended(1)

    results = race(clicks(made, seen) * 8)

    with app.app_context():
        area, in_round, in_ledger, used, _ = sums(made)
        approvals = db.session.scalar(sa.select(sa.func.count()).select_from(Approval))
    assert results == [True] * 8
    assert (area.committed, in_round, in_ledger, used, approvals) == (EACH, EACH, EACH, EACH, 1)


@pytest.mark.feature("W15")
def test_parallel_approvals_never_exceed_a_delegation(app, race):
    with app.app_context():
        made, seen = recommended(16)
        db.session.execute(
            sa.update(Delegation)
            .where(Delegation.person_id == made.approver.person_id)
            .values(most_in_all=3 * EACH + 1)
        )
        db.session.commit()

    results = race(clicks(made, seen))

    with app.app_context():
        area, _, _, used, _ = sums(made)
    assert results.count(True) == 3
    assert area.committed == used == 3 * EACH


@pytest.mark.feature("D5")
def test_two_people_at_once_are_two_approvals_of_one_award(app, race):
    with app.app_context():
        made, seen = recommended(1)
    key, sha = seen[0]

    def click(actor):
        def call():
            try:
                return decide.approve(actor, key, seen=sha, now=build.NOW)
            except Exception as refusal:  # noqa: BLE001 (either may come second)
                return type(refusal).__name__

        return call

    results = race([click(made.approver), click(made.second)])

    with app.app_context():
        area, in_round, *_ = sums(made)
    assert sorted(map(str, results)) == ["MoveNotAllowed", "True"]
    assert area.committed == in_round == EACH
