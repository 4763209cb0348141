"""The query on named answers, from the funder's page to the applicant's and back."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.application_query import QueryPoint
from grants.rules.opening import LOCKED
from grants.services import apply
from tests import applying, build

DAY = ["20", "11", "2026"]


@pytest.fixture
def at(app):
    with app.app_context():
        return applying.place("adult")


@pytest.fixture
def enter(app, sign_in, at):
    return lambda who: applying.entered(app, sign_in, at, who)


@pytest.fixture
def key(app, at):
    with app.app_context():
        made = applying.drafted(at)
        apply.submit(applying.actor(at, "sender"), made, now=build.NOW)
        return made


def staff(key, more=""):
    return f"/staff/applications/{key}{more}"


def asked(enter, key, **more):
    sent = {
        "ask.plan_summary": "Which hall?",
        "ask.projects.0001": "Is this its name?",
        "part.projects.0001": "title",
        "answer_by": DAY,
        "number": "1",
        **more,
    }
    return enter("manager").post(staff(key, "/query"), data=sent)


@pytest.mark.feature("A20")
def test_manager_asks_and_the_task_list_says_exactly_what(enter, key):
    page = enter("manager").get(staff(key, "/query"))
    done = asked(enter, key)
    tasks = enter("editor").get(f"/applications/{key}").text

    assert (page.status_code, done.location) == (200, staff(key))
    assert all(text in tasks for text in ("Which hall?", "Is this its name?", "Tuesday Table 1"))
    about = re.sub(r"\s+", " ", tasks.split("About this application")[1])
    assert "Answer by" in about
    assert "20 November 2026" in about
    assert "Deadline" not in about


@pytest.mark.feature("A20")
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"answer_by": ["", "", ""]}, "Give a date"),
        ({"ask.plan_summary": "", "ask.projects.0001": ""}, "at least one answer"),
    ],
)
def test_query_that_lacks_something_keeps_what_was_typed(enter, key, more, sentence):
    answer = asked(enter, key, words="Dear all", **more)

    assert (answer.status_code, sentence in answer.text, "Dear all" in answer.text) == (
        422,
        True,
        True,
    )


@pytest.mark.feature("A20")
def test_section_shows_the_named_answers_alone(enter, key):
    asked(enter, key)
    editor = enter("editor")
    tasks = editor.get(f"/applications/{key}").text
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*sections[^"]*)"', tasks)
    ]

    plan, row = (editor.get(link.partition("#")[0]).text for link in links)

    assert ('name="plan_summary"' in plan, 'name="governance"' in plan) == (True, False)
    assert ('name="projects.0001.title"' in row, 'name="projects.0001.asked"' in row) == (
        True,
        False,
    )


@pytest.mark.feature("A20")
def test_section_without_a_named_answer_is_closed(enter, app, key):
    asked(enter, key)
    editor = enter("editor")

    shown = editor.get(f"/applications/{key}/sections/declaration")
    sent = editor.post(f"/applications/{key}/sections/declaration", data={})

    assert (shown.status_code, sent.status_code) in {(302, 409), (404, 404)}


@pytest.mark.feature("A20")
def test_autosave_tells_that_an_answer_is_locked(enter, key):
    asked(enter, key)

    answer = enter("editor").post(
        f"/applications/{key}/autosave", data={"governance": "Other words"}
    )

    assert (answer.status_code, answer.json["message"]) == (422, LOCKED)


@pytest.mark.feature("A20")
def test_answer_in_words_is_saved_as_it_is_typed_and_clashes_are_told(enter, app, key):
    asked(enter, key)
    with app.app_context():
        name = f"reply-{db.session.query(QueryPoint).filter_by(row='0001').one().id}"
    editor, sender = enter("editor"), enter("sender")
    place = f"/applications/{key}/replies"
    page = editor.get(f"/applications/{key}").text
    versions = re.search(r'name="_versions" value="([^"]*)"', page)[1].replace("&#34;", '"')

    saved = editor.post(f"{place}/autosave", data={name: "It is, aye.", "_versions": versions})
    late = sender.post(f"{place}/autosave", data={name: "It is not.", "_versions": versions})
    asks = sender.post(place, data={name: "It is not.", "_versions": versions})
    unfit = editor.post(f"{place}/autosave", data={name: "x\x07", "_versions": "{}"})
    both = {
        "count": "1",
        "name.0": name,
        "mine.0": "It is not.",
        "theirs.0": "It is, aye.",
        "version.0": "1",
    }
    undecided = sender.post(f"{place}/choose", data=both)
    settled = sender.post(f"{place}/choose", data={**both, "choice.0": "mine"})

    assert f'data-autosave="{place}/autosave"' in page
    assert (saved.status_code, saved.json["versions"]) == (200, {name: 1})
    assert (late.status_code, late.json["clashes"][0]["theirs"]) == (409, "It is, aye.")
    assert (asks.status_code, "It is, aye." in asks.text) == (409, True)
    assert (unfit.status_code, undecided.status_code, settled.status_code) == (422, 422, 302)
    assert "It is not." in editor.get(f"/applications/{key}").text


@pytest.mark.feature("A20")
def test_answered_in_words_and_changed_it_goes_back(enter, app, key):
    asked(enter, key)
    with app.app_context():
        point = db.session.query(QueryPoint).filter_by(row="0001").one().id
    editor, sender, manager = enter("editor"), enter("sender"), enter("manager")

    editor.post(f"/applications/{key}/autosave", data={"plan_summary": "The old school."})
    early = sender.post(f"/applications/{key}/submit")
    editor.post(f"/applications/{key}/replies", data={f"reply-{point}": "It is, aye."})
    sent = sender.post(f"/applications/{key}/submit")
    page = manager.get(staff(key)).text
    changes = manager.get(staff(key, "/changes"))

    assert (early.status_code, "change it, or answer in words" in early.text) == (422, True)
    assert sent.status_code == 302
    assert ("It is, aye." in page, "See what changed" in page) == (True, True)
    assert (changes.status_code, "school" in changes.text) == (200, True)
    assert "<ins>" in changes.text


@pytest.mark.feature("A20")
@pytest.mark.parametrize("who", ["sender", "rival", "assessor"])
def test_nobody_else_opens_the_funders_pages(enter, key, who):
    browser = enter(who)

    got = {browser.get(staff(key, more)).status_code for more in ("/query", "/changes")}

    assert got <= {403, 404}


@pytest.mark.parametrize("projects", [3, 200])
def test_pages_of_a_query_cost_the_same_however_long(app, at, enter, count_statements, projects):
    with app.app_context():
        key = applying.drafted(at, projects=projects)
        apply.submit(applying.actor(at, "sender"), key, now=build.NOW)
    manager = enter("manager")
    with count_statements() as asking:
        manager.get(staff(key, "/query"))
    asked(enter, key)
    editor = enter("editor")
    with count_statements() as answering:
        editor.get(f"/applications/{key}")

    assert (len(asking), len(answering)) == (4, 9)
