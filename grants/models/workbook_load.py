"""Workbooks that were read and wait for their sender to say yes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Json, Model
from grants.models.columns import Id, Key


class WorkbookLoad(Model):
    """What a workbook would change. Gone once it is confirmed, replaced or a day old."""

    __tablename__ = "workbook_load"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id"),
        sa.Index("ix_workbook_load_made_at", "made_at"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("round_definition.id"))
    made_at: Mapped[dt.datetime]
    content: Mapped[list[Any]] = mapped_column(Json)
    """[[question, row, text, version], …]: the version is that of the answer when downloaded."""


class ScoreLoad(Model):
    """What an assessor's score workbook would change. Gone as the other is."""

    __tablename__ = "score_load"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "person_id"),
        sa.Index("ix_score_load_made_at", "made_at"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    content: Mapped[list[Any]] = mapped_column(Json)
    """[[assessment, name, text, fingerprint], …]: the fingerprint is that of the download."""
