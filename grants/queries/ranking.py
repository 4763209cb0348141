"""Applications in rank, and inside an area their projects with the line drawn where the money ends."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Criterion, Fund, Scoring
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.assessment import Assessment, Score
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.queries import rounds
from grants.queries.definitions import fund_of
from grants.queries.ranked_lines import RankedLine, lines_of
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.visible import applications_of, visible
from grants.rules import funding_line, scoring
from grants.rules.actions import Action
from grants.rules.funding_line import Bid, DecidedBid, Drawn, Line
from grants.rules.people import Actor
from grants.rules.scoring import LOT, Standing
from grants.rules.states import (
    COMMITTED,
    ApplicationState,
    AssessmentState,
    AwardState,
)

HEAVIEST = "heaviest"  # the tie rule that asks for the criterion with the greatest weight
TIES = (HEAVIEST, LOT)
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that applications can be put in order by."""

    key: str
    label: str
    is_money: bool = False
    is_low_better: bool = False
    is_criterion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One application in rank, with every measure of it. Pence."""

    key: uuid.UUID
    award_key: uuid.UUID | None
    reference: str
    title: str
    organisation: str
    area: str
    state: ApplicationState
    award: AwardState | None
    rank: int | None
    is_tied: bool
    total: Decimal | None
    readings: int
    below: tuple[str, ...]
    measures: Mapping[str, Decimal | int | None]
    asked: int
    amount: int | None
    projects: int
    straddles: bool = False
    lines: tuple[RankedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A round in rank: all of it, or one area with the line drawn."""

    round: RoundRow
    measures: tuple[Measure, ...]
    tie_rule: str
    areas: tuple[AreaRow, ...]
    area: AreaRow | None
    rows: tuple[Ranked, ...]
    promised: int  # recommended in the area, not committed yet
    left: int | None  # of the area, were the suggestion followed


def of_round(
    actor: Actor, key: uuid.UUID, *, area: str = "", measure: str = "total", state: str = ""
) -> Ranking:
    """The ranking, for those who may know decisions and scores. Seven statements at most."""
    record = rounds.one(actor, key)
    fund = fund_of(actor, record.definition_id)
    areas = rounds.areas(actor, record)
    chosen = next((row for row in areas if row.name == area), None)
    found = _applications(actor, record, chosen)
    readings = _readings(found)
    rows = _ranked(record, fund.scoring, found, readings)
    listed = measures_of(fund)
    promised = _promised(found)
    left = None
    if chosen is not None:
        rows, left = _with_lines(actor, rows, found, chosen, record)
    rows = tuple(row for row in rows if _is_wanted(row, state))
    return Ranking(
        round=record,
        measures=listed,
        tie_rule=_tie_rule(fund),
        areas=areas,
        area=chosen,
        rows=tuple(_sorted(rows, next((m for m in listed if m.key == measure), listed[0]))),
        promised=promised,
        left=left,
    )


def measures_of(fund: Fund) -> tuple[Measure, ...]:
    """By what a round of this fund can be put in order."""
    return (
        Measure(key="total", label="Weighted total"),
        *(
            Measure(key=f"criterion-{criterion.key}", label=criterion.title, is_criterion=True)
            for criterion in fund.scoring.criteria
            if criterion.weight
        ),
        Measure(key="asked", label="Amount asked", is_money=True, is_low_better=True),
        Measure(key="person", label="Asked per person", is_money=True, is_low_better=True),
        Measure(key="projects", label="Projects"),
    )


def _tie_rule(fund: Fund) -> str:
    title = _heaviest(fund.scoring).title
    return (
        f"Equal totals: the higher mean score for “{title}” comes first, then a lot that the "
        "round's reference fixes."
    )


def _heaviest(rules: Scoring) -> Criterion:
    return max(rules.criteria, key=lambda criterion: criterion.weight)


