"""Calibration: fictional samples that every assessor of a round scores before the real applications.

Apart from applications and assessments on purpose: whatever counts, ranks or lists those can never
come upon a sample. docs/adr/0030.
"""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Json, Model
from grants.models.columns import Id, Key, Name


class CalibrationSet(Model):
    """The samples of one round. Written until it is opened, scored until it is closed."""

    __tablename__ = "calibration_set"
    __table_args__ = (
        sa.UniqueConstraint("round_id"),
        sa.CheckConstraint("(opened_at IS NULL) = (opened_by IS NULL)", name="opened_by_somebody"),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (definition_id IS NULL)", name="opened_on_a_form"
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
        sa.CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="opened_then_closed"),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    is_required: Mapped[bool] = mapped_column(default=False)
    """While the set is open, real applications open to who has sent their scores of every sample."""
    definition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round_definition.id"))
    """The form and the criteria that it was opened with."""
    opened_at: Mapped[dt.datetime | None]
    opened_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class CalibrationSample(Model):
    """One made-up application, on the round's own form."""

    __tablename__ = "calibration_sample"
    __table_args__ = (sa.UniqueConstraint("set_id", "number"),)
    id: Mapped[Id]
    key: Mapped[Key]
    set_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_set.id"))
    number: Mapped[int]
    title: Mapped[Name]
    applicant: Mapped[Name] = mapped_column(default="")
    """A made-up name. Not shown where the round is read without names."""
    answers: Mapped[list[Any]] = mapped_column(Json)
    """[[question, row, text], …] as typed."""
    agreed: Mapped[dict[str, Any]] = mapped_column(Json)
    """{criterion: [mark, reason]}: what the fund and its assessors agreed afterwards."""
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class CalibrationReading(Model):
    """One assessor's scores of one sample: for practice, and for nothing else."""

    __tablename__ = "calibration_reading"
    __table_args__ = (
        sa.UniqueConstraint("sample_id", "person_id"),
        sa.CheckConstraint("(sent_at IS NULL) = (total IS NULL)", name="total_when_sent"),
    )
    id: Mapped[Id]
    sample_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_sample.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    """{"marks", "reasons", "comment", "versions": {field: number}}."""
    changed_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    """Locked from here on; from here on the others' scores are shown."""
    total: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(5, 2, asdecimal=True))
