"""Before what cannot be undone, a person shows once more who they are; what they typed goes on."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.award import Award
from grants.models.person import Person
from grants.rules.actions import FRESH, Action
from grants.rules.states import AwardState
from grants.services import release
from grants.web.guards import mark_of
from tests import build, deciding

pytestmark = [pytest.mark.feature("P3"), pytest.mark.asvs("7.5.3")]
LATER = dt.timedelta(minutes=16)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def scene(app):
    with app.app_context():
        made = deciding.scene()
        deciding.recommend(made, made.awards[0])
    return made


@pytest.fixture
def approver(app, client, sign_in, clock, scene):
    clock.now = build.NOW
    sign_in(client, scene.emails["approver"])
    clock.move(minutes=16)
    return client


def refusal(scene):
    return f"/awards/{scene.awards[0]}/refusal"


def state(app, scene):
    with app.app_context():
        return deciding.award(scene.awards[0]).state


TYPED = {"refusal-code": "out_of_scope", "refusal-note": "Gaelic: ò & <b>"}


def test_act_waits_until_the_code_is_given_and_nothing_typed_is_lost(app, approver, scene, clock):
    asked = approver.post(refusal(scene), data=TYPED, headers={"Referer": "http://localhost/x?y=1"})

    page = asked.get_data(as_text=True)
    kept = dict(HIDDEN.findall(page))
    assert (asked.status_code, "Confirm that it is you" in page) == (403, True)
    assert (kept["refusal-code"], kept["confirming-back"]) == ("out_of_scope", "/x?y=1")
    assert "Gaelic: ò &amp; &lt;b&gt;" in page
    assert state(app, scene) == AwardState.RECOMMENDED

    answer = {**TYPED, "confirming-given": build.code(clock.now)}
    done = approver.post(refusal(scene), data=answer)

    assert (done.status_code, state(app, scene)) == (302, AwardState.REFUSED)


def test_wrong_code_is_said_and_a_code_works_once(app, approver, scene, clock):
    wrong = approver.post(refusal(scene), data={**TYPED, "confirming-given": "000000"})

    assert wrong.status_code == 422
    assert "That code is not right." in wrong.get_data(as_text=True)
    assert state(app, scene) == AwardState.RECOMMENDED
    right = {**TYPED, "confirming-given": build.code(clock.now)}
    assert approver.post(refusal(scene), data=right).status_code == 302
    with app.app_context():
        entries = db.session.query(AuditEntry).filter_by(action="confirm-sign-in").all()
        assert [entry.after for entry in entries] == [{"by": "code"}]
    other = app.test_client()
    with app.app_context():
        person = db.session.query(Person).filter_by(email=scene.emails["approver"]).one()
        build.sign_in(other, person, clock.now - LATER)
    assert other.post(refusal(scene), data=right).status_code == 422


def test_codes_cannot_be_tried_without_end(approver, scene):
    answers = [
        approver.post(refusal(scene), data={**TYPED, "confirming-given": "000000"})
        for _ in range(12)
    ]

    assert "too many tries" in answers[-1].get_data(as_text=True)


def test_fresh_sign_in_and_an_earlier_answer_ask_nothing(app, approver, scene, clock):
    approver.post(refusal(scene), data={**TYPED, "confirming-given": build.code(clock.now)})
    clock.move(minutes=14)

    again = approver.post(f"/rounds/{scene.round_key}/release", data={"typed": "1"})

    assert again.status_code == 302
    assert state(app, scene) == AwardState.DECLINED


def test_signatory_gives_the_password_again(app, client, sign_in, clock, scene):
    clock.now = build.NOW
    with app.app_context():
        seen = deciding.award(scene.awards[0]).recommended_sha256
        from grants.services import decide

        decide.approve(scene.approver, scene.awards[0], seen=seen, now=build.NOW)
        release.release(scene.second, scene.round_key, typed="1", now=build.NOW)
        name = scene.applicant.name
    sign_in(client, scene.emails["applicant"])
    clock.move(minutes=16)
    where = f"/outcomes/{scene.awards[0]}/declining"
    form = {"reason": "Too little.", "typed_name": name, "agrees": "yes"}

    asked = client.post(where, data=form)
    wrong = client.post(where, data={**form, "confirming-given": "not it"})
    done = client.post(where, data={**form, "confirming-given": build.PASSWORD})

    assert (asked.status_code, wrong.status_code, done.status_code) == (403, 422, 302)
    assert "Your password" in asked.get_data(as_text=True)
    assert "That is not your password." in wrong.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(Award.state).scalar() == AwardState.OFFER_DECLINED


def test_who_has_no_password_asks_for_a_link(app, client, sign_in, clock, scene):
    with app.app_context():
        db.session.query(Person).filter_by(email=scene.emails["applicant"]).update(
            {"password_hash": None}
        )
        db.session.commit()
    sign_in(client, scene.emails["applicant"])
    clock.move(minutes=16)

    page = client.post(f"/outcomes/{scene.awards[0]}/acceptance", data={"typed_name": "Mòrag"})

    text = page.get_data(as_text=True)
    assert (page.status_code, "Ask for a link" in text, "Mòrag" in text) == (403, True, True)


def test_script_is_told_in_a_sentence(approver, scene):
    answer = approver.post(refusal(scene), data=TYPED, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["message"][:24]) == (403, "Confirm that it is you: ")


def test_every_act_that_one_person_cannot_undo_stands_behind_it(app):
    doors = {
        mark_of(view).action for view in app.view_functions.values() if mark_of(view) is not None
    }

    assert doors >= FRESH
    assert {Action.APPROVE, Action.RELEASE, Action.ISSUE_LETTER, Action.ACCEPT} <= FRESH
