"""Texts that stood in an answer before somebody else's: what was replaced or removed is never lost."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Text


class EarlierText(Model):
    """A text that another person, another tab or a removed row took the place of.

    It hangs on one of three: an application, a return, or an assessor's score sheet.
    """

    __tablename__ = "earlier_text"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN application_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN return_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN assessment_id IS NULL THEN 0 ELSE 1 END = 1",
            name="of_one_thing",
        ),
        sa.Index("ix_earlier_text_application_id", "application_id"),
        sa.Index("ix_earlier_text_return_id", "return_id"),
        sa.Index("ix_earlier_text_assessment_id", "assessment_id"),
    )
    id: Mapped[Id]
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outcome_return.id"))
    assessment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assessment.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    text: Mapped[Text]
    written_at: Mapped[dt.datetime]
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    replaced_at: Mapped[dt.datetime]
    replaced_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
