"""Returns: what is owed when, what was reported, and the typed figures of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Name, Pence, Text, one_of
from grants.models.project import Project
from grants.rules.states import ReturnState


class ReturnObligation(Model):
    """One report that is owed: made from what was promised before applying."""

    __tablename__ = "return_obligation"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "period"),
        sa.UniqueConstraint("award_id", "period"),
        sa.CheckConstraint("(award_id IS NULL) <> (project_id IS NULL)", name="award_or_project"),
        sa.Index("ix_return_obligation_due_on", "due_on"),
    )
    id: Mapped[Id]
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"))
    award_id: Mapped[int | None] = mapped_column(sa.ForeignKey("award.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), index=True)
    period: Mapped[Code]
    label: Mapped[Name]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    project: Mapped[Project] = relationship(lazy="raise")


class OutcomeReturn(Model):
    """A report against one obligation, made together with it."""

    __tablename__ = "outcome_return"
    __table_args__ = (
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'accepted') OR submitted_at IS NOT NULL",
            name="submitted_at_when_submitted",
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_at_when_accepted"
        ),
        sa.Index("ix_outcome_return_state", "state"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    obligation_id: Mapped[int] = mapped_column(sa.ForeignKey("return_obligation.id"), unique=True)
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("round_definition.id"))
    state: Mapped[ReturnState] = mapped_column(
        one_of(ReturnState, "state"), default=ReturnState.OPEN
    )
    changed_at: Mapped[dt.datetime]
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Of the answers as they were last sent."""
    content: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    """As it was last sent, and what staff read: {"answers": [[question, row, text], …], "changed":
    [[question, row, text before], …]}."""
    accepted_at: Mapped[dt.datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    obligation: Mapped[ReturnObligation] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class ReturnAnswer(Model):
    """One typed value of a return, kept as answers of an application are."""

    __tablename__ = "return_answer"
    __table_args__ = (sa.UniqueConstraint("return_id", "question", "row"),)
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("outcome_return.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    text: Mapped[Text]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class ReturnQuery(Model):
    """A question from the fund about one answer of a return."""

    __tablename__ = "return_query"
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("outcome_return.id"), index=True)
    question: Mapped[str] = mapped_column(sa.String(120))
    """Empty when it is about the whole."""
    text: Mapped[Text]
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime]
    reply: Mapped[Text] = mapped_column(default="")
    answered_at: Mapped[dt.datetime | None]


class ReturnFigure(Model):
    """A figure of a submitted return: of the whole, or of one code of a breakdown."""

    __tablename__ = "return_figure"
    __table_args__ = (
        sa.UniqueConstraint("return_id", "question", "code"),
        sa.Index(
            "ix_return_figure_question_code_return_id_number",
            "question",
            "code",
            "return_id",
            "number",
        ),
    )
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("outcome_return.id"))
    question: Mapped[str] = mapped_column(sa.String(120))
    code: Mapped[Code] = mapped_column(default="")
    number: Mapped[int] = mapped_column(sa.BigInteger)
    """People, sessions or pence, as the question says. Not collected means no row."""


class OutcomeResult(Model):
    """What changed for people, by outcome: counts only, never one person."""

    __tablename__ = "outcome_result"
    __table_args__ = (
        sa.UniqueConstraint("return_id", "outcome"),
        sa.CheckConstraint(
            "paired = improved + same + worse AND paired <= baseline AND baseline <= started",
            name="counts_fit",
        ),
    )
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("outcome_return.id"))
    outcome: Mapped[Code]
    measure: Mapped[Code] = mapped_column(default="")
    started: Mapped[int]
    baseline: Mapped[int]
    paired: Mapped[int]
    improved: Mapped[int]
    same: Mapped[int]
    worse: Mapped[int]


class ReturnSpend(Model):
    """Money spent in the period, by heading."""

    __tablename__ = "return_spend"
    __table_args__ = (sa.UniqueConstraint("return_id", "heading"),)
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("outcome_return.id"))
    heading: Mapped[Code]
    spent: Mapped[Pence]
    reason: Mapped[Text] = mapped_column(default="")
