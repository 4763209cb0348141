"""Where the money ends: the line, part awards, reserves, and sums that never pass a ceiling. Pence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grants.rules.money import Pence, pounds
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import LineDecision

FUNDED = frozenset({LineDecision.FULL, LineDecision.PART})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A proposed project as the line sees it."""

    key: str
    asked: Pence
    smallest: Pence  # the smallest amount that still makes it workable; ``asked`` when it says none
    below_minimum: bool = False  # the assessors say no, whatever money there is
    strand: str = ""  # where projects have strands of their own; otherwise its application's


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """An application in rank, its proposed projects in rank."""

    key: str
    area: str
    own_costs: Pence
    lines: tuple[Line, ...]
    below_minimum: bool = False
    strand: str = ""  # held to a budget of its own where the strand has one


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person decided for one line, whatever its rank. ``amount`` is that of a part."""

    decision: LineDecision
    amount: Pence = 0


Budgets = Mapping[str, Pence]
Pins = Mapping[tuple[str, str], Pin]  # by the keys of a bid and of its line
NO_BUDGETS: Budgets = {}
NO_PINS: Pins = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """What the line gives one proposed project."""

    key: str
    decision: LineDecision
    amount: Pence
    is_pinned: bool = False
    is_unfit: bool = False  # pinned, but no money or no workable amount answers to it


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBid:
    """What the line gives one application: its amount is its lines and its own costs."""

    key: str
    own_costs: Pence
    lines: tuple[DecidedLine, ...]
    straddles: bool = False  # the money ends inside it

    @property
    def amount(self) -> Pence:
        """The whole award, in pence."""
        return self.own_costs + sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The line as drawn, and what is left."""

    bids: tuple[DecidedBid, ...]
    left: Budgets  # by area
    pot_left: Pence
    strands_left: Budgets = field(default_factory=dict)


class _Purse:
    """The money while the line is drawn: the least of an area's, a strand's and the pot's."""

    def __init__(self, areas: Budgets, strands: Budgets, pot: Pence) -> None:
        self.areas = {name: max(amount, 0) for name, amount in areas.items()}
        self.strands = {name: max(amount, 0) for name, amount in strands.items()}
        self.pot = max(pot, 0)
        self.is_over = False
        self.ended_areas: set[str] = set()
        self.ended_strands: set[str] = set()

    def is_open(self, area: str, strand: str) -> bool:
        """Whether no line is drawn yet for this area, this strand and the pot."""
        ended = area in self.ended_areas or strand in self.ended_strands
        return not (self.is_over or ended)

    def most(self, area: str, strand: str) -> Pence:
        """What the ceilings still hold, whether or not a line is drawn."""
        return min(self.areas.get(area, 0), self.pot, self.strands.get(strand, self.pot))

    def holds(self, area: str, strand: str) -> Pence:
        """What may still go there by rank."""
        return self.most(area, strand) if self.is_open(area, strand) else 0

    def take(self, area: str, strand: str, amount: Pence) -> None:
        self.areas[area] = self.areas.get(area, 0) - amount
        if strand in self.strands:
            self.strands[strand] -= amount
        self.pot -= amount

    def end(self, area: str, strand: str, wanted: Pence) -> None:
        """Draw the line here: for whichever of pot, area and strand ran out."""
        if self.pot < wanted:
            self.is_over = True
        if self.areas.get(area, 0) < wanted:
            self.ended_areas.add(area)
        if self.strands.get(strand, wanted) < wanted:
            self.ended_strands.add(strand)


def draw(
    bids: Sequence[Bid],
    *,
    areas: Budgets,
    pot: Pence,
    strands: Budgets = NO_BUDGETS,
    pins: Pins = NO_PINS,
) -> Drawn:
    """Fund in rank order while the money lasts, within area, strand and pot.

    What people pinned comes first, as far as the money answers to it. An application's own costs
    come before its projects. Each proposed project is funded in full; the first that does not fit
    gets what is left if that is workable, and the line is drawn there: all that follow in the area,
    or in the strand, are in reserve. Below the minimum is out. Own costs alone are never funded
    where there are projects to run.
    """
    purse = _Purse(areas, strands, pot)
    held = {bid.key: _pinned(bid, pins, purse) for bid in bids} if pins else {}
    decided = tuple(_decide(bid, held.get(bid.key, {}), purse) for bid in bids)
    return Drawn(
        bids=decided,
        left=dict(purse.areas),
        pot_left=purse.pot,
        strands_left=dict(purse.strands),
    )


