"""Figures of a round from its returns: how complete they are, whom they count, what changed.

Nothing is hidden here. Small numbers of people leave ``services/evaluate.py`` protected, or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.models.award import Award
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
)
from grants.models.project import Project
from grants.models.round import Round
from grants.queries.counted import made, rows_of, sees
from grants.rules.people import Actor
from grants.rules.states import ReturnState


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


def due_days(actor: Actor, round_id: int, *, at: Session | None = None) -> tuple[dt.date, ...]:
    """The days on which returns of the round are due."""
    statement = (
        sa.select(ReturnObligation.due_on)
        .distinct()
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(sees(actor, round_id))
    )
    return tuple(row["due_on"] for row in rows_of(at, statement))


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
        .where(sees(actor, round_id))
        .group_by(sa.text("area_id"))
    )
    return tuple(made(DueRow, row) for row in rows_of(at, statement))


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
        .where(sees(actor, round_id), OutcomeReturn.state == ReturnState.ACCEPTED)
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
            sees(actor, round_id),
            OutcomeReturn.state == ReturnState.ACCEPTED,
            ReturnFigure.question == by_area,
        )
        .group_by(ReturnFigure.question, ReturnFigure.code, sa.text("area_id"))
    )
    return tuple(made(PeopleRow, row) for row in rows_of(at, sa.union_all(by_code, in_areas)))


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
        .where(sees(actor, round_id), OutcomeReturn.state == ReturnState.ACCEPTED)
        .group_by(OutcomeResult.outcome)
    )
    return tuple(made(OutcomeRow, row) for row in rows_of(at, statement))
