"""Copying a round, its guidance, stages, letters and the return's dates; the preview; publishing."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from grants.extensions import db
from grants.funds.definition import PLACEHOLDERS, Period, Stages
from grants.funds.schema import from_document
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round, RoundDefinition
from grants.rules.states import RoundState
from tests import setting_up

COPY = {
    "title": "The year after",
    "fund_year": "2027-28",
    "opens": ["1", "4", "2027"],
    "closes": ["1", "6", "2027"],
    "pot": "£230,000",
}


@pytest.fixture
def desk(app, client):
    return setting_up.desk(app, client)


@pytest.mark.feature("S6")
def test_copied_round_has_forms_guidance_criteria_letters_return_and_areas(app, desk):
    desk.done("forms/form/sections/need/questions/new", label="How far is it?", kind="text")
    desk.done("guidance", summary="For the glens.", audience="Anybody.")
    desk.done("moves/open-round")
    before = desk.fund()

    desk.done("copy", **COPY)

    with app.app_context():
        record = db.session.query(Round).filter_by(fund_year="2027-28").one()
        definition = db.session.get_one(RoundDefinition, record.definition_id)
        after = from_document(definition.content)
        shares = db.session.query(AllocationArea).filter_by(round_id=record.id)
        covered = db.session.query(AllocationAreaCouncil).filter(
            AllocationAreaCouncil.allocation_area_id.in_([area.id for area in shares])
        )
        assert (record.state, definition.is_published) == (RoundState.DRAFT, False)
        assert (record.pot, record.allocated, record.committed) == (23_000_000, 22_000_000, 0)
        assert sorted((area.name, area.amount, area.committed) for area in shares) == [
            ("Orkney Islands", 12_000_000, 0),
            ("Shetland Islands", 10_000_000, 0),
        ]
        assert sorted(row.area_code for row in covered) == ["S12000023", "S12000027"]
    for part in ("sections", "rules", "scoring", "letters", "summary", "audience", "settings"):
        assert getattr(after, part) == getattr(before, part)
    assert after.return_form.sections == before.return_form.sections
    assert after.return_form.periods[0] == Period(
        key="interim",
        label="April to September 2027",
        starts="2027-04-01",
        ends="2027-09-30",
        due="2027-10-30",
    )


@pytest.mark.feature("S6")
def test_copy_with_less_money_than_its_shares_is_refused(desk):
    status, page = desk.post("copy", **{**COPY, "pot": "£219,999.99"})

    assert (status, "shares come to £220,000. Enter that or more." in page) == (422, True)


@pytest.mark.feature("S9")
def test_stages_are_changed_without_code_until_the_round_opens(desk):
    sent = {
        "readers": "3",
        "approvals_needed": "2",
        "second_approval_over": "",
        "acceptance_days": "14",
    }
    desk.done("stages", **sent)

    fund = desk.fund()
    assert (fund.scoring.readers, fund.settings.approvals_needed) == (3, 2)
    assert (fund.settings.second_approval_over, fund.settings.acceptance_days) == (None, 14)

    desk.done("moves/open-round")
    assert desk.post("stages", **sent)[0] == 409


@pytest.mark.feature("S9")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"readers": "0"}, "Enter a number from 1 to 9."),
        ({"approvals_needed": "many"}, "Enter a whole number, such as 2."),
        ({"second_approval_over": "lots"}, "Enter an amount"),
        ({"acceptance_days": "367"}, "Enter a number from 1 to 366."),
    ],
)
def test_stages_that_cannot_be_are_refused(desk, changes, sentence):
    sent = {
        "readers": "3",
        "approvals_needed": "2",
        "second_approval_over": "",
        "acceptance_days": "14",
    }

    status, page = desk.post("stages", **{**sent, **changes})

    assert (status, sentence in page) == (422, True)


STEPS = {"sign_off": "yes", "partners_confirm": "", "equality": "yes", "moderation": ""}


@pytest.mark.feature("S9")
def test_steps_are_switched_in_the_browser_and_told_in_the_notice(app, client, desk):
    page = desk.get("steps")
    assert "A panel discusses the scores" in page
    assert "Scoring without names" in page

    desk.done("steps", **STEPS)
    assert desk.fund().stages == Stages(sign_off=True, equality=True, moderation=False)

    desk.done("moves/open-round")
    with app.app_context():
        reference = db.session.get_one(Round, desk.id).reference
    notice = client.get(f"/rounds-open/{reference}").text
    assert "The mean of the scores stands. No panel discusses them." in notice
    assert "Every partner that your application names" not in notice


@pytest.mark.feature("S9")
def test_steps_by_which_all_are_judged_stay_once_the_round_is_open(desk):
    desk.done("moves/open-round")
    assert desk.post("steps", sign_off="yes")[0] == 409
    desk.done("version/begin")

    page = desk.get("steps")
    assert "Fixed since the round opened" in page
    assert 'name="moderation"' not in page

    desk.done("steps", sign_off="yes", moderation="")
    assert desk.fund().stages == Stages(sign_off=True)


def test_every_placeholder_has_a_sample():
    from grants.blueprints.rounds.rulebook_forms import SAMPLES

    assert set(SAMPLES) == PLACEHOLDERS


def letter(desk, **changes):
    kept = desk.fund().letter("decline")
    sent = {"subject": kept.subject, "body": "\n\n".join(kept.paragraphs)}
    for number, clause in enumerate(kept.clauses):
        sent |= {f"heading_{number}": clause.heading, f"text_{number}": clause.text}
    return {**sent, **changes}


def test_words_of_a_letter_are_changed_and_shown_with_made_up_values(desk):
    desk.done(
        "letter-words/decline", **letter(desk, body="Dear {contact_name}\n\n\nWe are\nsorry.")
    )

    assert desk.fund().letter("decline").paragraphs == ("Dear {contact_name}", "We are sorry.")
    assert "Dear Iain Sample (fictional)" in desk.get("letter-words")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Dear {nobody}", "There is nothing to fill the placeholder"),
        ("Dear {contact_name.__class__}", "There is nothing to fill the placeholder"),
        ("Dear {contact_name!r:>999999999}", "There is nothing to fill the placeholder"),
        ("Dear {", "A curly bracket stands alone in"),
        (" ", "Write something here."),
    ],
)
def test_letter_with_a_place_that_nothing_fills_is_refused(desk, body, sentence):
    before = desk.fund()

    status, page = desk.post("letter-words/decline", **letter(desk, body=body))

    assert (status, sentence in page) == (422, True)
    assert desk.fund() == before


PERIOD = {
    "label": "Summer 2027",
    "starts": ["1", "6", "2027"],
    "ends": ["31", "8", "2027"],
    "due": ["30", "9", "2027"],
}


def test_returns_are_added_changed_and_taken_away(desk):
    desk.done("return-dates/new", **PERIOD)
    assert [period.key for period in desk.fund().return_form.periods] == [
        "interim",
        "final",
        "summer_2027",
    ]

    desk.done("return-dates/summer_2027", **{**PERIOD, "due": ["1", "10", "2027"]})
    assert desk.fund().return_form.periods[-1].due == "2027-10-01"
    assert "1 October 2027" in desk.get("return-dates")

    desk.done("return-dates/summer_2027/remove")
    assert len(desk.fund().return_form.periods) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"label": ""}, "Say which time this is."),
        ({"ends": ["31", "5", "2027"]}, "This is before the time begins."),
        ({"due": ["30", "8", "2027"]}, "A return is due when its time is over, or later."),
        ({"starts": ["31", "2", "2027"]}, "Enter a date, such as 27 3 2027."),
        ({"final": ["", "yes"]}, "Another return is the last one already."),
    ],
)
def test_return_whose_dates_do_not_fit_is_refused(desk, changes, sentence):
    status, page = desk.post("return-dates/new", **{**PERIOD, **changes})

    assert (status, sentence in page) == (422, True)


@pytest.mark.feature("S1")
@pytest.mark.parametrize("part", ["form", "return"])
def test_every_section_is_shown_as_applicants_will_see_it(desk, part):
    fund = desk.fund()
    sections = fund.sections if part == "form" else fund.return_form.sections

    for section in sections:
        page = desk.get(f"preview/{part}/{section.key}")
        assert "Nothing that is typed here is kept" in page
        assert all(f'name="{q.key}' in page for q in section.questions if q.kind != "rows")


def test_faults_are_listed_with_their_pages_and_keep_the_round_shut(desk):
    desk.done("forms/form/remove/question/has_other_funding")
    for period in ("interim", "final"):
        desk.done(f"return-dates/{period}/remove")

    page = desk.get()
    status, refusal = desk.post("moves/open-round")

    assert f'href="/rounds/{desk.key}/forms/form/questions/other_funding"' in page
    assert f'href="/rounds/{desk.key}/return-dates"' in page
    assert (status, "there should be at least one period" in refusal) == (422, True)
    assert desk.state() == RoundState.DRAFT


def test_dates_of_a_copied_leap_day_stay_in_february():
    from grants.funds.loader import all_funds
    from grants.rules.round_edits import moved_on, save_period

    fund = all_funds()["adult"]
    leap = Period(
        key="",
        label="To 29 February 2028",
        starts="2028-01-01",
        ends="2028-02-29",
        due="2028-03-01",
    )

    moved = moved_on(save_period(fund, leap).fund, 1).return_form.periods[-1]

    assert (moved.label, moved.ends) == ("To 29 February 2029", "2029-02-28")
    assert dt.date.fromisoformat(moved.due) == dt.date(2029, 3, 1)


@pytest.mark.feature("S1")
def test_return_due_before_the_round_closes_is_told(desk):
    def is_told():
        to_do = re.search(
            r"What is asked afterwards, and when</a>(.*?)</li>", desk.get(), re.DOTALL
        )[1]
        return "Needs attention" in to_do, "Nobody could write a return by then" in desk.get(
            "return-dates"
        )

    assert is_told() == (True, True)

    for years, period in enumerate(desk.fund().return_form.periods):
        later = {part: [*PERIOD[part][:2], str(2041 + years)] for part in ("starts", "ends", "due")}
        desk.done(f"return-dates/{period.key}", **{**PERIOD, **later})

    assert is_told() == (False, False)


@pytest.mark.feature("S1")
def test_round_that_cannot_open_leads_back_to_its_page(desk):
    came_from = f"http://localhost{desk.address('')}"
    with desk.app.app_context():
        record = db.session.query(Round).filter_by(key=desk.key).one()
        db.session.query(AllocationAreaCouncil).delete()
        db.session.query(AllocationArea).filter_by(round_id=record.id).delete()
        record.allocated = 0
        db.session.commit()

    answer = desk.client.post(desk.address("moves/open-round"), headers={"Referer": came_from})

    assert answer.status_code == 422
    assert f'<a class="ds_button" href="{desk.address("")}">Go back</a>' in answer.text
