"""Projects: the funded things."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Name, Pence, Reference, Text
from grants.models.organisation import Organisation


class RegisterEntry(Model):
    """A decision made elsewhere that funds a project: recorded, with where it was made."""

    __tablename__ = "register_entry"
    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"), index=True)
    made_by: Mapped[Name]
    decided_on: Mapped[dt.date]
    note: Mapped[Text] = mapped_column(default="")


class Project(Model):
    """A funded thing, from exactly one decision. Its money is part of its parent award."""

    __tablename__ = "project"
    __table_args__ = (
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "recovered >= 0 AND recovered <= amount", name="recovered_within_project"
        ),
        sa.CheckConstraint(
            "(CASE WHEN proposed_project_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN local_award_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN register_entry_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_decision",
        ),
        sa.Index("ix_project_round_id_activity_type", "round_id", "activity_type"),
        sa.Index("ix_project_award_id", "award_id"),
        sa.Index("ix_project_organisation_id", "organisation_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    reference: Mapped[Reference]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    """The award whose money it is; of a local project, the one that is its round's pot."""
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    """The round that decided it: every project is counted in one round alone."""
    allocation_area_id: Mapped[int] = mapped_column(sa.ForeignKey("allocation_area.id"), index=True)
    proposed_project_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("proposed_project.id"), unique=True
    )
    local_award_id: Mapped[int | None] = mapped_column(sa.ForeignKey("award.id"), unique=True)
    register_entry_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("register_entry.id"), unique=True
    )
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    """The group that runs it."""
    title: Mapped[Name]
    summary: Mapped[Text] = mapped_column(default="")
    activity_type: Mapped[Code]
    main_group: Mapped[Code]
    people_expected: Mapped[int | None]
    amount: Mapped[Pence]
    recovered: Mapped[Pence] = mapped_column(default=0, server_default="0")
    """What came back of it, spent on nothing or paid back."""
    recorded_at: Mapped[dt.datetime]
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class ProjectCode(Model):
    """One of a project's several groups, themes or council areas."""

    __tablename__ = "project_code"
    __table_args__ = (sa.Index("ix_project_code_kind_code", "kind", "code"),)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    """group, theme or area."""
    code: Mapped[Code] = mapped_column(primary_key=True)
