"""Before anybody signs in: is it for me, every question on paper, what is asked afterwards."""

from __future__ import annotations

import html
import io
from dataclasses import replace

import pdfplumber
import pytest

from grants.extensions import db
from grants.funds.definition import Period
from grants.funds.loader import all_funds
from grants.models.audit import AuditEntry
from grants.models.round import Round
from tests import setting_up


@pytest.fixture
def desk(app, client):
    return setting_up.desk(app, client)


@pytest.fixture
def open_round(app, desk):
    """The address of a round's notice once it has opened, and a browser of nobody's."""

    def opened():
        desk.done("moves/open-round")
        with app.app_context():
            reference = db.session.get_one(Round, desk.id).reference
        return f"/rounds-open/{reference}", app.test_client()

    return opened


@pytest.mark.feature("S12")
def test_eligibility_is_checked_without_an_account_and_nothing_is_kept(app, open_round):
    address, nobody = open_round()
    with app.app_context():
        before = db.session.query(AuditEntry).count()

    fits = nobody.post(f"{address}/check", data={"partnership": "yes", "adults": "yes"})
    other = nobody.post(f"{address}/check", data={"partnership": "no", "adults": "yes"})

    assert f'href="{address}/check"' in nobody.get(address).text
    assert "You can apply, as far as these questions tell" in fits.text
    assert "This fund may not be for you" in other.text
    assert all_funds()["adult"].eligibility[0].sentence in other.text
    assert all_funds()["adult"].eligibility[1].sentence not in other.text
    with app.app_context():
        assert db.session.query(AuditEntry).count() == before


@pytest.mark.feature("S12")
def test_unanswered_check_is_named_at_its_field(open_round):
    address, nobody = open_round()

    answer = nobody.post(f"{address}/check", data={"partnership": "yes"})

    assert answer.status_code == 422
    assert answer.text.count("Choose yes or no.") == 2


@pytest.mark.feature("S12")
def test_officer_writes_the_check_in_the_browser(desk, open_round):
    sent = {"question": "Are you in Shetland?", "wanted": "yes", "sentence": "Ask next door."}
    desk.done("eligibility/new", **sent)
    desk.done("eligibility/adults/remove")
    assert desk.post("eligibility/new", **{**sent, "wanted": "perhaps"})[0] == 422
    desk.done("eligibility/are_you_in_shetland", **{**sent, "sentence": "Ask in Orkney."})

    assert [item.key for item in desk.fund().eligibility] == ["partnership", "are_you_in_shetland"]
    assert "Ask in Orkney." in desk.get("eligibility")
    address, nobody = open_round()
    answers = {"partnership": "yes", "are_you_in_shetland": "no"}
    assert "Ask in Orkney." in nobody.post(f"{address}/check", data=answers).text


@pytest.mark.feature("S13")
def test_full_question_set_is_public_as_a_page_and_on_paper(desk, open_round):
    desk.done(
        "forms/form/sections/need/questions/new", label="Dè cho fada ’s a tha e?", kind="text"
    )
    address, nobody = open_round()

    page, paper = nobody.get(address).text, nobody.get(f"{address}/questions.pdf")

    assert paper.headers["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(paper.data)) as pdf:
        text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
    fund = desk.fund()
    for question in fund.questions():
        assert " ".join(question.label.split()) in text
    for criterion in fund.scoring.criteria:
        assert criterion.title in text
    for words in ("Dè cho fada ’s a tha e?", fund.scoring.criteria[0].title):
        assert words in html.unescape(page)


@pytest.mark.feature("S13")
@pytest.mark.parametrize("page", ["", "/check", "/questions.pdf", "/afterwards"])
def test_draft_round_is_not_public(app, desk, page):
    with app.app_context():
        reference = db.session.get_one(Round, desk.id).reference

    assert app.test_client().get(f"/rounds-open/{reference}{page}").status_code == 404


SMALL = Period(key="a", label="A", starts="2027-01-01", ends="2027-02-01", due="2027-02-02")
LARGE = replace(SMALL, key="b", label="B", over=200_000)


@pytest.mark.parametrize(("amount", "keys"), [(0, "a"), (200_000, "a"), (200_001, "ab")])
def test_returns_of_a_size_are_what_the_award_makes(amount, keys):
    form = replace(all_funds()["adult"].return_form, periods=(SMALL, LARGE))

    assert "".join(period.key for period in form.asked_of(amount)) == keys


def test_what_is_asked_afterwards_is_told_for_a_grant_of_this_size(desk, open_round):
    interim = {
        "label": "April to September 2026",
        "starts": ["1", "4", "2026"],
        "ends": ["30", "9", "2026"],
        "due": ["30", "10", "2026"],
    }
    desk.done("return-dates/interim", **interim, over="£2,000")
    address, nobody = open_round()

    small, large = (
        nobody.get(f"{address}/afterwards?size={size}").text for size in ("2,000", "2,000.01")
    )
    wrong = nobody.get(f"{address}/afterwards?size=lots")

    assert "1 return is asked for" in small
    assert "2 returns are asked for" in large
    assert (wrong.status_code, "Enter an amount" in wrong.text) == (422, True)
    assert "more than £2,000" in nobody.get(address).text
