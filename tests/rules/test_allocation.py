"""Who assesses what: full, even, and never across a conflict."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.allocation import Allocation, Assignment, Shortfall, assign


def pairs(allocation):
    return [(made.application, made.assessor) for made in allocation.assignments]


def test_assign_balances_and_never_gives_one_twice():
    allocation = assign(list("abcd"), list("xyz"), 2, conflicts=[], load=9)

    assert len(set(pairs(allocation))) == 8
    assert sorted(allocation.loads.values()) == [2, 3, 3]
    assert allocation.shortfalls == ()


@pytest.mark.feature("R9")
def test_assign_passes_on_rather_than_cross_a_conflict():
    allocation = assign(["a", "b"], ["x", "y"], 1, conflicts=[("y", "b")], load=1)

    assert pairs(allocation) == [("a", "y"), ("b", "x")]


def test_assign_says_what_is_short():
    allocation = assign(["a", "b"], ["x", "y"], 2, conflicts=[("x", "a")], load=2)

    assert allocation.shortfalls == (Shortfall("a", 2, 1),)


def test_assign_leaves_what_stands_and_counts_it():
    kept = [Assignment("a", "x"), Assignment("b", "x")]

    allocation = assign(
        ["a", "b"], ["x", "y"], 2, conflicts=[], load={"x": 2, "y": 1}, already=kept
    )

    assert pairs(allocation) == [("a", "y")]
    assert allocation == Allocation(
        (Assignment("a", "y"),), (Shortfall("b", 2, 1),), {"x": 2, "y": 1}
    )


def best(applications, assessors, readers, conflicts, load):
    """Every possible allocation: the most seats, then the evenest loads."""
    choices = []
    for application in applications:
        free = [name for name in assessors if (name, application) not in conflicts]
        choices.append([c for n in range(readers + 1) for c in combinations(free, n)])
    found = []
    for chosen in product(*choices):
        loads = [sum(name in group for group in chosen) for name in assessors]
        if max(loads, default=0) <= load:
            found.append((sum(loads), -sum(held * held for held in loads)))
    return max(found)


@given(
    st.integers(0, 4),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sets(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd"))),
    st.integers(0, 4),
)
def test_assign_equals_brute_force(many, people, readers, conflicts, load):
    applications, assessors = list("abcd")[:many], list("xyz")[:people]

    allocation = assign(applications, assessors, readers, conflicts=conflicts, load=load)

    made = pairs(allocation)
    loads = [sum(name == assessor for _, assessor in made) for name in assessors]
    assert len(set(made)) == len(made)
    assert [
        made for made in allocation.assignments if (made.assessor, made.application) in conflicts
    ] == []
    assert max(loads) <= load
    assert (len(made), -sum(held * held for held in loads)) == best(
        applications, assessors, readers, conflicts, load
    )
    assert (
        len(made) + sum(short.wanted - short.found for short in allocation.shortfalls)
        == many * readers
    )