Held = Mapping[str, DecidedLine]


def _pinned(bid: Bid, pins: Pins, purse: _Purse) -> Held:
    """The lines that a person decided, the money for them and for the own costs taken."""
    wanted = {line.key: (line, pin) for line in bid.lines if (pin := pins.get((bid.key, line.key)))}
    is_paid = any(pin.decision in FUNDED for _, pin in wanted.values())
    has_own = is_paid and bid.own_costs <= purse.most(bid.area, bid.strand)
    if has_own:
        purse.take(bid.area, bid.strand, bid.own_costs)
    held = {key: _held(bid, line, pin, purse, may=has_own) for key, (line, pin) in wanted.items()}
    if has_own and not any(line.decision in FUNDED for line in held.values()):
        purse.take(bid.area, bid.strand, -bid.own_costs)
    return held


def _held(bid: Bid, line: Line, pin: Pin, purse: _Purse, *, may: bool) -> DecidedLine:
    if pin.decision not in FUNDED:
        return DecidedLine(key=line.key, decision=pin.decision, amount=0, is_pinned=True)
    is_full = pin.decision == LineDecision.FULL
    amount = line.asked if is_full else pin.amount
    is_workable = is_full or max(line.smallest, 1) <= amount < line.asked
    if not (may and is_workable and amount <= purse.most(bid.area, line.strand or bid.strand)):
        reserve = LineDecision.RESERVE
        return DecidedLine(key=line.key, decision=reserve, amount=0, is_pinned=True, is_unfit=True)
    purse.take(bid.area, line.strand or bid.strand, amount)
    return DecidedLine(key=line.key, decision=pin.decision, amount=amount, is_pinned=True)


def _decide(bid: Bid, held: Held, purse: _Purse) -> DecidedBid:
    has_own = any(line.decision in FUNDED for line in held.values())
    free = [line for line in bid.lines if line.key not in held and not line.below_minimum]
    if bid.below_minimum or (bid.lines and not free):
        return _by_hand(bid, held, LineDecision.OUT if bid.below_minimum else LineDecision.RESERVE)
    before = {one: purse.is_open(bid.area, one) for one in _strands(bid)}
    was_open, own = before[bid.strand], 0 if has_own else bid.own_costs
    if own > purse.holds(bid.area, bid.strand):
        if was_open:
            purse.end(bid.area, bid.strand, own)
        made = _by_hand(bid, held, LineDecision.RESERVE)
        return DecidedBid(
            key=bid.key, own_costs=made.own_costs, lines=made.lines, straddles=was_open
        )
    purse.take(bid.area, bid.strand, own)
    lines = tuple(held.get(line.key) or _decide_line(line, bid, purse) for line in bid.lines)
    own_costs = bid.own_costs
    if bid.lines and not any(line.decision in FUNDED for line in lines):
        purse.take(bid.area, bid.strand, -own)
        own_costs = 0
    straddles = any(was and not purse.is_open(bid.area, strand) for strand, was in before.items())
    return DecidedBid(key=bid.key, own_costs=own_costs, lines=lines, straddles=straddles)


def _strands(bid: Bid) -> set[str]:
    return {bid.strand, *(line.strand or bid.strand for line in bid.lines)}


def _by_hand(bid: Bid, held: Held, others: LineDecision) -> DecidedBid:
    """Only what a person decided counts; the other lines get this."""
    lines = tuple(held.get(line.key) or _unfunded(line, others) for line in bid.lines)
    is_paid = any(line.decision in FUNDED for line in lines)
    return DecidedBid(key=bid.key, own_costs=bid.own_costs if is_paid else 0, lines=lines)


def _decide_line(line: Line, bid: Bid, purse: _Purse) -> DecidedLine:
    strand = line.strand or bid.strand
    if line.below_minimum:
        return _unfunded(line, LineDecision.OUT)
    if not purse.is_open(bid.area, strand):
        return _unfunded(line, LineDecision.RESERVE)
    held = purse.holds(bid.area, strand)
    if line.asked <= held:
        purse.take(bid.area, strand, line.asked)
        return DecidedLine(key=line.key, decision=LineDecision.FULL, amount=line.asked)
    purse.end(bid.area, strand, line.asked)
    if held < max(line.smallest, 1):
        return _unfunded(line, LineDecision.RESERVE)
    purse.take(bid.area, strand, held)
    return DecidedLine(key=line.key, decision=LineDecision.PART, amount=held)


