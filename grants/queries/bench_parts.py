"""What of a round is looked at on the workbench: worked out once, added up each time the line moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grants.funds.definition import Fund
from grants.queries import spread
from grants.queries.candidate_rows import Candidates, Entry
from grants.queries.drawings import Drawing
from grants.rules.funding_line import DecidedLine, Pin
from grants.rules.states import LineDecision
from grants.rules.workbench import places_within

DECIDED, UNSCORED, GREY, PINNED, STRADDLES = "decided", "unscored", "grey", "pinned", "straddles"
Pinned = Mapping[tuple[str, str], Pin]


@dataclass(frozen=True, slots=True)
class Tally:
    """So many lines of a kind, and what they come to."""

    kind: str
    count: int = 0
    amount: int = 0


def kinds_of(entry: Entry, drawing: Drawing, pins: Pinned) -> list[str]:
    """Of which kinds a line is: its decision first."""
    at, one, _ = entry
    decided, bid = drawing.lines.get(at), drawing.bids.get(one.id)
    kinds = [decided.decision.value if decided else DECIDED if one.rank is not None else UNSCORED]
    if bid is None:
        return kinds
    if at[0] in drawing.grey:
        kinds.append(GREY)
    if at in pins:
        kinds.append(PINNED)
    if bid.straddles:
        kinds.append(STRADDLES)
    return kinds


@dataclass(frozen=True, slots=True)
class Part:
    """What of a round is looked at, worked out once: it stays while the line moves."""

    here: Sequence[Entry]
    drawn: Sequence[Entry]  # through which a line is drawn
    tables: spread.Tables
    rest: Mapping[str, int]  # how many are decided already, and not scored
    places: Mapping[str, int]  # in rank within its area, by the application's id as text


def part_of(fund: Fund, found: Candidates, area: str) -> Part:
    kept: Part | None = found.kept.get(area)
    if kept is None:
        here = [entry for entry in found.entries if not area or entry[1].area == area]
        drawn = [entry for entry in here if entry[1].is_open]
        rest = Counter(
            DECIDED if one.rank is not None else UNSCORED for _, one, _ in here if not one.is_open
        )
        ranked = [(str(one.id), one.area) for one in found.listed if one.rank is not None]
        tables = spread.tables(fund, drawn)
        kept = found.kept[area] = Part(here, drawn, tables, rest, places_within(ranked))
    return kept


def given(part: Part, drawing: Drawing) -> list[tuple[int, int]]:
    """The lines that get something, by their place, with what they get."""
    lines = drawing.lines
    amounts = ((place, lines[entry[0]].amount) for place, entry in enumerate(part.drawn))
    return [(place, amount) for place, amount in amounts if amount]


def tallies(part: Part, drawing: Drawing, pins: Pinned) -> dict[str, Tally]:
    lines, grey = drawing.lines, drawing.grey
    of_kind: dict[str, list[DecidedLine]] = {}
    for at, one, _ in part.drawn:
        decided = lines[at]
        of_kind.setdefault(decided.decision, []).append(decided)
        if at[0] in grey:
            of_kind.setdefault(GREY, []).append(decided)
        if at in pins:
            of_kind.setdefault(PINNED, []).append(decided)
        if drawing.bids[one.id].straddles:
            of_kind.setdefault(STRADDLES, []).append(decided)
    wanted = (*(one.value for one in LineDecision), GREY, PINNED, STRADDLES)
    return {
        **{kind: _tally(kind, of_kind.get(kind, ())) for kind in wanted},
        **{kind: Tally(kind, part.rest.get(kind, 0)) for kind in (DECIDED, UNSCORED)},
    }


def _tally(kind: str, lines: Collection[DecidedLine]) -> Tally:
    return Tally(kind, len(lines), sum(line.amount for line in lines))
