"""Messages as rows, queued in the same transaction as what they tell of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.models.round import Round
from grants.notifications import messages

APART = "grants_rehearsal"
CAST = "rehearsal.invalid"  # addresses of a cast end so: part.7@rehearsal.invalid


def queue(
    kind: str,
    recipient: str,
    *,
    now: dt.datetime,
    values: Mapping[str, str],
    once: str | None = None,
    round_id: int | None = None,
    attachment: tuple[str, str] | None = None,
) -> None:
    """Queue one message to one person. ``once`` makes a second queueing of the same do nothing.

    ``attachment`` is (storage key, name shown). Raises KeyError for a kind without words.
    """
    if once is not None and _is_queued(once):
        return
    text = messages.fill(kind, values)
    key = uuid.uuid4()
    db.session.add(
        OutboxMessage(
            key=key,
            kind=kind,
            recipient=recipient,
            subject=text.subject,
            body=text.body,
            attachment_key=attachment[0] if attachment else None,
            attachment_name=attachment[1] if attachment else None,
            once=once,
            round_id=round_id,
            rehearsal_id=_rehearsal_of(recipient, round_id),
            message_id=f"<{key}@grants>",
            queued_at=now,
        )
    )


def keep_apart(rehearsal_id: int | None) -> None:
    """Whatever is queued from here on belongs to this rehearsal, whoever it is written to."""
    db.session().info[APART] = rehearsal_id


def _rehearsal_of(recipient: str, round_id: int | None) -> Any:
    """The rehearsal in whose request this is queued, whose cast the address belongs to, or whose
    round it is about; the last is looked up by the very statement that keeps the message."""
    name, _, place = recipient.partition("@")
    if place == CAST:
        return int(name.rpartition(".")[2])
    found: int | None = db.session().info.get(APART)
    if found is not None or round_id is None:
        return found
    return sa.select(Round.rehearsal_id).where(Round.id == round_id).scalar_subquery()


def _is_queued(once: str) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(OutboxMessage.once == once))))
