"""The line drawn through a round's candidates, by rank alone and with what people pinned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grants.queries.candidate_rows import Candidate
from grants.queries.rounds import AreaRow, RoundRow
from grants.rules import funding_line
from grants.rules.funding_line import FUNDED, DecidedBid, DecidedLine, Drawn, Pins
from grants.rules.workbench import Scored, grey_zone

WHOLE_POT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What the line gives every open candidate. Pence."""

    drawn: Drawn
    bids: Mapping[int, DecidedBid]  # by the application's id
    lines: Mapping[tuple[str, str], DecidedLine]
    departures: Pins
    areas: Mapping[str, int]  # what each area's line was drawn with
    pot: int
    grey: frozenset[str]

    @property
    def given(self) -> int:
        """What all of it comes to."""
        return sum(bid.amount for bid in self.drawn.bids)


def draw(
    candidates: Iterable[Candidate],
    record: RoundRow,
    areas: Iterable[AreaRow],
    budgets: Mapping[str, int],
    pins: Pins,
    *,
    strands: Mapping[str, int] = funding_line.NO_BUDGETS,
) -> Drawing:
    """Draw it within what is left, or within less where a budget says so: never within more."""
    open_ = [one for one in candidates if one.is_open]
    bids = [one.bid for one in open_]
    money = {
        area.name: _within(area.amount - area.committed, budgets.get(area.name)) for area in areas
    }
    pot = _within(record.pot - record.committed, budgets.get(WHOLE_POT))
    drawn = funding_line.draw(bids, areas=money, pot=pot, strands=strands, pins=pins)
    by_rank = funding_line.draw(bids, areas=money, pot=pot, strands=strands) if pins else drawn
    return Drawing(
        drawn=drawn,
        bids={one.id: bid for one, bid in zip(open_, drawn.bids, strict=True)},
        lines={(bid.key, line.key): line for bid in drawn.bids for line in bid.lines},
        departures=funding_line.departures(drawn, by_rank, pins),
        areas=money,
        pot=pot,
        grey=_grey(open_, drawn, pins),
    )


def _within(left: int, budget: int | None) -> int:
    return max(left, 0) if budget is None else max(min(left, budget), 0)


def _grey(open_: list[Candidate], drawn: Drawn, pins: Pins) -> frozenset[str]:
    """Who could change places by chance; those who were pinned or are below a minimum cannot."""
    by_hand = {place[0] for place in pins}
    items = [
        Scored(key=str(one.id), scope=one.area, score=one.score, error=one.error)
        for one in open_
        if not one.below and str(one.id) not in by_hand
    ]
    funded = {bid.key for bid in drawn.bids if any(line.decision in FUNDED for line in bid.lines)}
    return grey_zone(items, funded)
