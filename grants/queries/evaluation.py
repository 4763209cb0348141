"""Figures of a round, counted in the database: what was asked, given and funded.

Grouped statements, a fixed number of them. Of returns: reported.py.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.models.application import Application
from grants.models.award import Award
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries import balances, places
from grants.queries.counted import made, rows_of, sees
from grants.queries.places import Placed
from grants.queries.visible import conflicted, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import KNOWN, ApplicationState, AwardState, RoundState, Tier

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
    return tuple(made(RoundRow, row) for row in rows_of(None, statement))


def round_of(
    actor: Actor, key: uuid.UUID | str, action: Action = Action.READ_STATISTICS
) -> RoundRow:
    """The round with this key or reference. Raises NotFound."""
    is_it = Round.key == key if isinstance(key, uuid.UUID) else Round.reference == key
    found = rows_of(
        None,
        sa.select(*_columns(actor)).where(is_it, visible(actor, action)),
    )
    if not found:
        raise NotFound("There is no such page.")
    return made(RoundRow, found[0])


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
        .where(sees(actor, round_id))
        .order_by(AllocationArea.name)
    )
    for part in (codes, asked, given, funded):
        statement = statement.outerjoin(part, part.c.area_id == AllocationArea.id)
    return tuple(
        made(AreaRow, row, codes=tuple(sorted((row["codes"] or "").split(";"))))
        for row in rows_of(at, statement)
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
    found = rows_of(
        at,
        sa.select(
            organisations.scalar_subquery().label("organisations"),
            applications.scalar_subquery().label("local_applications"),
        )
        .select_from(Round)
        .where(sees(actor, round_id)),
    )
    return made(WholeRow, found[0]) if found else WholeRow(organisations=0, local_applications=0)


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
        .where(sees(actor, round_id))
        .group_by(Project.activity_type, Project.main_group, sa.text("band"))
    )
    return tuple(made(ProjectsRow, row) for row in rows_of(at, statement))


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
        .where(sees(actor, round_id))
        .group_by(ProjectCode.kind, ProjectCode.code)
    )
    return tuple(made(CodeRow, row) for row in rows_of(at, statement))
