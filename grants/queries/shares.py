"""Who works on one application: the people of its organisation, and those invited to it alone."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Membership, Person
from grants.models.round import Round
from grants.models.share import Share
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.people import APPLICANTS, Actor, Right, Role
from grants.rules.refusals import NotFound


class Standing(StrEnum):
    """How far an invitation is."""

    INVITED = "invited"
    WORKING = "working"
    ENDED = "ended"  # taken back
    OVER = "over"  # its last day has passed


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """One invitation."""

    key: uuid.UUID
    name: str
    email: str
    right: Right
    invited_at: dt.datetime
    invited_by: str
    ends_at: dt.datetime
    taken_at: dt.datetime | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody of the organisation who works on it anyway."""

    name: str
    email: str
    can_send: bool
    can_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody who works on an application."""

    key: uuid.UUID
    reference: str
    title: str
    members: tuple[MemberRow, ...]
    shares: tuple[ShareRow, ...]


def people(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> People:
    """For those who may invite. Raises NotFound. Three statements."""
    row = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Application.organisation_id,
            Round.fund,
        ).where(Application.key == key, visible(actor, Action.SHARE))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return People(
        key=row.key,
        reference=row.reference,
        title=row.title,
        members=_members(row.organisation_id, row.fund, now),
        shares=_shares(row.id, now),
    )


def _members(organisation_id: int, fund: str, now: dt.datetime) -> tuple[MemberRow, ...]:
    rows = db.session.execute(
        sa.select(Person.id, Person.name, Person.email, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role.in_(sorted(APPLICANTS)),
            sa.or_(Membership.fund.is_(None), Membership.fund == fund),
            Membership.starts_at <= now,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    roles: dict[tuple[int, str, str], set[Role]] = {}
    for row in rows:
        roles.setdefault((row.id, row.name, row.email), set()).add(row.role)
    return tuple(
        MemberRow(
            name,
            email,
            Role.APPLICANT_SUBMITTER in held,
            bool(held & {Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER}),
        )
        for (_, name, email), held in roles.items()
    )


def _shares(application_id: int, now: dt.datetime) -> tuple[ShareRow, ...]:
    rows: Any = db.session.execute(
        sa.select(Share, Person.name)
        .join(Person, Person.id == Share.invited_by)
        .where(Share.application_id == application_id)
        .order_by(Share.ended_at.is_not(None), Share.id)
    )
    return tuple(
        ShareRow(
            key=share.key,
            name=share.name,
            email=share.email,
            right=share.may,
            invited_at=share.invited_at,
            invited_by=inviter,
            ends_at=share.ends_at,
            taken_at=share.taken_at,
            standing=_standing(share, now),
        )
        for share, inviter in rows
    )


def _standing(share: Share, now: dt.datetime) -> Standing:
    if share.ended_at is not None:
        return Standing.ENDED
    if share.ends_at <= now:
        return Standing.OVER
    return Standing.WORKING if share.person_id is not None else Standing.INVITED
