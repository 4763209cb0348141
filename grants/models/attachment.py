"""Files that people sent."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, one_of
from grants.rules.states import ScanState


class Attachment(Model):
    """A file given as (part of) the answer to one question."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.CheckConstraint("size >= 0", name="size_not_negative"),
        sa.Index("ix_attachment_application_id_question", "application_id", "question"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    name: Mapped[str] = mapped_column(sa.String(200))
    """As the sender called it; shown, never used as a path."""
    media_type: Mapped[str] = mapped_column(sa.String(100))
    """By content."""
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """Of what is kept and handed over: the file without its active parts."""
    sent_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Of the bytes as they were sent; null for files from before they were told apart."""
    storage_key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    scan: Mapped[ScanState] = mapped_column(one_of(ScanState, "scan"), default=ScanState.WAITING)
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    uploaded_at: Mapped[dt.datetime]
    is_identifying: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """Whether it tells who applies: settled by its question when the application is sent."""
    removed_at: Mapped[dt.datetime | None]
