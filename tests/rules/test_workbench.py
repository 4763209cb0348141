"""The grey zone beside the line, places in rank, and where the money goes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.workbench import Scored, Share, Sums, grey_zone, places_within


def scored(key, score, error=None, scope="A"):
    made = None if error is None else Decimal(error)
    return Scored(key=key, scope=scope, score=None if score is None else Decimal(score), error=made)


@pytest.mark.feature("D1")
def test_grey_are_those_whose_error_reaches_across_the_line():
    items = [
        scored("safe", 80, 5),
        scored("in", 72, 3),
        scored("out", 70, 3),
        scored("far", 60, 5),
        scored("silent", 71),
        scored("elsewhere", 71, 30, scope="B"),
        scored("unscored", None, 30),
    ]

    assert grey_zone(items, {"safe", "in"}) == {"in", "out"}


def test_touching_the_line_is_reaching_it():
    assert grey_zone([scored("a", 72, 2), scored("b", 70, 2)], {"a"}) == {"a", "b"}
    assert grey_zone([scored("a", 72, "1.99"), scored("b", 70, "1.99")], {"a"}) == frozenset()


some = st.lists(
    st.tuples(
        st.integers(0, 9), st.none() | st.integers(0, 4), st.sampled_from("AB"), st.booleans()
    ),
    max_size=6,
)


@pytest.mark.feature("D1")
@given(some)
def test_grey_zone_equals_its_definition(items):
    made = [scored(str(n), score, error, area) for n, (score, error, area, _) in enumerate(items)]
    funded = {str(n) for n, item in enumerate(items) if item[3]}

    expected = {
        one.key
        for one in made
        for other in made
        if one.scope == other.scope
        and one.error is not None
        and (one.key in funded) != (other.key in funded)
        and (
            one.score - one.error <= other.score
            if one.key in funded
            else one.score + one.error >= other.score
        )
    }
    assert grey_zone(made, funded) == expected


def test_places_are_counted_in_each_scope():
    assert places_within([("a", "x"), ("b", "y"), ("c", "x")]) == {"a": 1, "b": 1, "c": 2}


@pytest.mark.feature("D4")
def test_project_of_several_kinds_counts_in_each():
    sums = Sums([(("sport", "arts"), 100), (("arts",), 50), ((), 20)], ("sport", "food"))

    assert sums.shares([(0, 60), (2, 20)]) == (
        Share("sport", 100, 60, 1, 1),
        Share("arts", 150, 60, 2, 1),
    )
    assert sums.shares([]) == (Share("sport", 100, 0, 1, 0), Share("arts", 150, 0, 2, 0))
