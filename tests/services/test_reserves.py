"""The reserve list: in order, as far as freed money reaches, through the ordinary approval."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.award import Approval
from grants.models.person import Delegation
from grants.queries import reserves as queries
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import AwardState, LineDecision
from grants.services import adoption, decide, recommending, reserves, scenarios
from grants.services.adoption import Words
from grants.services.scenarios import View
from tests import build, deciding, drawing

pytestmark = pytest.mark.usefixtures("context")
WORDS = Words(less="fund_exhausted", out="out_of_scope")
LATER = "fund_exhausted: Another can begin sooner."
WHY = "risk: The other cannot begin yet."


@pytest.fixture
def scene():
    """Three of five are recommended, two are in reserve; the money is out."""
    made = drawing.scored(["90.00", "80.00", "70.00", "60.00", "50.00"])
    view = View(measure="total", budgets={})
    key = scenarios.keep(made.manager, made.round_key, "Ours", view, now=build.NOW)
    seen = adoption.rehearse(made.manager, key, WORDS).fingerprint
    adoption.adopt(made.manager, key, WORDS, seen=seen, now=build.NOW)
    return made


def approve(scene, place):
    seen = deciding.award(scene.awards[place]).recommended_sha256
    decide.approve(scene.approver, scene.awards[place], seen=seen, now=build.NOW)


def free(scene, place):
    """An approved award is taken back and refused: its money is free."""
    approve(scene, place)
    decide.amend(scene.manager, scene.awards[place], reason="Not after all.", now=build.NOW)
    decide.refuse(scene.approver, scene.awards[place], reason="withdrawn", now=build.NOW)


def listed(scene):
    return [
        (scene.applications.index(row.application_key), row.fits, row.is_next)
        for row in queries.of_round(scene.manager, scene.round_key).rows
    ]


def promote(scene, place, actor=None, **how):
    return reserves.promote(
        actor or scene.manager, scene.round_key, scene.awards[place], "r1", now=build.NOW, **how
    )


@pytest.mark.feature("D3")
def test_freed_money_reaches_the_first_in_reserve_and_is_approved_by_another(scene):
    assert listed(scene) == [(3, 0, False), (4, 0, False)]
    free(scene, 0)

    found = queries.of_round(scene.manager, scene.round_key)
    amount = promote(scene, 3)
    approve(scene, 3)

    assert [(row.note, row.amount) for row in found.freed] == [("Amended before release", 500_000)]
    assert [(row.fits, row.is_next) for row in found.rows] == [(500_000, True), (500_000, False)]
    award = deciding.award(scene.awards[3])
    assert (amount, award.state, award.amount) == (500_000, AwardState.APPROVED, 500_000)
    assert listed(scene) == [(4, 0, False)]
    entry = db.session.query(AuditEntry).filter_by(action="promote").one()
    assert entry.after == {"row": "r1", "amount": 500_000, "in_order": True}


@pytest.mark.feature("D3")
def test_whoever_is_out_of_order_takes_a_reason(scene):
    free(scene, 0)

    with pytest.raises(Blocked, match="Others come before it"):
        promote(scene, 4)
    promote(scene, 4, departure=WHY)

    assert deciding.award(scene.awards[4]).departure == WHY
    assert listed(scene) == [(3, 0, False)]


@pytest.mark.feature("D3")
def test_part_is_given_where_it_is_workable_and_nothing_where_it_is_not(scene):
    free(scene, 0)
    area = build.area_of(db.session.get_one(build.Round, scene.round_id))
    area.amount -= 150_000
    db.session.commit()

    assert listed(scene)[0] == (3, 350_000, True)
    promote(scene, 3)

    line = deciding.lines_of(scene.awards[3])[0]
    assert (line.decision, line.amount, line.reason) == (
        LineDecision.PART,
        350_000,
        "fund_exhausted",
    )
    with pytest.raises(Blocked, match="not left"):
        promote(scene, 4, departure=WHY)


@pytest.mark.feature("D3")
@pytest.mark.feature("M1")
def test_nobody_promotes_twice_or_what_is_not_theirs(scene):
    free(scene, 0)
    with pytest.raises(Forbidden):
        promote(scene, 3, scene.approver)
    with pytest.raises(NotFound):
        promote(scene, 3, scene.applicant)
    given = promote(scene, 3)

    assert promote(scene, 3) == given
    assert db.session.query(AuditEntry).filter_by(action="promote").count() == 1
    approve(scene, 3)
    with pytest.raises(MoveNotAllowed):
        promote(scene, 3)


@pytest.mark.feature("R9")
def test_who_has_an_interest_sees_neither_the_reserve_nor_what_it_freed(scene):
    free(scene, 0)
    drawing.hide(scene, 0)
    drawing.hide(scene, 3)

    found = queries.of_round(scene.manager, scene.round_key)

    assert found.freed == ()
    assert [scene.applications.index(row.application_key) for row in found.rows] == [4]


@pytest.mark.feature("D3")
def test_what_is_recommended_is_put_in_reserve_with_a_reason_and_its_approvals_are_void(scene):
    before = deciding.award(scene.awards[2]).amount
    with pytest.raises(Blocked, match="Give a reason"):
        recommending.hold(scene.manager, scene.awards[2], reason="", now=build.NOW)
    with pytest.raises(Blocked, match="reasons listed"):
        recommending.hold(scene.manager, scene.awards[2], reason="no_such", now=build.NOW)
    with pytest.raises(Forbidden):
        recommending.hold(scene.approver, scene.awards[2], reason=LATER, now=build.NOW)

    for _ in range(2):
        recommending.hold(scene.manager, scene.awards[2], reason=LATER, now=build.NOW)

    award, line = deciding.award(scene.awards[2]), deciding.lines_of(scene.awards[2])[0]
    assert (award.state, award.amount, award.recommended_sha256) == (AwardState.NONE, 0, None)
    assert (line.decision, line.amount, line.reason) == (LineDecision.RESERVE, 0, LATER)
    assert listed(scene) == [(3, 500_000, True), (4, 500_000, False), (2, 500_000, False)]
    entry = db.session.query(AuditEntry).filter_by(action="hold").one()
    assert (entry.after["held_amount"], entry.reason, before) == (500_000, LATER, 500_000)


@pytest.mark.feature("D3")
@pytest.mark.feature("D5")
def test_holding_gives_back_the_authority_of_who_approved_first():
    large = 100_000_100
    made = deciding.scene(
        lines=((large, 1),), own_costs=0, areas=(("Shetland Islands", 2 * large, ("S12000027",)),)
    )
    seen = deciding.recommend(made, made.awards[0])
    decide.approve(made.approver, made.awards[0], seen=seen, now=build.NOW)

    recommending.hold(made.manager, made.awards[0], reason=LATER, now=build.NOW)

    assert [approval.voided_at for approval in db.session.query(Approval)] == [build.NOW]
    assert sum(row.used for row in db.session.query(Delegation)) == 0
    with pytest.raises(MoveNotAllowed):
        decide.approve(made.second, made.awards[0], seen=seen, now=build.NOW)


@pytest.mark.feature("D3")
def test_only_what_is_recommended_can_be_put_in_reserve(scene):
    approve(scene, 0)

    with pytest.raises(MoveNotAllowed):
        recommending.hold(scene.manager, scene.awards[0], reason=LATER, now=build.NOW)
