"""The award journey through its doors, by role."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import OutcomeReturn
from grants.models.project import Project
from grants.rules.states import AwardState, ReturnState
from grants.services import letters, release
from tests import build, deciding

VERIFY = "https://grants.example.org/letters/check"


@pytest.fixture
def scene(app):
    with app.app_context():
        return deciding.scene(count=2)


@pytest.fixture
def as_(app, sign_in):
    """A browser of its own for each person of the scene."""
    return lambda scene, name: sign_in(app.test_client(), scene.emails[name])


def released(app, scene):
    with app.app_context():
        deciding.approve(scene, scene.awards[0])
        deciding.refuse(scene, scene.awards[1])
        release.release(scene.approver, scene.round_key, typed="2", now=build.NOW)


def lettered(app, scene):
    released(app, scene)
    with app.app_context():
        keys = [
            letters.draft(scene.manager, key, verify_address=VERIFY, now=build.NOW)
            for key in scene.awards
        ]
        letters.issue_all(scene.approver, scene.round_key, typed="2", now=build.NOW)
        return keys


def filled_form(app, key, **changes):
    with app.app_context():
        lines = deciding.lines_of(key)
        values = {"is_award": "yes", "own_costs": "500", "feedback": "A clear plan."}
        for line in lines:
            values[f"decision-{line.row}"] = "full"
    return {**values, **changes}


def test_list_shows_each_application_once(scene, as_):
    page = as_(scene, "manager").get(f"/rounds/{scene.round_key}/applications").text

    assert [page.count(f"/staff/applications/{key}") for key in scene.applications] == [1, 1]


@pytest.mark.feature("D1")
def test_below_a_minimum_the_form_asks_why_and_the_decision_says_it(app, scene, as_):
    key = scene.awards[0]
    with app.app_context():
        made = db.session.query(Application).filter_by(key=scene.applications[0]).one()
        marks = {one.key: 1 for one in build.all_funds()["adult"].scoring.criteria}
        reader, by = build.person(), db.session.get_one(build.Person, scene.manager.person_id)
        state = build.AssessmentState.SUBMITTED
        build.assessment(made, reader, by, state=state, marks=marks)
    manager, why = as_(scene, "manager"), {"departure": "risk", "departure_note": "Only hall."}

    shown = manager.get(f"/awards/{key}").text
    refused = manager.post(f"/awards/{key}", data=filled_form(app, key))
    kept = manager.post(f"/awards/{key}", data=filled_form(app, key, **why))
    read = as_(scene, "approver").get(f"/awards/{key}").text

    assert "Below the minimum" in shown
    assert (refused.status_code, kept.status_code) == (422, 302), kept.text
    assert "scored below a minimum" in refused.text
    assert "What due diligence found. Only hall." in read


@pytest.mark.feature("D5")
def test_recommended_then_approved_by_another(app, scene, as_):
    key = scene.awards[0]
    manager, approver = as_(scene, "manager"), as_(scene, "approver")

    sent = manager.post(f"/awards/{key}", data=filled_form(app, key))
    own = manager.post(f"/awards/{key}/approval", data={"seen": "x"})
    with app.app_context():
        seen = deciding.award(key).recommended_sha256
    twice = [approver.post(f"/awards/{key}/approval", data={"seen": seen}) for _ in range(2)]

    assert sent.status_code == 302, sent.text
    assert own.status_code == 404
    assert [answer.status_code for answer in twice] == [302, 302]
    with app.app_context():
        assert deciding.award(key).state == AwardState.APPROVED


def test_approval_of_older_words_is_refused(app, scene, as_):
    key = scene.awards[0]
    with app.app_context():
        seen = deciding.recommend(scene, key)
    as_(scene, "manager").post(f"/awards/{key}", data=filled_form(app, key, feedback="Other."))

    answer = as_(scene, "approver").post(f"/awards/{key}/approval", data={"seen": seen})

    assert answer.status_code == 422
    assert "The recommendation has changed since you opened it." in answer.text


@pytest.mark.feature("D2")
def test_part_below_what_is_workable_keeps_what_was_typed(app, scene, as_):
    key = scene.awards[0]
    form = filled_form(app, key, **{"decision-r1": "part", "amount-r1": "123.45"})

    answer = as_(scene, "manager").post(f"/awards/{key}", data=form)

    assert answer.status_code == 422
    assert "cannot work with less than £3,000" in answer.text
    assert 'value="123.45"' in answer.text
    with app.app_context():
        assert deciding.award(key).state == AwardState.NONE


@pytest.mark.feature("S11")
def test_total_is_worked_out_without_saving(app, scene, as_):
    key = scene.awards[0]
    form = filled_form(app, key, total="1")

    page = as_(scene, "manager").post(f"/awards/{key}", data=form).text

    assert "£9,500 of £9,500 asked. £90,500 would be left in Shetland Islands." in page
    assert "£94,500" in page  # the balance after the own costs and the first line
    with app.app_context():
        assert deciding.award(key).state == AwardState.NONE


def test_release_needs_the_right_count(app, scene, as_):
    with app.app_context():
        deciding.approve(scene, scene.awards[0])
        deciding.refuse(scene, scene.awards[1])
    approver = as_(scene, "approver")
    url = f"/rounds/{scene.round_key}/release"

    wrong = approver.post(url, data={"typed": "3"})
    with app.app_context():
        before = deciding.states(scene), db.session.query(OutboxMessage).count()
    right = approver.post(url, data={"typed": "2"})
    again = approver.post(url, data={"typed": "2"})

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 302, 302)
    assert before == ([AwardState.APPROVED, AwardState.REFUSED], 0)
    with app.app_context():
        assert deciding.states(scene) == [AwardState.RELEASED, AwardState.DECLINED]
        kinds = [row.kind for row in db.session.query(OutboxMessage)]
        assert kinds == ["outcome", "outcome"]


def test_applicant_reads_the_outcome_and_accepts_it_once(app, scene, as_):
    lettered(app, scene)
    applicant = as_(scene, "applicant")
    url = f"/outcomes/{scene.awards[0]}"

    page = applicant.get(url)
    unsigned = applicant.post(f"{url}/acceptance", data={"typed_name": "Somebody", "agrees": "yes"})
    form = {"typed_name": scene.applicant.name.lower(), "agrees": "yes"}
    answers = [applicant.post(f"{url}/acceptance", data=form) for _ in range(2)]

    assert "We can offer you £9,500" in page.text
    assert unsigned.status_code == 422
    assert [answer.status_code for answer in answers] == [302, 302]
    assert "You have accepted the offer" in applicant.get(url).text
    with app.app_context():
        projects = db.session.query(Project).order_by(Project.id).all()
        returns = db.session.query(OutcomeReturn).all()
        assert [project.amount for project in projects] == [500_000, 400_000]
        assert [row.state for row in returns] == [ReturnState.OPEN] * 4


def test_letter_is_the_same_bytes_for_all_and_never_stored(app, scene, as_):
    keys = lettered(app, scene)
    url = f"/letters/{keys[0]}.pdf"

    answers = [as_(scene, name).get(url) for name in ("applicant", "manager")]

    assert answers[0].data == answers[1].data
    assert answers[0].data.startswith(b"%PDF")
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_declined_application_is_told_why(app, scene, as_):
    lettered(app, scene)

    page = as_(scene, "applicant").get(f"/outcomes/{scene.awards[1]}").text

    assert "We cannot fund this application" in page
    assert "Outside what the fund is for." in page
    assert "Accept the offer" not in page


SECRETS = {
    "nothing": lambda _scene: None,
    "recommended": lambda scene: deciding.recommend(scene, scene.awards[0]),
    "approved": lambda scene: deciding.approve(scene, scene.awards[0]),
    "refused": lambda scene: deciding.refuse(scene, scene.awards[0]),
}


@pytest.mark.feature("D6")
def test_applicant_learns_nothing_before_release(app, as_):
    """Applications that differ only in what is decided answer their own people with the same."""
    answers = []
    for secret in SECRETS.values():
        with app.app_context():
            scene = deciding.scene(count=1)
            record = db.session.query(Application).filter_by(key=scene.applications[0]).one()
            names = {
                str(scene.awards[0]): "AWARD",
                str(record.key): "APPLICATION",
                str(scene.round_key): "ROUND",
                record.reference: "REFERENCE",
                scene.reference: "R",
                record.title: "TITLE",
            }
            secret(scene)
        browser = as_(scene, "applicant")
        answers.append(
            [
                told(browser.get(path), names, scene)
                for path in (
                    f"/outcomes/{scene.awards[0]}",
                    f"/awards/{scene.awards[0]}",
                    f"/staff/applications/{record_key(scene)}",
                    f"/rounds/{scene.round_key}/applications",
                    f"/rounds/{scene.round_key}/ranking",
                    f"/rounds/{scene.round_key}/release",
                    f"/rounds/{scene.round_key}/letters",
                    f"/outcomes/{scene.awards[0]}/declining",
                )
            ]
            + [told(browser.post(f"/outcomes/{scene.awards[0]}/acceptance"), names, scene)]
        )
        with app.app_context():
            assert db.session.query(OutboxMessage).count() == 0

    assert answers[1:] == answers[:1] * (len(SECRETS) - 1)
    assert {status for status, _ in answers[0]} == {404}


def record_key(scene):
    return scene.applications[0]


def told(answer, names, scene):
    text = answer.text
    for name, word in {
        **names,
        scene.applicant.name: "PERSON",
        scene.applicant.email: "MAIL",
    }.items():
        text = text.replace(name, word)
    own = r'name="csrf_token" value="[^"]+"|data-person="[^"]+"'  # of this session and person
    return answer.status_code, re.sub(own, "", text)


@pytest.mark.parametrize("count", [3, 300])
def test_pages_cost_the_same_however_many(app, count, as_, count_statements):
    with app.app_context():
        scene = deciding.scene(lines=((1_000, 500),), own_costs=0)
        deciding.crowd(scene, count - 1)
    browser = as_(scene, "manager")
    costs = {}
    for name in ("applications", "ranking", "release", "letters"):
        browser.get(f"/rounds/{scene.round_key}/{name}")
        with count_statements() as found:
            assert browser.get(f"/rounds/{scene.round_key}/{name}").status_code == 200
        costs[name] = len(found)

    assert costs == {"applications": 7, "ranking": 8, "release": 6, "letters": 5}
