"""People as administrators, applicants' submitters and they themselves see them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.organisation import Organisation
from grants.models.person import ChangeKind, Membership, PendingChange, Person, SignInSession
from grants.queries import paging
from grants.queries.paging import Page
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import SECOND_FACTOR, Actor, Role
from grants.rules.refusals import NotFound

EVERY_FUND = "every fund"
OWN = (Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.SIGNATORY, Role.PROJECT_REPORTER)
_asker = aliased(Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One role of one person. ``id`` is what a form sends to end it."""

    id: int
    role: str
    organisation: str
    fund: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    is_current: bool
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One line of the list of people."""

    key: uuid.UUID
    name: str
    email: str
    roles: tuple[str, ...]
    is_disabled: bool
    is_invited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What waits for a second administrator."""

    key: uuid.UUID
    person_key: uuid.UUID
    person: str
    what: str
    reason: str
    asked_by: str
    asked_at: dt.datetime
    may_confirm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Everything an administrator sees of one person."""

    key: uuid.UUID
    name: str
    email: str
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    is_invited: bool
    has_second_factor: bool
    is_self: bool
    needs_second_factor: bool
    roles: tuple[RoleRow, ...]
    sessions: int
    waiting: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One of a person's own sign-ins."""

    begun_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One role in one's own organisation."""

    id: int
    name: str
    email: str
    role: str
    fund: str
    is_self: bool
    is_invited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersOf:
    """An organisation that one manages, and its people."""

    key: uuid.UUID
    name: str
    members: tuple[MemberRow, ...]


def people(
    actor: Actor, *, search: str, role: str, number: int, now: dt.datetime
) -> Page[PersonRow]:
    """People by name. Three statements."""
    statement = (
        sa.select(
            Person.id,
            Person.key,
            Person.name,
            Person.email,
            Person.disabled_at,
            Person.password_hash.is_(None).label("is_invited"),
        )
        .where(visible(actor, Action.MANAGE_PEOPLE), Person.rehearsal_id.is_(None))
        .order_by(Person.name, Person.id)
    )
    if search:
        statement = statement.where(
            sa.or_(
                Person.name.icontains(search, autoescape=True),
                Person.email.icontains(search, autoescape=True),
            )
        )
    if role:
        statement = statement.where(
            sa.exists().where(
                Membership.person_id == Person.id, Membership.role == role, _in_force(now)
            )
        )
    page = paging.fetch(statement, number)
    roles = _roles_of([row.id for row in page.rows], now)
    return Page(
        tuple(
            PersonRow(
                key=row.key,
                name=row.name,
                email=row.email,
                roles=tuple(dict.fromkeys(r.role for r in roles.get(row.id, ()) if r.is_current)),
                is_disabled=row.disabled_at is not None,
                is_invited=row.is_invited,
            )
            for row in page.rows
        ),
        page.total,
        page.number,
    )


def person(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> PersonPage:
    """One person, for administrators. Raises NotFound."""
    row = db.session.execute(
        sa.select(Person).where(
            Person.key == key,
            Person.rehearsal_id.is_(None),
            visible(actor, Action.MANAGE_PEOPLE),
        )
    ).scalar()
    if row is None:
        raise NotFound("There is no such page.")
    roles = _roles_of([row.id], now).get(row.id, [])
    sessions = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(SignInSession)
        .where(SignInSession.person_id == row.id, SignInSession.ended_at.is_(None))
    )
    return PersonPage(
        key=row.key,
        name=row.name,
        email=row.email,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        is_invited=row.password_hash is None,
        has_second_factor=row.totp_secret is not None,
        is_self=row.id == actor.person_id,
        needs_second_factor=any(
            r.role in {words(s) for s in SECOND_FACTOR} for r in roles if r.is_current
        ),
        roles=tuple(roles),
        sessions=sessions or 0,
        waiting=_changes(actor, PendingChange.person_id == row.id),
    )


def waiting_changes(actor: Actor) -> tuple[ChangeRow, ...]:
    """Everything that waits for a second administrator, the oldest first."""
    return _changes(actor)


