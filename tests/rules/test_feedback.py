"""Feedback drafted from what was written: strengths first, nobody named, short enough for a letter."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grants.funds.definition import Anchor, Criterion, Scoring
from grants.rules.feedback import MOST_WORDS, Said, draft

ANCHORS = tuple(Anchor(score=mark, text=f"Anchor {mark}.") for mark in range(5))
RULES = Scoring(
    scheme="weighted_percent",
    lowest=0,
    highest=4,
    readers=2,
    criterion_spread=2,
    total_spread=20,
    source="",
    status="",
    criteria=tuple(
        Criterion(key=key, title=key.title(), weight=weight, guidance="", anchors=ANCHORS)
        for key, weight in (("need", 30), ("plan", 40), ("reach", 20), ("cost", 10))
    ),
)


def said(mark, *words):
    return Said(mark=Fraction(mark), words=words)


@pytest.mark.feature("D8")
def test_strengths_come_first_then_what_would_lift_it_by_marks_against_anchors():
    found = draft(
        {
            "need": said(1, "No figures."),
            "plan": said(3, "Clear steps", "Clear steps."),
            "reach": said(4),
            "cost": said(0, "Not costed."),
        },
        RULES,
        (),
    )

    assert found.text.splitlines() == [
        "What was strong",
        "Reach: Anchor 4.",
        "Plan: Clear steps.",
        "What would make it stronger",
        "Cost: Not costed. To score more: Anchor 1.",
        "Need: No figures. To score more: Anchor 2.",
    ]


@pytest.mark.feature("D8")
@pytest.mark.parametrize("words", ["Clear steps. (Seen by two.)", "They say “it is ours.”"])
def test_sentence_that_ends_in_a_bracket_or_quotation_gets_no_second_stop(words):
    text = draft({"plan": said(4, words)}, RULES, ()).text

    assert f"Plan: {words}" in text.splitlines()


@pytest.mark.feature("D8")
def test_sentences_that_name_an_assessor_or_another_body_are_left_out():
    words = "I agree with MORAG here. The hall is sound! Better than Hall Folk’s."

    found = draft({"plan": said(3, words)}, RULES, ("Morag", "Hall Folk"))

    assert found.text == "What was strong\nPlan: The hall is sound!"
    assert found.left_out == ("I agree with MORAG here.", "Better than Hall Folk’s.")


@pytest.mark.feature("D8")
def test_draft_is_no_longer_than_the_letter_takes():
    long = " ".join(f"word{n}" for n in range(MOST_WORDS))

    found = draft({"plan": said(3, "Short."), "need": said(1, long)}, RULES, ())

    assert len(found.text.split()) <= MOST_WORDS
    assert "Plan: Short." in found.text


@pytest.mark.feature("D8")
def test_strength_begins_at_three_fifths_and_its_anchor_is_the_nearest():
    found = draft({"plan": Said(mark=Fraction(12, 5), words=()), "need": said("2.5")}, RULES, ())
    below = draft({"plan": Said(mark=Fraction(239, 100), words=("Thin.",))}, RULES, ())

    assert found.text == "What was strong\nNeed: Anchor 3.\nPlan: Anchor 2."
    assert below.text == "What would make it stronger\nPlan: Thin. To score more: Anchor 3."


@pytest.mark.feature("D8")
def test_draft_may_be_just_as_long_as_the_letter_takes():
    room = MOST_WORDS - len("What was strong Plan:".split())

    assert "w w." in draft({"plan": said(3, " ".join(["w"] * room) + ".")}, RULES, ()).text
    assert not draft({"plan": said(3, " ".join(["w"] * (room + 1)))}, RULES, ()).text
