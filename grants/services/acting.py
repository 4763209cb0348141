"""A person as an actor after their request has ended: long work is done with what they may do now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import Membership, PanelSeat, Person
from grants.models.share import Share
from grants.rules.people import Actor, Held
from grants.rules.refusals import NotFound


def actor_with_id(person_id: int, *, now: dt.datetime) -> Actor:
    """The person with the roles they hold at this moment. Raises NotFound when disabled or gone."""
    person = db.session.scalar(
        sa.select(Person).where(Person.id == person_id, Person.disabled_at.is_(None))
    )
    if person is None:
        raise NotFound("The person who asked for this can no longer sign in.")
    held: Any = db.session.execute(
        sa.select(Membership.role, Membership.organisation_id, Membership.fund)
        .where(
            Membership.person_id == person_id,
            Membership.starts_at <= now,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
        )
        .order_by(Membership.id)
    )
    seats: Any = db.session.execute(
        sa.select(PanelSeat.round_id, PanelSeat.seat).where(PanelSeat.person_id == person_id)
    )
    shares: Any = db.session.execute(
        sa.select(Share.application_id, Share.may)
        .where(Share.person_id == person_id, Share.ended_at.is_(None), Share.ends_at > now)
        .order_by(Share.id)
    )
    return Actor(
        person.id,
        person.name,
        person.email,
        tuple(Held(*row) for row in held),
        tuple((round_id, seat) for round_id, seat in seats),
        tuple((application_id, right) for application_id, right in shares),
    )
