"""Letters: filled once, refused while anything is missing, frozen, and the same on paper every time."""

import json
from dataclasses import replace
from datetime import date

import pytest

from grants.documents import letters
from grants.documents.letters import (
    LetterPaper,
    LetterValues,
    MissingMergeField,
    ProjectLine,
    YearAmount,
    letter_pdf,
    letter_text,
)
from grants.funds.definition import LETTER_KINDS, PLACEHOLDERS, Clause, Letter, Period
from grants.funds.loader import all_funds
from grants.rules.refusals import Blocked
from tests.documents.pdf_checks import faults_of, page_count, roles_of, text_of

LETTER = Letter(
    kind="award",
    subject="Your award {reference}",
    paragraphs=("Dear {name}", "{feedback}", "We offer {amount}.", "Yours, {{the fund}}"),
    clauses=(Clause(heading="Use", text="Only for {reference}.", source="s", status="proposed"),),
)
FIELDS = {"reference": "A-1", "name": "Mairi", "feedback": "Well argued.", "amount": "£1,234.50"}
VALUES = LetterValues(
    addressee=("Mairi NicDhòmhnaill", "Shetland Islands Wellbeing Partnership (fictional)"),
    signatory=("Łukasz Зоряна (fictional)", "Approver"),
    years=(YearAmount(label="2026-27", pence=100_000), YearAmount(label="2027-28", pence=23_450)),
    projects=(
        ProjectLine(title="Walks", group="Walkers", decision="In full", pence=100_000),
        ProjectLine(title="Shed", group="Shed", decision="In reserve", pence=0),
    ),
    own_costs=23_450,
    conditions=("Send the partnership agreement.",),
    returns=(
        Period(key="1", label="Interim", starts="2026-10-01", ends="2027-03-31", due="2027-04-30"),
    ),
    acceptance=("Sign in.", "Choose “Accept the offer”."),
)
PAPER = LetterPaper(
    fund_name="Communities Fund",
    funder="The funder (fictional)",
    verify_address="https://grants.example.org/verify",
    notice="All names are fictional.",
)


def on_paper(filled, number="L-1", code="ABCD-EFGH"):
    return letter_pdf(filled, PAPER, number=number, code=code, issued=date(2027, 2, 3))


@pytest.mark.feature("W1")
def test_letter_is_filled():
    filled = letter_text(LETTER, FIELDS)

    assert filled.subject == "Your award A-1"
    assert filled.paragraphs == (
        "Dear Mairi",
        "Well argued.",
        "We offer £1,234.50.",
        "Yours, {the fund}",
    )
    assert filled.clauses[0].text == "Only for A-1."


@pytest.mark.feature("W2")
def test_letter_with_empty_and_unknown_places_lists_every_one():
    with pytest.raises(MissingMergeField) as refusal:
        letter_text(LETTER, {"name": "  ", "feedback": ""})

    assert refusal.value.names == ("amount", "name", "reference")
    assert [reason.key for reason in refusal.value.reasons] == ["amount", "name", "reference"]


@pytest.mark.feature("W2")
def test_place_that_stands_alone_may_be_empty_but_not_unknown():
    assert letter_text(LETTER, FIELDS | {"feedback": ""}).paragraphs[1] == "We offer £1,234.50."

    without = {name: value for name, value in FIELDS.items() if name != "feedback"}
    with pytest.raises(MissingMergeField) as refusal:
        letter_text(LETTER, without)
    assert refusal.value.names == ("feedback",)


@pytest.mark.feature("W2")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{}", "{}"),
        ("a {name.__class__} b", "name.__class__"),
        ("a {name!r} b", "name!r"),
        ("a {name:>10} b", "name:>10"),
        ("a } b", "a } b"),
        ("a {name", "a {name"),
    ],
)
def test_place_that_nothing_can_fill_is_refused(text, name):
    with pytest.raises(MissingMergeField) as refusal:
        letter_text(replace(LETTER, paragraphs=(text,)), FIELDS)

    assert refusal.value.names == (name,)


def test_value_is_not_read_for_places():
    filled = letter_text(LETTER, FIELDS | {"name": "{amount} {0.__class__}"})

    assert filled.paragraphs[0] == "Dear {amount} {0.__class__}"


