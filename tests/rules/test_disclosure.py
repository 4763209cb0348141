"""Small numbers are hidden, and no hidden number can be worked out: proved by trying every table."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules import disclosure
from grants.rules.disclosure import (
    GRAND,
    HIDDEN,
    TOTAL,
    Hidden,
    Table,
    mean,
    percentage,
    protect,
    protect_all,
    protect_list,
)

SMALL = 4


def grid(counts, columns=None, **more):
    """A table of these rows of counts with every total."""
    rows = tuple(f"r{number}" for number in range(len(counts)))
    columns = columns or tuple(f"c{number}" for number in range(len(counts[0])))
    cells = {
        (row, column): value
        for row, values in zip(rows, counts, strict=True)
        for column, value in zip(columns, values, strict=True)
    }
    cells |= {(row, TOTAL): sum(values) for row, values in zip(rows, counts, strict=True)}
    cells |= {
        (TOTAL, column): sum(values)
        for column, values in zip(columns, zip(*counts, strict=True), strict=True)
    }
    cells[GRAND] = sum(map(sum, counts))
    return Table(rows=rows, columns=columns, cells=cells, **more)


def name_of(number, table, at):
    return table.same_as.get(at, (number, *at))


def sums_of(tables):
    """Every sum that a reader knows, as (total, parts); cells shown twice have one name."""
    for number, table in enumerate(tables):
        ties = []
        if table.across and table.columns:
            ties += [
                ((row, TOTAL), [(row, c) for c in table.columns]) for row in (*table.rows, TOTAL)
            ]
        if table.down:
            ties += [
                ((TOTAL, c), [(row, c) for row in table.rows]) for c in (*table.columns, TOTAL)
            ]
        for total, parts in ties:
            if total in table.cells:
                yield (
                    name_of(number, table, total),
                    [name_of(number, table, part) for part in parts],
                )


def shown_in(tables):
    """What a reader sees, by name."""
    return {
        name_of(number, table, at): cell
        for number, table in enumerate(tables)
        for at, cell in table.cells.items()
    }


def values_of(wanted, seen, sums, truth):
    """Up to two values this hidden cell can have, with every hidden cell at least 1.

    Plain trying, cell by cell, of what the sums still allow, what is near the truth first: it
    shares nothing with the rule.
    """
    hidden = [name for name, cell in seen.items() if isinstance(cell, Hidden)]
    filled = {name: cell for name, cell in seen.items() if not isinstance(cell, Hidden)}
    most = max(truth.values()) + 1

    def allowed(name):
        low, high = 1, most
        for total, parts in sums:
            others = [part for part in parts if part != name]
            least = sum(filled.get(part, 1) for part in others)
            is_last = all(part in filled for part in others)
            if name == total:
                low, high = max(low, least), min(high, least) if is_last else high
            elif name in parts and total in filled:
                rest = filled[total] - least
                low, high = max(low, rest) if is_last else low, min(high, rest)
            elif name in parts:
                high = min(high, most - least)
        return sorted(range(low, high + 1), key=lambda value: abs(value - truth[name]))

    def can_fill():
        left = [(name, allowed(name)) for name in hidden if name not in filled]
        name, values = min(left, key=lambda item: len(item[1]), default=("", []))
        return not left or any(can_hold(name, value) for value in values)

    def can_hold(name, value):
        filled[name] = value
        held = can_fill()
        del filled[name]
        return held

    return list(islice((value for value in allowed(wanted) if can_hold(wanted, value)), 2))


def determined(before, after):
    """The hidden cells that have one possible value only."""
    truth, seen, sums = shown_in(before), shown_in(after), list(sums_of(after))
    hidden = [name for name, cell in seen.items() if isinstance(cell, Hidden)]
    return [name for name in hidden if len(values_of(name, seen, sums, truth)) < 2]


def small_ones_shown(tables):
    return [
        cell
        for cell in shown_in(tables).values()
        if not isinstance(cell, Hidden) and 1 <= cell <= SMALL
    ]


def zeros_hidden(before, after):
    return [
        at
        for table, safe in zip(before, after, strict=True)
        for at, cell in table.cells.items()
        if cell == 0 and isinstance(safe.cells[at], Hidden)
    ]


def assert_safe(tables, small=SMALL):
    safe = protect_all(tables, small=small)
    assert small_ones_shown(safe) == []
    assert zeros_hidden(tables, safe) == []
    assert determined(tables, safe) == []


@pytest.mark.feature("E3")
def test_orkney_hides_the_three_and_what_would_give_it_away():
    counts, total = protect_list({"F": 3, "M": 12}, total=15, small=SMALL)

    assert (counts, total) == ({"F": HIDDEN, "M": HIDDEN}, 15)


@pytest.mark.feature("E3")
@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([5, 6], 11, ([5, 6], 11)),
        ([0, 12], 12, ([0, 12], 12)),
        ([0, 3], 3, ([0, HIDDEN], HIDDEN)),
        ([3, 4, 20], 27, ([HIDDEN, HIDDEN, 20], 27)),
        # one and one make two, so they would be known: the next smallest is hidden too
        ([1, 1, 20, 30], 52, ([HIDDEN, HIDDEN, HIDDEN, 30], 52)),
        ([3, 20, 9, 30], 62, ([HIDDEN, 20, HIDDEN, 30], 62)),
        # five ones: nothing but the total can guard them
        ([1, 1, 1, 1, 1], 5, ([HIDDEN] * 5, HIDDEN)),
        ([3, 20], None, ([HIDDEN, 20], None)),
    ],
)
def test_protect_list_hides_as_little_as_it_can(counts, total, expected):
    keyed = {str(number): count for number, count in enumerate(counts)}

    safe, shown = protect_list(keyed, total=total, small=SMALL)

    assert (list(safe.values()), shown) == expected


def test_protect_list_where_people_count_twice_has_nothing_to_guard():
    counts, total = protect_list({"carers": 3, "older": 12}, total=13, small=SMALL, adds_up=False)

    assert (counts, total) == ({"carers": HIDDEN, "older": 12}, 13)


def test_the_setting_decides_how_small_is_small():
    table = grid([[3, 12], [9, 30]])

    assert protect(table, small=0) == table
    assert protect(table, small=2) == table
    assert protect(table, small=3).has_hidden
    assert protect(grid([[9, 30], [40, 50]]), small=9).cells["r0", "c0"] is HIDDEN


@pytest.mark.feature("E3")
def test_protect_hides_a_square_and_leaves_the_totals():
    safe = protect(grid([[3, 12, 20], [9, 30, 40], [50, 60, 70]]), small=SMALL)

    hidden = [at for at, cell in safe.cells.items() if cell is HIDDEN]
    assert hidden == [("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")]


def test_protect_is_the_same_every_time():
    chance = random.Random(7)
    table = grid([[chance.choice([0, 1, 3, 6, 12, 40]) for _ in range(6)] for _ in range(12)])

    assert len({str(protect(table, small=SMALL)) for _ in range(3)}) == 1


@pytest.mark.feature("E4")
def test_no_two_by_two_table_gives_a_hidden_cell_away():
    for cells in product((0, 1, 2, 5, 6), repeat=4):
        assert_safe([grid([cells[:2], cells[2:]])])


@pytest.mark.feature("E4")
def test_no_list_gives_a_hidden_cell_away():
    for counts in product((0, 1, 2, 5, 6), repeat=4):
        cells = {(str(number), TOTAL): count for number, count in enumerate(counts)}
        cells[GRAND] = sum(counts)
        assert_safe([Table(rows=("0", "1", "2", "3"), cells=cells)])


counts = st.sampled_from([0, 0, 1, 2, 4, 5, 6, 9])
tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=3)
)


@pytest.mark.feature("E4")
@given(tables)
def test_no_table_gives_a_hidden_cell_away(rows):
    assert_safe([grid(rows)])


@pytest.mark.feature("E4")
@given(tables)
def test_a_table_that_adds_up_one_way_only_is_safe(rows):
    table = grid(rows)

    assert_safe([Table(rows=table.rows, columns=table.columns, cells=table.cells, across=False)])


def linked(rows, split):
    """Two tables of the same people by area: they share each area's total and the grand total."""
    first = grid(rows)
    names = {at: f"people {at[0]}" for at in first.cells if at[1] == TOTAL}
    second_rows = []
    for row, share in zip(rows, split, strict=True):
        whole = sum(row)
        young = whole * share // 4
        second_rows.append([young, whole - young])
    second = grid(second_rows, columns=("young", "old"))
    return [
        Table(rows=table.rows, columns=table.columns, cells=table.cells, same_as=names)
        for table in (first, second)
    ]


