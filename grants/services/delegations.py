"""Written authority to approve: given by an administrator, never to oneself."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.organisation import Organisation
from grants.models.person import Delegation, Membership, Person
from grants.queries.visible import visible
from grants.rules import dates, money
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.services import access
from grants.services.transaction import transaction

NOT_YOURSELF = "Nobody can give authority to themselves. Ask another administrator."
YEAR = re.compile(r"20\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What somebody may approve; money in pence, days are London's.

    ``organisation`` is whose rounds it covers: the fund's owner, or a partnership for its local ones.
    """

    organisation: uuid.UUID
    fund: str
    year: str
    most_per_award: int
    most_in_all: int
    ends_on: dt.date | None = None


def grant(actor: Actor, key: uuid.UUID, limits: Limits, *, now: dt.datetime) -> None:
    """Give authority to a person who is an approver of the fund. Raises Blocked with sentences."""
    with transaction():
        record = _person(actor, key)
        _refuse_wrong(limits, now)
        covered = _covered(record, limits, now)
        db.session.add(
            Delegation(
                person_id=record.id,
                organisation_id=covered.id,
                role=Role.APPROVER,
                fund=limits.fund,
                financial_year=limits.year,
                most_per_award=limits.most_per_award,
                most_in_all=limits.most_in_all,
                starts_at=now,
                ends_at=None if limits.ends_on is None else dates.end_of(limits.ends_on),
                granted_by=actor.person_id,
            )
        )
        thing = ("delegation", record.id, record.email)
        after = {
            "organisation": covered.reference,
            "fund": limits.fund,
            "year": limits.year,
            "most_per_award": limits.most_per_award,
            "most_in_all": limits.most_in_all,
        }
        audit.record(actor, Action.MANAGE_DELEGATIONS, thing, now=now, after=after)


def end(actor: Actor, delegation: int, *, now: dt.datetime) -> None:
    """End an authority now. What was approved under it stands."""
    with transaction():
        row = db.session.execute(
            sa.select(Delegation, Person.email)
            .join(Person, Person.id == Delegation.person_id)
            .where(Delegation.id == delegation, visible(actor, Action.MANAGE_DELEGATIONS))
            .with_for_update(of=Delegation)
        ).first()
        if row is None:
            raise NotFound("There is no such page.")
        held = row.Delegation
        if held.ends_at is not None and held.ends_at <= now:
            raise MoveNotAllowed("This authority has ended already.")
        held.ends_at = max(now, held.starts_at)
        thing = ("delegation", held.person_id, row.email)
        before = {"fund": held.fund, "year": held.financial_year, "used": held.used}
        audit.record(actor, Action.MANAGE_DELEGATIONS, thing, now=now, before=before)


def _person(actor: Actor, key: uuid.UUID) -> Person:
    record = access.person(actor, key, lock=True)
    if record.id == actor.person_id:
        raise Forbidden(NOT_YOURSELF)
    return record


def _refuse_wrong(limits: Limits, now: dt.datetime) -> None:
    reasons = []
    if limits.fund not in all_funds():
        reasons.append(Reason("Choose a fund.", "fund"))
    if not YEAR.fullmatch(limits.year):
        reasons.append(Reason("Enter a financial year, such as 2026-27.", "year"))
    if not 0 < limits.most_per_award <= money.LARGEST:
        reasons.append(Reason("Enter an amount above £0.", "most_per_award"))
    if limits.most_in_all < limits.most_per_award:
        reasons.append(Reason("This can't be less than the most for one award.", "most_in_all"))
    if limits.ends_on is not None and dates.is_past(limits.ends_on, now):
        reasons.append(Reason("The last day must not be past.", "ends_on"))
    if reasons:
        raise Blocked(*reasons)


def _covered(record: Person, limits: Limits, now: dt.datetime) -> Organisation:
    """Whose money it covers. Raises Blocked where the person does not approve for them."""
    is_approver = sa.exists().where(
        Membership.person_id == record.id,
        Membership.organisation_id == Organisation.id,
        Membership.role == Role.APPROVER,
        sa.or_(Membership.fund.is_(None), Membership.fund == limits.fund),
        Membership.starts_at <= now,
        sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
    )
    has_one = sa.exists().where(
        Delegation.person_id == record.id,
        Delegation.organisation_id == Organisation.id,
        Delegation.fund == limits.fund,
        Delegation.financial_year == limits.year,
        sa.or_(Delegation.ends_at.is_(None), Delegation.ends_at > now),
    )
    row = db.session.execute(
        sa.select(Organisation, is_approver.label("is_approver"), has_one.label("has_one")).where(
            Organisation.key == limits.organisation
        )
    ).first()
    if row is None:
        raise Blocked(Reason("Choose whose money it covers.", "organisation"))
    if not row.is_approver:
        text = f"This person is not an approver of this fund at {row.Organisation.name}."
        raise Blocked(Reason(text, "person"))
    if row.has_one:
        text = "They have an authority for this money, fund and year. End that one first."
        raise Blocked(Reason(text, "person"))
    covered: Organisation = row.Organisation
    return covered