def test_sums_that_disagree_are_refused():
    with pytest.raises(Blocked, match=r"£1,234\.50, but .* £1,235\.50"):
        letter_text(LETTER, FIELDS, replace(VALUES, own_costs=23_550))


@pytest.mark.feature("W4")
def test_frozen_letter_comes_back_as_it_was():
    filled = letter_text(LETTER, FIELDS, VALUES)

    assert letters.load(letters.dump(filled)) == filled
    assert letters.dump(letters.load(letters.dump(filled))) == letters.dump(filled)


@pytest.mark.feature("W4")
def test_frozen_letter_gives_the_same_bytes():
    filled = letter_text(LETTER, FIELDS, VALUES)

    assert on_paper(letters.load(letters.dump(filled))) == on_paper(filled)


@pytest.mark.feature("W1", "W4")
def test_letter_on_paper_says_all_that_it_holds():
    data = on_paper(letter_text(LETTER, FIELDS, VALUES))

    assert text_of(data) == (
        "3 February 2027 Letter L-1 Mairi NicDhòmhnaill "
        "Shetland Islands Wellbeing Partnership (fictional) Your award A-1 Dear Mairi "
        "Well argued. We offer £1,234.50. Yours, {the fund} Łukasz Зоряна (fictional) Approver "
        "Amount by financial year Financial year Amount 2026-27 £1,000.00 2027-28 £234.50 "
        "Total £1,234.50 In words: one thousand, two hundred and thirty-four pounds and "
        "fifty pence. What the award is for Project Group Decision Amount "
        "Walks Walkers In full £1,000.00 Shed Shed In reserve £0.00 "
        "The partnership’s own costs £234.50 Total £1,234.50 "
        "Communities Fund The funder (fictional) Letter L-1 · verification code ABCD-EFGH "
        "All names are fictional. Page 1 of 2 "
        "Special conditions of this award 1. Send the partnership agreement. "
        "When to report Return Covers Due by Interim 1 October 2026 to 31 March 2027 "
        "30 April 2027 How to accept 1. Sign in. 2. Choose “Accept the offer”. "
        "Terms of the award 1. Use Only for A-1. How to check that this letter is genuine "
        "Anyone may check this letter at https://grants.example.org/verify with these details. "
        "Letter number L-1 Verification code ABCD-EFGH "
        "Communities Fund: letter L-1 Letter L-1 · verification code ABCD-EFGH "
        "All names are fictional. Page 2 of 2"
    )


def test_letter_on_paper_is_tagged():
    data = on_paper(letter_text(LETTER, FIELDS, VALUES))

    roles = roles_of(data)
    assert faults_of(data) == []
    assert (roles.count("H1"), roles.count("Table"), roles.count("L")) == (1, 4, 2)


def test_letter_without_tables_leaves_them_out():
    data = on_paper(letter_text(replace(LETTER, clauses=()), FIELDS))

    assert page_count(data) == 1
    assert [role for role in roles_of(data) if role in {"H1", "H2"}] == ["H1", "H2"]


def test_long_list_of_projects_breaks_between_rows():
    line = ProjectLine(title="A project " * 8, group="A group", decision="In full", pence=100)
    values = LetterValues(projects=(line,) * 120)
    data = on_paper(letter_text(LETTER, FIELDS, values))

    assert faults_of(data) == []
    assert roles_of(data).count("TR") == 122 + 2


@pytest.mark.feature("W1")
@pytest.mark.parametrize("slug", sorted(all_funds()))
@pytest.mark.parametrize("kind", LETTER_KINDS)
def test_every_letter_of_every_fund_can_be_filled_and_printed(slug, kind):
    letter = all_funds()[slug].letter(kind)
    fields = {name: f"[{name}]" for name in PLACEHOLDERS}
    data = on_paper(letter_text(letter, fields, VALUES))

    printed = text_of(data).replace(" ", "")
    assert faults_of(data) == []
    assert sorted(letters.placeholders(letter) - PLACEHOLDERS) == []
    assert all(f"[{name}]" in printed for name in letters.placeholders(letter))


def test_dump_is_plain_json():
    assert json.loads(letters.dump(letter_text(LETTER, FIELDS)))["kind"] == "award"
