"""Rounds, the rulebook each froze, and the shares of its pot."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Name, Pence, Reference, Text, one_of
from grants.models.organisation import Organisation
from grants.rules.states import RoundState, Tier


class Round(Model):
    """One opening of a fund."""

    __tablename__ = "round"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "fund", "fund_year", "number"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opens"),
        sa.CheckConstraint("pot >= 0", name="pot_not_negative"),
        sa.CheckConstraint("allocated >= 0 AND allocated <= pot", name="allocated_within_pot"),
        sa.CheckConstraint("committed >= 0 AND committed <= pot", name="committed_within_pot"),
        sa.CheckConstraint(
            "(tier = 'local') = (parent_award_id IS NOT NULL)", name="local_names_its_award"
        ),
        sa.CheckConstraint(
            "state = 'draft' OR definition_id IS NOT NULL", name="open_has_definition"
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    reference: Mapped[Reference]
    title: Mapped[Name]
    fund: Mapped[Code]
    fund_year: Mapped[Code]
    """A financial year, such as 2026-27."""
    number: Mapped[int]
    tier: Mapped[Tier] = mapped_column(one_of(Tier, "tier"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    """Who funds."""
    parent_award_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("award.id", use_alter=True, name="fk_round_parent_award_id_award")
    )
    """The accepted award that is a local round's pot."""
    state: Mapped[RoundState] = mapped_column(one_of(RoundState, "state"), default=RoundState.DRAFT)
    opens_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime]
    grace_minutes: Mapped[int] = mapped_column(default=0)
    pot: Mapped[Pence]
    allocated: Mapped[Pence] = mapped_column(default=0)
    """The sum of its areas' shares."""
    committed: Mapped[Pence] = mapped_column(default=0)
    """The sum of its approved awards."""
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    note: Mapped[Text] = mapped_column(default="")
    """Shown on every page of the round: where its figures come from."""
    is_blind: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Read without names, as its rulebook says from the opening on."""
    definition_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(
            "round_definition.id", use_alter=True, name="fk_round_definition_id_round_definition"
        )
    )
    """The version in force."""
    rehearsal_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("rehearsal.id", use_alter=True, name="fk_round_rehearsal_id_rehearsal"),
        index=True,
    )
    """The rehearsal that it belongs to: kept apart, and never counted."""
    version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class RoundDefinition(Model):
    """A fund's rulebook as one round froze it. Published ones never change."""

    __tablename__ = "round_definition"
    __table_args__ = (sa.UniqueConstraint("round_id", "version"),)
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    version: Mapped[int]
    is_published: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """Of the canonical JSON."""
    created_at: Mapped[dt.datetime]


class DeadlineChange(Model):
    """A deadline that was moved to later: for the round, or for one draft of it. Never changed."""

    __tablename__ = "deadline_change"
    __table_args__ = (
        sa.CheckConstraint("after > before", name="later"),
        sa.Index("ix_deadline_change_round_id", "round_id"),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    at: Mapped[dt.datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    before: Mapped[dt.datetime]
    after: Mapped[dt.datetime]
    reason: Mapped[Text]


class AllocationArea(Model):
    """A share of a round's pot, for one council area or several."""

    __tablename__ = "allocation_area"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "name"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "committed >= 0 AND committed <= amount", name="committed_within_amount"
        ),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    name: Mapped[Name]
    amount: Mapped[Pence]
    committed: Mapped[Pence] = mapped_column(default=0)
    source: Mapped[Text] = mapped_column(default="")
    is_fictional: Mapped[bool] = mapped_column(default=False)


class BudgetStrand(Model):
    """A part of a round's pot for some answers of a question, made when the round opens."""

    __tablename__ = "budget_strand"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "strand"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "committed >= 0 AND committed <= amount", name="committed_within_amount"
        ),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    strand: Mapped[Code]
    """Its key in the round's rulebook."""
    title: Mapped[Name]
    amount: Mapped[Pence]
    committed: Mapped[Pence] = mapped_column(default=0)


class AllocationAreaCouncil(Model):
    """A council area covered by an allocation area."""

    __tablename__ = "allocation_area_council"
    allocation_area_id: Mapped[int] = mapped_column(
        sa.ForeignKey("allocation_area.id"), primary_key=True
    )
    area_code: Mapped[Code] = mapped_column(primary_key=True)
