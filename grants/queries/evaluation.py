"""Figures of a round, counted in the database: grouped statements, a fixed number of them.

Nothing is hidden here. Small numbers of people leave ``services/evaluate.py`` protected, or not at all.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
)
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries import balances, places
from grants.queries.places import Placed
from grants.queries.visible import conflicted, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import KNOWN, ApplicationState, AwardState, ReturnState, RoundState, Tier

Row = TypeVar("Row")
PUBLISHED = (AwardState.RELEASED, AwardState.ACCEPTED, AwardState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow(Placed):
    """A round whose figures one may read."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    fund: str
    fund_year: str
    tier: Tier
    state: RoundState
    opens_at: dt.datetime
    closes_at: dt.datetime
    pot: int
    committed: int
    note: str
    is_illustrative: bool
    definition_id: int | None
    organisation_id: int
    has_balance: bool
    above_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """One share of the pot, and what was asked and awarded there."""

    id: int
    name: str
    codes: tuple[str, ...]
    allocated: int
    applications: int
    asked: int
    awards: int
    awarded: int
    projects: int
    projects_awarded: int
    organisations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRow:
    """What cannot be added up from areas: an organisation may work in several."""

    organisations: int
    local_applications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectsRow:
    """Projects that are alike. ``band`` is the place of their size among the limits, from 0."""

    activity_type: str
    main_group: str
    band: int
    projects: int
    amount: int
    planned: int
    """People they mean to reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """Projects that name one code; one project may name several."""

    kind: str
    code: str
    projects: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """Returns of one area. ``late`` came after their day, ``missing`` are past it and not here."""

    area_id: int
    owed: int
    due: int
    received: int
    accepted: int
    late: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRow:
    """People in accepted returns: one question, and one code or area of it."""

    question: str
    code: str
    area_id: int | None
    people: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """One outcome over all accepted returns."""

    outcome: str
    projects: int
    returns: int
    baseline: int
    paired: int
    improved: int
    same: int
    worse: int


_ROUND = (
    Round.id,
    Round.key,
    Round.reference,
    Round.title,
    Round.fund,
    Round.fund_year,
    Round.tier,
    Round.state,
    Round.opens_at,
    Round.closes_at,
    Round.pot,
    Round.note,
    Round.is_illustrative,
    Round.definition_id,
    Round.organisation_id,
)


def _columns(actor: Actor) -> tuple[Any, ...]:
    return (*_ROUND, balances.committed(actor, Round), *places.columns(actor))


def rounds(actor: Actor, action: Action = Action.READ_STATISTICS) -> tuple[RoundRow, ...]:
    """The rounds that have a rulebook, newest first."""
    statement = (
        sa.select(*_columns(actor))
        .where(visible(actor, action), Round.state != RoundState.DRAFT)
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return tuple(_made(RoundRow, row) for row in _rows(None, statement))


def round_of(
    actor: Actor, key: uuid.UUID | str, action: Action = Action.READ_STATISTICS
) -> RoundRow:
    """The round with this key or reference. Raises NotFound."""
    is_it = Round.key == key if isinstance(key, uuid.UUID) else Round.reference == key
    found = _rows(
        None,
        sa.select(*_columns(actor)).where(is_it, visible(actor, action)),
    )
    if not found:
        raise NotFound("There is no such page.")
    return _made(RoundRow, found[0])


def _sees(actor: Actor, round_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Round.id == round_id, visible(actor, Action.READ_STATISTICS))


def _rows(at: Session | None, statement: Any) -> Sequence[Any]:
    """Of the database as it is now, or of a session on a snapshot."""
    return (at or db.session()).execute(statement).mappings().all()


def _made(kind: type[Row], row: Any, **more: Any) -> Row:
    """A frozen row. PostgreSQL gives sums of large numbers as decimals."""
    values = {
        name: int(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }
    return kind(**{**values, **more})


def areas(actor: Actor, round_id: int, *, at: Session | None = None) -> tuple[AreaRow, ...]:
    """The shares of the pot, by name."""
    codes = _councils(round_id)
    asked, given, funded = _asked(actor, round_id), _given(round_id), _funded(round_id)
    statement = (
        sa.select(
            AllocationArea.id,
            AllocationArea.name,
            codes.c.codes,
            AllocationArea.amount.label("allocated"),
            *(
                sa.func.coalesce(column, 0).label(column.name)
                for part in (asked, given, funded)
                for column in part.c
                if column.name != "area_id"
            ),
        )
        .join(Round, Round.id == AllocationArea.round_id)
        .where(_sees(actor, round_id))
        .order_by(AllocationArea.name)
    )
    for part in (codes, asked, given, funded):
        statement = statement.outerjoin(part, part.c.area_id == AllocationArea.id)
    return tuple(
        _made(AreaRow, row, codes=tuple(sorted((row["codes"] or "").split(";"))))
        for row in _rows(at, statement)
    )


def _councils(round_id: int) -> sa.Subquery:
    council = AllocationAreaCouncil
    return (
        sa.select(
            council.allocation_area_id.label("area_id"),
            sa.func.aggregate_strings(council.area_code, ";").label("codes"),
        )
        .join(AllocationArea, AllocationArea.id == council.allocation_area_id)
        .where(AllocationArea.round_id == round_id)
        .group_by(council.allocation_area_id)
        .subquery()
    )


def _asked(actor: Actor, round_id: int) -> sa.Subquery:
    return (
        sa.select(
            Application.allocation_area_id.label("area_id"),
            sa.func.count().label("applications"),
            sa.func.sum(Application.asked).label("asked"),
        )
        .where(
            Application.round_id == round_id,
            *_is_counted(actor),
        )
        .group_by(Application.allocation_area_id)
        .subquery()
    )


def _is_counted(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Sent and not withdrawn; what this person declared an interest in, once its outcome is known."""
    known = sa.exists().where(
        _known.application_id == Application.id, _known.state.in_(sorted(KNOWN))
    )
    return (
        Application.number.is_not(None),
        Application.state != ApplicationState.WITHDRAWN,
        sa.or_(~conflicted(actor), known.correlate(Application)),
    )


