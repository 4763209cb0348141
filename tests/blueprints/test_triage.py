"""The check before scoring through its doors."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.round import RoundDefinition
from grants.rules.states import ApplicationState
from tests import deciding
from tests.services.test_triage import BAD, GOOD, with_triage


@pytest.fixture
def scene(app):
    with app.app_context():
        made = deciding.scene(state=ApplicationState.SUBMITTED)
        with_triage(db.session.get_one(RoundDefinition, made.definition_id))
        return made


@pytest.fixture
def manager(app, sign_in, scene):
    return sign_in(app.test_client(), scene.emails["manager"])


def link(scene, page=""):
    return f"/staff/applications/{scene.applications[0]}{page}"


def typed(findings):
    found = {finding.key: finding.answer for finding in findings}
    return found | {f"{finding.key}_reason": finding.reason for finding in findings}


@pytest.mark.feature("R1")
def test_checked_then_opened(scene, manager):
    before = manager.get(link(scene)).text
    sent = manager.post(link(scene, "/triage"), data=typed(GOOD))
    after = manager.get(link(scene)).text

    assert ("Check it before scoring" in before, "Open for assessment" in before) == (True, False)
    assert sent.status_code == 302
    assert ("passed" in after, "Open for assessment" in after) == (True, True)


@pytest.mark.feature("R1")
def test_not_passed_then_refused(scene, manager):
    manager.post(link(scene, "/triage"), data=typed(BAD))

    page = manager.get(link(scene, "/triage")).text
    answer = manager.post(link(scene, "/refusal"))

    assert "The budget is empty." in page
    assert (answer.status_code, "/awards/" in answer.location) == (302, True)
    assert "Decision" in manager.get(answer.location).text


def test_faulty_check_keeps_what_was_typed(scene, manager):
    answer = manager.post(link(scene, "/triage"), data={**typed(BAD), "complete": ""})

    assert answer.status_code == 422
    assert "Choose yes or no: " in answer.text
    assert "The budget is empty." in answer.text
