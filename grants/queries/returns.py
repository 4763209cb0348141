"""Lists of returns: one's own by what there is to do, and a round's for its fund."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries.paging import Page, fetch
from grants.queries.visible import Condition, Statement, places, returns_of, visible
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import APPLICANTS, Actor, Role
from grants.rules.states import ReturnState, Tier

OPEN = (ReturnState.OPEN, ReturnState.QUERIED)
OVERDUE = "overdue"
LEAD = APPLICANTS | {Role.PROJECT_REPORTER, Role.PARTNERSHIP_OFFICER}
_runner = sa.orm.aliased(Organisation)


class Group(StrEnum):
    """What there is to do about a return, the most pressing first."""

    QUERIED = "queried"
    OVERDUE = "overdue"
    DUE = "due"  # its period has begun
    LATER = "later"
    SENT = "sent"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow:
    """A return in a list of one's own."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    label: str
    due_on: dt.date
    state: ReturnState
    submitted_at: dt.datetime | None
    group: Group


@dataclass(frozen=True, slots=True)
class RoundCount:
    """A round whose returns one reads as staff."""

    key: uuid.UUID
    reference: str
    title: str
    owed: int
    to_read: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """A return in the fund's list."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    label: str
    due_on: dt.date
    state: ReturnState
    submitted_at: dt.datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a list of the fund is narrowed and sorted. ``state`` is a state, or 'overdue'."""

    state: str = ""
    period: str = ""
    search: str = ""
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """The returns of one period in one state."""

    period: str
    label: str
    state: ReturnState
    count: int
    overdue: int


def own(
    actor: Actor, *, now: dt.datetime, show: str = "", page: int = 1
) -> tuple[Page[ReturnRow], dict[Group, int]]:
    """One's own returns, the most pressing first, and how many there are of each group."""
    group = _group(dates.today(now))
    mine = sa.and_(visible(actor, Action.READ_RETURN), is_own(actor))
    parts: Any = db.session.execute(
        returns_of(group.label("part"), sa.func.count().label("number"))
        .where(mine)
        .group_by("part")
    )
    counted = {Group(row.part): row.number for row in parts}
    statement = (
        returns_of(
            OutcomeReturn.key,
            Project.reference,
            Project.title,
            _runner.name.label("organisation"),
            ReturnObligation.label,
            ReturnObligation.due_on,
            OutcomeReturn.state,
            OutcomeReturn.submitted_at,
            group.label("part"),
        )
        .join(_runner, _runner.id == Project.organisation_id)
        .where(mine)
        .order_by(_rank(group), ReturnObligation.due_on, Project.reference, OutcomeReturn.id)
    )
    if show in set(Group):
        statement = statement.where(group == show)
    found = fetch(statement, page)
    return Page(tuple(_own_row(row) for row in found.rows), found.total, found.number), counted


def rounds(actor: Actor, *, now: dt.datetime) -> tuple[RoundCount, ...]:
    """The rounds whose returns one reads as staff, with what waits in each."""
    waits = OutcomeReturn.state == ReturnState.SUBMITTED
    is_late = _is_late(now)
    rows: Any = db.session.execute(
        returns_of(
            Round.key,
            Round.reference,
            Round.title,
            sa.func.count(),
            sa.func.sum(sa.case((waits, 1), else_=0)),
            sa.func.sum(sa.case((is_late, 1), else_=0)),
        )
        .where(visible(actor, Action.READ_RETURN), is_staff(actor))
        .group_by(Round.id)
        .order_by(Round.closes_at.desc(), Round.id)
    )
    return tuple(RoundCount(*row) for row in rows.all())


def of_round(
    actor: Actor, round_key: uuid.UUID, wanted: Wanted, *, now: dt.datetime
) -> Page[StaffRow]:
    """A page of a round's returns, as its fund reads them. Two statements."""
    is_late = _is_late(now)
    statement = (
        returns_of(
            OutcomeReturn.key,
            Project.reference,
            Project.title,
            _runner.name.label("organisation"),
            AllocationArea.name.label("area"),
            ReturnObligation.label,
            ReturnObligation.due_on,
            OutcomeReturn.state,
            OutcomeReturn.submitted_at,
            is_late.label("is_overdue"),
        )
        .join(_runner, _runner.id == Project.organisation_id)
        .join(AllocationArea, AllocationArea.id == Project.allocation_area_id)
        .where(Round.key == round_key, visible(actor, Action.READ_RETURN), is_staff(actor))
    )
    found = fetch(_sorted(_narrowed(statement, wanted, is_late), wanted.sort), wanted.page)
    return Page(tuple(StaffRow(**row._asdict()) for row in found.rows), found.total, found.number)


