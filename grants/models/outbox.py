"""The outbox: messages written in the same transaction as what they tell of."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Text, one_of
from grants.rules.states import MessageState


class OutboxMessage(Model):
    """One message to one person."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.UniqueConstraint("once"),
        sa.Index("ix_outbox_message_state_queued_at", "state", "queued_at"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    kind: Mapped[Code]
    recipient: Mapped[str] = mapped_column(sa.String(320))
    subject: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[Text]
    attachment_key: Mapped[str | None] = mapped_column(sa.String(200))
    """Storage key of a file to send along, or null."""
    attachment_name: Mapped[str | None] = mapped_column(sa.String(200))
    once: Mapped[str | None] = mapped_column(sa.String(200))
    """What makes it the same message: queued twice, it is sent once."""
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round.id"))
    rehearsal_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(
            "rehearsal.id", use_alter=True, name="fk_outbox_message_rehearsal_id_rehearsal"
        ),
        index=True,
    )
    """The rehearsal that it belongs to: kept apart, and never counted."""
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    """Fixed when queued, so that a second try is recognisably the same."""
    state: Mapped[MessageState] = mapped_column(
        one_of(MessageState, "state"), default=MessageState.QUEUED
    )
    queued_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    fault: Mapped[Text] = mapped_column(default="")
