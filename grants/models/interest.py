"""What people told of their interests, and suggested conflicts that were set aside."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Name, Text, one_of
from grants.rules.interests import Tie


class PersonInterest(Model):
    """A body that a person has to do with. Told once, it is looked at in every round."""

    __tablename__ = "person_interest"
    __table_args__ = (sa.Index("ix_person_interest_person_id", "person_id"),)
    id: Mapped[Id]
    key: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    tie: Mapped[Tie] = mapped_column(one_of(Tie, "tie"))
    body: Mapped[Name]
    number: Mapped[str] = mapped_column(sa.String(20), default="")
    """Of a charity or a company."""
    postcode: Mapped[str] = mapped_column(sa.String(10), default="")
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    told_at: Mapped[dt.datetime]
    taken_back_at: Mapped[dt.datetime | None]
    """When the person said that it was a mistake. It stays here and counts no more."""
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round.id"))
    """The round that asked, where the names were shown before the applications were."""


class InterestAnswer(Model):
    """An assessor said, before a blind round was handed out, which of its bodies they have to do with."""

    __tablename__ = "interest_answer"
    __table_args__ = (sa.UniqueConstraint("round_id", "person_id"),)
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[dt.datetime]


class ConflictOverride(Model):
    """A suggested conflict that a manager or the chair set aside. It stands in the register."""

    __tablename__ = "conflict_override"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id"),
        sa.CheckConstraint("made_by <> person_id", name="not_for_oneself"),
        sa.CheckConstraint("reason <> ''", name="with_a_reason"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[Text]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
