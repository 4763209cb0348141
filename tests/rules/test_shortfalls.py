"""Why an application is short of readers, in sentences that say what would mend it."""

from __future__ import annotations

import pytest

from grants.rules.allocation import Bid, Reader, Wanted, allocate
from grants.rules.overlap import Assignment
from grants.rules.shortfalls import reasons

R4 = pytest.mark.feature("R4")


def why(found):
    return {gap.application: reasons(gap, "Shetland") for gap in found.gaps}


@R4
def test_full_allocation_has_no_gap():
    assert allocate([Bid(1)], [Reader(101, 9)], Wanted(1)).gaps == ()


@R4
def test_interest_load_and_area_are_told_apart():
    readers = [Reader(101, 1, frozenset({7})), Reader(102, 9, frozenset({8}))]

    found = allocate(
        [Bid(1, 7), Bid(2, 8), Bid(3, 7)], readers, Wanted(2), conflicts=[(102, 1), (101, 3)]
    )

    assert [(gap.application, gap.found, gap.kept, gap.full) for gap in found.gaps] == [
        (1, 1, 1, 0),
        (2, 1, 0, 1),
        (3, 1, 1, 0),
    ]
    assert why(found) == {
        1: ("Kept from it: 1 assessor, by an interest or as who hands it out.",),
        2: ("Load: 1 assessor may read it, and holds as many as allowed.",),
        3: (
            "Kept from it: 1 assessor, by an interest or as who hands it out.",
            "Area: nobody without an interest knows Shetland.",
        ),
    }


@R4
def test_too_few_assessors_are_too_few():
    assert why(allocate([Bid(1)], [Reader(101, 9)], Wanted(3))) == {
        1: ("Too few: there are no other assessors.",)
    }
    assert why(allocate([Bid(1)], [], Wanted(1))) == {
        1: (
            "Too few: there are no other assessors.",
            "Area: nobody without an interest knows Shetland.",
        )
    }


@R4
@pytest.mark.parametrize(
    ("lived", "most", "conflicts", "sentence"),
    [
        (False, 9, [], "Lived experience: nobody sits in such a seat."),
        (True, 0, [], "Lived experience: 1 assessor may read it, and holds as many as allowed."),
        (True, 9, [(101, 1)], "Lived experience: 1 assessor kept from it by an interest."),
    ],
)
def test_empty_seat_for_lived_experience_says_why(lived, most, conflicts, sentence):
    readers = [Reader(101, most, is_lived=lived), Reader(102, 9), Reader(103, 9)]

    found = allocate([Bid(1)], readers, Wanted(2, 1), conflicts=conflicts)

    assert [(gap.found, gap.is_short, gap.lacks_seat) for gap in found.gaps] == [(2, False, True)]
    assert why(found) == {1: (sentence,)}


@R4
def test_seat_whose_readers_are_given_already_says_so():
    readers = [Reader(101, 9, is_lived=True), Reader(102, 9)]

    found = allocate([Bid(1)], readers, Wanted(1, 1), already=[Assignment(1, 102)])

    assert why(found) == {
        1: ("Lived experience: its readers are given already, or too few sit in such a seat.",)
    }
