"""Assessments, their scores, and conflicts of interest."""

from __future__ import annotations

import datetime as dt
import decimal
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Pence, Text, one_of
from grants.rules.states import AssessmentState


class Assessment(Model):
    """One assessor on one application, against one version of it."""

    __tablename__ = "assessment"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id"),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_at_when_submitted"
        ),
        sa.CheckConstraint(
            "(state = 'submitted') = (total IS NOT NULL)", name="total_when_submitted"
        ),
        sa.CheckConstraint(
            "(state = 'assigned') = (declared_at IS NULL)", name="declared_at_when_declared"
        ),
        sa.Index("ix_assessment_person_id_state", "person_id", "state"),
        sa.Index("ix_assessment_application_id_state_total", "application_id", "state", "total"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("application_version.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[AssessmentState] = mapped_column(
        one_of(AssessmentState, "state"), default=AssessmentState.ASSIGNED
    )
    assigned_at: Mapped[dt.datetime]
    assigned_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    due_on: Mapped[dt.date | None]
    """The day by which the scores are hoped for. Nothing closes on it."""
    declared_at: Mapped[dt.datetime | None]
    submitted_at: Mapped[dt.datetime | None]
    total: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(5, 2, asdecimal=True))
    """Weighted, of 100; worked out when it is submitted."""
    comment: Mapped[Text] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class Score(Model):
    """One mark and its reason. The mark is null while only the reason is written."""

    __tablename__ = "score"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "criterion"),)
    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    criterion: Mapped[Code]
    mark: Mapped[int | None]
    reason: Mapped[Text] = mapped_column(default="")


class ScoreField(Model):
    """The version of one field of a score sheet: counted up whenever its text changes.

    A field that has no row here was never written in by hand since it was made: version 0.
    """

    __tablename__ = "score_field"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "question", "row"),)
    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    question: Mapped[Code]
    """mark, reason, line, amount, why or comment."""
    row: Mapped[str] = mapped_column(sa.String(60), default="")
    """The criterion or the proposed project; empty for the comment."""
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime]
    typed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who typed it from paper; null where the assessor wrote it."""


class Recommendation(enum.StrEnum):
    FULL = "full"
    PART = "part"
    NO = "no"


class LineRecommendation(Model):
    """An assessor's advice on one proposed project."""

    __tablename__ = "line_recommendation"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "proposed_project_id"),)
    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    proposed_project_id: Mapped[int] = mapped_column(sa.ForeignKey("proposed_project.id"))
    recommendation: Mapped[Recommendation | None] = mapped_column(
        one_of(Recommendation, "recommendation")
    )
    amount: Mapped[Pence | None]
    reason: Mapped[Text] = mapped_column(default="")


class Conflict(Model):
    """A declared interest. While it stands, the application does not exist for this person."""

    __tablename__ = "conflict"
    __table_args__ = (sa.UniqueConstraint("application_id", "person_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[Code]
    detail: Mapped[Text] = mapped_column(default="")
    declared_at: Mapped[dt.datetime]
