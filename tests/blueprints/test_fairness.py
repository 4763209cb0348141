"""The pages that say how fair the scores of a round are."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Person
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AssessmentState
from tests import build, deciding
from tests.queries.test_fairness import read


@pytest.fixture
def scene(app, client):
    with app.app_context():
        made = read()
        build.sign_in(client, db.session.get_one(Person, made.manager.person_id))
    return made


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.feature("R14")
def test_mean_and_adjusted_total_stand_side_by_side(client, scene):
    ranking = text_of(client, f"/rounds/{scene.round_key}/ranking")
    one = text_of(client, f"/staff/applications/{scene.applications[0]}")

    for page in (ranking, one):
        assert "Adjusted total" in page
        assert "±" in page
        assert "Agreement of the assessors on the totals" in page
    assert "Mean of the totals" in one


@pytest.mark.feature("R14")
def test_readers_are_shown_with_their_leaning(client, scene):
    page = text_of(client, f"/rounds/{scene.round_key}/ranking/fairness")

    assert page.index("Reader 0") < page.index(">Harsh<") < page.index("Reader 3")
    assert ">Lenient<" in page


@pytest.mark.feature("R14")
def test_page_says_why_nothing_is_adjusted(app, client):
    with app.app_context():
        made = read(count=5, each=2)
        build.sign_in(client, db.session.get_one(Person, made.manager.person_id))

    page = text_of(client, f"/rounds/{made.round_key}/ranking/fairness")

    assert "Totals are not adjusted" in page
    assert "fewer than 3 scores" in page


def test_page_of_a_round_without_scores_says_so(app, client):
    with app.app_context():
        made = deciding.scene()
        build.sign_in(client, db.session.get_one(Person, made.manager.person_id))

    assert "No scores to compare yet" in text_of(
        client, f"/rounds/{made.round_key}/ranking/fairness"
    )


@pytest.mark.feature("R12")
def test_far_apart_is_marked_and_a_further_reader_suggested(app, client):
    with app.app_context():
        made = deciding.scene(state=ApplicationState.ASSESSING)
        manager = db.session.get_one(Person, made.manager.person_id)
        one = db.session.query(Application).one()
        for marks, total in (({"fit": 4}, "90.00"), ({"fit": 1}, "40.00")):
            reader = build.person(Role.ASSESSOR, at=build.organisation())
            build.assessment(
                one, reader, manager, state=AssessmentState.SUBMITTED, marks=marks, total=total
            )
        build.sign_in(client, manager)
        key = one.key

    ranking = text_of(client, f"/rounds/{made.round_key}/ranking")
    page = text_of(client, f"/staff/applications/{key}")

    for shown in (ranking, page):
        assert "Far apart" in shown
        assert f'href="/applications/{key}/readers"' in shown
    assert "Ask one more assessor to read it" in page
