"""Scores that were submitted before and opened again, and who asks for that."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Json, Model
from grants.models.columns import Id, Text


class ScoreHistory(Model):
    """What one assessor had submitted when it was opened again. Written once, never changed.

    It hangs on the application and the person: an assessor who stands down leaves it behind.
    """

    __tablename__ = "score_history"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id", "number"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    number: Mapped[int]
    """Counted from 1 for each application and assessor."""
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("application_version.id"))
    """The version of the application that was read."""
    submitted_at: Mapped[dt.datetime]
    total: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(5, 2, asdecimal=True))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    """{"marks", "reasons", "advice": {project: [choice, amount, reason]}, "comment"} as submitted;
    "paper": {"typed_by", "confirmed_by"} where they came on paper (absent in what was kept before)."""
    reopened_at: Mapped[dt.datetime]
    reopened_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[Text]
    asked: Mapped[Text] = mapped_column(default="")
    """What the assessor had asked for; blank where the fund opened it of itself."""


class ReopenRequest(Model):
    """An assessor asks for their submitted scores to be opened again. One stands at a time."""

    __tablename__ = "reopen_request"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name="answered_by_somebody"
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: Mapped[dt.datetime]
    reason: Mapped[Text]
    answered_at: Mapped[dt.datetime | None]
    """Set where the fund left them locked; opening them ends the request."""
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[Text] = mapped_column(default="")
