"""Recommendations: what they come to, what is wrong with them, and their fingerprint."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from grants.funds.definition import Code, CodeList
from grants.funds.loader import all_funds
from grants.rules.funding_line import Choice
from grants.rules.recommendation import (
    Condition,
    LineChoice,
    Recommendation,
    approvals_needed,
    faults,
    fingerprint,
    mean_advice,
    reason_parts,
    reason_text,
    reason_words,
    refusal,
    undeparted,
)
from grants.rules.states import LineDecision as Is

WHOLE = Recommendation(
    is_award=True,
    own_costs=100,
    lines=(LineChoice(row="a", decision=Is.FULL, amount=500),),
    conditions=(Condition(text="Agree a venue."),),
)
LISTED = CodeList(
    name="x", edition="1", source="", status="proposed", codes=(Code(code="far", label="Too far"),)
)


@pytest.mark.feature("D5")
@pytest.mark.parametrize(
    "change",
    [
        {"is_award": False},
        {"own_costs": 99},
        {"lines": (LineChoice(row="a", decision=Is.PART, amount=500),)},
        {"lines": (LineChoice(row="a", decision=Is.FULL, amount=499),)},
        {"lines": (LineChoice(row="a", decision=Is.FULL, amount=500, reason="far"),)},
        {"conditions": ()},
        {"conditions": (Condition(text="Agree a venue.", due_on=dt.date(2027, 1, 1)),)},
        {"conditions": (Condition(text="Agree a venue.", evidence="A letter."),)},
        {"reason": "far"},
        {"feedback": "Well done."},
        {"departure": "risk: Judged otherwise."},
    ],
)
def test_fingerprint_changes_with_anything_an_approver_saw(change):
    assert fingerprint(dataclasses.replace(WHOLE, **change), 1) != fingerprint(WHOLE, 1)


def test_fingerprint_is_bound_to_the_rulebook():
    assert fingerprint(WHOLE, 1) == fingerprint(dataclasses.replace(WHOLE), 1)
    assert fingerprint(WHOLE, 1) != fingerprint(WHOLE, 2)


@pytest.mark.feature("D5")
@pytest.mark.parametrize("fund", all_funds().values(), ids=lambda fund: fund.slug)
def test_second_approval_begins_above_the_funds_amount(fund):
    over = fund.settings.second_approval_over

    assert [approvals_needed(fund.settings, over + more) for more in (0, 1)] == [1, 2]


@pytest.mark.feature("D1")
def test_award_below_a_minimum_takes_a_reason():
    lines = [choice(Is.FULL, 500)]
    explained = dataclasses.replace(WHOLE, departure="far: The only hall there is.")

    asked = faults(WHOLE, lines, 100, is_below=True)

    assert [reason.key for reason in asked] == ["departure"]
    assert faults(explained, lines, 100, is_below=True) == faults(WHOLE, lines, 100) == ()
    assert faults(refusal("far", "", ["a"]), lines, 100, is_below=True) == ()


@pytest.mark.parametrize(
    ("departure", "count"), [("", 0), ("far: Because.", 0), ("far", 1), ("near: Because.", 1)]
)
def test_departure_is_a_listed_code_with_words(departure, count):
    made = dataclasses.replace(WHOLE, departure=departure)

    assert len(undeparted(made, LISTED)) == count


def test_amount_is_own_costs_and_lines():
    assert WHOLE.amount == 600


def test_refusal_puts_every_line_out():
    made = refusal("far", "Sorry.", ["a", "b"])

    assert (made.amount, [line.decision for line in made.lines]) == (0, [Is.OUT, Is.OUT])


def choice(decision, amount, asked=500, smallest=200):
    return Choice(
        key="a", decision=decision, amount=amount, asked=asked, smallest=smallest, title="Choir"
    )


@pytest.mark.feature("D2")
@pytest.mark.parametrize(
    ("line", "own", "reason", "said"),
    [
        ((Is.PART, 300, "far"), 100, "far", []),
        ((Is.PART, 100, "far"), 100, "far", ["Choir cannot work with less than £2."]),
        ((Is.PART, 300, ""), 100, "far", ["Give a reason why Choir does not get all."]),
        (
            (Is.PART, 300, "far"),
            100,
            "",
            ["Give a reason why less is offered than was asked for."],
        ),
        ((Is.OUT, 0, "far"), 0, "far", ["Fund at least one project, or recommend a refusal."]),
        ((Is.FULL, 500, ""), 101, "", ["Own costs cannot be more than the £1 asked for."]),
    ],
)
def test_faults_are_said_in_sentences(line, own, reason, said):
    decision, amount, why = line
    wanted = Recommendation(
        is_award=True,
        own_costs=own,
        lines=(LineChoice(row="a", decision=decision, amount=amount, reason=why),),
        reason=reason,
    )

    assert [fault.text for fault in faults(wanted, [choice(decision, amount)], 100)] == said


def test_refusal_needs_a_reason():
    assert [f.text for f in faults(refusal("", "", ["a"]), [], 0)] == ["Choose a reason."]


@pytest.mark.parametrize(
    ("code", "note", "kept", "words"),
    [
        ("far", "", "far", "Too far."),
        (
            "far",
            " An island: two ferries. ",
            "far: An island: two ferries.",
            "Too far. An island: two ferries.",
        ),
        ("", "A note alone", "", ""),
        ("gone", "", "gone", "gone."),
    ],
)
def test_reasons_come_back_as_they_were_kept(code, note, kept, words):
    assert reason_text(code, note) == kept
    assert reason_words(kept, LISTED) == words
    assert reason_parts(kept)[0] == (code if kept else "")


@pytest.mark.parametrize(
    ("given", "mean"),
    [(["full", "part"], 1.5), (["no", "no"], 0.0), ([], None), (["full", "no", "part"], 1.0)],
)
def test_advice_is_worth_its_mean(given, mean):
    assert mean_advice(given) == mean