def _applications(actor: Actor, record: RoundRow, area: AreaRow | None) -> list[Any]:
    """Sent and neither withdrawn nor returned; with the award and own costs and people summed."""
    own = _sum(BudgetLine.amount, BudgetLine, BudgetLine.is_onward.is_(False))
    people = _sum(ProposedProject.people, ProposedProject)
    statement = (
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Application.state,
            Application.asked,
            Application.projects_count,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Award.key.label("award_key"),
            Award.state.label("award"),
            Award.amount,
            Award.own_costs,
            own.label("own_asked"),
            people.label("people"),
            visible(actor, Action.READ_ALL_SCORES).label("scores"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(
            Application.round_id == record.id,
            Application.number.is_not(None),
            Application.state.not_in([ApplicationState.WITHDRAWN, ApplicationState.RETURNED]),
            visible(actor, Action.READ_DECISION),
        )
        .order_by(Application.reference)
    )
    if area is not None:
        statement = statement.where(Application.allocation_area_id == area.id)
    return list(db.session.execute(statement))


def _sum(column: Any, table: Any, *conditions: Any) -> Any:
    return (
        sa.select(sa.func.coalesce(sa.func.sum(column), 0))
        .where(table.application_id == Application.id, *conditions)
        .correlate(Application)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Readings:
    """What came in for one application."""

    totals: tuple[Decimal, ...]
    scores: tuple[dict[str, int], ...]


def _readings(found: list[Any]) -> dict[int, Readings]:
    """Submitted totals and scores by application, where all scores may be read. One statement."""
    ids = [row.id for row in found if row.scores]
    rows: Any = db.session.execute(
        sa.select(
            Assessment.application_id, Assessment.id, Assessment.total, Score.criterion, Score.mark
        )
        .outerjoin(Score, Score.assessment_id == Assessment.id)
        .where(Assessment.application_id.in_(ids), Assessment.state == AssessmentState.SUBMITTED)
        .order_by(Assessment.id)
    )
    totals: dict[int, dict[int, Decimal]] = {}
    scores: dict[int, dict[int, dict[str, int]]] = {}
    for application_id, assessment_id, total, criterion, mark in rows:
        totals.setdefault(application_id, {})[assessment_id] = total
        kept = scores.setdefault(application_id, {}).setdefault(assessment_id, {})
        if mark is not None:
            kept[criterion] = mark
    return {
        key: Readings(tuple(given.values()), tuple(scores[key].values()))
        for key, given in totals.items()
    }


def _ranked(
    record: RoundRow, rules: Scoring, found: list[Any], readings: Mapping[int, Readings]
) -> tuple[Ranked, ...]:
    none = Readings((), ())
    means = {row.id: scoring.mean_scores(readings.get(row.id, none).scores, rules) for row in found}
    standings = [
        Standing(
            str(row.id),
            scoring.mean_total(readings.get(row.id, none).totals),
            _ties(means[row.id].get(_heaviest(rules).key)),
        )
        for row in found
    ]
    places = {place.key: place for place in scoring.ranking(standings, TIES, record.reference)}
    return tuple(
        Ranked(
            key=row.key,
            award_key=row.award_key,
            reference=row.reference,
            title=row.title,
            organisation=row.organisation,
            area=row.area,
            state=row.state,
            award=row.award,
            rank=places[str(row.id)].rank,
            is_tied=places[str(row.id)].is_tied,
            total=scoring.mean_total(readings.get(row.id, none).totals),
            readings=len(readings.get(row.id, none).totals),
            below=scoring.below_minimum(means[row.id], rules),
            measures=_measures(row, means[row.id], readings.get(row.id, none)),
            asked=row.asked,
            amount=None if row.award in {None, AwardState.NONE} else row.amount,
            projects=row.projects_count,
        )
        for row in found
    )


def _ties(mean: Fraction | None) -> dict[str, int]:
    return {} if mean is None else {HEAVIEST: -int(scoring.two_places(mean) * PERCENT)}


def _measures(
    row: Any, means: Mapping[str, Fraction | None], readings: Readings
) -> dict[str, Decimal | int | None]:
    return {
        "total": scoring.mean_total(readings.totals),
        "asked": row.asked,
        "projects": row.projects_count,
        "person": row.asked // row.people if row.people else None,
        **{
            f"criterion-{key}": None if mean is None else scoring.two_places(mean)
            for key, mean in means.items()
        },
    }


def _sorted(rows: Iterable[Ranked], measure: Measure) -> list[Ranked]:
    """Best first by the measure; by rank where it says nothing or the same."""

    def place(row: Ranked) -> tuple[bool, Decimal, bool, int, str]:
        value = None if measure.key == "total" else row.measures.get(measure.key)
        merit = Decimal(0) if value is None else Decimal(value)
        by_measure = value is None and measure.key != "total"
        order = merit if measure.is_low_better else -merit
        return by_measure, order, row.rank is None, row.rank or 0, row.reference

    return sorted(rows, key=place)


def _is_wanted(row: Ranked, state: str) -> bool:
    if state == "open":
        return row.award in {None, AwardState.NONE}
    return not state or row.award == state


def _promised(found: list[Any]) -> int:
    return sum(row.amount for row in found if row.award == AwardState.RECOMMENDED)


def _with_lines(
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
    values = {name: getattr(row, name) for name in Ranked.__dataclass_fields__}
    return Ranked(**{**values, "lines": lines, "straddles": straddles})
