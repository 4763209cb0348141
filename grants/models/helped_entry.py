"""Applications that a funder's people typed for a group, and who did."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Name, Text, one_of
from grants.rules.helping import Channel


class HelpedEntry(Model):
    """How an application came that its group did not type itself, and the group's consent."""

    __tablename__ = "helped_entry"
    __table_args__ = (
        sa.CheckConstraint(
            "(taken_over_at IS NULL) = (taken_over_by IS NULL)", name="taken_over_by_somebody"
        ),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    given_by: Mapped[Name]
    """Who of the group gave it."""
    email: Mapped[str | None] = mapped_column(sa.String(320))
    """Where the receipt with the copy goes; null where they have none."""
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    received_on: Mapped[dt.date]
    consent_on: Mapped[dt.date]
    consent_how: Mapped[Text]
    """How they agreed that it is typed and kept for them."""
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[dt.datetime]
    taken_over_at: Mapped[dt.datetime | None]
    """From then on the group's own people write, and nobody for them."""
    taken_over_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class ApplicationHelper(Model):
    """One who types for the group. They take no part in deciding on it, for ever."""

    __tablename__ = "application_helper"
    __table_args__ = (sa.UniqueConstraint("application_id", "person_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    since: Mapped[dt.datetime]