def _unfunded(line: Line, decision: LineDecision) -> DecidedLine:
    return _without(line.key, LineDecision.OUT if line.below_minimum else decision)


@lru_cache(maxsize=4096)
def _without(key: str, decision: LineDecision) -> DecidedLine:
    """Most lines of a large round get nothing, and they are all alike."""
    return DecidedLine(key=key, decision=decision, amount=0)


def departures(drawn: Drawn, by_rank: Drawn, pins: Pins) -> Pins:
    """The pins that change what rank alone would give their line: each needs a reason."""
    if not pins:
        return NO_PINS
    made, plain = _outcomes(drawn, pins), _outcomes(by_rank, pins)
    return {place: pin for place, pin in pins.items() if made.get(place) != plain.get(place)}


def _outcomes(drawn: Drawn, pins: Pins) -> dict[tuple[str, str], tuple[LineDecision, Pence]]:
    """What the applications with pins get, line by line."""
    touched = {bid_key for bid_key, _ in pins}
    return {
        (bid.key, line.key): (line.decision, line.amount)
        for bid in drawn.bids
        if bid.key in touched
        for line in bid.lines
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A person's decision for one proposed project, to be checked."""

    key: str
    decision: LineDecision
    amount: Pence
    asked: Pence
    smallest: Pence
    title: str = ""


def check_total(choices: Iterable[Choice], own_costs: Pence) -> Pence:
    """The amount of the award. Blocked when a line is undecided or its amount does not fit it."""
    chosen = tuple(choices)
    wrong = [Reason(text, choice.key) for choice in chosen if (text := _wrong(choice))]
    if own_costs < 0:
        wrong.append(Reason("Own costs cannot be less than £0.", "own_costs"))
    if wrong:
        raise Blocked(*wrong)
    return own_costs + sum(choice.amount for choice in chosen)


def _wrong(choice: Choice) -> str:
    name = choice.title or choice.key
    match choice.decision:
        case LineDecision.UNDECIDED:
            return f"{name} has not been decided."
        case LineDecision.FULL if choice.amount != choice.asked:
            return f"{name} is funded in full, so its amount must be {pounds(choice.asked)}."
        case LineDecision.PART if not 0 < choice.amount < choice.asked:
            return f"{name} is funded in part, so its amount must be under {pounds(choice.asked)}."
        case LineDecision.PART if choice.amount < choice.smallest:
            return f"{name} cannot work with less than {pounds(choice.smallest)}."
        case LineDecision.RESERVE | LineDecision.OUT if choice.amount:
            return f"{name} is not funded, so it cannot have an amount."
    return ""


def over_budget(amount: Pence, *, area_left: Pence, pot_left: Pence) -> tuple[Reason, ...]:
    """Why this amount cannot be set aside; empty when it fits both ceilings."""
    if amount < 0:
        return (Reason("An amount cannot be less than £0.", "amount"),)
    reasons = []
    for left, whose in ((area_left, "the area's allocation"), (pot_left, "the round's pot")):
        if amount > left:
            text = f"{pounds(amount)} is more than the {pounds(max(left, 0))} left of {whose}."
            reasons.append(Reason(text, "amount"))
    return tuple(reasons)


def amount_by_year(
    amount: Pence, budget: Iterable[tuple[str, Pence]], *, otherwise: str
) -> dict[str, Pence]:
    """The award split over financial years as its budget lines are: exact to the penny.

    ``budget`` is (financial year, pence) per line. Pence that do not divide go to the years with
    the largest remainders, the earlier year first. A budget of nothing puts all in ``otherwise``.
    """
    asked: dict[str, Pence] = {}
    for year, pence in budget:
        asked[year] = asked.get(year, 0) + pence
    whole = sum(asked.values())
    if whole <= 0:
        return {otherwise: amount} if amount else {}
    shares = {year: divmod(amount * pence, whole) for year, pence in sorted(asked.items())}
    split = {year: share for year, (share, _) in shares.items()}
    by_remainder = sorted(shares, key=lambda year: -shares[year][1])
    for year in by_remainder[: amount - sum(split.values())]:
        split[year] += 1
    return {year: pence for year, pence in split.items() if pence}
