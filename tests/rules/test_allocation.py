"""Who assesses what: full, cheap, even, and never across a conflict."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.rules.allocation import STRANGER, Bid, Reader, Shortfall, Wanted, _Desk, allocate
from grants.rules.overlap import Assignment, groups, mend


def given_out(many, people, each, most=9, **more):
    """An allocation of bids 1, 2, … to readers 101, 102, …, who all know every area."""
    bids = [Bid(1 + place) for place in range(many)]
    readers = [Reader(101 + place, most) for place in range(people)]
    return allocate(bids, readers, Wanted(each), **more)


def pairs(allocation):
    return [(made.application, made.assessor) for made in allocation.assignments]


@pytest.mark.feature("R4")
def test_allocation_is_even_and_gives_nobody_the_same_twice():
    allocation = given_out(4, 3, 2)

    assert len(set(pairs(allocation))) == 8
    assert sorted(allocation.loads.values()) == [2, 3, 3]
    assert (allocation.shortfalls, allocation.groups) == ((), 1)


@pytest.mark.feature("R9")
def test_allocation_goes_round_a_conflict():
    allocation = given_out(2, 2, 1, most=1, conflicts=[(102, 2)])

    assert pairs(allocation) == [(1, 102), (2, 101)]


def test_allocation_says_what_is_short():
    allocation = given_out(2, 2, 2, most=2, conflicts=[(101, 1)])

    assert allocation.shortfalls == (Shortfall(1, 2, 1),)


@pytest.mark.feature("R5")
def test_allocation_leaves_what_stands_and_counts_it():
    kept = [Assignment(1, 101), Assignment(2, 101)]
    readers = [Reader(101, 2), Reader(102, 1)]

    allocation = allocate([Bid(1), Bid(2)], readers, Wanted(2), already=kept)

    assert pairs(allocation) == [(1, 102)]
    assert allocation.shortfalls == (Shortfall(2, 2, 1),)
    assert allocation.loads == {101: 2, 102: 1}


def test_allocation_gives_nobody_what_they_hold_already():
    knowing, stranger = Reader(101, 9, frozenset({1})), Reader(102, 9, frozenset({2}))

    allocation = allocate([Bid(1, 1)], [knowing, stranger], Wanted(2), already=[Assignment(1, 101)])

    assert pairs(allocation) == [(1, 102)]


def test_exchanges_are_weighed_by_seats_and_then_by_knowledge():
    knowing, stranger = Reader(101, 9, frozenset({1})), Reader(102, 9, frozenset({2}))
    lived = Reader(103, 9, is_lived=True)
    desk = _Desk([Bid(1, 1)], [knowing, stranger, lived], Wanted(2, lived=1), (), ())

    assert [desk.cost(1, who) for who in ((101,), (103,), (102,), (102, 103))] == [
        0,
        0,
        STRANGER,
        STRANGER,
    ]
    assert desk.cost(1, (101, 102)) > 2 * STRANGER + 9  # a lost seat is dearer than all below it


@pytest.mark.feature("R4")
def test_allocation_prefers_those_who_know_the_area_while_loads_allow():
    north, south = Reader(101, 9, frozenset({1})), Reader(102, 9, frozenset({2}))
    bids = [Bid(place, 1 if place < 3 else 2) for place in range(4)]

    allocation = allocate(bids, [north, south], Wanted(1))

    assert allocation.loads == {101: 3, 102: 1}
    assert allocation.strangers == 0
    many = allocate([Bid(place, 1) for place in range(8)], [north, south], Wanted(1))
    assert many.loads == {101: 5, 102: 3}  # two apart is what knowledge is worth
    assert many.strangers == 3


@pytest.mark.feature("R4")
def test_seat_for_lived_experience_goes_before_area_and_load():
    lived = Reader(101, 9, frozenset({1}), is_lived=True)
    others = [Reader(102, 9), Reader(103, 9)]
    bids = [Bid(place, 2) for place in range(4)]

    allocation = allocate(bids, [lived, *others], Wanted(2, lived=1))

    assert allocation.loads[101] == 4
    assert allocation.unseated == ()


def test_seat_is_given_to_others_and_said_rather_than_left_empty():
    lived, other = Reader(101, 1, is_lived=True), Reader(102, 9)

    allocation = allocate([Bid(1), Bid(2)], [lived, other], Wanted(1, lived=1))

    assert allocation.shortfalls == ()
    assert len(allocation.unseated) == 1


def test_seat_that_is_taken_already_is_not_asked_for_again():
    lived, other = Reader(101, 1, is_lived=True), Reader(102, 9)

    allocation = allocate(
        [Bid(1)], [lived, other], Wanted(2, lived=1), already=[Assignment(1, 101)]
    )

    assert pairs(allocation) == [(1, 102)]
    assert allocation.unseated == ()


@pytest.mark.feature("R4")
def test_areas_that_would_share_no_reader_are_joined_without_changing_loads():
    readers = [Reader(100 + place, 9, frozenset({place // 3})) for place in range(9)]
    bids = [Bid(place, place // 6) for place in range(18)]

    allocation = allocate(bids, readers, Wanted(2))

    assert allocation.groups == 1
    assert set(allocation.loads.values()) == {4}
    assert allocation.strangers <= 4  # two exchanges, two strangers each


def test_what_cannot_be_joined_is_said():
    apart = [(101, 2), (102, 1)]

    allocation = given_out(2, 2, 1, conflicts=apart)

    assert allocation.groups == 2


def test_mend_changes_nothing_that_stands():
    kept = [Assignment(1, 1), Assignment(1, 2), Assignment(2, 1), Assignment(2, 2)]
    other = [Assignment(3, 3), Assignment(3, 4), Assignment(4, 3), Assignment(4, 4)]

    mended = mend(other, kept, may=lambda *_: True, cost=lambda *_: 0)

    assert mended == other
    assert groups([*kept, *mended]) == 2


def cost_of(bids, readers, wanted, chosen):
    """What an allocation costs, from the sentence in the module's first lines."""
    by_key = {reader.key: reader for reader in readers}
    empty = unseated = strangers = 0
    for bid in bids:
        names = [by_key[key] for key in chosen[bid.key]]
        empty += wanted.readers - len(names)
        others = sum(not reader.is_lived for reader in names)
        unseated += max(0, others - (wanted.readers - min(wanted.lived, wanted.readers)))
        strangers += sum(bool(r.areas) and bid.area not in r.areas for r in names)
    loads = [sum(r.key in names for names in chosen.values()) for r in readers]
    return empty, unseated, STRANGER * strangers + sum(load * load for load in loads)


