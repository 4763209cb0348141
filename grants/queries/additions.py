"""Projects in reserve that join a released award: as staff decide on them, and as applicants learn of them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application, ProposedProject
from grants.models.award import Approval, Award
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries.visible import awards_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import OFFERED, AdditionState

WAITS = (AdditionState.RECOMMENDED, AdditionState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionRow:
    """A project that joins its award. Pence."""

    key: uuid.UUID
    title: str
    group: str
    asked: int
    amount: int
    state: AdditionState
    reason: str
    departure: str
    sha256: str
    recommended_by: str
    recommended_at: dt.datetime
    is_own: bool  # recommended by the person who looks
    approvals: tuple[str, ...]
    accept_by: dt.date | None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody outside knows of it, and it may still be taken back."""
        return self.state in WAITS


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundAddition:
    """An addition on a list of its round. Pence."""

    award_key: uuid.UUID
    reference: str
    organisation: str
    area: str
    title: str
    asked: int
    amount: int
    recommended_by: str
    is_own: bool


def of_award(actor: Actor, award_id: int) -> tuple[AdditionRow, ...]:
    """The additions to an award that this person was shown to be allowed to decide on, the latest
    first. Two statements."""
    recommender = sa.orm.aliased(Person)
    rows = db.session.execute(
        _rows(recommender.name)
        .where(Addition.award_id == award_id)
        .order_by(Addition.id.desc())
        .join(recommender, recommender.id == Addition.recommended_by)
    ).all()
    names: dict[int | None, list[str]] = {}
    given = db.session.execute(
        sa.select(Approval.addition_id, Person.name)
        .join(Person, Person.id == Approval.person_id)
        .where(
            Approval.award_id == award_id,
            Approval.addition_id.is_not(None),
            Approval.voided_at.is_(None),
        )
        .order_by(Approval.id)
    )
    for addition_id, name in given:
        names.setdefault(addition_id, []).append(name)
    return tuple(_row(actor, row, tuple(names.get(row.Addition.id, ()))) for row in rows)


def offered(actor: Actor, award_id: int) -> tuple[AdditionRow, ...]:
    """The additions that the applicant may know of, the latest first; nobody of the fund is named.

    The award was shown before to be this person's to read. One statement.
    """
    rows = db.session.execute(
        _rows(sa.literal(""))
        .where(Addition.award_id == award_id, Addition.state.in_(sorted(OFFERED)))
        .order_by(Addition.id.desc())
    )
    return tuple(_row(actor, row, ()) for row in rows)


def _rows(name: Any) -> sa.Select[Any]:
    return sa.select(
        Addition,
        ProposedProject.title,
        ProposedProject.group_name,
        ProposedProject.asked,
        name.label("recommender"),
    ).join(ProposedProject, ProposedProject.id == Addition.proposed_project_id)


def _row(actor: Actor, row: Any, approvals: tuple[str, ...]) -> AdditionRow:
    made = row.Addition
    return AdditionRow(
        key=made.key,
        title=row.title,
        group=row.group_name,
        asked=row.asked,
        amount=made.amount,
        state=made.state,
        reason=made.reason,
        departure=made.departure,
        sha256=made.sha256,
        recommended_by=row.recommender,
        recommended_at=made.recommended_at,
        is_own=made.recommended_by == actor.person_id,
        approvals=approvals,
        accept_by=made.accept_by,
    )


def of_round(
    actor: Actor, round_id: int, state: AdditionState, action: Action
) -> tuple[RoundAddition, ...]:
    """The additions of a round in this state with whose award this person may do this."""
    recommender = sa.orm.aliased(Person)
    rows: Any = db.session.execute(
        awards_of(
            Award.key.label("award_key"),
            Award.reference,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            ProposedProject.title,
            ProposedProject.asked,
            Addition.amount,
            recommender.name.label("recommended_by"),
            (Addition.recommended_by == actor.person_id).label("is_own"),
        )
        .join(Addition, Addition.award_id == Award.id)
        .join(ProposedProject, ProposedProject.id == Addition.proposed_project_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .join(recommender, recommender.id == Addition.recommended_by)
        .where(Round.id == round_id, Addition.state == state, visible(actor, action))
        .order_by(AllocationArea.name, Award.reference, Addition.id)
    )
    return tuple(RoundAddition(**row) for row in rows.mappings())
