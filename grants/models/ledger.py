"""The ledger: every pound in one place."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Pence, Text, one_of


class LedgerKind(enum.StrEnum):
    POT = "pot"
    ALLOCATION = "allocation"
    AWARD = "award"
    PROJECT = "project"
    PAYMENT = "payment"
    RECOVERY = "recovery"


class LedgerLine(Model):
    """One movement of money, downward positive. Lines are added, never changed."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        sa.Index("ix_ledger_line_round_id_kind", "round_id", "kind"),
        sa.Index("ix_ledger_line_award_id", "award_id"),
    )
    id: Mapped[Id]
    at: Mapped[dt.datetime]
    kind: Mapped[LedgerKind] = mapped_column(one_of(LedgerKind, "kind"))
    amount: Mapped[Pence]
    """Negative gives back."""
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    allocation_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("allocation_area.id"))
    award_id: Mapped[int | None] = mapped_column(sa.ForeignKey("award.id"))
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[Text] = mapped_column(default="")
