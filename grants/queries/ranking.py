"""Applications in rank, and inside an area their projects with the line drawn where the money ends."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund, Scoring
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.assessment import Assessment, Score
from grants.models.award import Award
from grants.queries import fairness, moderated, rounds, standings
from grants.queries.definitions import fund_of
from grants.queries.fairness import Fairness
from grants.queries.paging import PAGE, Page
from grants.queries.ranked import (
    ADJUSTED,
    CRITERION,
    MODERATED,
    Measure,
    Ranked,
    measures_of,
    tie_rule,
)
from grants.queries.ranked_area import with_lines
from grants.queries.ranked_statement import ranked_applications
from grants.queries.rounds import AreaRow, RoundRow
from grants.rules import scoring, severity
from grants.rules.people import Actor
from grants.rules.scoring import Standing
from grants.rules.states import (
    AssessmentState,
    AwardState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A round in rank: all of it, or one area with the line drawn. One page of it."""

    round: RoundRow
    measures: tuple[Measure, ...]
    tie_rule: str
    areas: tuple[str, ...]
    area: AreaRow | None
    page: Page[Ranked]
    promised: int  # recommended in the area, not committed yet
    left: int | None  # of the area, were the suggestion followed
    fairness: Fairness
    is_moderated: bool  # whether the panel agreed any mark

    @property
    def rows(self) -> tuple[Ranked, ...]:
        """The applications of this page."""
        return self.page.rows


def of_round(
    actor: Actor,
    key: uuid.UUID,
    *,
    area: str = "",
    measure: str = "total",
    state: str = "",
    page: int = 1,
) -> Ranking:
    """The ranking, for those who may know decisions and scores. Ten statements at most, or twelve
    after a score has changed.
    """
    record = rounds.one(actor, key)
    fund = fund_of(actor, record.definition_id)
    listed = measures_of(fund)
    by = next((m for m in listed if m.key == measure), listed[0])
    agreed = moderated.totals_of(actor, record.id, fund.scoring)
    view = View(by, state, page, fairness.of_round(actor, record.id, record.key), agreed)
    if area:
        areas = rounds.areas(actor, record)
        chosen = next((row for row in areas if row.name == area), None)
        if chosen is not None:
            names = tuple(row.name for row in areas)
            return _of_area(actor, record, fund, chosen, names, view)
    return _of_whole(actor, record, fund, view)


@dataclass(frozen=True, slots=True)
class View:
    """How the ranking is looked at."""

    by: Measure
    state: str
    page: int
    fairness: Fairness
    agreed: Mapping[int, Decimal]  # totals with the marks that the panel agreed

    def value(
        self, application_id: int, value: Decimal | int | None, total: Decimal | None
    ) -> Decimal | int | None:
        """What an application is put in order by."""
        if self.by.key == MODERATED:
            return self.agreed.get(application_id, total)
        if self.by.key == ADJUSTED:
            return self.fairness.adjusted(application_id)
        return value


def _of_whole(actor: Actor, record: RoundRow, fund: Fund, view: View) -> Ranking:
    """Everything in rank by a few figures each, then all that is known of one page."""
    by = view.by
    criterion = by.key.removeprefix(CRITERION) if by.is_criterion else ""
    stands = standings.of_round(
        actor,
        record,
        fund.scoring,
        criterion=criterion,
        figure="" if criterion else by.key,
    )
    shown, total, number = _slice(
        sorted(
            (stand for stand in stands if _is_wanted(stand.award, view.state)),
            key=lambda stand: _place(
                by, view.value(stand.id, stand.value, stand.total), stand.rank, stand.reference
            ),
        ),
        view.page,
    )
    found = {row.id: row for row in _applications(actor, record, [stand.id for stand in shown])}
    readings = _readings(list(found.values()))
    sheet = Sheet(fund.scoring, readings, view.fairness, view.agreed)
    rows = tuple(
        _made(found[stand.id], sheet, stand.rank, is_tied=stand.is_tied)
        for stand in shown
        if stand.id in found
    )
    return Ranking(
        round=record,
        measures=measures_of(fund),
        tie_rule=tie_rule(fund),
        areas=rounds.area_names(actor, record),
        area=None,
        page=Page(rows, total, number),
        promised=sum(stand.amount for stand in stands if stand.award == AwardState.RECOMMENDED),
        left=None,
        fairness=view.fairness,
        is_moderated=bool(view.agreed),
    )


def _of_area(
    actor: Actor, record: RoundRow, fund: Fund, area: AreaRow, names: tuple[str, ...], view: View
) -> Ranking:
    """One area: the line is drawn through all of it, whatever page is shown."""
    found = _applications(actor, record, None, area)
    ranked = _ranked(
        record, found, Sheet(fund.scoring, _readings(found), view.fairness, view.agreed)
    )
    rows, left = with_lines(actor, ranked, found, area, record)
    shown, total, number = _slice(
        sorted(
            (row for row in rows if _is_wanted(row.award, view.state)),
            key=lambda row: _place(view.by, row.measures.get(view.by.key), row.rank, row.reference),
        ),
        view.page,
    )
    return Ranking(
        round=record,
        measures=measures_of(fund),
        tie_rule=tie_rule(fund),
        areas=names,
        area=area,
        page=Page(tuple(shown), total, number),
        promised=_promised(found),
        left=left,
        fairness=view.fairness,
        is_moderated=bool(view.agreed),
    )


