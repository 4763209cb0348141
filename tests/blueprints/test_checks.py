"""Due diligence and earlier awards through their doors."""

from __future__ import annotations

import pytest

from tests import deciding

LOOK = {
    "item": "accounts",
    "finding": "concern",
    "note": "Not <b>signed</b>",
    "checked_on": ["24", "11", "2026"],
}


@pytest.fixture
def scene(app):
    with app.app_context():
        return deciding.scene()


@pytest.fixture
def manager(app, sign_in, scene):
    return sign_in(app.test_client(), scene.emails["manager"])


def link(scene, page="/checks"):
    return f"/staff/applications/{scene.applications[0]}{page}"


@pytest.mark.feature("R20")
def test_a_look_is_recorded_and_shown_where_one_decides(app, sign_in, scene, manager, clock):
    day = [str(clock.now.day), str(clock.now.month), str(clock.now.year)]

    sent = manager.post(link(scene), data={**LOOK, "checked_on": day})

    page = manager.get(link(scene)).text
    assert (sent.status_code, "Not &lt;b&gt;signed&lt;/b&gt;" in page) == (302, True)
    approver = sign_in(app.test_client(), scene.emails["approver"])
    decision = approver.get(f"/awards/{scene.awards[0]}").text
    assert "1 of 7 looked at" in decision
    assert "1 concern" in decision
    assert "1 concern" in manager.get(link(scene, "")).text


def test_a_faulty_look_comes_back_as_it_was_typed(scene, manager):
    answer = manager.post(link(scene), data={**LOOK, "finding": "", "checked_on": ["1", "x", ""]})

    assert answer.status_code == 422
    assert "Say what you found." in answer.text
    assert "Type the day you looked." in answer.text
    assert "Not &lt;b&gt;signed&lt;/b&gt;" in answer.text


@pytest.mark.feature("R21")
def test_earlier_awards_stand_beside_the_bid(scene, manager):
    assert "no earlier outcome with this funder" in manager.get(link(scene, "")).text


def test_the_approver_reads_and_does_not_record(app, sign_in, scene):
    approver = sign_in(app.test_client(), scene.emails["approver"])

    assert "Record a look" not in approver.get(link(scene)).text
    assert approver.post(link(scene), data=LOOK).status_code in {403, 404}
