"""Totals, gates, spread and ranking."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.funds.definition import Criterion, Scoring
from grants.rules.scoring import (
    LOT,
    Place,
    Spread,
    Standing,
    below_minimum,
    mean_scores,
    mean_total,
    missing,
    moderated_total,
    ranking,
    spread_flags,
    two_places,
    weighted_total,
)


def scoring(highest=4, **minimums):
    weights = {
        "fit": 20,
        "need": 20,
        "outcomes": 20,
        "delivery": 15,
        "lived": 10,
        "value": 15,
        "simd": 0,
    }
    return Scoring(
        scheme="weighted_percent",
        lowest=0,
        highest=highest,
        readers=2,
        criterion_spread=2,
        total_spread=20,
        source="",
        status="proposed",
        criteria=tuple(
            Criterion(key=key, title=key, weight=weight, guidance="", minimum=minimums.get(key))
            for key, weight in weights.items()
        ),
    )


def marks(*scores):
    return dict(zip(("fit", "need", "outcomes", "delivery", "lived", "value"), scores, strict=True))


@pytest.mark.feature("R3")
@pytest.mark.parametrize(
    ("scores", "highest", "total"),
    [
        (marks(4, 4, 4, 4, 4, 4), 4, "100.00"),
        (marks(0, 0, 0, 0, 0, 0), 4, "0.00"),
        (marks(3, 2, 4, 2, 1, 3), 4, "66.25"),
        (marks(3, 2, 4, 2, 1, 3), 6, "44.17"),
        (marks(1, 0, 0, 0, 0, 0), 7, "2.86"),
    ],
)
def test_weighted_total_is_out_of_a_hundred(scores, highest, total):
    assert str(weighted_total(scores, scoring(highest))) == total


@pytest.mark.feature("R3")
@pytest.mark.parametrize("gap", [None, "absent"])
def test_weighted_total_waits_for_every_criterion_that_counts(gap):
    scores = marks(4, 4, 4, 4, 4, 4)
    if gap is None:
        scores["lived"] = None
    else:
        del scores["lived"]

    assert (weighted_total(scores, scoring()), missing(scores, scoring())) == (None, ("lived",))


def test_weighted_total_refuses_a_score_off_the_scale():
    with pytest.raises(ValueError, match="5 is no score of 'fit'"):
        weighted_total(marks(5, 4, 4, 4, 4, 4), scoring())


@given(st.lists(st.integers(0, 7), min_size=6, max_size=6), st.integers(7, 10))
def test_weighted_total_is_the_exact_sum_rounded_once(scores, highest):
    weights = (20, 20, 20, 15, 10, 15)
    exact = sum(Fraction(s * w, highest) for s, w in zip(scores, weights, strict=True))

    total = weighted_total(marks(*scores), scoring(highest))

    assert -Fraction(1, 200) <= exact - Fraction(total) < Fraction(1, 200) or (
        Fraction(total) - exact == Fraction(1, 200)
    )
    assert total == two_places(exact)


@pytest.mark.parametrize(
    ("value", "shown"), [("0.005", "0.01"), ("2.674", "2.67"), ("1.995", "2.00")]
)
def test_two_places_rounds_halves_up(value, shown):
    assert str(two_places(Decimal(value))) == shown


def test_below_minimum_names_what_is_not_fundable():
    scores = marks(1, 2, 0, None, 0, 4)

    assert below_minimum(scores, scoring(fit=2, need=2, delivery=2)) == ("fit",)


def test_below_minimum_takes_means_of_readers():
    means = mean_scores([marks(1, 4, 4, 4, 4, 4), marks(2, 4, None, 4, 4, 4)], scoring())

    assert (means["fit"], means["outcomes"], means["simd"]) == (Fraction(3, 2), 4, None)
    assert below_minimum(means, scoring(fit=2)) == ("fit",)


@pytest.mark.feature("R13")
def test_moderated_total_takes_what_the_panel_agreed_and_means_for_the_rest():
    first = {"fit": 4, "need": 4, "outcomes": 4, "delivery": 4, "lived": 4, "value": 4}
    second = dict.fromkeys(first, 2)

    assert moderated_total([first, second], {"fit": 2}, scoring()) == Decimal("70.00")
    assert moderated_total([first, second], {}, scoring()) is None
    assert moderated_total([{"fit": 4}], {"fit": 2}, scoring()) is None
    assert moderated_total([], dict.fromkeys(first, 3), scoring()) == Decimal("75.00")


def test_mean_total_is_of_what_is_shown():
    totals = [Decimal("66.25"), Decimal("50.00"), Decimal("50.01")]

    assert (str(mean_total(totals)), mean_total([])) == ("55.42", None)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            marks(4, 4, 4, 4, 4, 4),
            marks(3, 3, 3, 3, 3, 4),
            Spread((), Decimal("21.25"), total=True),
        ),
        (
            marks(4, 4, 4, 4, 4, 4),
            marks(3, 3, 3, 3, 4, 3),
            Spread((), Decimal("22.50"), total=True),
        ),
        (marks(4, 4, 4, 4, 4, 4), marks(4, 4, 4, 4, 2, 4), Spread(("lived",), Decimal("5.00"))),
        (
            marks(4, 4, 4, 4, 4, 4),
            marks(3, 3, 3, 4, 3, 3),
            Spread((), Decimal("21.25"), total=True),
        ),
        (marks(4, 4, 4, 4, 4, 4), marks(3, 3, 3, 3, 4, 4), Spread((), Decimal("18.75"))),
        (marks(4, 4, 4, 4, 4, 4), marks(0, None, 4, 4, 4, 4), Spread(("fit",))),
    ],
)
def test_spread_flags_where_readers_differ(first, second, expected):
    assert spread_flags([first, second], scoring()) == expected


def test_spread_flags_exactly_at_the_limit_and_not_below():
    at = spread_flags([marks(4, 4, 4, 4, 4, 4), marks(3, 3, 3, 4, 3, 4)], scoring())
    low = spread_flags([marks(4, 4, 4, 4, 4, 4), marks(3, 3, 3, 3, 4, 4)], scoring())
    twenty = spread_flags([marks(4, 4, 4, 4, 4, 4), marks(0, 4, 4, 4, 4, 4)], scoring())

    assert (at.gap, at.total, low.total) == (Decimal("17.50"), False, False)
    assert (twenty.gap, twenty.total, twenty.is_flagged) == (Decimal("20.00"), True, True)


def test_spread_flags_nothing_for_one_reader():
    assert spread_flags([marks(4, 4, 4, 4, 4, 4)], scoring()) == Spread()


def test_ranking_shares_a_rank_and_leaves_the_next_out():
    standings = [
        Standing("a", Decimal("50.00")),
        Standing("b", None),
        Standing("c", Decimal("70.00")),
        Standing("d", Decimal("70.00")),
    ]

    assert ranking(standings) == (
        Place("c", 1, is_tied=True),
        Place("d", 1, is_tied=True),
        Place("a", 3),
        Place("b", None),
    )


def test_ranking_parts_ties_by_the_declared_rules_in_turn():
    standings = [
        Standing("a", Decimal(70), {"first-time": 1, "income": 10}),
        Standing("b", Decimal(70), {"first-time": 0, "income": 30}),
        Standing("c", Decimal(70), {"first-time": 0, "income": 20}),
        Standing("d", Decimal(70), {"income": 5}),
    ]

    places = ranking(standings, ("first-time", "income"))

    assert [(place.key, place.rank) for place in places] == [("c", 1), ("b", 2), ("a", 3), ("d", 4)]


def test_ranking_is_the_same_for_every_order_given():
    standings = [Standing(key, Decimal(50 + number // 2)) for number, key in enumerate("abcd")]

    for ties in ((), (LOT,)):
        outcomes = {ranking(order, ties, "ADULT-1") for order in permutations(standings)}
        assert len(outcomes) == 1


def test_ranking_by_lot_parts_all_and_turns_on_the_seed():
    standings = [Standing(str(number), Decimal(50)) for number in range(20)]

    first, again, other = (ranking(standings, (LOT,), seed) for seed in ("A", "A", "B"))

    assert [place.rank for place in first] == list(range(1, 21))
    assert first == again
    assert first != other
