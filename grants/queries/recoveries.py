"""Where the money of an accepted award is, and what of it came back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation
from grants.models.outcome_return import OutcomeReturn, ReturnObligation, ReturnSpend
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import Round
from grants.queries import balances
from grants.queries.visible import awards_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import AwardState, ReturnState, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A project of the award. Pence."""

    key: uuid.UUID
    reference: str
    title: str
    amount: int
    spent: int | None  # in returns that are accepted; None where none is
    recovered: int

    @property
    def left(self) -> int:
        """What can still come back."""
        return self.amount - self.recovered


@dataclass(frozen=True, slots=True)
class BackRow:
    """Something that came back. Pence."""

    at: dt.datetime
    project: str
    amount: int
    note: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoveries:
    """All that the page shows. Pence."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    state: AwardState
    is_local: bool
    round_key: uuid.UUID
    round_reference: str
    amount: int
    held: int  # by the award itself: own costs and what it did not pass on
    recovered: int
    sources: tuple[SourceRow, ...]
    back: tuple[BackRow, ...]


def of_award(actor: Actor, key: uuid.UUID) -> Recoveries:
    """The money of one award, for those who may record what comes back. Three statements."""
    row: Any = db.session.execute(
        awards_of(Award, Application.title, Round, Organisation.name, balances.offered(Award))
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Award.key == key, visible(actor, Action.RECORD_RECOVERY))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    award, title, record, organisation, offered = row
    is_local = record.tier == Tier.LOCAL
    passed = award.onward + award.local_pots + award.recovered + int(offered)
    return Recoveries(
        key=award.key,
        reference=award.reference,
        title=title,
        organisation=organisation,
        state=award.state,
        is_local=is_local,
        round_key=record.key,
        round_reference=record.reference,
        amount=award.amount,
        held=0 if is_local else award.amount - passed,
        recovered=award.recovered,
        sources=_sources(award),
        back=_back(award),
    )


def _sources(award: Award) -> tuple[SourceRow, ...]:
    spent = (
        sa.select(sa.func.sum(ReturnSpend.spent))
        .join(OutcomeReturn, OutcomeReturn.id == ReturnSpend.return_id)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .where(
            ReturnObligation.project_id == Project.id,
            OutcomeReturn.state == ReturnState.ACCEPTED,
        )
        .correlate(Project)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Project.key,
            Project.reference,
            Project.title,
            Project.amount,
            Project.recovered,
            spent.label("spent"),
        )
        .where(sa.func.coalesce(Project.local_award_id, Project.award_id) == award.id)
        .order_by(Project.reference)
    )
    return tuple(
        SourceRow(
            key=row.key,
            reference=row.reference,
            title=row.title,
            amount=row.amount,
            recovered=row.recovered,
            spent=None if row.spent is None else int(row.spent),
        )
        for row in rows
    )


def _back(award: Award) -> tuple[BackRow, ...]:
    rows = db.session.execute(
        sa.select(
            LedgerLine.at,
            sa.func.coalesce(Project.reference, ""),
            -LedgerLine.amount,
            LedgerLine.note,
            sa.func.coalesce(Person.name, ""),
        )
        .outerjoin(Project, Project.id == LedgerLine.project_id)
        .outerjoin(Person, Person.id == LedgerLine.person_id)
        .where(LedgerLine.award_id == award.id, LedgerLine.kind == LedgerKind.RECOVERY)
        .order_by(LedgerLine.id.desc())
    )
    return tuple(BackRow(*row) for row in rows)