Item = TypeVar("Item")
ZERO = Decimal(0)


def _slice(items: list[Item], page: int) -> tuple[list[Item], int, int]:
    """The items of one page, how many there are in all, and the page; past the end it is the last."""
    number = min(max(1, page), max(1, -(-len(items) // PAGE)))
    return items[(number - 1) * PAGE : number * PAGE], len(items), number


def _applications(
    actor: Actor, record: RoundRow, ids: list[int] | None, area: AreaRow | None = None
) -> list[Any]:
    """Sent and neither withdrawn nor returned; with the award and own costs and people summed."""
    own = _sum(BudgetLine.amount, BudgetLine, BudgetLine.is_onward.is_(False))
    people = _sum(ProposedProject.people, ProposedProject)
    statement = ranked_applications(
        actor, record, Award.own_costs, own.label("own_asked"), people.label("people")
    ).order_by(Application.reference)
    if area is not None:
        statement = statement.where(Application.allocation_area_id == area.id)
    if ids is not None:
        statement = statement.where(Application.id.in_(ids))
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


NOTHING = Readings((), ())


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the scores of a round say, and the rules by which they say it."""

    rules: Scoring
    readings: Mapping[int, Readings]
    fairness: Fairness
    agreed: Mapping[int, Decimal]


def _ranked(record: RoundRow, found: list[Any], sheet: Sheet) -> tuple[Ranked, ...]:
    rules, heaviest = sheet.rules, scoring.heaviest_of(sheet.rules).key
    stands = []
    for row in found:
        given = sheet.readings.get(row.id, NOTHING)
        mean = scoring.mean_scores(given.scores, rules).get(heaviest)
        ties = standings.ties_of(None if mean is None else scoring.two_places(mean), row.asked)
        stands.append(Standing(str(row.id), scoring.mean_total(given.totals), ties))
    places = {place.key: place for place in scoring.ranking(stands, rules.ties, record.reference)}
    return tuple(
        _made(row, sheet, place.rank, is_tied=place.is_tied)
        for row in found
        for place in (places[str(row.id)],)
    )


def _made(row: Any, sheet: Sheet, rank: int | None, *, is_tied: bool) -> Ranked:
    given = sheet.readings.get(row.id, NOTHING)
    means = scoring.mean_scores(given.scores, sheet.rules)
    merit = sheet.fairness.merit(row.id) if row.scores else None
    return Ranked(
        key=row.key,
        award_key=row.award_key,
        reference=row.reference,
        title=row.title,
        organisation=row.organisation,
        area=row.area,
        state=row.state,
        award=row.award,
        rank=rank,
        is_tied=is_tied,
        total=scoring.mean_total(given.totals),
        readings=len(given.totals),
        merit=merit,
        spread=scoring.spread_flags(given.scores, sheet.rules),
        below=scoring.below_minimum(means, sheet.rules),
        measures={
            **_measures(row, means, given),
            ADJUSTED: None if merit is None else severity.two_places(merit.adjusted),
            MODERATED: sheet.agreed.get(row.id, scoring.mean_total(given.totals)),
        },
        asked=row.asked,
        amount=None if row.award in {None, AwardState.NONE} else row.amount,
        projects=row.projects_count,
    )


def _measures(
    row: Any, means: Mapping[str, Fraction | None], readings: Readings
) -> dict[str, Decimal | int | None]:
    return {
        "total": scoring.mean_total(readings.totals),
        "asked": row.asked,
        "projects": row.projects_count,
        "person": row.asked // row.people if row.people else None,
        **{
            f"{CRITERION}{key}": None if mean is None else scoring.two_places(mean)
            for key, mean in means.items()
        },
    }


def _place(
    by: Measure, value: Decimal | int | None, rank: int | None, reference: str
) -> tuple[bool, Decimal, bool, int, str]:
    """Best first by the measure; by rank where it says nothing or the same."""
    if by.key == "total":  # the rank says it all, and says it of thousands without arithmetic
        return False, ZERO, rank is None, rank or 0, reference
    merit = ZERO if value is None else Decimal(value)
    order = merit if by.is_low_better else -merit
    return value is None, order, rank is None, rank or 0, reference


def _is_wanted(award: AwardState | None, state: str) -> bool:
    if state == "open":
        return award in {None, AwardState.NONE}
    return not state or award == state


def _promised(found: list[Any]) -> int:
    return sum(row.amount for row in found if row.award == AwardState.RECOMMENDED)
