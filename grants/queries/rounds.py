"""Rounds as staff see them: the list, one round, and its areas with their balance."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.person import Person
from grants.models.round import AllocationArea, AllocationAreaCouncil, DeadlineChange, Round
from grants.queries import balances, places
from grants.queries.places import Placed
from grants.queries.visible import conflicted, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.refusals import NotFound
from grants.rules.states import RoundState, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow(Placed):
    """A round and how its money stands, in pence."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    fund: str
    fund_year: str
    tier: Tier
    state: RoundState
    organisation_id: int
    organisation: str
    opens_at: dt.datetime
    closes_at: dt.datetime
    grace_minutes: int
    pot: int
    allocated: int
    committed: int
    has_balance: bool
    is_illustrative: bool
    note: str
    definition_id: int
    above_id: int | None

    @property
    def remaining(self) -> int:
        """What is not yet committed."""
        return self.pot - self.committed


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """A share of the pot with its balance, and what was asked of it. Pence."""

    id: int
    name: str
    amount: int
    committed: int
    is_fictional: bool
    source: str
    councils: tuple[str, ...]
    applications: int
    asked: int
    recommended: int = 0  # to be approved still

    @property
    def remaining(self) -> int:
        """What is neither committed nor recommended."""
        return self.amount - self.committed - self.recommended


_COLUMNS = (
    Round.id,
    Round.key,
    Round.reference,
    Round.title,
    Round.fund,
    Round.fund_year,
    Round.tier,
    Round.state,
    Round.organisation_id,
    Organisation.name.label("organisation"),
    Round.opens_at,
    Round.closes_at,
    Round.grace_minutes,
    Round.pot,
    Round.allocated,
    Round.is_illustrative,
    Round.note,
    Round.definition_id,
)


def _columns(actor: Actor) -> tuple[Any, ...]:
    """Those of a row, with no more of the balance than this person may know."""
    may = visible(actor, Action.READ_BALANCE)
    known = sa.case((may, balances.committed(actor, Round)), else_=0)
    return (*_COLUMNS, known.label("committed"), *places.columns(actor))


def listed(actor: Actor) -> tuple[RoundRow, ...]:
    """Every round that this person works on, newest first."""
    statement = (
        rounds_of(*_columns(actor))
        .join(Organisation, Organisation.id == Round.organisation_id)
        .where(visible(actor, Action.READ_ROUND))
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return tuple(RoundRow(**row) for row in db.session.execute(statement).mappings())


def one(actor: Actor, key: uuid.UUID, action: Action = Action.READ_ROUND) -> RoundRow:
    """One round with which this person may do this. Raises NotFound."""
    statement = (
        rounds_of(*_columns(actor))
        .join(Organisation, Organisation.id == Round.organisation_id)
        .where(Round.key == key, visible(actor, action))
    )
    row = db.session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return RoundRow(**row)


def areas(actor: Actor, record: RoundRow) -> tuple[AreaRow, ...]:
    """The round's areas by name. What is asked or committed leaves out what this person may not see."""
    councils: dict[int, list[str]] = {}
    for area_id, code in db.session.execute(
        sa.select(AllocationAreaCouncil.allocation_area_id, AllocationAreaCouncil.area_code)
        .join(AllocationArea, AllocationArea.id == AllocationAreaCouncil.allocation_area_id)
        .where(AllocationArea.round_id == record.id)
        .order_by(AllocationAreaCouncil.area_code)
    ):
        councils.setdefault(area_id, []).append(code)
    asked = (
        sa.select(
            Application.allocation_area_id.label("area_id"),
            sa.func.count().label("applications"),
            sa.func.coalesce(sa.func.sum(Application.asked), 0).label("asked"),
        )
        .where(
            Application.round_id == record.id,
            Application.number.is_not(None),
            Application.withdrawn_at.is_(None),
            ~conflicted(actor),
        )
        .group_by(Application.allocation_area_id)
        .subquery()
    )
    statement = (
        sa.select(
            AllocationArea,
            balances.committed(actor, AllocationArea),
            asked.c.applications,
            asked.c.asked,
            balances.recommended(actor, AllocationArea),
        )
        .outerjoin(asked, asked.c.area_id == AllocationArea.id)
        .where(AllocationArea.round_id == record.id)
        .order_by(AllocationArea.name)
    )
    return tuple(
        AreaRow(
            id=area.id,
            name=area.name,
            amount=area.amount,
            committed=committed,
            is_fictional=area.is_fictional,
            source=area.source,
            councils=tuple(councils.get(area.id, ())),
            applications=applications or 0,
            asked=int(total or 0),
            recommended=int(recommended),
        )
        for area, committed, applications, total, recommended in db.session.execute(statement)
    )


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline that was moved, by whom and why. ``reference`` is empty where it was everybody's."""

    at: dt.datetime
    person: str
    before: dt.datetime
    after: dt.datetime
    reason: str
    reference: str


def deadline_changes(actor: Actor, record: RoundRow) -> tuple[DeadlineRow, ...]:
    """Every later deadline of a round, the newest first. Staff alone."""
    if not actor.works_on_rounds:
        return ()
    rows = db.session.execute(
        sa.select(
            DeadlineChange.at,
            Person.name,
            DeadlineChange.before,
            DeadlineChange.after,
            DeadlineChange.reason,
            sa.func.coalesce(Application.reference, ""),
        )
        .join(Person, Person.id == DeadlineChange.person_id)
        .outerjoin(Application, Application.id == DeadlineChange.application_id)
        .where(DeadlineChange.round_id == record.id)
        .order_by(DeadlineChange.id.desc())
    )
    return tuple(DeadlineRow(*row) for row in rows)


def may_open_local(actor: Actor) -> bool:
    """Whether this person sets up rounds in a body that applies for awards."""
    held = actor.places(Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER)
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Organisation.id.in_([place.organisation_id for place in held]),
                    Organisation.kind != OrganisationKind.PROGRAMME,
                )
            )
        )
    )


def area_names(actor: Actor, record: RoundRow) -> tuple[str, ...]:
    """The names of the round's areas. The round was shown before to be this person's to see."""
    del actor
    names = sa.select(AllocationArea.name).where(AllocationArea.round_id == record.id)
    return tuple(db.session.scalars(names.order_by(AllocationArea.name)))


def funders(actor: Actor) -> tuple[tuple[int, str, str | None], ...]:
    """(organisation id, name, fund or None for all) where this person may set up national rounds."""
    held_at = actor.places(Role.FUND_MANAGER)
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name).where(
            Organisation.id.in_([held.organisation_id for held in held_at]),
            Organisation.kind == OrganisationKind.PROGRAMME,
        )
    )
    names = {row.id: row.name for row in rows}
    return tuple(
        (held.organisation_id, names[held.organisation_id], held.fund)
        for held in held_at
        if held.organisation_id in names
    )
