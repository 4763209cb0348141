"""Local rounds: what an award still has for them, and what became of the money, for both sides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries import balances, paging
from grants.queries.paging import Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import places, projects_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.refusals import NotFound
from grants.rules.states import AwardState, RoundState, Tier

OPENERS = (Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRow:
    """A local round and how its pot stands, in pence."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    state: RoundState
    pot: int
    committed: int
    projects: int
    passed_on: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PotRow:
    """An accepted award from which local rounds can be opened, in pence."""

    id: int
    key: uuid.UUID
    reference: str
    organisation: str
    area: str
    fund_year: str
    amount: int
    own_costs: int
    onward: int
    local_pots: int
    recovered: int
    offered: int  # added to it and not answered yet
    rounds: tuple[LocalRow, ...] = ()

    @property
    def left(self) -> int:
        """What no project and no local round has yet."""
        taken = self.own_costs + self.onward + self.local_pots + self.recovered + self.offered
        return max(self.amount - taken, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundedRow:
    """A project that a local round funded, as the national funder follows it."""

    reference: str
    title: str
    organisation: str
    round_reference: str
    amount: int


def pots(actor: Actor) -> tuple[PotRow, ...]:
    """The accepted national awards of one's own organisations, with their local rounds."""
    rows = db.session.execute(_pots(actor).order_by(Round.fund_year.desc(), Award.reference))
    found = [dict(row) for row in rows.mappings()]
    local: dict[int, list[LocalRow]] = {}
    for award_id, row in _local(Round.parent_award_id.in_([row["id"] for row in found])):
        local.setdefault(award_id, []).append(row)
    return tuple(PotRow(**row, rounds=tuple(local.get(row["id"], ()))) for row in found)


def pot(actor: Actor, key: uuid.UUID) -> PotRow:
    """One of them, without its rounds. Raises NotFound."""
    row = db.session.execute(_pots(actor).where(Award.key == key)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return PotRow(**row)


def below(actor: Actor, record: RoundRow) -> tuple[LocalRow, ...]:
    """The local rounds whose pots are awards of this round, which was fetched for this person."""
    del actor
    awards = sa.select(Award.id).where(Award.round_id == record.id)
    return tuple(row for _, row in _local(Round.parent_award_id.in_(awards)))


def funded(actor: Actor, record: RoundRow, number: int) -> Page[FundedRow]:
    """A page of the projects that those rounds funded: what was asked in vain is not among them."""
    parent = sa.orm.aliased(Award)
    statement = (
        projects_of(
            Project.reference,
            Project.title,
            Organisation.name.label("organisation"),
            Round.reference.label("round_reference"),
            Project.amount,
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(parent, parent.id == Round.parent_award_id)
        .where(parent.round_id == record.id, visible(actor, Action.READ_PROJECT))
        .order_by(Project.reference)
    )
    page = paging.fetch(statement, number)
    return Page(tuple(FundedRow(**row._asdict()) for row in page.rows), page.total, page.number)


_POT: tuple[Any, ...] = (
    Award.id,
    Award.key,
    Award.reference,
    Organisation.name.label("organisation"),
    AllocationArea.name.label("area"),
    Round.fund_year,
    Award.amount,
    Award.own_costs,
    Award.onward,
    Award.local_pots,
    Award.recovered,
    balances.offered(Award).label("offered"),
)


def _pots(actor: Actor) -> sa.Select[Any]:
    return (
        sa.select(*_POT)
        .select_from(Award)
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Award.round_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(
            Round.tier == Tier.NATIONAL,
            Award.state == AwardState.ACCEPTED,
            places(actor, OPENERS, Application.organisation_id),
        )
    )


def _local(condition: Any) -> Iterable[tuple[int, LocalRow]]:
    projects = (
        sa.select(
            Project.round_id,
            sa.func.count().label("projects"),
            sa.func.sum(Project.amount).label("passed_on"),
        )
        .where(Project.local_award_id.is_not(None))
        .group_by(Project.round_id)
        .subquery()
    )
    rows: Any = db.session.execute(
        sa.select(Round, Organisation.name, projects.c.projects, projects.c.passed_on)
        .join(Organisation, Organisation.id == Round.organisation_id)
        .outerjoin(projects, projects.c.round_id == Round.id)
        .where(Round.tier == Tier.LOCAL, condition)
        .order_by(Round.reference)
    )
    for record, organisation, count, passed_on in rows:
        yield (
            record.parent_award_id,
            LocalRow(
                key=record.key,
                reference=record.reference,
                title=record.title,
                organisation=organisation,
                state=record.state,
                pot=record.pot,
                committed=record.committed,
                projects=count or 0,
                passed_on=int(passed_on or 0),
            ),
        )
