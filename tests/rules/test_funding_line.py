"""The line: never past a ceiling, and the same as its definition tried out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.funding_line import (
    Bid,
    Choice,
    Line,
    Pin,
    amount_by_year,
    check_total,
    departures,
    draw,
    over_budget,
)
from grants.rules.refusals import Blocked
from grants.rules.states import LineDecision

FULL, PART, RESERVE, OUT = (
    LineDecision.FULL,
    LineDecision.PART,
    LineDecision.RESERVE,
    LineDecision.OUT,
)


def bid(*lines, own_costs=0, area="A", key="bid", below_minimum=False, strand=""):
    """Lines are (asked, smallest) or (asked, smallest, below the minimum)."""
    made = tuple(
        Line(key=f"{key}{number}", asked=line[0], smallest=line[1], below_minimum=len(line) > 2)
        for number, line in enumerate(lines)
    )
    return Bid(
        key=key,
        area=area,
        own_costs=own_costs,
        lines=made,
        below_minimum=below_minimum,
        strand=strand,
    )


def outcome(drawn):
    return [[(line.decision, line.amount) for line in decided.lines] for decided in drawn.bids]


@pytest.mark.feature("A28")
@pytest.mark.parametrize(
    ("money", "expected", "left"),
    [
        (600, [(FULL, 100), (FULL, 200), (FULL, 300)], 0),
        (700, [(FULL, 100), (FULL, 200), (FULL, 300)], 100),
        (599, [(FULL, 100), (FULL, 200), (PART, 299)], 0),
        (450, [(FULL, 100), (FULL, 200), (PART, 150)], 0),
        (449, [(FULL, 100), (FULL, 200), (RESERVE, 0)], 149),
        (250, [(FULL, 100), (PART, 150), (RESERVE, 0)], 0),
        (0, [(RESERVE, 0), (RESERVE, 0), (RESERVE, 0)], 0),
    ],
)
def test_draw_gives_part_only_to_the_line_that_straddles(money, expected, left):
    drawn = draw([bid((100, 50), (200, 100), (300, 150))], areas={"A": money}, pot=10_000)

    assert (outcome(drawn), drawn.left) == ([expected], {"A": left})


def test_draw_counts_own_costs_first_and_gives_them_back_without_projects():
    paid = draw([bid((100, 50), own_costs=60)], areas={"A": 110}, pot=110)
    bare = draw([bid((100, 50), own_costs=60)], areas={"A": 109}, pot=109)

    assert (paid.bids[0].own_costs, outcome(paid), paid.bids[0].amount) == (60, [[(PART, 50)]], 110)
    assert (bare.bids[0].own_costs, outcome(bare), bare.left) == (0, [[(RESERVE, 0)]], {"A": 109})


def test_draw_leaves_out_what_is_below_the_minimum():
    bids = [
        bid((100, 50), key="low", below_minimum=True),
        bid((100, 50, "below"), (100, 50), key="good"),
    ]

    drawn = draw(bids, areas={"A": 100}, pot=100)

    assert outcome(drawn) == [[(OUT, 0)], [(OUT, 0), (FULL, 100)]]


def test_draw_keeps_a_line_for_each_area_and_one_for_the_pot():
    bids = [
        bid((100, 100), key="first", area="A"),
        bid((80, 80), (10, 10), key="second", area="B"),
        bid((50, 20), key="third", area="C"),
        bid((1, 1), key="fourth", area="D"),
    ]

    drawn = draw(bids, areas={"A": 90, "B": 85, "C": 50, "D": 50}, pot=105)

    assert outcome(drawn) == [
        [(RESERVE, 0)],
        [(FULL, 80), (RESERVE, 0)],
        [(PART, 25)],
        [(RESERVE, 0)],
    ]
    assert [decided.straddles for decided in drawn.bids] == [True, True, True, False]


def test_draw_passes_no_one_by_once_the_line_is_drawn():
    bids = [bid((100, 100), key="large"), bid((10, 10), key="small")]

    assert outcome(draw(bids, areas={"A": 50}, pot=50)) == [[(RESERVE, 0)], [(RESERVE, 0)]]


def test_draw_gives_nothing_to_an_area_without_money():
    drawn = draw([bid((10, 10), area="Z")], areas={"A": 50}, pot=50)

    assert (outcome(drawn), drawn.left, drawn.pot_left) == ([[(RESERVE, 0)]], {"A": 50, "Z": 0}, 50)


amounts = st.integers(0, 12)
some_lines = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=4).map(
    lambda pairs: [(asked, min(smallest, asked)) for asked, smallest in pairs]
)
some_bids = st.lists(
    st.tuples(some_lines, amounts, st.sampled_from("AB"), st.booleans()), max_size=4
).map(
    lambda items: [
        bid(*lines, own_costs=own, area=area, key=str(number), below_minimum=is_low)
        for number, (lines, own, area, is_low) in enumerate(items)
    ]
)


@given(some_bids, st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
def test_draw_never_passes_a_ceiling(bids, in_a, in_b, pot):
    areas = {"A": in_a, "B": in_b}

    drawn = draw(bids, areas=areas, pot=pot)

    spent = {
        name: sum(
            decided.amount
            for asked, decided in zip(bids, drawn.bids, strict=True)
            if asked.area == name
        )
        for name in areas
    }
    assert drawn.left == {name: areas[name] - spent[name] for name in areas}
    assert min(drawn.left.values()) >= 0
    assert drawn.pot_left == pot - sum(spent.values()) >= 0


@given(some_bids, st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
def test_draw_gives_every_line_an_amount_that_fits_its_decision(bids, in_a, in_b, pot):
    drawn = draw(bids, areas={"A": in_a, "B": in_b}, pot=pot)

    for asked, decided in zip(bids, drawn.bids, strict=True):
        choices = [
            Choice(
                key=line.key,
                decision=given.decision,
                amount=given.amount,
                asked=line.asked,
                smallest=line.smallest,
            )
            for line, given in zip(asked.lines, decided.lines, strict=True)
        ]
        assert check_total(choices, decided.own_costs) == decided.amount
        assert decided.own_costs in {0, asked.own_costs}


@pytest.mark.feature("D1")
def test_strand_has_a_line_of_its_own():
    bids = [
        bid((60, 60), key="a", strand="small"),
        bid((60, 60), key="b", strand="small"),
        bid((10, 10), key="c", strand="small"),
        bid((60, 60), key="d", strand="large"),
        bid((20, 20), key="e"),
    ]

    drawn = draw(bids, areas={"A": 500}, pot=500, strands={"small": 100, "large": 200})

    assert outcome(drawn) == [
        [(FULL, 60)],
        [(RESERVE, 0)],
        [(RESERVE, 0)],
        [(FULL, 60)],
        [(FULL, 20)],
    ]
    assert [one.straddles for one in drawn.bids] == [False, True, False, False, False]
    assert (drawn.strands_left, drawn.pot_left) == ({"small": 40, "large": 140}, 360)


@pytest.mark.feature("D1")
def test_projects_of_one_application_may_be_of_different_strands():
    lines = (
        Line(key="a0", asked=60, smallest=60, strand="small"),
        Line(key="a1", asked=60, smallest=60, strand="small"),
        Line(key="a2", asked=60, smallest=60, strand="large"),
    )
    one = Bid(key="a", area="A", own_costs=10, lines=lines)

    drawn = draw([one], areas={"A": 500}, pot=500, strands={"small": 100, "large": 60})

    assert outcome(drawn) == [[(FULL, 60), (RESERVE, 0), (FULL, 60)]]
    assert (drawn.strands_left, drawn.bids[0].straddles) == ({"small": 40, "large": 0}, True)


@pytest.mark.feature("D1")
def test_pinned_line_is_paid_from_its_own_strand():
    line = Line(key="a0", asked=60, smallest=20, strand="small")
    one = Bid(key="a", area="A", own_costs=10, lines=(line,), strand="large")
    strands = {"small": 100, "large": 100}

    full = draw([one], areas={"A": 500}, pot=500, strands=strands, pins={("a", "a0"): Pin(FULL)})
    none = draw(
        [one],
        areas={"A": 500},
        pot=500,
        strands={"small": 50, "large": 100},
        pins={("a", "a0"): Pin(FULL)},
    )

    assert full.strands_left == {"small": 40, "large": 90}
    assert none.bids[0].lines[0].is_unfit


@pytest.mark.feature("D1")
def test_pinned_lines_take_their_money_before_rank():
    bids = [bid((60, 60), key="a"), bid((50, 20), key="b"), bid((40, 10), own_costs=5, key="c")]
    pins = {("a", "a0"): Pin(OUT), ("c", "c0"): Pin(PART, 30)}

    drawn = draw(bids, areas={"A": 80}, pot=80, pins=pins)

    assert outcome(drawn) == [[(OUT, 0)], [(PART, 45)], [(PART, 30)]]
    assert (drawn.bids[2].own_costs, drawn.left) == (5, {"A": 0})


@pytest.mark.parametrize(
    ("pin", "money"),
    [
        (Pin(FULL), 59),
        (Pin(PART, 29), 500),
        (Pin(PART, 60), 500),
        (Pin(PART, 50), 49),
        (Pin(PART), 9),
    ],
)
def test_pin_that_no_money_answers_to_is_said_and_gets_nothing(pin, money):
    drawn = draw([bid((60, 30), key="a")], areas={"A": money}, pot=900, pins={("a", "a0"): pin})

    line = drawn.bids[0].lines[0]
    assert (line.decision, line.amount, line.is_unfit, drawn.left) == (
        RESERVE,
        0,
        True,
        {"A": money},
    )


def test_pin_may_fund_what_is_below_the_minimum():
    low = bid((60, 30), (50, 20), key="a", below_minimum=True, own_costs=5)

    drawn = draw([low], areas={"A": 100}, pot=100, pins={("a", "a0"): Pin(FULL)})

    assert (outcome(drawn), drawn.bids[0].own_costs) == ([[(FULL, 60), (OUT, 0)]], 5)


def test_only_pins_that_change_what_rank_gives_are_departures():
    bids = [bid((60, 60), key="a"), bid((50, 20), key="b")]
    pins = {("a", "a0"): Pin(FULL), ("b", "b0"): Pin(FULL), ("gone", "x"): Pin(OUT)}
    money = {"areas": {"A": 90}, "pot": 90}

    by_rank = draw(bids, **money)
    drawn = draw(bids, **money, pins=pins)

    assert outcome(drawn) == [[(FULL, 60)], [(RESERVE, 0)]]
    assert departures(drawn, by_rank, pins) == {("b", "b0"): Pin(FULL)}


some_pins = st.dictionaries(
    st.tuples(st.sampled_from("0123"), st.sampled_from("0123")).map(
        lambda at: (at[0], at[0] + at[1])
    ),
    st.builds(Pin, st.sampled_from([FULL, PART, RESERVE, OUT]), st.integers(0, 12)),
    max_size=6,
)
two_budgets = st.tuples(st.integers(-5, 40), st.integers(-5, 40))


@pytest.mark.feature("D1")
@given(
    some_bids,
    two_budgets,
    two_budgets,
    st.integers(-5, 60),
    some_pins,
    st.lists(st.sampled_from("xy "), min_size=4, max_size=4),
)
def test_nothing_that_people_pin_passes_a_ceiling(bids, areas, strands, pot, pins, kinds):
    bids = [replace(one, strand=kind.strip()) for one, kind in zip(bids, kinds, strict=False)]
    in_area, in_strand = dict(zip("AB", areas, strict=True)), dict(zip("xy", strands, strict=True))

    drawn = draw(bids, areas=in_area, pot=pot, strands=in_strand, pins=pins)

    pairs = list(zip(bids, drawn.bids, strict=True))
    for name, most in in_area.items():
        assert sum(given.amount for one, given in pairs if one.area == name) <= max(most, 0)
    for name, most in in_strand.items():
        assert sum(given.amount for one, given in pairs if one.strand == name) <= max(most, 0)
    assert sum(given.amount for _, given in pairs) <= max(pot, 0)
    assert drawn.pot_left == max(pot, 0) - sum(given.amount for _, given in pairs)
    for one, decided in pairs:
        for asked, line in zip(one.lines, decided.lines, strict=True):
            assert line.decision != PART or max(asked.smallest, 1) <= line.amount < asked.asked
            assert line.decision != FULL or line.amount == asked.asked
            assert line.decision in {FULL, PART} or line.amount == 0


def pinned_by_brute_force(bids, pins, money):
    """One line each and no own costs: of every outcome that keeps the pins, the best from the top."""
    held = {}
    for one in bids:
        pin, line = pins.get((one.key, f"{one.key}0")), one.lines[0]
        if pin is None:
            continue
        amount = {FULL: line.asked, PART: pin.amount}.get(pin.decision, 0)
        is_part = max(line.smallest, 1) <= amount < line.asked
        if pin.decision in {FULL, PART} and not (
            (pin.decision == FULL or is_part) and amount <= money - sum(a for _, a in held.values())
        ):
            held[one.key] = (RESERVE, 0)
        else:
            held[one.key] = (pin.decision, amount)
    free = [one for one in bids if one.key not in held]
    rest = by_brute_force(
        [(one.lines[0].asked, one.lines[0].smallest) for one in free],
        money - sum(amount for _, amount in held.values()),
    )
    given = dict(zip([one.key for one in free], rest, strict=True))
    return [[held.get(one.key) or given[one.key]] for one in bids]


single = st.tuples(st.integers(1, 12), st.integers(0, 12)).map(lambda p: (p[0], min(p)))


@pytest.mark.feature("D1")
@given(st.lists(single, max_size=5), st.integers(0, 40), some_pins)
def test_draw_with_pins_equals_brute_force(lines, money, pins):
    bids = [bid(line, key=str(number)) for number, line in enumerate(lines)]

    drawn = draw(bids, areas={"A": money}, pot=money, pins=pins)

    assert outcome(drawn) == pinned_by_brute_force(bids, pins, money)


def by_brute_force(lines, money):
    """The best of every possible outcome: most in full from the top, then the largest part."""
    possible = []
    for marks in product((FULL, PART, RESERVE), repeat=len(lines)):
        text = "".join(mark.value[0] for mark in marks)
        full = len(text) - len(text.lstrip("f"))
        rest = text[full:]
        if rest.strip("r") not in {"", "p"} or "rp" in rest:
            continue
        spent = sum(asked for asked, _ in lines[:full])
        part = 0
        if rest.startswith("p"):
            asked, smallest = lines[full]
            part = min(asked - 1, money - spent)
            if part < max(smallest, 1):
                continue
        if spent + part <= money:
            possible.append((full, part, marks))
    full, part, marks = max(possible, key=lambda item: item[:2])
    return [
        (mark, {FULL: line[0], PART: part, RESERVE: 0}[mark])
        for mark, line in zip(marks, lines, strict=True)
    ]


@given(some_lines, st.integers(0, 50))
def test_draw_equals_brute_force(lines, money):
    drawn = draw([bid(*lines)], areas={"A": money}, pot=money)

    assert outcome(drawn) == [by_brute_force(lines, money)]


@given(some_bids, st.integers(0, 40), st.integers(0, 60))
def test_more_money_never_leaves_an_area_with_less(bids, money, more):
    before = draw(bids, areas={"A": money, "B": 0}, pot=money)
    after = draw(bids, areas={"A": money + more, "B": 0}, pot=money + more)

    funded = [
        sum(line.decision == FULL for decided in drawn.bids for line in decided.lines)
        for drawn in (before, after)
    ]
    assert funded[0] <= funded[1]


@pytest.mark.parametrize(
    ("decision", "amount", "sentence"),
    [
        (LineDecision.UNDECIDED, 0, "Walks has not been decided."),
        (FULL, 99, "Walks is funded in full, so its amount must be £1."),
        (PART, 100, "Walks is funded in part, so its amount must be under £1."),
        (PART, 0, "Walks is funded in part, so its amount must be under £1."),
        (PART, 59, "Walks cannot work with less than £0.60."),
        (RESERVE, 1, "Walks is not funded, so it cannot have an amount."),
        (OUT, 1, "Walks is not funded, so it cannot have an amount."),
    ],
)
def test_check_total_blocks_what_does_not_fit(decision, amount, sentence):
    choice = Choice(
        key="1", decision=decision, amount=amount, asked=100, smallest=60, title="Walks"
    )

    with pytest.raises(Blocked) as refused:
        check_total([choice], 0)

    assert [(reason.key, reason.text) for reason in refused.value.reasons] == [("1", sentence)]


def test_check_total_adds_lines_and_own_costs():
    choices = [
        Choice(key="1", decision=FULL, amount=100, asked=100, smallest=60),
        Choice(key="2", decision=PART, amount=60, asked=100, smallest=60),
        Choice(key="3", decision=RESERVE, amount=0, asked=100, smallest=60),
    ]

    assert check_total(choices, 25) == 185
    with pytest.raises(Blocked):
        check_total(choices, -1)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (100, []),
        (101, ["£1.01 is more than the £1 left of the area's allocation."]),
        (
            201,
            [
                "£2.01 is more than the £1 left of the area's allocation.",
                "£2.01 is more than the £2 left of the round's pot.",
            ],
        ),
        (-1, ["An amount cannot be less than £0."]),
    ],
)
def test_over_budget_names_the_ceiling(amount, expected):
    assert [reason.text for reason in over_budget(amount, area_left=100, pot_left=200)] == expected


@pytest.mark.parametrize(
    ("amount", "budget", "expected"),
    [
        (100, [("2026-27", 50), ("2027-28", 50)], {"2026-27": 50, "2027-28": 50}),
        (101, [("2027-28", 50), ("2026-27", 50)], {"2026-27": 51, "2027-28": 50}),
        (
            100,
            [("2026-27", 1), ("2027-28", 1), ("2028-29", 1)],
            {"2026-27": 34, "2027-28": 33, "2028-29": 33},
        ),
        (70, [("2026-27", 100), ("2026-27", 0)], {"2026-27": 70}),
        (5, [], {"2026-27": 5}),
        (0, [], {}),
    ],
)
def test_amount_by_year_splits_as_the_budget_does(amount, budget, expected):
    assert amount_by_year(amount, budget, otherwise="2026-27") == expected


@given(
    st.integers(0, 10**9),
    st.lists(st.tuples(st.sampled_from(["2026-27", "2027-28", "2028-29"]), st.integers(0, 10**7))),
)
def test_amount_by_year_loses_no_penny(amount, budget):
    split = amount_by_year(amount, budget, otherwise="2026-27")

    assert sum(split.values()) == amount
    assert split == amount_by_year(amount, budget[::-1], otherwise="2026-27")