def _changes(actor: Actor, *conditions: sa.ColumnElement[bool]) -> tuple[ChangeRow, ...]:
    rows = db.session.execute(
        sa.select(
            PendingChange,
            Person.key.label("person_key"),
            Person.name.label("person"),
            _asker.name.label("asker"),
            Organisation.name.label("organisation"),
        )
        .join(Person, Person.id == PendingChange.person_id)
        .join(_asker, _asker.id == PendingChange.asked_by)
        .outerjoin(Organisation, Organisation.id == PendingChange.organisation_id)
        .where(
            visible(actor, Action.MANAGE_PEOPLE), PendingChange.decided_at.is_(None), *conditions
        )
        .order_by(PendingChange.id)
        .limit(paging.PAGE)
    ).all()
    return tuple(
        ChangeRow(
            key=row.PendingChange.key,
            person_key=row.person_key,
            person=row.person,
            what=_what(row.PendingChange, row.organisation),
            reason=row.PendingChange.reason,
            asked_by=row.asker,
            asked_at=row.PendingChange.asked_at,
            may_confirm=actor.person_id
            not in {row.PendingChange.asked_by, row.PendingChange.person_id},
        )
        for row in rows
    )


def _what(change: PendingChange, organisation: str | None) -> str:
    if change.kind == ChangeKind.SECOND_FACTOR or change.role is None:
        return "Reset of the second factor"
    return f"{words(change.role)}, {organisation}, {fund_name(change.fund)}"


def roles_of(actor: Actor, *, now: dt.datetime) -> tuple[RoleRow, ...]:
    """One's own roles that are in force."""
    rows = _roles_of([actor.person_id], now).get(actor.person_id, [])
    return tuple(row for row in rows if row.is_current)


def sessions_of(
    actor: Actor, session_id: int, *, since: dt.datetime, idle: dt.datetime
) -> tuple[SessionRow, ...]:
    """One's own sign-ins that still live, the latest first."""
    rows = db.session.scalars(
        sa.select(SignInSession)
        .where(
            SignInSession.person_id == actor.person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.created_at > since,
            SignInSession.last_seen_at > idle,
        )
        .order_by(SignInSession.id.desc())
        .limit(paging.PAGE)
    )
    return tuple(
        SessionRow(begun_at=s.created_at, seen_at=s.last_seen_at, is_this=s.id == session_id)
        for s in rows
    )


def members(actor: Actor, *, now: dt.datetime) -> tuple[MembersOf, ...]:
    """The organisations whose members this person manages, with their members: two statements."""
    places = {held.organisation_id: held.fund for held in actor.places(Role.APPLICANT_SUBMITTER)}
    rows = db.session.execute(
        sa.select(Membership, Person, Organisation.key, Organisation.name)
        .join(Person, Person.id == Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.organisation_id.in_(sorted(places)),
            Membership.role.in_(sorted(OWN)),
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
            Person.disabled_at.is_(None),
        )
        .order_by(Organisation.name, Person.name, Membership.id)
    ).all()
    found: dict[uuid.UUID, tuple[str, list[MemberRow]]] = {}
    for held, record, key, name in rows:
        if places[held.organisation_id] in {None, held.fund}:
            found.setdefault(key, (name, []))[1].append(_member(actor, held, record))
    return tuple(
        MembersOf(key=key, name=name, members=tuple(rows)) for key, (name, rows) in found.items()
    )


def _member(actor: Actor, held: Membership, record: Person) -> MemberRow:
    return MemberRow(
        id=held.id,
        name=record.name,
        email=record.email,
        role=words(held.role),
        fund=fund_name(held.fund),
        is_self=record.id == actor.person_id,
        is_invited=record.password_hash is None,
    )


def _roles_of(ids: Iterable[int], now: dt.datetime) -> dict[int, list[RoleRow]]:
    rows: Iterable[Any] = db.session.execute(
        sa.select(Membership, Organisation.name)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(list(ids)))
        .order_by(Membership.ends_at.is_not(None), Membership.id)
    )
    found: dict[int, list[RoleRow]] = {}
    for held, organisation in rows:
        is_over = held.ends_at is not None and held.ends_at <= now
        found.setdefault(held.person_id, []).append(
            RoleRow(
                id=held.id,
                role=words(held.role),
                organisation=organisation,
                fund=fund_name(held.fund),
                starts_at=held.starts_at,
                ends_at=held.ends_at,
                is_current=held.starts_at <= now and not is_over,
                is_over=is_over,
            )
        )
    return found


def _in_force(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Membership.starts_at <= now, sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now)
    )


def words(role: Role) -> str:
    """A role as the first words of a line: "Fund manager"."""
    return role.value.replace("-", " ").capitalize()


def fund_name(slug: str | None) -> str:
    """A fund's short name; a slug that is no longer there as it is."""
    if slug is None:
        return EVERY_FUND
    fund = all_funds().get(slug)
    return fund.short_name if fund else slug
