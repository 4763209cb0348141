"""The rehearsal of a round as whoever sets it up sees it: the cast, and the mail that they got."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.rehearsal import Rehearsal
from grants.queries.rounds import RoundRow
from grants.rules.people import Actor

MOST = 200  # messages on one page


@dataclass(frozen=True, slots=True)
class PartRow:
    """Somebody of the cast."""

    key: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """A message that never left the house."""

    at: dt.datetime
    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class RehearsalPage:
    """A rehearsal that is on."""

    made_at: dt.datetime
    cast: tuple[PartRow, ...]
    mail: tuple[MailRow, ...]


def current(actor: Actor, record: RoundRow) -> RehearsalPage | None:
    """The rehearsal of a round that was fetched for this person to set up, or None."""
    del actor
    found = db.session.scalar(
        sa.select(Rehearsal).where(Rehearsal.round_id == record.id, Rehearsal.ended_at.is_(None))
    )
    if found is None:
        return None
    cast = db.session.execute(
        sa.select(Person.key, Person.name, Person.email)
        .where(Person.rehearsal_id == found.id)
        .order_by(Person.id)
    ).all()
    names = {row.email: row.name for row in cast}
    mail = db.session.execute(
        sa.select(
            OutboxMessage.queued_at,
            OutboxMessage.recipient,
            OutboxMessage.subject,
            OutboxMessage.body,
        )
        .where(OutboxMessage.rehearsal_id == found.id)
        .order_by(OutboxMessage.id.desc())
        .limit(MOST)
    )
    return RehearsalPage(
        made_at=found.made_at,
        cast=tuple(PartRow(row.key, row.name) for row in cast),
        mail=tuple(
            MailRow(row.queued_at, names.get(row.recipient, row.recipient), row.subject, row.body)
            for row in mail
        ),
    )
