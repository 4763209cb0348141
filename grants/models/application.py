"""Applications: answers, versions, and the typed rows made when one is submitted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Json, Model
from grants.models.columns import Code, Id, Key, Name, Pence, Reference, Text, one_of
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea, Round
from grants.rules.states import ApplicationState, LineDecision


class Application(Model):
    """What one organisation asks of one round: it is scored, ranked and approved as a whole."""

    __tablename__ = "application"
    __table_args__ = (
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (number IS NULL)", name="number_when_submitted"
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'assessing', 'moderation') OR submitted_at IS NOT NULL",
            name="submitted_at_when_submitted",
        ),
        sa.Index("ix_application_round_id_reference_number", "round_id", "reference", "number"),
        sa.Index("ix_application_round_id_state_number", "round_id", "state", "number"),
        sa.Index("ix_application_round_id_title_number", "round_id", "title", "number"),
        sa.Index("ix_application_round_id_submitted_at", "round_id", "submitted_at"),
        sa.Index("ix_application_organisation_id", "organisation_id"),
        sa.Index("ix_application_allocation_area_id", "allocation_area_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    reference: Mapped[Reference]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("round_definition.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    allocation_area_id: Mapped[int] = mapped_column(sa.ForeignKey("allocation_area.id"))
    routing_council: Mapped[str | None] = mapped_column(sa.String(60))
    """The council area that routes the money, where the fund needs one."""
    title: Mapped[Name]
    state: Mapped[ApplicationState] = mapped_column(
        one_of(ApplicationState, "state"), default=ApplicationState.DRAFT
    )
    asked: Mapped[Pence] = mapped_column(default=0)
    """The whole amount asked for, set when it is submitted."""
    projects_count: Mapped[int] = mapped_column(default=0)
    number: Mapped[int | None]
    """The number of its latest submitted version."""
    created_at: Mapped[dt.datetime]
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    changed_at: Mapped[dt.datetime]
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_at: Mapped[dt.datetime | None]
    late_until: Mapped[dt.datetime | None]
    """Until when the fund takes this draft although the round has closed."""
    returned_reason: Mapped[Text] = mapped_column(default="")
    """What the fund asked to be put right, while the application is returned."""
    version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship(lazy="raise")
    round: Mapped[Round] = relationship(lazy="raise")
    area: Mapped[AllocationArea] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class Answer(Model):
    """One typed value. Tables keep one answer per cell: "projects.title" with the row's key."""

    __tablename__ = "answer"
    __table_args__ = (sa.UniqueConstraint("application_id", "question", "row"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    """Empty for a question outside a table."""
    text: Mapped[Text]
    """As typed."""
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class AnswerOrigin(Model):
    """Where an answer was taken from: the organisation's profile, or an earlier application."""

    __tablename__ = "answer_origin"
    __table_args__ = (sa.UniqueConstraint("application_id", "question", "row"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    version: Mapped[int]
    """Of the answer when it was taken: while it is the same, nobody has written over it."""
    from_application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    """Null: from the profile."""
    taken_at: Mapped[dt.datetime]
    taken_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class ApplicationVersion(Model):
    """An application as it was sent: frozen, and what assessors score."""

    __tablename__ = "application_version"
    __table_args__ = (sa.UniqueConstraint("application_id", "number"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    """{"answers": [[question, row, text], …], "attachments": [[question, name, sha256], …]}."""
    sha256: Mapped[str] = mapped_column(sa.String(64))
    submitted_at: Mapped[dt.datetime]
    submitted_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    confirmed: Mapped[list[Any] | None] = mapped_column(Json)
    """[{"kind", "what", "name", "role", "at"}, …]: who confirmed it before it was sent."""


class ApplicationPartner(Model):
    """A partner named in the latest submitted version."""

    __tablename__ = "application_partner"
    __table_args__ = (sa.UniqueConstraint("application_id", "row"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    row: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[Name]
    partner_type: Mapped[Code]
    part: Mapped[Text] = mapped_column(default="")


class ProposedProject(Model):
    """A line of an application: asked for, and decided with its own amount."""

    __tablename__ = "proposed_project"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "row"),
        sa.CheckConstraint("asked >= 0", name="asked_not_negative"),
        sa.CheckConstraint("minimum >= 0 AND minimum <= asked", name="minimum_within_asked"),
        sa.CheckConstraint("amount >= 0 AND amount <= asked", name="amount_within_asked"),
        sa.CheckConstraint("decision <> 'full' OR amount = asked", name="full_is_all"),
        sa.CheckConstraint(
            "decision IN ('full', 'part') OR amount = 0", name="no_amount_unless_funded"
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    row: Mapped[str] = mapped_column(sa.String(60))
    line: Mapped[int]
    """Its place in the application, from 1."""
    title: Mapped[Name]
    group_name: Mapped[Name]
    activity_type: Mapped[Code]
    main_group: Mapped[Code]
    summary: Mapped[Text] = mapped_column(default="")
    people: Mapped[int | None]
    """How many people it means to reach."""
    asked: Mapped[Pence]
    minimum: Mapped[Pence]
    """The smallest amount that still makes it workable."""
    decision: Mapped[LineDecision] = mapped_column(
        one_of(LineDecision, "decision"), default=LineDecision.UNDECIDED
    )
    amount: Mapped[Pence] = mapped_column(default=0)
    """What is recommended; it holds once the award is approved."""
    reason: Mapped[Text] = mapped_column(default="")
    reserve_place: Mapped[int | None]
    is_local_round: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Money for a local round: groups apply for it later, so no project is made of this line."""
    codes: Mapped[list[Any]] = mapped_column(Json, default=list)
    """[[kind, code], …] with the kinds group, theme and area, several of each."""


class BudgetLine(Model):
    """A line of an application's budget."""

    __tablename__ = "budget_line"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "row"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    row: Mapped[str] = mapped_column(sa.String(60))
    line: Mapped[int]
    category: Mapped[Code]
    description: Mapped[Text] = mapped_column(default="")
    financial_year: Mapped[Code]
    amount: Mapped[Pence]
    is_onward: Mapped[bool] = mapped_column(default=False)
    """Money passed on to projects; otherwise the partnership's own costs."""
