"""Requests to confirm an application before it is sent: to sign it off, or a partner's own part."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Name, Text, one_of
from grants.rules.confirmations import Kind, Reply

NOT_OVER = sa.text("reply <> 'over'")


class Confirmation(Model):
    """One request to one named person, who has a link and a code and no account."""

    __tablename__ = "confirmation"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'partner') = (row <> '')", name="row_of_a_partner"),
        sa.CheckConstraint(
            "reply NOT IN ('confirmed', 'sent-back') OR decided_at IS NOT NULL",
            name="decided_at_when_decided",
        ),
        sa.CheckConstraint(
            "reply <> 'confirmed' OR content_sha256 IS NOT NULL", name="confirmed_something"
        ),
        sa.Index(
            "uq_confirmation_one_at_a_time",
            "application_id",
            "kind",
            "row",
            unique=True,
            sqlite_where=NOT_OVER,
            postgresql_where=NOT_OVER,
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    """Which partner: the key of its row; empty for a sign-off."""
    name: Mapped[Name]
    role: Mapped[Name]
    """What they are, such as board member."""
    email: Mapped[str] = mapped_column(sa.String(320))
    """Lower case."""
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    expires_at: Mapped[dt.datetime]
    code_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Of the link's token and the six figures that were mailed; null while none is good."""
    code_until: Mapped[dt.datetime | None]
    codes_sent: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong codes since the last one was mailed."""
    visit_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Of what the one browser holds in which the code was typed."""
    visit_until: Mapped[dt.datetime | None]
    reply: Mapped[Reply] = mapped_column(one_of(Reply, "reply"), default=Reply.WAITING)
    decided_at: Mapped[dt.datetime | None]
    content_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Fingerprint of what was confirmed."""
    words: Mapped[Text] = mapped_column(default="")
    """Why it was sent back."""
