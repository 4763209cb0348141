"""What a person told of themselves, and the registers that they read as a chair."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.interest import PersonInterest
from grants.models.round import Round
from grants.queries.visible import rounds_of, visible
from grants.rules.actions import Action
from grants.rules.interests import TIES, Tie
from grants.rules.people import Actor, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """An interest that one told of."""

    key: uuid.UUID
    tie: Tie
    body: str
    number: str
    postcode: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    round_title: str | None  # the round that asked

    @property
    def words(self) -> str:
        """What one has to do with the body."""
        return TIES[self.tie]


def told_by(actor: Actor) -> tuple[ToldRow, ...]:
    """What one told of oneself and did not take back. One statement."""
    rows = db.session.execute(
        sa.select(
            PersonInterest.key,
            PersonInterest.tie,
            PersonInterest.body,
            PersonInterest.number,
            PersonInterest.postcode,
            PersonInterest.starts_on,
            PersonInterest.ends_on,
            Round.title.label("round_title"),
        )
        .outerjoin(Round, Round.id == PersonInterest.round_id)
        .where(PersonInterest.person_id == actor.person_id, PersonInterest.taken_back_at.is_(None))
        .order_by(PersonInterest.body, PersonInterest.id)
    ).mappings()
    return tuple(ToldRow(**row) for row in rows)


def chaired(actor: Actor) -> tuple[tuple[uuid.UUID, str], ...]:
    """(key, title) of the rounds whose register one reads as the chair. One statement, or none."""
    if not actor.seated(Seat.CHAIR):
        return ()
    rows = db.session.execute(
        rounds_of(Round.key, Round.title)
        .where(
            Round.id.in_(sorted(actor.seated(Seat.CHAIR))), visible(actor, Action.READ_INTERESTS)
        )
        .order_by(Round.id.desc())
    )
    return tuple((row.key, row.title) for row in rows)
