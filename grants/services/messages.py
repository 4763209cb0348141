"""What an administrator does with a message that is waiting to be sent."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.rules.states import MessageState as State
from grants.services.transaction import transaction

MOVED_ON = "This message has moved on since you opened it."
# What may be sent after all: it was held, or every try failed, or nobody knows whether it arrived.
RELEASABLE = (State.HELD, State.FAILED, State.UNKNOWN)


def hold(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Keep a waiting message from being sent."""
    _change(actor, key, (State.QUEUED,), State.HELD, now)


def release(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let a held or failed message be sent."""
    _change(actor, key, RELEASABLE, State.QUEUED, now)


def _change(
    actor: Actor, key: uuid.UUID, before: tuple[State, ...], after: State, now: dt.datetime
) -> None:
    with transaction():
        message = db.session.scalar(
            sa.select(OutboxMessage)
            .where(
                OutboxMessage.key == key,
                OutboxMessage.rehearsal_id.is_(None),
                visible(actor, Action.READ_OUTBOX),
            )
            .with_for_update()
        )
        if message is None:
            raise NotFound("There is no such page.")
        if message.state not in before:
            raise MoveNotAllowed(MOVED_ON)
        was, message.state = message.state, after
        message.next_try_at = None
        if after == State.QUEUED:
            message.attempts = 0
        audit.record(
            actor,
            "hold-message" if after == State.HELD else "release-message",
            ("message", message.id, message.kind),
            now=now,
            before={"state": was},
            after={"state": after},
        )
