"""Texts that stood in an answer before somebody else's: what was replaced or removed is never lost."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Text


class EarlierText(Model):
    """A text that another person, another tab or a removed row took the place of."""

    __tablename__ = "earlier_text"
    __table_args__ = (
        sa.CheckConstraint(
            "(application_id IS NULL) <> (return_id IS NULL)", name="application_or_return"
        ),
        sa.Index("ix_earlier_text_application_id", "application_id"),
        sa.Index("ix_earlier_text_return_id", "return_id"),
    )
    id: Mapped[Id]
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outcome_return.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    text: Mapped[Text]
    written_at: Mapped[dt.datetime]
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    replaced_at: Mapped[dt.datetime]
    replaced_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
