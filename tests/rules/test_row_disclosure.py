"""Rows beside published totals: no hidden row can be worked out, proved by trying every other table."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.row_disclosure import results_to_hide, rows_to_hide

SMALL = 4


def hidden_rows(values, *, total_hidden=False):
    rows = [(number, "area", value) for number, value in enumerate(values)]
    found = rows_to_hide(rows, hidden_totals={"area"} if total_hidden else (), small=SMALL)
    return {number for number in range(len(values)) if found.hides(number, "area")}


@pytest.mark.feature("E3")
def test_rows_without_small_numbers_are_shown():
    assert hidden_rows([0, 5, 90]) == set()


@pytest.mark.feature("E4")
def test_a_single_small_row_takes_the_smallest_other_with_it():
    assert hidden_rows([3, 90, 7, 0]) == {0, 2}


@pytest.mark.feature("E4")
def test_rows_of_one_each_take_another_with_them():
    assert hidden_rows([1, 1, 1, 8, 9]) == {0, 1, 2, 3}


@pytest.mark.feature("E4")
def test_rows_of_one_each_alone_hide_the_noughts_too():
    assert hidden_rows([1, 1, 1, 1, 1, 0]) == {0, 1, 2, 3, 4, 5}


@pytest.mark.feature("E4")
def test_no_row_is_shown_under_a_hidden_total():
    assert hidden_rows([9, 90], total_hidden=True) == {0, 1}


def test_groups_do_not_help_one_another():
    rows = [(1, "a", 2), (2, "a", 9), (3, "b", 2), (4, "b", 9), (5, "b", 8)]

    found = rows_to_hide(rows, hidden_totals=(), small=SMALL)
    assert (found.rows, found.groups) == ({1, 2, 3, 5}, frozenset())


@pytest.mark.feature("E4")
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_no_hidden_row_has_one_possible_value(values):
    if 1 <= sum(values) <= SMALL:
        return  # such a total is hidden itself
    rows = [(number, "area", value) for number, value in enumerate(values)]
    found = rows_to_hide(rows, hidden_totals=(), small=SMALL)
    hidden = [row for row in range(len(values)) if found.hides(row, "area")]
    left = sum(values[row] for row in hidden)
    least = 0 if found.groups else 1  # a group that is hidden whole hides its noughts
    possible = [
        guess for guess in product(range(least, left + 1), repeat=len(hidden)) if sum(guess) == left
    ]

    assert [row for place, row in enumerate(hidden) if len({p[place] for p in possible}) < 2] == []
    assert [
        value for row, value in enumerate(values) if 1 <= value <= SMALL and row not in hidden
    ] == []


def results(*rows, hidden=()):
    numbered = [(number, "outcome", row) for number, row in enumerate(rows)]
    found = results_to_hide(numbered, hidden_outcomes=hidden, small=SMALL)
    return {number for number in range(len(rows)) if found.hides(number, "outcome")}


@pytest.mark.feature("E4")
def test_a_result_with_one_small_count_hides_all_and_takes_another_with_it():
    assert results((20, 10, 8, 2), (30, 10, 10, 10), (90, 40, 40, 10)) == {0, 1}


@pytest.mark.feature("E4")
def test_a_single_result_leaves_with_its_outcome():
    assert results((20, 10, 8, 2)) == {0}
    assert results((30, 10, 10, 10)) == set()
    assert results((30, 10, 10, 10), hidden={"outcome"}) == {0}


def test_two_small_results_guard_each_other():
    assert results((20, 10, 8, 2), (30, 13, 13, 4), (90, 40, 40, 10)) == {0, 1}
