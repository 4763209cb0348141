"""Where the money ends: the line, part awards, reserves, and sums that never pass a ceiling. Pence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """An application in rank, its proposed projects in rank."""

    key: str
    area: str
    own_costs: Pence
    lines: tuple[Line, ...]
    below_minimum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """What the line gives one proposed project."""

    key: str
    decision: LineDecision
    amount: Pence


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
    left: Mapping[str, Pence]  # by area
    pot_left: Pence


class _Purse:
    """The money while the line is drawn: an area's share, never more than the pot still holds."""

    def __init__(self, areas: Mapping[str, Pence], pot: Pence) -> None:
        self.areas = {name: max(amount, 0) for name, amount in areas.items()}
        self.pot = max(pot, 0)
        self.ended: set[str] = set()

    def holds(self, area: str) -> Pence:
        """What may still go to this area; nothing once its line is drawn."""
        return 0 if area in self.ended else min(self.areas.get(area, 0), self.pot)

    def take(self, area: str, amount: Pence) -> None:
        self.areas[area] = self.areas.get(area, 0) - amount
        self.pot -= amount

    def end(self, area: str, wanted: Pence) -> None:
        """Draw the line here: for this area, and for all where it is the pot that ran out."""
        is_pot = self.pot < wanted
        self.ended |= set(self.areas) if is_pot else {area}


def draw(bids: Sequence[Bid], *, areas: Mapping[str, Pence], pot: Pence) -> Drawn:
    """Fund in rank order while the money lasts, area by area, within the pot.

    An application's own costs come first. Each proposed project is funded in full; the first that
    does not fit gets what is left if that is workable, and the line is drawn there: all that
    follow in the area are in reserve. Below the minimum is out. Own costs alone are never funded
    where there are projects to run.
    """
    purse = _Purse(areas, pot)
    decided = tuple(_decide(bid, purse) for bid in bids)
    return Drawn(bids=decided, left=dict(purse.areas), pot_left=purse.pot)


def _decide(bid: Bid, purse: _Purse) -> DecidedBid:
    if bid.below_minimum:
        lines = tuple(_unfunded(line, LineDecision.OUT) for line in bid.lines)
        return DecidedBid(key=bid.key, own_costs=0, lines=lines)
    was_open, held = bid.area not in purse.ended, purse.holds(bid.area)
    if bid.own_costs > held:
        purse.end(bid.area, bid.own_costs)
        lines = tuple(_unfunded(line, LineDecision.RESERVE) for line in bid.lines)
        return DecidedBid(key=bid.key, own_costs=0, lines=lines, straddles=was_open)
    purse.take(bid.area, bid.own_costs)
    lines = tuple(_decide_line(line, bid.area, purse) for line in bid.lines)
    own_costs = bid.own_costs
    if bid.lines and not any(line.decision in FUNDED for line in lines):
        purse.take(bid.area, -own_costs)
        own_costs = 0
    straddles = was_open and bid.area in purse.ended
    return DecidedBid(key=bid.key, own_costs=own_costs, lines=lines, straddles=straddles)


def _decide_line(line: Line, area: str, purse: _Purse) -> DecidedLine:
    if line.below_minimum:
        return _unfunded(line, LineDecision.OUT)
    if area in purse.ended:
        return _unfunded(line, LineDecision.RESERVE)
    held = purse.holds(area)
    if line.asked <= held:
        purse.take(area, line.asked)
        return DecidedLine(key=line.key, decision=LineDecision.FULL, amount=line.asked)
    purse.end(area, line.asked)
    if held < max(line.smallest, 1):
        return _unfunded(line, LineDecision.RESERVE)
    purse.take(area, held)
    return DecidedLine(key=line.key, decision=LineDecision.PART, amount=held)


def _unfunded(line: Line, decision: LineDecision) -> DecidedLine:
    out = LineDecision.OUT if line.below_minimum else decision
    return DecidedLine(key=line.key, decision=out, amount=0)


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
