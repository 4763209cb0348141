"""Reserves, what joins a released award, and money that came back, through their doors."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.project import Project
from grants.rules.recommendation import LineChoice
from grants.rules.states import AdditionState, AwardState, LineDecision
from grants.services import additions
from tests import build, deciding

LESS = "fund_exhausted"
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


@pytest.fixture
def scene(app):
    """Two accepted awards, each with its second project in reserve."""
    with app.app_context():
        made = deciding.scene(count=2)
        held = LineChoice(row="r2", decision=LineDecision.RESERVE, reason=LESS)
        for key in made.awards:
            first = deciding.in_full(key).lines[0]
            wanted = deciding.in_full(key, lines=(first, held), reason=LESS)
            deciding.approve(made, key, wanted)
        deciding.offer(made, *made.awards)
        deciding.accept_offer(made, *made.awards)
        signatory = build.person(
            build.Role.SIGNATORY, build.Role.APPLICANT_SUBMITTER, at=_partnership(made)
        )
        made.emails["signatory"] = signatory.email
        return made


def _partnership(made):
    return db.session.get_one(build.Organisation, made.applicant.held[0].organisation_id)


@pytest.fixture
def enter(app, scene, sign_in):
    return lambda who: sign_in(app.test_client(), scene.emails[who])


def addition(app):
    with app.app_context():
        record = db.session.query(Addition).one()
        return record.key, record.state


def promote(enter, scene, **more):
    data = {"row": f"{scene.awards[0]}.r2", "departure": "", "departure_note": "", **more}
    return enter("manager").post(f"/rounds/{scene.round_key}/reserves", data=data)


@pytest.mark.feature("D3")
def test_project_in_reserve_joins_its_released_award_page_by_page(app, scene, enter):
    manager, approver = enter("manager"), enter("approver")
    award = f"/awards/{scene.awards[0]}"
    listed = manager.get(f"/rounds/{scene.round_key}/reserves").text
    assert "The whole pot" in listed
    answer = promote(enter, scene)
    key, _ = addition(app)
    here = f"{award}/additions/{key}"

    assert answer.location == award
    assert "Projects in reserve that join it" in manager.get(award).text
    assert "Somebody else decides now" in manager.get(here).text
    assert (
        "would join a released award" in approver.get(f"/rounds/{scene.round_key}/approvals").text
    )
    seen = SEEN.search(approver.get(here).text).group(1)
    approver.post(f"{here}/approval", data={"seen": seen})
    assert "Approved, not released" in approver.get(here).text
    waiting = approver.get(f"/rounds/{scene.round_key}/release").text
    assert ("Added" in waiting, "Outcomes to release" in waiting) == (True, True)
    approver.post(f"/rounds/{scene.round_key}/release", data={"typed": "1"})
    letter = manager.post(f"{award}/letter")
    assert letter.status_code == 302
    assert addition(app)[1] == AdditionState.RELEASED


@pytest.mark.feature("D3")
@pytest.mark.feature("D6")
@pytest.mark.feature("M1")
def test_applicant_meets_the_same_bytes_until_it_is_released_and_answers_then(app, scene, enter):
    applicant = enter("signatory")
    own = ("/home", "/applications", f"/outcomes/{scene.awards[0]}")

    def pages():
        return [TOKEN.sub("", applicant.get(path).text) for path in own]

    before = pages()
    promote(enter, scene)
    key, _ = addition(app)
    offer = f"/outcomes/{scene.awards[0]}/additions/{key}"
    assert pages() == before
    with app.app_context():
        record = db.session.query(Addition).one()
        additions.approve(scene.approver, scene.awards[0], key, seen=record.sha256, now=build.NOW)
    assert pages() == before
    assert applicant.get(offer).status_code == 404
    assert applicant.get(f"/awards/{scene.awards[0]}/additions/{key}").status_code == 404

    with app.app_context():
        deciding.offer(scene, scene.awards[0])
    page = applicant.get(offer).text
    assert "We can add £4,000 to your award" in page
    assert "We can add to your award" in applicant.get(own[2]).text
    wrong = applicant.post(f"{offer}/acceptance", data={"typed_name": "Nobody"})
    assert (wrong.status_code, "Type your name" in wrong.text) == (422, True)
    with app.app_context():
        name = db.session.query(build.Person).filter_by(email=scene.emails["signatory"]).one().name
    answer = applicant.post(f"{offer}/acceptance", data={"typed_name": name, "agrees": "yes"})
    assert answer.location == own[2]
    with app.app_context():
        assert db.session.query(Project).count() == 3


@pytest.mark.feature("D3")
def test_addition_is_refused_taken_back_and_turned_down_with_a_reason(app, scene, enter):
    promote(enter, scene)
    key, _ = addition(app)
    here = f"/awards/{scene.awards[0]}/additions/{key}"

    empty = enter("approver").post(f"{here}/refusal", data={"refusal-reason": ""})
    assert (empty.status_code, "Give a reason" in empty.text) == (422, True)
    empty = enter("manager").post(f"{here}/taking-back", data={"back-reason": ""})
    assert (empty.status_code, "Give a reason" in empty.text) == (422, True)
    stale = enter("approver").post(f"{here}/approval", data={"seen": "old"})
    assert (stale.status_code, "has changed" in stale.text) == (422, True)
    enter("manager").post(f"{here}/taking-back", data={"back-reason": "A slip."})
    assert addition(app)[1] == AdditionState.DROPPED


@pytest.mark.feature("D3")
def test_recommended_award_is_put_in_reserve_by_its_form(app, sign_in):
    with app.app_context():
        made = deciding.scene()
        deciding.recommend(made, made.awards[0])
    manager = sign_in(app.test_client(), made.emails["manager"])
    place = f"/awards/{made.awards[0]}"

    assert "Put it in reserve" in manager.get(place).text
    empty = manager.post(f"{place}/reserve", data={"holding-code": ""})
    assert (empty.status_code, "Give a reason" in empty.text) == (422, True)
    data = {"holding-code": LESS, "holding-note": "Later."}
    assert manager.post(f"{place}/reserve", data=data).location == place
    with app.app_context():
        assert deciding.award(made.awards[0]).state == AwardState.NONE


@pytest.mark.feature("D3")
def test_money_that_came_back_is_recorded_by_its_form(app, scene, enter):
    manager = enter("manager")
    place = f"/awards/{scene.awards[0]}/recoveries"
    with app.app_context():
        of = db.session.query(Project).order_by(Project.id).first().key
    page = manager.get(place).text
    assert ("Money that came back" in page, str(of) in page) == (True, True)

    data = {"seen": "0", "source": "", "amount": "lots", "reason": ""}
    wrong = manager.post(place, data=data)
    assert (wrong.status_code, "Choose whose money came back" in wrong.text) == (422, True)
    data = {"seen": "0", "source": str(of), "amount": "120.50", "reason": "Unspent."}
    for _ in range(2):
        assert manager.post(place, data=data).location == place
    page = manager.get(place).text
    assert ("£120.50" in page, "Unspent." in page) == (True, True)
    assert "£120.50" in manager.get(f"/rounds/{scene.round_key}/reserves").text
    for who in ("approver", "applicant"):
        assert enter(who).get(place).status_code in {403, 404}