_known = sa.orm.aliased(Award)


def _given(round_id: int) -> sa.Subquery:
    return (
        sa.select(
            Award.allocation_area_id.label("area_id"),
            sa.func.count().label("awards"),
            sa.func.sum(Award.amount).label("awarded"),
        )
        .where(Award.round_id == round_id, Award.state.in_(PUBLISHED), Award.is_award)
        .group_by(Award.allocation_area_id)
        .subquery()
    )


def _funded(round_id: int) -> sa.Subquery:
    return (
        sa.select(
            Project.allocation_area_id.label("area_id"),
            sa.func.count().label("projects"),
            sa.func.sum(Project.amount).label("projects_awarded"),
            sa.func.count(Project.organisation_id.distinct()).label("organisations"),
        )
        .where(Project.round_id == round_id)
        .group_by(Project.allocation_area_id)
        .subquery()
    )


def whole(actor: Actor, round_id: int, *, at: Session | None = None) -> WholeRow:
    """Organisations with a project, and applications to the rounds that its awards opened."""
    local = sa.orm.aliased(Round)
    organisations = sa.select(sa.func.count(Project.organisation_id.distinct())).where(
        Project.round_id == round_id
    )
    applications = (
        sa.select(sa.func.count())
        .select_from(Application)
        .join(local, local.id == Application.round_id)
        .join(Award, Award.id == local.parent_award_id)
        .where(
            Award.round_id == round_id,
            *_is_counted(actor),
        )
    )
    found = _rows(
        at,
        sa.select(
            organisations.scalar_subquery().label("organisations"),
            applications.scalar_subquery().label("local_applications"),
        )
        .select_from(Round)
        .where(_sees(actor, round_id)),
    )
    return _made(WholeRow, found[0]) if found else WholeRow(organisations=0, local_applications=0)


def projects(
    actor: Actor, round_id: int, limits: Sequence[int], *, at: Session | None = None
) -> tuple[ProjectsRow, ...]:
    """Projects by type, main group and size. ``limits`` in pence, each up to and including."""
    band = (
        sa.case(
            *((Project.amount <= limit, place) for place, limit in enumerate(limits)),
            else_=len(limits),
        )
        if limits
        else sa.literal(0)
    )
    statement = (
        sa.select(
            Project.activity_type,
            Project.main_group,
            band.label("band"),
            sa.func.count().label("projects"),
            sa.func.sum(Project.amount).label("amount"),
            sa.func.coalesce(sa.func.sum(Project.people_expected), 0).label("planned"),
        )
        .join(Round, Round.id == Project.round_id)
        .where(_sees(actor, round_id))
        .group_by(Project.activity_type, Project.main_group, sa.text("band"))
    )
    return tuple(_made(ProjectsRow, row) for row in _rows(at, statement))


def codes(actor: Actor, round_id: int, *, at: Session | None = None) -> tuple[CodeRow, ...]:
    """Projects by each code of each kind that they name."""
    statement = (
        sa.select(
            ProjectCode.kind,
            ProjectCode.code,
            sa.func.count().label("projects"),
            sa.func.sum(Project.amount).label("amount"),
        )
        .select_from(Project)
        .join(ProjectCode, ProjectCode.project_id == Project.id)
        .join(Round, Round.id == Project.round_id)
        .where(_sees(actor, round_id))
        .group_by(ProjectCode.kind, ProjectCode.code)
    )
    return tuple(_made(CodeRow, row) for row in _rows(at, statement))


