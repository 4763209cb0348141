"""People who work on one application from outside its organisation, and what they say about it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Name, Text, one_of
from grants.rules.people import Right


class Share(Model):
    """An invitation to one application, and what came of it. Kept for good: who helped may not assess."""

    __tablename__ = "share"
    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) = (taken_at IS NULL)", name="person_when_taken"),
        sa.CheckConstraint("(ended_by IS NULL) = (ended_at IS NULL)", name="ended_by_somebody"),
        sa.CheckConstraint("ends_at > invited_at", name="ends_later"),
        sa.Index("ix_share_application_id", "application_id"),
        sa.Index("ix_share_person_id", "person_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    name: Mapped[Name]
    email: Mapped[str] = mapped_column(sa.String(320))
    """Lower case: whose mailbox the invitation went to."""
    may: Mapped[Right] = mapped_column(one_of(Right, "may"))
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_at: Mapped[dt.datetime]
    invited_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    ends_at: Mapped[dt.datetime]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who took it up; null until then."""
    taken_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    """When it was taken back."""
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Comment(Model):
    """What one of an application's people says to the others about a question. Never the funder's."""

    __tablename__ = "comment"
    __table_args__ = (
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"
        ),
        sa.CheckConstraint("thread_id IS NULL OR resolved_at IS NULL", name="threads_resolved"),
        sa.Index("ix_comment_application_id_question", "application_id", "question", "row"),
        sa.Index("ix_comment_thread_id", "thread_id"),
        sa.Index("ix_comment_told_at", "told_at"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    thread_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"))
    """The comment that this answers; null for one that begins a thread."""
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    text: Mapped[Text]
    written_at: Mapped[dt.datetime]
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    resolved_at: Mapped[dt.datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    told_at: Mapped[dt.datetime | None]
    """When the others were told by mail that there is something new."""
