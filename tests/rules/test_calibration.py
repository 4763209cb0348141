"""How far the scores of samples are spread, and who stands apart."""

from __future__ import annotations

from fractions import Fraction
from statistics import median as of_the_library

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grants.rules.calibration import FEWEST, leanings, median, spread

pytestmark = pytest.mark.feature("R23")
MARKS = some.lists(some.integers(0, 5), min_size=1, max_size=40)
READINGS = some.dictionaries(
    some.integers(1, 6),
    some.dictionaries(
        some.integers(1, 8), some.fixed_dictionaries({"a": some.integers(0, 5)}), max_size=8
    ),
    max_size=6,
)


@given(MARKS)
def test_median_is_the_library_s(marks):
    assert median(marks) == Fraction(of_the_library(marks))


def test_nothing_has_no_middle():
    assert spread([]) is None
    with pytest.raises(ValueError, match="no middle"):
        median([])


@given(MARKS)
def test_spread_holds_every_score_once(marks):
    found = spread(marks)

    assert found is not None
    assert [mark for mark, count in found.tally for _ in range(count)] == sorted(marks)
    assert found.lowest <= found.median <= found.highest
    assert (found.count, found.gap) == (len(marks), max(marks) - min(marks))


@given(READINGS)
def test_everybody_alike_leans_nowhere(readings):
    alike = {sample: {one: {"a": 3} for one in people} for sample, people in readings.items()}

    found = leanings(alike, ["a"], Fraction(1))

    assert {one.difference for one in found.values()} <= {None, Fraction(0)}
    assert {one.stands for one in found.values()} <= {""}


@given(READINGS, some.integers(1, 5))
def test_same_shift_for_all_changes_nobody_s_leaning(readings, shift):
    moved = {
        sample: {person: {"a": marks["a"] + shift} for person, marks in people.items()}
        for sample, people in readings.items()
    }

    assert leanings(moved, ["a"], Fraction(1)) == leanings(readings, ["a"], Fraction(1))


@given(READINGS)
def test_samples_with_too_few_assessors_say_nothing(readings):
    few = {sample: dict(list(people.items())[: FEWEST - 1]) for sample, people in readings.items()}

    assert {one.difference for one in leanings(few, ["a"], Fraction(1)).values()} <= {None}


def test_who_scores_a_point_higher_stands_apart():
    given_ = {
        1: {7: {"a": 2, "b": 3}, 8: {"a": 2, "b": 3}, 9: {"a": 3, "b": 4}},
        2: {7: {"a": 1, "b": 1}, 8: {"a": 1, "b": None}, 9: {"a": 2, "b": 4}},
    }

    found = leanings(given_, ["a", "b"], Fraction(1))

    assert found[9].difference == Fraction(1)  # in b of the second sample there are too few
    assert [found[person].stands for person in (7, 8, 9)] == ["", "", "above"]
    assert {one.samples for one in found.values()} == {2}


def test_who_scores_lower_stands_below():
    given_ = {1: {7: {"a": 4}, 8: {"a": 4}, 9: {"a": 1}}}

    assert leanings(given_, ["a"], Fraction(1))[9].stands == "below"
