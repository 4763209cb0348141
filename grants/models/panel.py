"""What each assessor brings to one round's panel: what they hold at most, know, and sit for."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id


class PanelReader(Model):
    """The terms of one assessor in one round. Without a row they are those of everybody."""

    __tablename__ = "panel_reader"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "person_id"),
        sa.CheckConstraint("most >= 0", name="most_not_negative"),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    most: Mapped[int | None]
    """Applications in all; null for as many as anybody."""
    in_lived_seat: Mapped[bool] = mapped_column(default=False)
    """Sits in a seat kept for lived experience. Says nothing of why."""
    stood_down_at: Mapped[dt.datetime | None]
    """Since when they take nothing more in this round; null while they do."""


class PanelReaderArea(Model):
    """An area that an assessor knows. One who names none is taken to know all alike."""

    __tablename__ = "panel_reader_area"
    panel_reader_id: Mapped[int] = mapped_column(sa.ForeignKey("panel_reader.id"), primary_key=True)
    allocation_area_id: Mapped[int] = mapped_column(
        sa.ForeignKey("allocation_area.id"), primary_key=True
    )
