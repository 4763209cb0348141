"""Roles: put in force, taken out of force, and what must be so before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.person import Membership, Person
from grants.notifications import outbox
from grants.rules import dates
from grants.rules.people import STAFF, Actor, Role
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.services import sign_in

EVERYWHERE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role as it is asked for. ``fund`` None means every fund; days are London's."""

    role: Role
    organisation: str  # its reference or its exact name
    fund: str | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


def give(
    actor: Actor,
    record: Person,
    organisation: Organisation,
    role: tuple[Role, str | None, dt.datetime, dt.datetime | None],
    now: dt.datetime,
    *,
    asked_by: int | None = None,
) -> None:
    """Put a role in force and say so. ``role`` is (role, fund, from, to). Inside ``transaction()``."""
    kind, fund, starts_at, ends_at = role
    db.session.add(
        Membership(
            person_id=record.id,
            organisation_id=organisation.id,
            fund=fund,
            role=kind,
            starts_at=starts_at,
            ends_at=ends_at,
            granted_by=asked_by or actor.person_id,
        )
    )
    after = {"role": kind, "organisation": organisation.reference, "fund": fund}
    audit.record(actor, "grant-role", thing_of(record), now=now, after=after)
    if record.password_hash is not None:
        values = {"name": record.name, "role": words(kind), "organisation": organisation.name}
        outbox.queue("role_given", record.email, now=now, values=values)


def stop(actor: Actor, record: Person, held: Membership, now: dt.datetime) -> None:
    """Take a role out of force. Inside ``transaction()``."""
    if held.ends_at is not None and held.ends_at <= now:
        raise MoveNotAllowed("This role has ended already.")
    before = {"role": held.role, "organisation_id": held.organisation_id, "fund": held.fund}
    held.ends_at = max(now, held.starts_at)
    if held.role in STAFF:
        sign_in.end_sessions(record.id, now)
    audit.record(actor, "end-role", thing_of(record), now=now, before=before)


def refuse_outside_programme(organisation: Organisation, role: Role) -> None:
    """Who administers or reads the trail does so for everybody: only the programme has them."""
    if role in EVERYWHERE and organisation.kind != OrganisationKind.PROGRAMME:
        text = f"Only the national programme can have this role: {words(role)}."
        raise Blocked(Reason(text, "role"))


def term_of(grant: Grant, now: dt.datetime) -> tuple[dt.datetime, dt.datetime | None]:
    """From and to as instants: from now unless a later day is given, to the end of the last day."""
    starts_at = now
    if grant.starts_on is not None and grant.starts_on > dates.today(now):
        starts_at = dates.from_london(dt.datetime.combine(grant.starts_on, dt.time()))
    ends_at = None if grant.ends_on is None else dates.end_of(grant.ends_on)
    if ends_at is not None and ends_at <= starts_at:
        raise Blocked(Reason("The last day must come after the first.", "ends_on"))
    return starts_at, ends_at


def is_held(record: Person, organisation: Organisation, grant: Grant, now: dt.datetime) -> bool:
    """Whether the person has this role there already, now or from a later day."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.person_id == record.id,
                    Membership.organisation_id == organisation.id,
                    Membership.role == grant.role,
                    sa.or_(Membership.fund.is_(None), Membership.fund == grant.fund),
                    sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
                )
            )
        )
    )


def organisation_named(text: str) -> Organisation:
    """The organisation with this reference or this exact name; else Blocked, with some close to it."""
    wanted = " ".join(text.split())
    found = db.session.scalars(
        sa.select(Organisation)
        .where(
            sa.or_(
                Organisation.reference == wanted.upper(),
                sa.func.lower(Organisation.name) == sa.func.lower(wanted),
            ),
            Organisation.rehearsal_id.is_(None),
        )
        .limit(2)
    ).all()
    if len(found) == 1:
        return found[0]
    if not wanted:
        raise Blocked(Reason("Enter the organisation's reference or name.", "organisation"))
    raise Blocked(Reason(_close_to(wanted), "organisation"))


def _close_to(wanted: str) -> str:
    close = db.session.execute(
        sa.select(Organisation.name, Organisation.reference)
        .where(
            Organisation.name.icontains(wanted, autoescape=True),
            Organisation.rehearsal_id.is_(None),
        )
        .order_by(Organisation.name)
        .limit(3)
    ).all()
    if not close:
        return "No organisation has this reference or name."
    named = "; ".join(f"{row.name} ({row.reference})" for row in close)
    return f"Which one? Enter its reference: {named}."


def thing_of(record: Person) -> tuple[str, int, str]:
    """A person as the audit trail names them."""
    return ("person", record.id, record.email)


def words(role: Role) -> str:
    """A role as people say it: "fund manager"."""
    return role.value.replace("-", " ")
