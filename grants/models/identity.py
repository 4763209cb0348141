"""Folded marks by which likely duplicates are found, and what people said of them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Text


class IdentityMark(Model):
    """One thing by which an application may be like another. Written when it is sent."""

    __tablename__ = "identity_mark"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "kind", "value"),
        sa.Index("ix_identity_mark_kind_value", "kind", "value", "application_id"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    """The version of which it was made."""
    kind: Mapped[Code]
    value: Mapped[str] = mapped_column(sa.String(200))
    """Folded: what is written in two ways is the same text here."""


class DuplicateVerdict(Model):
    """What somebody said of some applications that are alike: it silences the mark among them."""

    __tablename__ = "duplicate_verdict"
    id: Mapped[Id]
    key: Mapped[Key]
    is_same: Mapped[bool]
    reason: Mapped[Text]
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    said_at: Mapped[dt.datetime]


class VerdictMember(Model):
    """One of the applications that a verdict is about."""

    __tablename__ = "verdict_member"
    verdict_id: Mapped[int] = mapped_column(sa.ForeignKey("duplicate_verdict.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(
        sa.ForeignKey("application.id"), primary_key=True, index=True
    )
