"""Meetings of a round's panel: who was there, what was taken in which order, what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Json, Model
from grants.models.columns import Code, Id, Key, Text, one_of
from grants.rules.meetings import Outcome, Presence


class Meeting(Model):
    """One meeting. Its own version says nothing of what is on its list."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("quorum > 0", name="quorum_of_somebody"),
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name="signed_by_somebody"),
        sa.CheckConstraint("(signed_at IS NULL) = (sha256 IS NULL)", name="frozen_when_signed"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), index=True)
    held_on: Mapped[dt.date]
    place: Mapped[Text]
    quorum: Mapped[int]
    chair_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    secretary_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    planned_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    planned_at: Mapped[dt.datetime]
    opening: Mapped[str | None] = mapped_column(sa.Text)
    """Corrected words about who was there; null while what was recorded stands."""
    corrected_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    frozen: Mapped[list[Any] | None] = mapped_column(Json)
    """The minute as it was signed: [[application id or 0, title, recorded, corrected], …]."""
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    signed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    signed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class MeetingMember(Model):
    """One who is of the meeting, and when they came and went."""

    __tablename__ = "meeting_member"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "person_id"),)
    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    presence: Mapped[Presence] = mapped_column(
        one_of(Presence, "presence"), default=Presence.EXPECTED
    )
    arrived: Mapped[str] = mapped_column(sa.String(5), default="")
    """By the clock in the room, such as 10:15; empty for from the beginning."""
    went: Mapped[str] = mapped_column(sa.String(5), default="")


class MeetingItem(Model):
    """One application on the order of business, and what came of it."""

    __tablename__ = "meeting_item"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "application_id"),
        sa.CheckConstraint(
            "(outcome = 'waiting') = (recorded_at IS NULL)", name="recorded_when_taken"
        ),
    )
    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    place: Mapped[int]
    why: Mapped[Code]
    """Why it stands where it was proposed."""
    outcome: Mapped[Outcome] = mapped_column(one_of(Outcome, "outcome"), default=Outcome.WAITING)
    asked: Mapped[Text] = mapped_column(default="")
    """What is asked before it is decided, where it was put off."""
    votes: Mapped[Text] = mapped_column(default="")
    note: Mapped[Text] = mapped_column(default="")
    recorded: Mapped[Text] = mapped_column(default="")
    """The minute of it, made when the outcome was recorded."""
    corrected: Mapped[str | None] = mapped_column(sa.Text)
    corrected_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class ModeratedScore(Model):
    """The mark a panel agreed for one criterion, beside the originals, which it never changes."""

    __tablename__ = "moderated_score"
    __table_args__ = (sa.UniqueConstraint("application_id", "criterion"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    criterion: Mapped[Code]
    meeting_item_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_item.id"))
    mark: Mapped[int]
    reason: Mapped[Text]
    present: Mapped[list[Any]]
    """The names of those who were in the room."""
    agreed_at: Mapped[dt.datetime]
