"""Rehearsals: a round tried out on data of its own, which is never counted."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id


class Rehearsal(Model):
    """One rehearsal of a round. Its organisations, people, round and messages point here."""

    __tablename__ = "rehearsal"
    __table_args__ = (
        sa.Index(
            "ix_rehearsal_one_at_a_time",
            "round_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    """The round that is rehearsed, not the one that is played in."""
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    """When it was thrown away: its round and all that was played are gone."""
