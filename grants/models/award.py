"""Awards: the outcome of an application, in a row of its own that applicants do not see early."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.application import Application
from grants.models.columns import Code, Id, Key, Pence, Reference, Text, one_of
from grants.rules.states import AwardState


class Award(Model):
    """What one application is given: its decided projects and the partnership's own costs."""

    __tablename__ = "award"
    __table_args__ = (
        sa.CheckConstraint("own_costs >= 0", name="own_costs_not_negative"),
        sa.CheckConstraint("amount >= own_costs", name="amount_covers_own_costs"),
        sa.CheckConstraint("onward >= 0 AND onward <= amount", name="projects_within_award"),
        sa.CheckConstraint(
            "local_pots >= 0 AND own_costs + onward + local_pots <= amount",
            name="local_pots_within_award",
        ),
        sa.CheckConstraint(
            "recovered >= 0 AND onward + local_pots + recovered <= amount",
            name="recovered_within_award",
        ),
        sa.CheckConstraint(
            "(state = 'none') = (recommended_by IS NULL)", name="recommended_by_somebody"
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'released', 'accepted', 'closed') OR decided_at IS NOT NULL",
            name="decided_at_when_decided",
        ),
        sa.CheckConstraint(
            "state NOT IN ('released', 'declined', 'accepted') OR released_at IS NOT NULL",
            name="released_at_when_released",
        ),
        sa.CheckConstraint(
            "recommended_by IS NULL OR decided_by IS NULL OR recommended_by <> decided_by",
            name="recommender_is_not_approver",
        ),
        sa.Index("ix_award_round_id_state", "round_id", "state"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    reference: Mapped[Reference]
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    allocation_area_id: Mapped[int] = mapped_column(sa.ForeignKey("allocation_area.id"), index=True)
    state: Mapped[AwardState] = mapped_column(one_of(AwardState, "state"), default=AwardState.NONE)
    is_award: Mapped[bool] = mapped_column(default=True)
    """Whether an award is recommended; otherwise a refusal is."""
    own_costs: Mapped[Pence] = mapped_column(default=0)
    amount: Mapped[Pence] = mapped_column(default=0)
    onward: Mapped[Pence] = mapped_column(default=0)
    """The sum of the projects funded from it, through its local rounds too, less what came back."""
    local_pots: Mapped[Pence] = mapped_column(default=0, server_default="0")
    """What its local rounds hold and have not passed on to projects yet."""
    recovered: Mapped[Pence] = mapped_column(default=0, server_default="0")
    """What came back of it to its round, from its projects or never passed on."""
    reason: Mapped[Text] = mapped_column(default="")
    feedback: Mapped[Text] = mapped_column(default="")
    """Released to the applicant together with the outcome."""
    departure: Mapped[Text] = mapped_column(default="", server_default="")
    """Why it goes against rank or a minimum: for the minute, never told to the applicant."""
    recommended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    recommended_at: Mapped[dt.datetime | None]
    recommended_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    """Of amount, lines and conditions: what an approval is bound to."""
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """The last approver, or who refused."""
    decided_at: Mapped[dt.datetime | None]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    released_at: Mapped[dt.datetime | None]
    accept_by: Mapped[dt.date | None]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """The signatory who accepted or declined."""
    answered_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    application: Mapped[Application] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class AwardYear(Model):
    """An award's amount in one financial year."""

    __tablename__ = "award_year"
    __table_args__ = (
        sa.UniqueConstraint("award_id", "financial_year"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
    )
    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    financial_year: Mapped[Code]
    amount: Mapped[Pence]


class AwardStrand(Model):
    """What of an award comes from one strand of the pot."""

    __tablename__ = "award_strand"
    __table_args__ = (
        sa.UniqueConstraint("award_id", "budget_strand_id"),
        sa.CheckConstraint("amount > 0", name="amount_above_nothing"),
        sa.Index("ix_award_strand_budget_strand_id", "budget_strand_id"),
    )
    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    budget_strand_id: Mapped[int] = mapped_column(sa.ForeignKey("budget_strand.id"))
    amount: Mapped[Pence]


class AwardCondition(Model):
    """A special condition, with what shows that it is met."""

    __tablename__ = "award_condition"
    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"), index=True)
    place: Mapped[int]
    text: Mapped[Text]
    due_on: Mapped[dt.date | None]
    evidence: Mapped[Text] = mapped_column(default="")


class Approval(Model):
    """One person's approval of one recommendation. An edit voids it."""

    __tablename__ = "approval"
    __table_args__ = (
        sa.UniqueConstraint("award_id", "person_id", "sha256"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
    )
    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    addition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("addition.id"))
    """The project that joins the award later, where it is that which was approved."""
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegation.id"))
    amount: Mapped[Pence]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    approved_at: Mapped[dt.datetime]
    voided_at: Mapped[dt.datetime | None]
