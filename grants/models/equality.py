"""Equality monitoring, apart from everything: how many gave which answer. No row is a person's."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code


class EqualityCount(Model):
    """How many people of a round gave one answer. It names nobody, no application and no time."""

    __tablename__ = "equality_count"
    __table_args__ = (sa.CheckConstraint("people >= 1", name="people_at_least_one"),)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), primary_key=True)
    question: Mapped[Code] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    people: Mapped[int]


class EqualityAsked(Model):
    """That an application was asked, so that it is not asked again. Not what, and not when."""

    __tablename__ = "equality_asked"
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), primary_key=True)