def cheapest(bids, readers, wanted, conflicts):
    """Every possible allocation, by trying them all."""
    choices = []
    for bid in bids:
        free = [reader.key for reader in readers if (reader.key, bid.key) not in conflicts]
        choices.append([c for n in range(wanted.readers + 1) for c in combinations(free, n)])
    found = []
    for chosen in product(*choices):
        named = dict(zip([bid.key for bid in bids], chosen, strict=True))
        if all(sum(r.key in names for names in chosen) <= r.most for r in readers):
            found.append(cost_of(bids, readers, wanted, named))
    return min(found)


KNOWN = st.sampled_from([frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})])


@pytest.mark.feature("R4")
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([1, 2]), max_size=4),
    st.lists(st.tuples(st.integers(0, 4), KNOWN, st.booleans()), min_size=1, max_size=3),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sets(st.tuples(st.integers(11, 13), st.integers(1, 4))),
)
def test_flow_equals_brute_force(areas, people, each, lived, conflicts):
    bids = [Bid(place, area) for place, area in enumerate(areas, start=1)]
    readers = [Reader(place, *one) for place, one in enumerate(people, start=11)]
    wanted = Wanted(each, lived)

    flow = _Desk(bids, readers, wanted, conflicts, ()).solve()

    assert costs(bids, readers, wanted, flow) == cheapest(bids, readers, wanted, conflicts)
    mended = allocate(bids, readers, wanted, conflicts=conflicts)
    after = [Assignment(*pair) for pair in pairs(mended)]
    assert not conflicts & {(one.assessor, one.application) for one in after}
    assert Counter(one.assessor for one in after) == Counter(one.assessor for one in flow)
    assert Counter(one.application for one in after) == Counter(one.application for one in flow)
    assert groups(after) <= groups(flow)
    assert mended == allocate(bids, readers, wanted, conflicts=conflicts)


def costs(bids, readers, wanted, made):
    chosen = {bid.key: [one.assessor for one in made if one.application == bid.key] for bid in bids}
    return cost_of(bids, readers, wanted, chosen)
