"""Due diligence: what was looked at about an applicant before money is promised."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Text, one_of
from grants.rules.states import Finding


class ApplicantCheck(Model):
    """One look at one thing, such as the accounts. Never changed: a later look is a new row."""

    __tablename__ = "applicant_check"
    __table_args__ = (sa.Index("ix_applicant_check_application_id", "application_id"),)
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    item: Mapped[Code]
    """A code of the fund's list of checks."""
    finding: Mapped[Finding] = mapped_column(one_of(Finding, "finding"))
    note: Mapped[Text] = mapped_column(default="")
    checked_on: Mapped[dt.date]
    checked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[dt.datetime]
