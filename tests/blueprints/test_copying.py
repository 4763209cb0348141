"""Copying from an earlier application, as a browser meets it."""

from __future__ import annotations

import html
import re

import pytest

from grants.extensions import db
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.states import ApplicationState
from tests import applying, build

pytestmark = pytest.mark.feature("A12")


@pytest.fixture
def world(app):
    """(the place, the key of the draft, of the earlier one)"""
    with app.app_context():
        at = applying.place("adult")
        earlier = applying.drafted(at, state=ApplicationState.SUBMITTED)
        funder = db.session.get_one(Round, at.round_id).organisation_id
        record = build.round_("adult", db.session.get_one(build.Organisation, funder))
        by = db.session.query(Person).filter_by(email=at.people["editor"]).one()
        applicant = db.session.get_one(build.Organisation, at.organisation_id)
        answers = {("governance", ""): "Ours stands"}
        return at, build.application(record, applicant, by, answers=answers).key, earlier


def text(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def sent_versions(answer) -> str:
    return html.unescape(
        re.search(r'name="_versions" value="([^"]*)"', answer.get_data(as_text=True)).group(1)
    )


def test_earlier_application_is_chosen_seen_and_copied(app, client, sign_in, world):
    at, draft, earlier = world
    sign_in(client, at.people["editor"])
    assert f"/applications/{draft}/copy-answers" in text(client.get(f"/applications/{draft}"))
    place = f"/applications/{draft}/copy-answers/{earlier}"
    assert place in text(client.get(f"/applications/{draft}/copy-answers"))

    page = client.get(place)
    form = {"_versions": sent_versions(page), "picked": ["partners", "plan_summary"]}
    done = client.post(place, data=form)

    ticked = re.findall(r'name="picked" value="(\w+)" checked', text(page))
    assert "Ours stands" in text(page)
    assert "partners" in ticked
    assert "governance" not in ticked  # something stands there
    assert "Replace what is here" in text(page)
    assert done.location == f"/applications/{draft}"
    assert "Copied 2 answers from" in text(client.get(done.location))
    with app.app_context():
        here = applying.answers_of(draft)
    assert here["governance", ""] == "Ours stands"
    assert here["plan_summary", ""]
    assert "Copied from" in text(client.get(f"/applications/{draft}/sections/plan"))


def test_change_meanwhile_shows_the_page_again(app, client, sign_in, world):
    at, draft, earlier = world
    sign_in(client, at.people["editor"])
    place = f"/applications/{draft}/copy-answers/{earlier}"
    form = {"_versions": sent_versions(client.get(place)), "picked": ["governance"]}
    client.post(f"/applications/{draft}/autosave", data={"governance": "Newer", "_versions": "{}"})
    client.post(f"/applications/{draft}/autosave", data={"governance": "Newer still"})

    answer = client.post(place, data=form)

    assert answer.status_code == 422
    assert "after you opened this page, so nothing was copied" in text(answer)
    assert "Newer" in text(answer)
    assert 'value="governance" checked' in text(answer)


def test_nothing_ticked_and_nothing_left_are_said(client, sign_in, world):
    at, draft, earlier = world
    sign_in(client, at.people["editor"])
    place = f"/applications/{draft}/copy-answers/{earlier}"
    page = client.get(place)
    keys = re.findall(r'name="picked" value="(\w+)"', text(page))

    none = client.post(place, data={"_versions": sent_versions(page)})
    client.post(place, data={"_versions": sent_versions(page), "picked": keys})

    assert none.status_code == 422
    assert "Tick what you want to copy." in text(none)
    assert "stands here already" in text(client.get(place))


def test_others_find_nothing(client, sign_in, world):
    at, draft, earlier = world
    sign_in(client, at.people["rival"])

    for place in (
        f"/applications/{draft}/copy-answers",
        f"/applications/{draft}/copy-answers/{earlier}",
    ):
        assert client.get(place).status_code == 404


@pytest.mark.parametrize("projects", [2, 100])
def test_page_costs_the_same_however_long(app, client, sign_in, count_statements, world, projects):
    at, draft, _ = world
    with app.app_context():
        earlier = applying.drafted(at, projects=projects, state=ApplicationState.SUBMITTED)
    sign_in(client, at.people["editor"])
    client.get(f"/applications/{draft}/copy-answers/{earlier}")

    with count_statements() as found:
        client.get(f"/applications/{draft}/copy-answers/{earlier}")

    assert len(found) <= 8