def due_days(actor: Actor, round_id: int, *, at: Session | None = None) -> tuple[dt.date, ...]:
    """The days on which returns of the round are due."""
    statement = (
        sa.select(ReturnObligation.due_on)
        .distinct()
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(_sees(actor, round_id))
    )
    return tuple(row["due_on"] for row in _rows(at, statement))


def completeness(
    actor: Actor,
    round_id: int,
    ends: Mapping[dt.date, dt.datetime],
    now: dt.datetime,
    *,
    at: Session | None = None,
) -> tuple[DueRow, ...]:
    """Returns owed and come, by area. ``ends`` says when each due day is over."""
    if not ends:
        return ()
    end = sa.case(
        *(
            (ReturnObligation.due_on == day, sa.literal(when, _INSTANT))
            for day, when in ends.items()
        )
    )
    is_here = OutcomeReturn.state.in_((ReturnState.SUBMITTED, ReturnState.ACCEPTED))
    is_over = end <= sa.literal(now, _INSTANT)
    statement = (
        sa.select(
            _place().label("area_id"),
            sa.func.count().label("owed"),
            _count(is_over).label("due"),
            _count(is_here).label("received"),
            _count(OutcomeReturn.state == ReturnState.ACCEPTED).label("accepted"),
            _count(sa.and_(is_here, OutcomeReturn.submitted_at >= end)).label("late"),
            _count(sa.and_(is_over, ~is_here)).label("missing"),
        )
        .select_from(ReturnObligation)
        .join(OutcomeReturn, OutcomeReturn.obligation_id == ReturnObligation.id)
        .outerjoin(Project, Project.id == ReturnObligation.project_id)
        .outerjoin(Award, Award.id == ReturnObligation.award_id)
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(_sees(actor, round_id))
        .group_by(sa.text("area_id"))
    )
    return tuple(_made(DueRow, row) for row in _rows(at, statement))


_INSTANT = OutcomeReturn.__table__.c.submitted_at.type


def _place() -> sa.ColumnElement[Any]:
    """The area of a return, whether of a project or of an award."""
    return sa.func.coalesce(Project.allocation_area_id, Award.allocation_area_id)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def people(
    actor: Actor,
    round_id: int,
    questions: Sequence[str],
    *,
    by_area: str,
    at: Session | None = None,
) -> tuple[PeopleRow, ...]:
    """People in accepted returns by question and code; the question ``by_area`` by area instead."""
    accepted = (
        sa.select(OutcomeReturn.id)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(_sees(actor, round_id), OutcomeReturn.state == ReturnState.ACCEPTED)
    )
    counted = (sa.func.sum(ReturnFigure.number).label("people"), sa.func.count().label("returns"))
    others = [question for question in questions if question != by_area]
    by_code = (
        sa.select(ReturnFigure.question, ReturnFigure.code, sa.null().label("area_id"), *counted)
        .where(ReturnFigure.question.in_(others), ReturnFigure.return_id.in_(accepted))
        .group_by(ReturnFigure.question, ReturnFigure.code)
    )
    in_areas = (
        sa.select(ReturnFigure.question, ReturnFigure.code, _place().label("area_id"), *counted)
        .join(OutcomeReturn, OutcomeReturn.id == ReturnFigure.return_id)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .outerjoin(Project, Project.id == ReturnObligation.project_id)
        .outerjoin(Award, Award.id == ReturnObligation.award_id)
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(
            _sees(actor, round_id),
            OutcomeReturn.state == ReturnState.ACCEPTED,
            ReturnFigure.question == by_area,
        )
        .group_by(ReturnFigure.question, ReturnFigure.code, sa.text("area_id"))
    )
    return tuple(_made(PeopleRow, row) for row in _rows(at, sa.union_all(by_code, in_areas)))


def outcomes(actor: Actor, round_id: int, *, at: Session | None = None) -> tuple[OutcomeRow, ...]:
    """What changed for people, over all accepted returns."""
    totals = (OutcomeResult.baseline, OutcomeResult.paired, OutcomeResult.improved)
    others = (OutcomeResult.same, OutcomeResult.worse)
    statement = (
        sa.select(
            OutcomeResult.outcome,
            sa.func.count(ReturnObligation.project_id.distinct()).label("projects"),
            sa.func.count().label("returns"),
            *(sa.func.sum(column).label(column.key) for column in (*totals, *others)),
        )
        .select_from(ReturnObligation)
        .join(OutcomeReturn, OutcomeReturn.obligation_id == ReturnObligation.id)
        .join(OutcomeResult, OutcomeResult.return_id == OutcomeReturn.id)
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(_sees(actor, round_id), OutcomeReturn.state == ReturnState.ACCEPTED)
        .group_by(OutcomeResult.outcome)
    )
    return tuple(_made(OutcomeRow, row) for row in _rows(at, statement))
