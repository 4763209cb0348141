"""Krippendorff's alpha comes out as it was published."""

from __future__ import annotations

import pytest

from grants.rules.agreement import Agreement, interval, meaning, ordinal
from tests.rules.test_severity import EXAMPLE

# Krippendorff's "C" data: 12 units, 4 observers, as in the manual of the R package irr
# (kripp.alpha), which gives 0.815 for ordinal and 0.849 for interval data.
C = (
    "1 1 - 1 | 2 2 3 2 | 3 3 3 3 | 3 3 3 3 | 2 2 2 2 | 1 2 3 4 | 4 4 4 4 | 1 1 2 1 | 2 2 2 2 | "
    "- 5 5 5 | - - 1 1 | - - 3 -"
)


def units_of(text):
    return [[float(one) for one in unit.split() if one != "-"] for unit in text.split("|")]


@pytest.mark.feature("R14")
@pytest.mark.parametrize(
    ("text", "by_order", "by_distance"), [(C, 0.815, 0.849), (EXAMPLE, 0.714, 0.696)]
)
def test_alpha_is_as_published(text, by_order, by_distance):
    assert round(ordinal(units_of(text)), 3) == by_order
    assert round(interval(units_of(text)), 3) == by_distance


def test_alpha_is_one_where_all_agree_and_below_nought_where_none_do():
    assert interval([[1, 1], [2, 2], [3, 3, 3]]) == 1
    assert interval([[1, 3], [3, 1]]) < 0
    assert ordinal([[1, 3], [3, 1]]) < 0


@pytest.mark.parametrize("units", [[], [[1], [2]], [[2, 2], [2, 2]]])
def test_alpha_is_not_given_where_nothing_can_be_said(units):
    assert interval(units) is None
    assert ordinal(units) is None


@pytest.mark.parametrize(
    ("alpha", "said"),
    [(0.8, Agreement.GOOD), (0.79, Agreement.TENTATIVE), (0.667, "tentative"), (0.66, "low")],
)
def test_meaning_has_its_limits(alpha, said):
    assert meaning(alpha) == said
