"""Scenarios: what a round's funding line could be, kept by name, and what people pinned by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Json, Model
from grants.models.columns import Code, Id, Key, Name, Pence, Text, one_of
from grants.rules.states import LineDecision


class Scenario(Model):
    """How one person would draw the line of a round. It holds settings: what follows is worked out."""

    __tablename__ = "scenario"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "made_by", "name"),
        sa.CheckConstraint(
            "(adopted_by IS NULL) = (adopted_at IS NULL)", name="adopted_by_somebody"
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    name: Mapped[Name] = mapped_column(default="")
    """Empty for what a person is working on and has not kept yet."""
    measure: Mapped[Code]
    budgets: Mapped[dict[str, Any]]
    """{area: pence}, with "" for the whole pot: the lower of this and what is left counts."""
    basis: Mapped[dict[str, Any]]
    """What it was drawn from, as short hashes by place: so that it is seen to be out of date."""
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    adopted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    adopted_at: Mapped[dt.datetime | None]
    reserves: Mapped[list[Any]] = mapped_column(Json, default=list)
    """[[application id, row], …] in order, once it was adopted."""
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class ScenarioPin(Model):
    """One line that a person put in or out by hand, whatever its rank."""

    __tablename__ = "scenario_pin"
    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "application_id", "row"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("(decision = 'part') = (amount > 0)", name="amount_of_a_part"),
    )
    id: Mapped[Id]
    scenario_id: Mapped[int] = mapped_column(sa.ForeignKey("scenario.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    row: Mapped[str] = mapped_column(sa.String(60))
    """Of the proposed project; empty where the application has none."""
    decision: Mapped[LineDecision] = mapped_column(one_of(LineDecision, "decision"))
    amount: Mapped[Pence] = mapped_column(default=0)
    reason: Mapped[Text] = mapped_column(default="")
    """A code and words, for the minute."""
