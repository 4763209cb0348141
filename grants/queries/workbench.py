"""The funding-line workbench: who is in, in part, in reserve and out, and what is left where."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from grants.funds.definition import CodeList, Fund
from grants.queries import balances, bench_parts, candidates, rounds, scenarios, spread
from grants.queries.bench_parts import DECIDED, UNSCORED, Tally, kinds_of, part_of
from grants.queries.candidate_rows import Candidate, CandidateLine, Entry
from grants.queries.definitions import departures_of, fund_of
from grants.queries.drawings import WHOLE_POT, Drawing, draw
from grants.queries.paging import PAGE, Page
from grants.queries.ranked import Measure, measures_of, tie_rule
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.scenarios import ScenarioRow
from grants.queries.strands import strand_balances
from grants.rules.actions import Action
from grants.rules.funding_line import DecidedLine, Pin
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.workbench import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the workbench is looked at. What is None is as the scenario has it."""

    scenario: uuid.UUID | None = None
    measure: str | None = None
    budget: int | None = None  # pence, of the area or the whole pot
    has_budget: bool = False  # whether a budget was asked for; none of an amount takes it away
    area: str = ""
    show: str = ""
    page: int = 1


class WorkRow(NamedTuple):
    """One line on the workbench. Pence. A tuple: thousands are made each time the line is moved."""

    candidate: Candidate
    line: CandidateLine
    decided: DecidedLine | None  # None where nothing is drawn through it
    pin: Pin | None
    reason: str
    area_place: int
    is_grey: bool
    straddles: bool
    departs: bool

    @property
    def place(self) -> str:
        """What its address on the page is made of."""
        return f"{self.candidate.key}.{self.line.row}"

    @property
    def kind(self) -> str:
        """In full, in part, in reserve, out, decided already, or not scored."""
        if self.decided is not None:
            return self.decided.decision.value
        return DECIDED if self.candidate.rank is not None else UNSCORED


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """An area with its line. Pence."""

    name: str
    amount: int
    committed: int
    budget: int
    given: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """All that the page shows."""

    round: RoundRow
    fund: Fund
    measures: tuple[Measure, ...]
    measure: Measure
    why_not: str  # why the order asked for is refused
    tie_rule: str
    areas: tuple[AreaLine, ...]
    area: str
    ceiling: int  # the most that the line can be drawn with here
    budget: int  # what it is drawn with
    over: int  # how much more was typed than there is
    drawing: Drawing
    tallies: Mapping[str, Tally]
    shares: tuple[tuple[str, tuple[Share, ...]], ...]
    strands: tuple[tuple[str, int, int], ...]  # title, before the line, after it
    page: Page[WorkRow]
    scenario: ScenarioRow | None
    scenarios: tuple[ScenarioRow, ...]
    changes: tuple[str, ...]
    unexplained: int  # departures from rank without a reason
    reasons: CodeList
    entries: tuple[Entry, ...] = field(repr=False)
    places: Mapping[str, int] = field(repr=False)  # in rank within an area

    @property
    def rows(self) -> tuple[WorkRow, ...]:
        """Every line, whatever is shown."""
        pins = self.scenario.pins if self.scenario else {}
        reasons = self.scenario.reasons if self.scenario else {}
        seen = _Seen(self.places, self.drawing, pins, reasons)
        return tuple(seen.row(entry) for entry in self.entries)


def of_round(actor: Actor, key: uuid.UUID, wanted: Wanted) -> Workbench:
    """The workbench of a round. Raises NotFound. A fixed number of statements."""
    record = rounds.one(actor, key, Action.READ_SCENARIO)
    areas = rounds.areas(actor, record)
    scenario = _scenario(actor, record, wanted)
    return of_scenario(actor, record, areas, scenario, wanted)


