"""One area's applications in rank with their projects, and the line where its money ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grants.queries.ranked import Ranked
from grants.queries.ranked_lines import RankedLine, lines_of
from grants.queries.rounds import AreaRow, RoundRow
from grants.rules import funding_line
from grants.rules.funding_line import Bid, DecidedBid, Drawn, Line
from grants.rules.people import Actor
from grants.rules.states import COMMITTED, AwardState


def with_lines(
    actor: Actor, rows: tuple[Ranked, ...], found: list[Any], area: AreaRow, record: RoundRow
) -> tuple[tuple[Ranked, ...], int]:
    """Each application's lines, the undecided ones with what the line would give them."""
    lines = lines_of(actor, [row.id for row in found])
    by_key = {row.key: row for row in found}
    in_rank = sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.reference))
    open_ = [row for row in in_rank if row.award not in COMMITTED and row.award not in _ENDED]
    bids = [_bid(row, by_key[row.key], lines, area) for row in open_]
    drawn = funding_line.draw(bids, areas={area.name: area.remaining}, pot=record.remaining)
    decided = {bid.key: bid for bid in drawn.bids}
    left = area.remaining
    shown: list[Ranked] = []
    for row in in_rank:
        bid = decided.get(str(row.key))
        ranked, left = _lines_of(lines.get(by_key[row.key].id, []), bid, left)
        shown.append(_replaced(row, ranked, straddles=bool(bid and bid.straddles)))
    return tuple(shown), _left(drawn, area)


_ENDED = frozenset(
    {
        AwardState.REFUSED,
        AwardState.DECLINED,
        AwardState.LAPSED,
        AwardState.OFFER_DECLINED,
    }
)


def _left(drawn: Drawn, area: AreaRow) -> int:
    return drawn.left.get(area.name, area.remaining)


def _bid(row: Ranked, found: Any, lines: Mapping[int, list[Any]], area: AreaRow) -> Bid:
    return Bid(
        key=str(row.key),
        area=area.name,
        own_costs=int(found.own_asked),
        lines=tuple(
            Line(
                key=line.row,
                asked=line.asked,
                smallest=line.minimum or line.asked,
                below_minimum=line.advice == 0,
            )
            for line in lines.get(found.id, [])
        ),
        below_minimum=bool(row.below),
    )


def _lines_of(
    lines: list[Any], bid: DecidedBid | None, left: int
) -> tuple[tuple[RankedLine, ...], int]:
    suggested = {line.key: line for line in bid.lines} if bid else {}
    if bid is not None:
        left -= bid.own_costs
    shown = []
    for line in lines:
        given = suggested.get(line.row)
        left -= given.amount if given else 0
        shown.append(
            RankedLine(
                row=line.row,
                line=line.line,
                title=line.title,
                group=line.group,
                asked=line.asked,
                minimum=line.minimum,
                advice=line.advice,
                decision=line.decision,
                amount=line.amount,
                suggested=given,
                left=left if given else None,
            )
        )
    return tuple(shown), left


def _replaced(row: Ranked, lines: tuple[RankedLine, ...], *, straddles: bool) -> Ranked:
    return replace(row, lines=lines, straddles=straddles)
