"""The audit trail: rows are added, never changed; each carries the hash of the one before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Text


class AuditEntry(Model):
    """Who did what to what, when, with the old and the new value."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_thing_type_thing_id", "thing_type", "thing_id"),)
    id: Mapped[Id]
    at: Mapped[dt.datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    """Null for the clock and the public."""
    person_name: Mapped[str] = mapped_column(sa.String(300))
    action: Mapped[Code]
    thing_type: Mapped[Code]
    thing_id: Mapped[int | None]
    reference: Mapped[str] = mapped_column(sa.String(120))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[Text] = mapped_column(default="")
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


class AuditHead(Model):
    """The end of the chain: one row, locked while the chain grows."""

    __tablename__ = "audit_head"
    id: Mapped[Id]
    entries: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(sa.String(64))