@pytest.mark.feature("E4")
@given(
    st.lists(st.lists(counts, min_size=2, max_size=2), min_size=1, max_size=3),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_linked_tables_give_nothing_away_together(rows, split):
    assert_safe(linked(rows, split[: len(rows)]))


@pytest.mark.feature("E4")
def test_a_total_hidden_in_one_table_is_hidden_in_the_other():
    first, second = protect_all(linked([[3, 0], [20, 30]], [2, 2]), small=SMALL)

    assert first.cells["r0", TOTAL] is HIDDEN
    assert [second.cells[at] for at in (("r0", TOTAL), ("r1", TOTAL), GRAND)] == [
        first.cells[at] for at in (("r0", TOTAL), ("r1", TOTAL), GRAND)
    ]


def test_the_same_cell_with_two_counts_is_refused():
    one, other = linked([[5, 6]], [2])
    wrong = Table(
        rows=other.rows,
        columns=other.columns,
        cells={**other.cells, ("r0", TOTAL): 99},
        same_as=one.same_as,
    )

    with pytest.raises(ValueError, match="counted twice"):
        protect_all([one, wrong], small=SMALL)


def test_when_the_search_gives_up_everything_in_reach_is_hidden(monkeypatch):
    monkeypatch.setattr(disclosure, "MOST_STATES", 0)
    rows = [[1, 1, 0], [5, 2, 6]]

    table = grid(rows)
    safe = protect(table, small=SMALL)

    assert all(cell is HIDDEN or cell == 0 for cell in safe.cells.values())
    assert determined([table], [safe]) == []


def test_a_table_of_every_area_hides_no_total():
    chance = random.Random(1)
    rows = [[int(chance.expovariate(1 / 40)) for _ in range(6)] for _ in range(32)]

    safe = protect(grid(rows), small=SMALL)

    hidden = [at for at, cell in safe.cells.items() if cell is HIDDEN]
    small = sum(1 <= cell <= SMALL for row in rows for cell in row)
    assert [at for at in hidden if TOTAL in at] == []
    assert small <= len(hidden) <= 4 * small


@pytest.mark.parametrize(
    ("part", "base", "expected"),
    [
        (5, 10, Decimal("50.0")),
        (1, 16, Decimal("6.3")),
        (0, 10, Decimal("0.0")),
        (5, 9, HIDDEN),
        (HIDDEN, 20, HIDDEN),
        (5, HIDDEN, HIDDEN),
    ],
)
def test_percentage_only_of_a_base_that_is_shown_and_large_enough(part, base, expected):
    assert percentage(part, base, least=10) == expected


def test_percentage_of_nothing_is_hidden():
    assert percentage(0, 0, least=0) is HIDDEN


@pytest.mark.parametrize(
    ("base", "expected"), [(10, Decimal("23.4")), (9, HIDDEN), (HIDDEN, HIDDEN)]
)
def test_mean_only_of_a_base_that_is_shown_and_large_enough(base, expected):
    assert mean(Decimal("23.4"), base, least=10) == expected