def of_scenario(
    actor: Actor,
    record: RoundRow,
    areas: tuple[AreaRow, ...],
    scenario: ScenarioRow | None,
    wanted: Wanted,
) -> Workbench:
    """The workbench with this scenario on it."""
    fund = fund_of(actor, record.definition_id)
    listed = measures_of(fund)
    asked = wanted.measure or (scenario.measure if scenario else "")
    by = next((one for one in listed if one.key == asked), listed[0])
    found = candidates.of_round(actor, record, fund, by.key)
    area = wanted.area if any(one.name == wanted.area for one in areas) else WHOLE_POT
    budgets = budgets_of(scenario, wanted, area)
    pins = scenario.pins if scenario else {}
    reasons = scenario.reasons if scenario else {}
    strands = strand_balances(actor, record) if fund.strands else ()
    left = {one.strand: one.amount - one.committed for one in strands}
    drawing = draw(found.listed, record, areas, budgets, pins, strands=left)
    part, show = part_of(fund, found, area), wanted.show
    shown = (
        [one for one in part.here if show in kinds_of(one, drawing, pins)] if show else part.here
    )
    free = {one.name: one.amount - one.committed for one in areas}
    ceiling = free.get(area, record.pot - record.committed)
    basis = scenarios.basis_of(record, areas, found.listed) if scenario else {}
    return Workbench(
        round=record,
        fund=fund,
        measures=listed,
        measure=by,
        why_not=found.why_not,
        tie_rule=tie_rule(fund),
        areas=tuple(_area(one, drawing) for one in areas),
        area=area,
        ceiling=max(ceiling, 0),
        budget=drawing.areas[area] if area else drawing.pot,
        over=max((budgets.get(area) or 0) - max(ceiling, 0), 0),
        drawing=drawing,
        tallies=bench_parts.tallies(part, drawing, pins),
        shares=spread.of_lines(part.tables, bench_parts.given(part, drawing)),
        strands=tuple(
            (one.title, left[one.strand], drawing.drawn.strands_left.get(one.strand, 0))
            for one in strands
        ),
        page=_page(shown, wanted.page, _Seen(part.places, drawing, pins, reasons)),
        scenario=scenario,
        scenarios=scenarios.listed(actor, record),
        changes=scenarios.changes_since(
            scenario, basis, sees_all=not balances.hides(actor, record.id)
        )
        if scenario
        else (),
        unexplained=sum(1 for place in drawing.departures if not reasons.get(place)),
        reasons=departures_of(fund),
        entries=found.entries,
        places=part.places,
    )


def budgets_of(scenario: ScenarioRow | None, wanted: Wanted, area: str) -> dict[str, int]:
    """The budgets of a scenario, with the one that was just typed."""
    kept = dict(scenario.budgets) if scenario else {}
    if wanted.has_budget:
        kept.pop(area, None)
        if wanted.budget is not None:
            kept[area] = wanted.budget
    return kept


def _scenario(actor: Actor, record: RoundRow, wanted: Wanted) -> ScenarioRow | None:
    if wanted.scenario is None:
        return scenarios.working(actor, record)
    found = scenarios.one(actor, wanted.scenario)
    if found.round_key != record.key:
        raise NotFound("There is no such page.")
    return found


class _Seen:
    """Makes rows of lines."""

    def __init__(
        self,
        places: Mapping[str, int],
        drawing: Drawing,
        pins: Mapping[tuple[str, str], Pin],
        reasons: Mapping[tuple[str, str], str],
    ) -> None:
        self.places, self.drawing = places, drawing
        self.pins, self.reasons = pins, reasons

    def row(self, entry: Entry) -> WorkRow:
        """The row of one line."""
        at, one, line = entry
        bid = self.drawing.bids.get(one.id)
        return WorkRow(
            candidate=one,
            line=line,
            decided=self.drawing.lines.get(at),
            pin=self.pins.get(at) if bid else None,
            reason=self.reasons.get(at, ""),
            area_place=self.places.get(at[0], 0),
            is_grey=at[0] in self.drawing.grey,
            straddles=bool(bid and bid.straddles),
            departs=at in self.drawing.departures,
        )


def _page(shown: Sequence[Entry], number: int, seen: _Seen) -> Page[WorkRow]:
    number = min(max(1, number), max(1, -(-len(shown) // PAGE)))
    rows = tuple(seen.row(entry) for entry in shown[(number - 1) * PAGE : number * PAGE])
    return Page(rows, len(shown), number)


def _area(one: AreaRow, drawing: Drawing) -> AreaLine:
    left = drawing.drawn.left.get(one.name, 0)
    return AreaLine(
        name=one.name,
        amount=one.amount,
        committed=one.committed,
        budget=drawing.areas[one.name],
        given=drawing.areas[one.name] - left,
        left=one.amount - one.committed - (drawing.areas[one.name] - left),
    )
