"""Scores that an assessor gave on paper and the fund's people typed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Text, one_of
from grants.rules.paper import Checker
from grants.rules.states import ScanState


class PaperScores(Model):
    """How one assessor's scores came on paper, and how far they are typed and checked."""

    __tablename__ = "paper_scores"
    __table_args__ = (
        sa.CheckConstraint(
            "(finished_at IS NULL) = (finished_by IS NULL)", name="finished_by_somebody"
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by_somebody"
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR (finished_by IS NOT NULL AND confirmed_by <> finished_by)",
            name="confirmed_by_another",
        ),
    )
    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"), unique=True)
    received_on: Mapped[dt.date]
    checker: Mapped[Checker] = mapped_column(one_of(Checker, "checker"))
    begun_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    begun_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    """Set while nobody types: it waits to be checked, or was."""
    finished_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[Text] = mapped_column(default="")
    """What the colleague who checked found to be otherwise on paper."""
    confirmed_at: Mapped[dt.datetime | None]
    """When a colleague sent them; null where the assessor does so, on their own page."""
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class PaperHand(Model):
    """One who typed or checked an assessor's scores, and so saw them. They assess nothing in the round.

    It hangs on the application: it stays when the assessor stands down.
    """

    __tablename__ = "paper_hand"
    __table_args__ = (sa.UniqueConstraint("application_id", "reader_id", "person_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    reader_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    since: Mapped[dt.datetime]


class PaperScan(Model):
    """A picture of the sheets as the assessor filled them in."""

    __tablename__ = "paper_scan"
    __table_args__ = (sa.CheckConstraint("size >= 0", name="size_not_negative"),)
    id: Mapped[Id]
    key: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """Of the bytes as they were sent."""
    storage_key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    scan: Mapped[ScanState] = mapped_column(one_of(ScanState, "scan"), default=ScanState.WAITING)
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    uploaded_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]
