"""A round's applications as staff see them: found, filtered, sorted and paged in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.queries import rounds, search
from grants.queries.paging import PAGE, Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_of, scores_in, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.scoring import mean_total
from grants.rules.states import ApplicationState, AssessmentState, AwardState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a list is narrowed and sorted. Empty text means all."""

    text: str = ""
    area: str = ""
    state: str = ""
    award: str = ""
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRow:
    """One application of the list. What this person may not know yet is None."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    asked: int
    projects: int
    state: ApplicationState
    submitted_at: dt.datetime | None
    award: AwardState | None
    total: Decimal | None
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationList:
    """One page of a round's applications, and what could be done with many of them at once."""

    round: RoundRow
    page: Page[ApplicationRow]
    areas: tuple[str, ...]
    waiting: int  # submitted, to be opened for assessment by this person
    scored: int  # all scores in, to be opened for moderation by this person


def of_round(actor: Actor, key: uuid.UUID, wanted: Wanted) -> ApplicationList:
    """Those that this person may read, sixty at a time. Six statements. Raises NotFound."""
    record = rounds.one(actor, key)
    conditions = _conditions(actor, record, wanted)
    total, waiting, scored = _counts(actor, record, conditions)
    pages = max(1, -(-total // PAGE))
    number = min(max(1, wanted.page), pages)
    ids = _ids(actor, conditions, wanted.sort, number)
    rows = _rows(actor, ids)
    return ApplicationList(
        round=record,
        page=Page(rows, total, number),
        areas=_areas(record),
        waiting=waiting,
        scored=scored,
    )


def _award_state(actor: Actor) -> Any:
    """The award's state, for those who may know the decision; nothing for everybody else."""
    return sa.case((visible(actor, Action.READ_DECISION), Award.state), else_=sa.null())


def _mean(actor: Actor) -> Any:
    mean = (
        sa.select(sa.func.avg(Assessment.total))
        .where(
            Assessment.application_id == Application.id,
            Assessment.state == AssessmentState.SUBMITTED,
        )
        .correlate(Application)
        .scalar_subquery()
    )
    return sa.case((visible(actor, Action.READ_ALL_SCORES), mean), else_=sa.null())


def _sorts(actor: Actor) -> Mapping[str, Any]:
    return {
        "reference": Application.reference,
        "title": sa.func.lower(Application.title),
        "organisation": sa.func.lower(Organisation.name),
        "area": AllocationArea.name,
        "asked": Application.asked,
        "projects": Application.projects_count,
        "state": Application.state,
        "sent": Application.submitted_at,
        "award": _award_state(actor),
        "total": _mean(actor),
    }


def _conditions(actor: Actor, record: RoundRow, wanted: Wanted) -> list[Any]:
    conditions: list[Any] = [
        Application.round_id == record.id,
        Application.number.is_not(None),
        visible(actor, Action.READ_APPLICATION),
    ]
    found = search.matching(actor, wanted.text)
    if found is not None:
        conditions.append(found)
    if wanted.area:
        conditions.append(AllocationArea.name == wanted.area)
    if wanted.state:
        conditions.append(Application.state == wanted.state)
    if wanted.award:
        conditions.append(_award_state(actor) == wanted.award)
    return conditions


def _statement(*columns: Any) -> Any:
    return (
        applications_of(*columns)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
    )


def _counts(actor: Actor, record: RoundRow, conditions: list[Any]) -> tuple[int, int, int]:
    in_round = Application.round_id == record.id
    waiting = applications_of(sa.func.count()).where(
        in_round,
        Application.state == ApplicationState.SUBMITTED,
        visible(actor, Action.OPEN_ASSESSING),
    )
    scored = applications_of(sa.func.count()).where(
        in_round,
        Application.state == ApplicationState.ASSESSING,
        visible(actor, Action.OPEN_MODERATION),
        scores_in(),
    )
    row = db.session.execute(
        sa.select(
            _statement(sa.func.count()).where(*conditions).scalar_subquery(),
            waiting.scalar_subquery(),
            scored.scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def _ids(actor: Actor, conditions: list[Any], sort: str, number: int) -> list[int]:
    """The ids of one page in order; equals by id, so that no row is on two pages."""
    sorts = _sorts(actor)
    column = sorts.get(sort.removeprefix("-"), Application.reference)
    ordered = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return list(
        db.session.scalars(
            _statement(Application.id)
            .where(*conditions)
            .order_by(ordered, Application.id)
            .limit(PAGE)
            .offset((number - 1) * PAGE)
        )
    )


def _rows(actor: Actor, ids: list[int]) -> tuple[ApplicationRow, ...]:
    found: Any = db.session.execute(
        _statement(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Application.asked,
            Application.projects_count,
            Application.state,
            Application.submitted_at,
            sa.type_coerce(_award_state(actor), Award.state.type).label("award"),
        ).where(Application.id.in_(ids), visible(actor, Action.READ_APPLICATION))
    )
    totals = _totals(actor, ids)
    rows = {
        row.id: ApplicationRow(
            key=row.key,
            reference=row.reference,
            title=row.title,
            organisation=row.organisation,
            area=row.area,
            asked=row.asked,
            projects=row.projects_count,
            state=row.state,
            submitted_at=row.submitted_at,
            award=row.award,
            total=mean_total(totals.get(row.id, ())),
            readings=len(totals.get(row.id, ())),
        )
        for row in found
    }
    return tuple(rows[key] for key in ids if key in rows)


def _totals(actor: Actor, ids: list[int]) -> dict[int, list[Decimal]]:
    rows: Any = db.session.execute(
        applications_of(Assessment.application_id, Assessment.total)
        .join(Assessment, Assessment.application_id == Application.id)
        .where(
            Application.id.in_(ids),
            Assessment.state == AssessmentState.SUBMITTED,
            visible(actor, Action.READ_ALL_SCORES),
        )
        .order_by(Assessment.id)
    )
    totals: dict[int, list[Decimal]] = {}
    for application_id, total in rows:
        totals.setdefault(application_id, []).append(total)
    return totals


def _areas(record: RoundRow) -> tuple[str, ...]:
    return tuple(
        db.session.scalars(
            sa.select(AllocationArea.name)
            .where(AllocationArea.round_id == record.id)
            .order_by(AllocationArea.name)
        )
    )