def counts(actor: Actor, round_key: uuid.UUID, *, now: dt.datetime) -> tuple[PeriodCount, ...]:
    """How many returns of a round stand where, by period. One statement."""
    rows: Any = db.session.execute(
        returns_of(
            ReturnObligation.period,
            ReturnObligation.label,
            OutcomeReturn.state,
            sa.func.count(),
            sa.func.sum(sa.case((_is_late(now), 1), else_=0)),
        )
        .where(Round.key == round_key, visible(actor, Action.READ_RETURN), is_staff(actor))
        .group_by(ReturnObligation.period, ReturnObligation.label, OutcomeReturn.state)
        .order_by(sa.func.min(ReturnObligation.due_on), OutcomeReturn.state)
    )
    return tuple(PeriodCount(*row) for row in rows.all())


def is_own(actor: Actor) -> Condition:
    """Returns of one's own group's projects, and of the projects that one's own body leads."""
    return sa.or_(
        places(actor, {Role.PROJECT_REPORTER}, Project.organisation_id),
        places(actor, LEAD, Application.organisation_id),
    )


def is_staff(actor: Actor) -> Condition:
    """Returns of rounds whose funder one works for."""
    roles = {Role.FUND_MANAGER, Role.APPROVER, Role.AUDITOR}
    officers = places(actor, {Role.PARTNERSHIP_OFFICER}, Round.organisation_id)
    return sa.or_(
        places(actor, roles, Round.organisation_id),
        sa.and_(Round.tier == Tier.LOCAL, officers),
    )


def _own_row(row: Any) -> ReturnRow:
    values = row._asdict()
    return ReturnRow(group=Group(values.pop("part")), **values)


def _group(today: dt.date) -> sa.ColumnElement[str]:
    state, due_on = OutcomeReturn.state, ReturnObligation.due_on
    return sa.case(
        (state == ReturnState.QUERIED, Group.QUERIED.value),
        (state == ReturnState.ACCEPTED, Group.ACCEPTED.value),
        (state == ReturnState.SUBMITTED, Group.SENT.value),
        (due_on < today, Group.OVERDUE.value),
        (ReturnObligation.starts_on <= today, Group.DUE.value),
        else_=Group.LATER.value,
    )


def _rank(group: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.case({part.value: place for place, part in enumerate(Group)}, value=group)


def _is_late(now: dt.datetime) -> Condition:
    return sa.and_(OutcomeReturn.state.in_(OPEN), ReturnObligation.due_on < dates.today(now))


def _narrowed(statement: Statement, wanted: Wanted, is_late: Condition) -> Statement:
    if wanted.state == OVERDUE:
        statement = statement.where(is_late)
    elif wanted.state in set(ReturnState):
        statement = statement.where(OutcomeReturn.state == wanted.state)
    if wanted.period:
        statement = statement.where(ReturnObligation.period == wanted.period)
    words = wanted.search.strip()
    if words:
        columns = (Project.reference, Project.title, _runner.name)
        statement = statement.where(
            sa.or_(*(column.icontains(words, autoescape=True) for column in columns))
        )
    return statement


SORTS: dict[str, Any] = {
    "due": ReturnObligation.due_on,
    "reference": Project.reference,
    "title": Project.title,
    "group": _runner.name,
    "area": AllocationArea.name,
    "state": OutcomeReturn.state,
    "sent": OutcomeReturn.submitted_at,
}


def _sorted(statement: Statement, sort: str) -> Statement:
    column = SORTS.get(sort.removeprefix("-"), ReturnObligation.due_on)
    way = column.desc() if sort.startswith("-") else column.asc()
    return statement.order_by(way.nulls_last(), Project.reference, OutcomeReturn.id)
