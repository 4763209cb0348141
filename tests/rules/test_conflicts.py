"""Who may not assess an application."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.conflicts import (
    INTERESTS,
    Candidate,
    Interest,
    Parties,
    bar,
    barred_pairs,
    fold_all,
)

PARTIES = Parties(7, fold_all(["Applicant", " Stra\u00dfe  Trust "]), frozenset({5}))


def test_every_interest_has_its_words() -> None:
    assert set(INTERESTS) == set(Interest)


@pytest.mark.feature("R4")
@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (Candidate(1), ""),
        (Candidate(2), "You can't assign yourself"),
        (Candidate(5), "Has declared an interest"),
        (Candidate(1, frozenset({7})), "Belongs to the applicant"),
        (Candidate(1, frozenset({8}), fold_all(["STRASSE TRUST"])), "Belongs to a partner"),
        (Candidate(1, frozenset({8}), fold_all(["Another trust"])), ""),
    ],
)
def test_bar_says_why_not(candidate, why) -> None:
    assert bar(candidate, PARTIES, 2) == why


def test_fold_all_passes_over_empty_names() -> None:
    assert fold_all(["", "  ", "A  b"]) == {"a b"}


@given(
    st.lists(st.tuples(st.sets(st.integers(1, 3)), st.sets(st.sampled_from("xyz"))), max_size=4),
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sets(st.sampled_from("xyz")),
            st.sets(st.integers(0, 4)),
            st.sets(st.integers(0, 4)),
        ),
        max_size=4,
    ),
)
def test_barred_pairs_are_all_that_bar_keeps_apart(people, bids):
    candidates = [
        Candidate(place, frozenset(ids), frozenset(names))
        for place, (ids, names) in enumerate(people)
    ]
    parties = {
        key: Parties(applicant, *(frozenset(part) for part in rest))
        for key, (applicant, *rest) in enumerate(bids)
    }

    assert barred_pairs(candidates, parties, 2) == {
        (one.person_id, key) for one in candidates for key, of in parties.items() if bar(one, of, 2)
    }
