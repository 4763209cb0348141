"""What one's own interest keeps one from beyond the application itself, and what no sentence tells."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries import awards, outcomes
from grants.rules.actions import Action
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden
from grants.rules.states import AwardState
from grants.services import decide, recommending, release
from tests import build, deciding

pytestmark = pytest.mark.usefixtures("context")
ASKED = 950_000
AREAS = (("Shetland Islands", 1_500_000, ("S12000027",)), ("Orkney Islands", 10**7, ("S12000023",)))


@pytest.fixture
def scene():
    """Two applications to one area whose money does not reach for both."""
    return deciding.scene(count=2, areas=AREAS)


def declare(scene, who, number=0):
    made = db.session.query(Application).filter_by(key=scene.applications[number]).one()
    build.conflict(made, db.session.get_one(Person, getattr(scene, who).person_id))


def text_of(blocked):
    return " ".join(reason.text for reason in blocked.value.reasons)


@pytest.mark.feature("R9")
@pytest.mark.parametrize("is_approved", [False, True])
def test_recommendation_is_not_measured_against_what_is_hidden(scene, is_approved):
    """Whatever became of the hidden one, the manager is told the same: nothing."""
    funder = db.session.get_one(Round, scene.round_id).organisation_id
    other = build.actor_of(
        build.person(Role.FUND_MANAGER, at=db.session.get_one(Organisation, funder))
    )
    seen = _recommended(scene, other, 0)
    if is_approved:
        decide.approve(scene.approver, scene.awards[0], seen=seen, now=build.NOW)
    declare(scene, "manager")

    deciding.recommend(scene, scene.awards[1])

    assert deciding.award(scene.awards[1]).state == AwardState.RECOMMENDED


def test_recommendation_is_measured_against_what_may_be_known(scene):
    deciding.recommend(scene, scene.awards[0])

    with pytest.raises(Blocked) as blocked:
        deciding.recommend(scene, scene.awards[1])

    assert text_of(blocked) == (
        "£9,500 is more than the £5,500 left of the area's allocation. "
        "£9,500 of Shetland Islands is recommended to others already."
    )


@pytest.mark.feature("R9")
@pytest.mark.parametrize("is_decided", [False, True])
def test_who_has_an_interest_in_an_area_approves_nothing_there(scene, is_decided):
    """The sentence hangs on what they declared, not on what became of it."""
    if is_decided:
        deciding.approve(scene, scene.awards[0])
    declare(scene, "second")
    seen = None
    if not is_decided:
        seen = deciding.recommend(scene, scene.awards[1])

    with pytest.raises(Forbidden, match="You have an interest in an application to this area"):
        decide.approve(scene.second, scene.awards[1], seen=seen or "", now=build.NOW)

    page = awards.decision(scene.second, scene.awards[1])
    assert (page.has_interest, page.may(Action.APPROVE)) == (True, False)
    assert awards.decision(scene.approver, scene.awards[1]).has_interest is False


def test_interest_in_one_area_leaves_the_others_alone(scene):
    declare(scene, "second")
    record = deciding.award(scene.awards[1])
    orkney = db.session.query(AllocationArea).filter_by(name="Orkney Islands").one()
    record.allocation_area_id = orkney.id
    db.session.commit()
    seen = deciding.recommend(scene, scene.awards[1])

    decide.approve(scene.second, scene.awards[1], seen=seen, now=build.NOW)

    assert deciding.award(scene.awards[1]).state == AwardState.APPROVED


def test_approval_past_the_area_tells_what_is_left(scene):
    for key in scene.awards:
        recommended_past_the_area(key, scene)
    decide.approve(scene.approver, scene.awards[0], seen=sha(scene.awards[0]), now=build.NOW)

    with pytest.raises(Blocked) as blocked:
        decide.approve(scene.second, scene.awards[1], seen=sha(scene.awards[1]), now=build.NOW)

    assert text_of(blocked) == "£9,500 is more than the £5,500 left of the area's allocation."


@pytest.mark.feature("R9")
@pytest.mark.feature("D6")
@pytest.mark.parametrize("number", [0, 1])
def test_who_has_an_interest_in_the_round_releases_nothing(number):
    """Nothing would be released without what is hidden: all of a round goes out together."""
    scene = deciding.scene(count=2)
    deciding.approve(scene, scene.awards[0])
    deciding.refuse(scene, scene.awards[1])
    declare(scene, "second", number)
    shown = outcomes.to_release(scene.second, scene.round_key)

    with pytest.raises(Blocked, match="another approver must release its outcomes"):
        release.release(scene.second, scene.round_key, typed="1", now=build.NOW)

    assert (shown.has_interest, len(shown.rows)) == (True, 1)
    assert deciding.states(scene) == [AwardState.APPROVED, AwardState.REFUSED]
    assert release.release(scene.approver, scene.round_key, typed="2", now=build.NOW) == 2
    assert {award.state for award in db.session.query(Award)} == {
        AwardState.RELEASED,
        AwardState.DECLINED,
    }


@pytest.mark.feature("R9")
def test_release_is_refused_alike_before_anything_is_decided():
    scene = deciding.scene(count=2)
    declare(scene, "second")

    with pytest.raises(Blocked, match="You have an interest in an application to this round"):
        release.release(scene.second, scene.round_key, typed="0", now=build.NOW)


def _recommended(scene, manager, number):
    key = scene.awards[number]
    recommending.recommend(manager, key, deciding.in_full(key), now=build.NOW)
    return sha(key)


def recommended_past_the_area(key, scene):
    """Recommended past the area, as two managers at once could have done."""
    area = db.session.query(AllocationArea).filter_by(name="Shetland Islands").one()
    was = area.amount
    area.amount = 10**7
    db.session.commit()
    deciding.recommend(scene, key)
    area.amount = was
    db.session.commit()


def sha(key):
    return deciding.award(key).recommended_sha256 or ""
