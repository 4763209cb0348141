"""What the fund asked about an application after it was sent, and what was said to it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Text


class ApplicationQuery(Model):
    """One return of an application: about named answers, or (whole) about all of it."""

    __tablename__ = "application_query"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "number"),
        sa.CheckConstraint("is_whole OR answer_by IS NOT NULL", name="answer_by_a_day"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (answered_number IS NULL)", name="closed_with_a_version"
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    """Its place among the queries of the application, from 1."""
    is_whole: Mapped[bool] = mapped_column(default=False)
    words: Mapped[Text] = mapped_column(default="")
    """What is said of it as a whole."""
    answer_by: Mapped[dt.date | None]
    """The day by which an answer is asked for. Nothing closes on it."""
    about_number: Mapped[int]
    """The version that it asks about."""
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who sent the application again; null while it is with its people."""
    answered_number: Mapped[int | None]
    """The version that answers it."""


class QueryPoint(Model):
    """What is asked of one answer, and the answer in words where there is one."""

    __tablename__ = "query_point"
    __table_args__ = (sa.UniqueConstraint("query_id", "question", "row"),)
    id: Mapped[Id]
    query_id: Mapped[int] = mapped_column(sa.ForeignKey("application_query.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    """A question, a table, or a cell as "table.column"."""
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    """Empty for a whole question or table."""
    text: Mapped[Text]
    reply: Mapped[Text] = mapped_column(default="")
    replied_at: Mapped[dt.datetime | None]
    replied_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts the times the answer in words was saved."""
