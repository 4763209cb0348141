"""Marks on doors."""

from __future__ import annotations

import pytest

from grants.rules.actions import Action
from grants.web.guards import Mark, mark_of, needs, public, signed_in


def view() -> str:
    return "seen"


def fresh():
    return lambda: "seen"


@pytest.mark.parametrize(
    ("marks", "mark"),
    [
        (public, Mark("public")),
        (signed_in, Mark("signed-in")),
        (needs(Action.SCORE, "assessment"), Mark("needs", Action.SCORE, "assessment")),
    ],
)
def test_view_carries_its_mark(marks, mark):
    assert mark_of(marks(fresh())) == mark


def test_view_without_a_mark_has_none():
    assert mark_of(view) is None


def test_two_marks_are_refused():
    with pytest.raises(TypeError):
        public(signed_in(fresh()))
