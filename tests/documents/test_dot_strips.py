"""Strips of dots: every score is drawn once, inside the picture."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grants.documents.dot_strips import MANY, dot_strip

pytestmark = pytest.mark.feature("R23")


@given(some.lists(some.integers(0, 5), max_size=80), some.none() | some.integers(0, 5))
def test_every_score_is_drawn_once_and_inside(marks, own):
    tally = sorted(Counter(marks).items())

    found = dot_strip(tally, (0, 5), own=own)

    drawn = sum(int(dot.text) if dot.text else 1 for dot in found.dots)
    assert drawn == len(marks)
    assert sum(dot.is_own for dot in found.dots) == (own in marks)
    for dot in found.dots:
        assert dot.radius <= dot.x <= found.width - dot.radius
        assert dot.radius <= dot.y <= found.floor - dot.radius / 2


def test_many_of_the_same_are_one_dot_with_their_number():
    found = dot_strip([(2, MANY + 1), (3, 1)], (0, 4))

    assert [dot.text for dot in found.dots] == [str(MANY + 1), ""]


def test_strip_says_in_words_what_it_shows():
    found = dot_strip([(2, 3), (4, 1)], (0, 4), own=4, agreed=2)

    assert found.title == "Scores given: 2 from 3, 4 from 1; yours 4; agreed 2."
    assert [tick.mark for tick in found.ticks if tick.is_agreed] == [2]


def test_nothing_given_is_said():
    assert dot_strip([], (0, 4)).title == "Scores given: none yet."
