"""Additions: projects in reserve that join their award after its outcome was released."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Id, Key, Pence, Text, one_of
from grants.rules.states import AdditionState

_is_open = sa.text("state IN ('recommended', 'approved', 'released')")


class Addition(Model):
    """One project in reserve, recommended, approved and released anew. The award is as it was until
    then; from its release on the award's amount and lines have it."""

    __tablename__ = "addition"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_above_nothing"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'released', 'accepted') OR decided_at IS NOT NULL",
            name="decided_at_when_decided",
        ),
        sa.CheckConstraint(
            "state NOT IN ('released', 'accepted', 'declined', 'lapsed')"
            " OR released_at IS NOT NULL",
            name="released_at_when_released",
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR recommended_by <> decided_by",
            name="recommender_is_not_approver",
        ),
        sa.Index("ix_addition_award_id_state", "award_id", "state"),
        sa.Index(
            "ix_addition_one_at_a_time",
            "proposed_project_id",
            unique=True,
            sqlite_where=_is_open,
            postgresql_where=_is_open,
        ),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    proposed_project_id: Mapped[int] = mapped_column(sa.ForeignKey("proposed_project.id"))
    budget_strand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("budget_strand.id"))
    """The strand of the pot that gives it; null where none does."""
    state: Mapped[AdditionState] = mapped_column(one_of(AdditionState, "state"))
    amount: Mapped[Pence]
    reason: Mapped[Text] = mapped_column(default="")
    """Why it was in reserve: why it is in part, or out again where it is not taken up."""
    departure: Mapped[Text] = mapped_column(default="")
    """Why others were passed by: for the minute, never told to the applicant."""
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """What an approval is bound to."""
    recommended_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    recommended_at: Mapped[dt.datetime]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[dt.datetime | None]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    released_at: Mapped[dt.datetime | None]
    accept_by: Mapped[dt.date | None]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}
