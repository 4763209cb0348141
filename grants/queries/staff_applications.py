"""A round's applications as staff see them: found, filtered, sorted and paged in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.models.helped_entry import HelpedEntry
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.queries import rounds, search
from grants.queries.definitions import fund_of
from grants.queries.paging import PAGE, Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import (
    applications_seen,
    asks_for_award,
    scores_in,
    visible,
)
from grants.rules.actions import Action
from grants.rules.helping import Channel
from grants.rules.people import Actor
from grants.rules.scoring import mean_total
from grants.rules.states import ApplicationState, AssessmentState, AwardState

PLAIN_SORTS: Mapping[str, Any] = {
    "asked": Application.asked,
    "projects": Application.projects_count,
    "state": Application.state,
    "sent": Application.submitted_at,
}


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
    channel: Channel | None
    """How its group gave it, where the fund's people typed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationList:
    """One page of a round's applications, and what could be done with many of them at once."""

    round: RoundRow
    page: Page[ApplicationRow]
    areas: tuple[str, ...]
    waiting: int  # submitted, to be opened for assessment by this person
    scored: int  # all scores in, to be opened for moderation by this person
    is_moderated: bool  # whether the round has that step


def of_round(actor: Actor, key: uuid.UUID, wanted: Wanted) -> ApplicationList:
    """Those that this person may read, sixty at a time. Six statements. Raises NotFound."""
    record = rounds.one(actor, key)
    total, waiting, scored = _counts(actor, record, wanted)
    pages = max(1, -(-total // PAGE))
    number = min(max(1, wanted.page), pages)
    ids = _ids(actor, record, wanted, number)
    rows = _rows(actor, ids)
    return ApplicationList(
        round=record,
        page=Page(rows, total, number),
        areas=rounds.area_names(actor, record),
        waiting=waiting,
        scored=scored,
        is_moderated=fund_of(actor, record.definition_id).stages.moderation,
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


def _found(actor: Actor, record: RoundRow, wanted: Wanted, *columns: Any) -> Any:
    """The applications that are wanted, joined to no more than is asked of them."""
    by = wanted.sort.removeprefix("-")
    statement = applications_seen(
        actor,
        Action.READ_APPLICATION,
        *columns,
        with_award=bool(wanted.award) or by == "award" or _asks_for_award(actor, by),
    ).where(Application.round_id == record.id, Application.number.is_not(None))
    if by == "organisation":
        statement = statement.join(Organisation, Organisation.id == Application.organisation_id)
    if by == "area":
        statement = statement.join(
            AllocationArea, AllocationArea.id == Application.allocation_area_id
        )
    if wanted.area:
        statement = statement.where(Application.allocation_area_id.in_(_named(record, wanted)))
    if wanted.state:
        statement = statement.where(Application.state == wanted.state)
    if wanted.award:
        statement = statement.where(_award_state(actor) == wanted.award)
    found = search.matching(actor, wanted.text)
    return statement if found is None else statement.where(found)


def _asks_for_award(actor: Actor, by: str) -> bool:
    return by == "total" and asks_for_award(actor, Action.READ_ALL_SCORES)


def _named(record: RoundRow, wanted: Wanted) -> Any:
    """The share of the round's pot that is called so."""
    return sa.select(AllocationArea.id).where(
        AllocationArea.round_id == record.id, AllocationArea.name == wanted.area
    )


def _counts(actor: Actor, record: RoundRow, wanted: Wanted) -> tuple[int, int, int]:
    """How many are wanted, and how many could be opened at once for the next step."""
    in_round = Application.round_id == record.id
    waiting = applications_seen(actor, Action.OPEN_ASSESSING, sa.func.count()).where(
        in_round, Application.state == ApplicationState.SUBMITTED
    )
    scored = applications_seen(actor, Action.OPEN_MODERATION, sa.func.count()).where(
        in_round, Application.state == ApplicationState.ASSESSING, scores_in()
    )
    whole = _found(actor, record, replace(wanted, sort=""), sa.func.count())
    row = db.session.execute(
        sa.select(
            whole.scalar_subquery(),
            waiting.scalar_subquery(),
            scored.scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def _sort(actor: Actor, by: str) -> Any:
    """What the list is sorted by: the reference, where nothing else is asked."""
    match by:
        case "title":
            return sa.func.lower(Application.title)
        case "organisation":
            return sa.func.lower(Organisation.name)
        case "area":
            return AllocationArea.name
        case "award":
            return _award_state(actor)
        case "total":
            return _mean(actor)
        case _:
            return PLAIN_SORTS.get(by, Application.reference)


def _ids(actor: Actor, record: RoundRow, wanted: Wanted, number: int) -> list[int]:
    """The ids of one page in order; equals by id, so that no row is on two pages."""
    column = _sort(actor, wanted.sort.removeprefix("-"))
    is_down = wanted.sort.startswith("-")
    ordered = column.desc().nulls_last() if is_down else column.asc().nulls_last()
    return list(
        db.session.scalars(
            _found(actor, record, wanted, Application.id)
            .order_by(ordered, Application.id)
            .limit(PAGE)
            .offset((number - 1) * PAGE)
        )
    )


def _rows(actor: Actor, ids: list[int]) -> tuple[ApplicationRow, ...]:
    found: Any = db.session.execute(_row_columns(actor), {"ids": ids}).all()
    totals = _totals([row.id for row in found if row.scores])
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
            channel=row.channel,
        )
        for row in found
    }
    return tuple(rows[key] for key in ids if key in rows)


@lru_cache(maxsize=256)
def _row_columns(actor: Actor) -> Any:
    """The rows with these ids, as this person may see them: the same select each time."""
    return (
        applications_seen(
            actor,
            Action.READ_APPLICATION,
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
            visible(actor, Action.READ_ALL_SCORES).label("scores"),
            HelpedEntry.channel,
            with_award=True,
        )
        .outerjoin(HelpedEntry, HelpedEntry.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.id.in_(sa.bindparam("ids", expanding=True)))
    )


_TOTALS: Any = (
    sa.select(Assessment.application_id, Assessment.total)
    .where(
        Assessment.application_id.in_(sa.bindparam("ids", expanding=True)),
        Assessment.state == AssessmentState.SUBMITTED,
    )
    .order_by(Assessment.id)
)


def _totals(ids: list[int]) -> dict[int, list[Decimal]]:
    """The totals that are in, of applications whose scores this person may read."""
    totals: dict[int, list[Decimal]] = {}
    for application_id, total in db.session.execute(_TOTALS, {"ids": ids}):
        totals.setdefault(application_id, []).append(total)
    return totals
