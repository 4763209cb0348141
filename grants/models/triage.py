"""The check before scoring, as it was made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id


class Triage(Model):
    """One check of one version of an application. Never changed: the latest of a version stands."""

    __tablename__ = "triage"
    __table_args__ = (sa.Index("ix_triage_application_id", "application_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    """The version that was checked."""
    passes: Mapped[bool]
    findings: Mapped[list[Any]]
    """[[point, answer, reason], …]."""
    decided_at: Mapped[dt.datetime]
    decided_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
