"""Deciding on many at once through its doors."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.round import Round
from grants.rules.states import AwardState
from tests import build, deciding

ONE = 950_000


@pytest.fixture
def scene(app):
    with app.app_context():
        made = deciding.scene(count=2)
        for key in made.awards:
            deciding.recommend(made, key)
        return made


@pytest.fixture
def approver(app, sign_in, scene):
    return sign_in(app.test_client(), scene.emails["approver"])


def link(scene, page=""):
    return f"/rounds/{scene.round_key}/approvals{page}"


def ticks(app, scene):
    with app.app_context():
        seen = {key: deciding.award(key).recommended_sha256 for key in scene.awards}
    return {"chosen": [str(key) for key in seen]} | {f"seen-{k}": s for k, s in seen.items()}


@pytest.mark.feature("D7")
def test_seen_then_decided(app, scene, approver):
    first = approver.get(link(scene)).text
    preview = approver.post(link(scene, "/preview"), data=ticks(app, scene)).text
    sent = approver.post(link(scene), data=ticks(app, scene))

    assert "Decide on the ticked ones" not in first
    assert ("2 decisions can be made, £19,000 in all." in preview, preview.count(" checked")) == (
        True,
        2,
    )
    assert sent.status_code == 302
    with app.app_context():
        assert deciding.states(scene) == [AwardState.APPROVED] * 2
    assert "Nothing waits for your decision" in approver.get(link(scene)).text


@pytest.mark.feature("D7")
def test_failures_are_listed_beside_what_was_done(app, scene, approver):
    with app.app_context():
        build.area_of(db.session.get_one(Round, scene.round_id)).amount = ONE
        db.session.commit()

    preview = approver.post(link(scene, "/preview"), data=ticks(app, scene)).text
    answer = approver.post(link(scene), data=ticks(app, scene))

    assert "1 decision can be made" in preview
    assert preview.count(" checked") == 1
    assert (answer.status_code, "1 decision is made, 1 could not be" in answer.text) == (422, True)
    with app.app_context():
        assert sorted(deciding.states(scene)) == [AwardState.APPROVED, AwardState.RECOMMENDED]


def test_nothing_ticked_says_so(scene, approver):
    answer = approver.post(link(scene), data={"chosen": ["no key"]})

    assert (answer.status_code, "Choose at least one.</a>" in answer.text) == (422, True)
    assert "<title>Error: Decide on many" in answer.text
    assert 'href="#chosen-0"' in answer.text
    assert 'id="chosen-0"' in answer.text


@pytest.mark.feature("D7")
def test_all_are_ticked_at_once_and_still_seen_before(scene, approver):
    page = approver.get(link(scene)).text
    ticked = approver.get(link(scene) + "?all=yes").text

    assert "Tick all 2" in page
    assert ticked.count(" checked") == 2
    assert "See what would happen" in ticked
    assert "Decide on the ticked ones" not in ticked


def test_manager_has_no_such_page(app, sign_in, scene):
    manager = sign_in(app.test_client(), scene.emails["manager"])

    assert manager.get(link(scene)).status_code in {403, 404}
    assert "Decide on many" not in manager.get(f"/rounds/{scene.round_key}/ranking").text


def test_title_says_of_which_round(app, scene, approver):
    with app.app_context():
        title = db.session.get_one(Round, scene.round_id).title

    page = approver.get(link(scene)).text

    assert f"<title>Decide on many – {title} – Community Fund Grants</title>" in page
