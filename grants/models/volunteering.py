"""What a volunteer assessor gives and spends: hours, training, expenses. Nothing is paid from here."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Pence, Text, one_of
from grants.rules.volunteering import Kind


class VolunteerEntry(Model):
    """One line of an assessor's own log in a round."""

    __tablename__ = "volunteer_entry"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'expense') = (amount IS NOT NULL)", name="amount_of_expense"),
        sa.CheckConstraint("(kind = 'time') = (minutes IS NOT NULL)", name="minutes_of_time"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("minutes > 0 AND minutes <= 1440", name="minutes_of_one_day"),
        sa.CheckConstraint("kind = 'time' OR application_id IS NULL", name="bid_of_time"),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"
        ),
        sa.CheckConstraint("kind = 'expense' OR approved_at IS NULL", name="approval_of_expense"),
        sa.Index("ix_volunteer_entry_round_id_person_id", "round_id", "person_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    """Made with the form, so that a double click writes once."""
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"))
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    """What was read; null for time given to the round as a whole."""
    day: Mapped[dt.date]
    minutes: Mapped[int | None]
    amount: Mapped[Pence | None]
    note: Mapped[Text] = mapped_column(default="")
    noted_at: Mapped[dt.datetime]
    approved_at: Mapped[dt.datetime | None]
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
