"""Messages as rows, queued in the same transaction as what they tell of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.notifications import messages


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
            message_id=f"<{key}@grants>",
            queued_at=now,
        )
    )


def _is_queued(once: str) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(OutboxMessage.once == once))))
