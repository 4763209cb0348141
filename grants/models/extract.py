"""Extracts: files of figures that were made for somebody, with their fingerprint."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Text


class Extract(Model):
    """One file. Only its maker may fetch it, until it expires."""

    __tablename__ = "extract"
    id: Mapped[Id]
    key: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), index=True)
    format: Mapped[Code]
    reason: Mapped[Text]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: Mapped[dt.datetime]
    as_at: Mapped[dt.datetime]
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id"))
    storage_key: Mapped[str | None] = mapped_column(sa.String(200))
    """Null until it is made."""
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    rows: Mapped[int | None]
    expires_at: Mapped[dt.datetime]
