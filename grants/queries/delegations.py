"""Written authority to approve, as administrators see it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Delegation, Membership, Person
from grants.queries import paging
from grants.queries.paging import Page
from grants.queries.people import fund_name
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor, Role

_giver = aliased(Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRow:
    """Who may approve how much."""

    id: int
    person: str
    person_key: uuid.UUID
    covers: str  # whose money; empty where it covers nobody's
    fund: str
    year: str
    most_per_award: int
    most_in_all: int
    used: int
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    granted_by: str
    is_over: bool

    @property
    def left(self) -> int:
        """What may still be approved under it, in pence."""
        return self.most_in_all - self.used


def delegations(actor: Actor, number: int, *, now: dt.datetime) -> Page[DelegationRow]:
    """Every authority, those in force first. Two statements."""
    page = paging.fetch(
        sa.select(
            Delegation,
            Person.name.label("person"),
            Person.key.label("person_key"),
            _giver.name.label("giver"),
            Organisation.name.label("covers"),
        )
        .join(Person, Person.id == Delegation.person_id)
        .outerjoin(Organisation, Organisation.id == Delegation.organisation_id)
        .outerjoin(_giver, _giver.id == Delegation.granted_by)
        .where(visible(actor, Action.MANAGE_DELEGATIONS), Person.rehearsal_id.is_(None))
        .order_by(Delegation.ends_at.is_not(None), Delegation.financial_year.desc(), Delegation.id),
        number,
    )
    return Page(tuple(_row(row, now) for row in page.rows), page.total, page.number)


def _row(row: Any, now: dt.datetime) -> DelegationRow:
    held = row.Delegation
    return DelegationRow(
        id=held.id,
        person=row.person,
        person_key=row.person_key,
        covers=row.covers or "",
        fund=fund_name(held.fund),
        year=held.financial_year,
        most_per_award=held.most_per_award,
        most_in_all=held.most_in_all,
        used=held.used,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        granted_by=row.giver or "The system",
        is_over=held.ends_at is not None and held.ends_at <= now,
    )


def approvers(actor: Actor, *, now: dt.datetime) -> tuple[tuple[str, str], ...]:
    """(key, name) of everybody who is an approver now, but for the person asking."""
    rows = db.session.execute(
        sa.select(Person.key, Person.name, Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(*_approves(actor, now))
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
    )
    return tuple((str(row.key), f"{row.name} ({row.email})") for row in rows)


def funders(actor: Actor, *, now: dt.datetime) -> tuple[tuple[str, str], ...]:
    """(key, name) of every organisation whose money these approve."""
    rows = db.session.execute(
        sa.select(Organisation.key, Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Person, Person.id == Membership.person_id)
        .where(*_approves(actor, now))
        .group_by(Organisation.id)
        .order_by(Organisation.name, Organisation.id)
    )
    return tuple((str(row.key), row.name) for row in rows)


def _approves(actor: Actor, now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        visible(actor, Action.MANAGE_DELEGATIONS),
        Person.id != actor.person_id,
        Person.rehearsal_id.is_(None),
        Person.disabled_at.is_(None),
        Membership.role == Role.APPROVER,
        Membership.starts_at <= now,
        sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
    )
