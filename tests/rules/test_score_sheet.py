"""An assessor's sheet: read from what was typed, and what is still missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grants.funds.definition import Criterion, Scoring
from grants.rules.refusals import Reason
from grants.rules.score_sheet import (
    LONGEST,
    Advice,
    Line,
    Sheet,
    advised,
    amended,
    incomplete,
    texts_of,
)

SCORING = Scoring(
    scheme="weighted_percent",
    lowest=0,
    highest=4,
    readers=2,
    criterion_spread=2,
    total_spread=20,
    source="",
    status="proposed",
    criteria=(
        Criterion(key="fit", title="Fit", weight=60, guidance=""),
        Criterion(key="need", title="Need", weight=40, guidance=""),
    ),
)
LINES = (Line("p1", "Café", 500_000),)
WHOLE = {
    "mark.fit": "3",
    "reason.fit": "Because.",
    "mark.need": "2",
    "reason.need": "Because.",
    "line.p1": "full",
    "comment": "Good.",
}


def written(**more: str) -> Sheet:
    sheet, faults = amended(Sheet(), WHOLE | more, SCORING, LINES)
    assert faults == ()
    return sheet


@pytest.mark.feature("R3")
def test_total_is_weighted() -> None:
    assert written().total(SCORING) == Decimal("65.00")


def test_total_waits_for_every_mark() -> None:
    sheet, _ = amended(Sheet(), {"mark.fit": "3"}, SCORING, LINES)

    assert (sheet.total(SCORING), sheet.marked(SCORING)) == (None, 1)


def test_amended_changes_only_what_was_typed() -> None:
    sheet, faults = amended(written(), {"mark.fit": "0", "mark.other": "4"}, SCORING, LINES)

    assert faults == ()
    assert sheet == Sheet(
        {"fit": 0, "need": 2},
        {"fit": "Because.", "need": "Because."},
        {"p1": Advice("full")},
        "Good.",
    )


@pytest.mark.parametrize("text", ["5", "-1", "x", "3.5", "³"])
def test_amended_refuses_a_mark_off_the_scale(text) -> None:
    sheet, faults = amended(Sheet(), {"mark.fit": text}, SCORING, LINES)

    assert sheet.marks == {"fit": None}
    assert faults == (Reason("Choose a score from 0 to 4 for “Fit”.", "mark.fit"),)


def test_amended_keeps_the_amount_it_had_when_the_new_one_cannot_be_read() -> None:
    before = written(**{"line.p1": "part", "amount.p1": "1,000"})

    sheet, faults = amended(before, {"amount.p1": "a lot"}, SCORING, LINES)

    assert sheet.advice == {"p1": Advice("part", 100_000)}
    assert [fault.key for fault in faults] == ["amount.p1"]


def test_amended_says_when_a_text_is_too_long() -> None:
    sheet, faults = amended(Sheet(), {"comment": "x" * (LONGEST + 1)}, SCORING, LINES)

    assert (len(sheet.comment), [fault.key for fault in faults]) == (LONGEST, ["comment"])
    assert amended(Sheet(), {"comment": "x" * LONGEST}, SCORING, LINES)[1] == ()


def test_sheet_is_shown_as_it_was_typed() -> None:
    typed = WHOLE | {"line.p1": "part", "amount.p1": "1,000.50", "why.p1": "Less."}

    assert texts_of(written(**typed), SCORING, LINES) == typed
    assert set(texts_of(Sheet(), SCORING, LINES).values()) == {""}


@pytest.mark.feature("R2")
def test_incomplete_names_all_that_is_missing_in_order() -> None:
    assert [reason.key for reason in incomplete(Sheet(), SCORING, LINES)] == [
        "mark.fit",
        "reason.fit",
        "mark.need",
        "reason.need",
        "line.p1",
    ]


@pytest.mark.feature("R2")
@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ({}, []),
        ({"reason.fit": "  "}, ["reason.fit"]),
        ({"line.p1": "no"}, ["why.p1"]),
        ({"line.p1": "part"}, ["amount.p1", "why.p1"]),
        ({"line.p1": "part", "amount.p1": "5,000", "why.p1": "Less."}, ["amount.p1"]),
        ({"line.p1": "part", "amount.p1": "0", "why.p1": "Less."}, ["amount.p1"]),
        ({"line.p1": "part", "amount.p1": "4,999.99", "why.p1": "Less."}, []),
        ({"line.p1": "part", "amount.p1": "0.01", "why.p1": "Less."}, []),
        ({"line.p1": "no", "why.p1": "No."}, []),
    ],
)
def test_incomplete_asks_a_reason_only_for_part_or_no(typed, keys) -> None:
    assert [reason.key for reason in incomplete(written(**typed), SCORING, LINES)] == keys


@pytest.mark.parametrize(
    ("advice", "amount"),
    [
        (Advice(), None),
        (Advice("full", 3), 500_000),
        (Advice("part", 200_000), 200_000),
        (Advice("no", 200_000), 0),
    ],
)
def test_advised_is_the_amount_the_advice_comes_to(advice, amount) -> None:
    assert advised(advice, LINES[0]) == amount
