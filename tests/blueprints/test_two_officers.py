"""Two officers on one rulebook: what one saved is never silently undone by the other."""

from __future__ import annotations

import re
from html import unescape

import pytest

from grants.rules.refusals import Blocked
from grants.rules.round_edits import save_guidance
from grants.services import definitions
from tests import build, setting_up


@pytest.fixture
def desk(app, client):
    return setting_up.desk(app, client)


def seen(page):
    return unescape(re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1])


def opened(desk, rest="guidance"):
    """What a page shows to somebody who opens it now."""
    fund = desk.fund()
    return {"seen": seen(desk.get(rest)), "summary": fund.summary, "audience": fund.audience}


@pytest.mark.feature("S1")
def test_both_texts_are_shown_where_both_changed_one_field(desk):
    mine, theirs = opened(desk), opened(desk)
    desk.done("guidance", **{**theirs, "summary": "For the glens."})

    status, page = desk.post("guidance", **{**mine, "summary": "For the <islands>."})

    assert status == 409
    assert "Somebody else saved this while you had it open" in page
    assert page.count("For the glens.") == 1
    assert page.count("For the &lt;islands&gt;.") == 2  # beside theirs, and in the box
    assert desk.fund().summary == "For the glens."

    desk.done("guidance", **{**mine, "summary": "For the <islands>.", "seen": seen(page)})
    assert desk.fund().summary == "For the <islands>."


@pytest.mark.feature("S1")
def test_different_fields_are_both_kept(desk):
    mine, theirs = opened(desk), opened(desk)
    desk.done("guidance", **{**theirs, "summary": "For the glens."})

    desk.done("guidance", **{**mine, "audience": "Anybody."})

    assert (desk.fund().summary, desk.fund().audience) == ("For the glens.", "Anybody.")


@pytest.mark.feature("S1")
def test_same_words_from_both_need_no_choice(desk):
    mine, theirs = opened(desk), opened(desk)
    desk.done("guidance", **{**theirs, "summary": "For the glens."})

    desk.done("guidance", **{**mine, "summary": "For the glens."})

    assert desk.fund().summary == "For the glens."


@pytest.mark.feature("S8")
def test_weights_that_another_changed_are_not_undone(desk):
    fund = desk.fund()
    before = {item.key: str(item.weight) for item in fund.scoring.criteria}
    first, second, third = list(before)[:3]
    mark = seen(desk.get("criteria"))
    moved = {first: str(int(before[first]) + 5), second: str(int(before[second]) - 5)}
    desk.done("criteria/weights", **{**before, **moved, "seen": mark})

    mine = {first: str(int(before[first]) + 10), third: str(int(before[third]) - 10)}
    status, page = desk.post("criteria/weights", **{**before, **mine, "seen": mark})

    assert (status, "Saved now" in page) == (409, True)
    weights = {item.key: str(item.weight) for item in desk.fund().scoring.criteria}
    assert weights == {**before, **moved}


def test_step_from_an_older_version_is_refused(app, desk):
    with app.app_context():
        step = lambda fund: save_guidance(fund, "Late.", "Late.")  # noqa: E731

        with pytest.raises(Blocked, match="a moment ago"):
            definitions.edit(
                desk.actor, desk.key, step, "the guidance", now=build.NOW, seen="0" * 64
            )


@pytest.mark.feature("S1")
def test_every_page_of_the_editor_remembers_what_it_showed(desk):
    criterion = desk.fund().scoring.criteria[0].key
    question = desk.fund().sections[-1].questions[0].key
    section = desk.fund().sections[0].key
    for rest in (
        "guidance",
        "stages",
        "steps",
        "criteria",
        "dates",
        f"criteria/{criterion}",
        f"forms/form/sections/{section}",
        "letter-words/award",
        f"return-dates/{desk.fund().return_form.periods[0].key}",
        f"eligibility/{desk.fund().eligibility[0].key}",
        f"forms/form/questions/{question}/when",
    ):
        assert seen(desk.get(rest)), rest
