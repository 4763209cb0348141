"""People, what they may be where, and their sign-ins."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Name, Pence, Text, one_of
from grants.models.organisation import Organisation
from grants.rules.people import Role, Seat


class Person(Model):
    """Someone with a sign-in."""

    __tablename__ = "person"
    id: Mapped[Id]
    key: Mapped[Key]
    name: Mapped[Name]
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)
    """Lower case."""
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    """Argon2id; null until the invitation is taken up."""
    totp_secret: Mapped[str | None] = mapped_column(sa.String(64))
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The last thirty-second step that was used, so that a code works once."""
    disabled_at: Mapped[dt.datetime | None]
    rehearsal_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("rehearsal.id", use_alter=True, name="fk_person_rehearsal_id_rehearsal"),
        index=True,
    )
    """The rehearsal that it belongs to: kept apart, and never counted."""
    created_at: Mapped[dt.datetime]
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="person", foreign_keys="Membership.person_id", lazy="raise"
    )


class Membership(Model):
    """A person's role in an organisation, for one fund or (null) for all."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.Index("ix_membership_person_id_role", "person_id", "role"),
        sa.Index("ix_membership_organisation_id", "organisation_id"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    fund: Mapped[str | None] = mapped_column(sa.String(60))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    granted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Null where the system began with it."""
    person: Mapped[Person] = relationship(
        back_populates="memberships", foreign_keys=[person_id], lazy="raise"
    )
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class ChangeKind(enum.StrEnum):
    ROLE = "role"
    SECOND_FACTOR = "second-factor"


class PendingChange(Model):
    """What one administrator asked for a person and another must confirm: a role, or a reset."""

    __tablename__ = "pending_change"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'role') = (role IS NOT NULL AND organisation_id IS NOT NULL)",
            name="role_has_its_place",
        ),
        sa.CheckConstraint("asked_by <> person_id", name="not_for_oneself"),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by <> asked_by AND decided_by <> person_id)"
            " OR NOT is_confirmed",
            name="confirmed_by_a_second",
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at_when_decided"
        ),
        sa.Index("ix_pending_change_person_id", "person_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[ChangeKind] = mapped_column(one_of(ChangeKind, "kind"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    fund: Mapped[str | None] = mapped_column(sa.String(60))
    role: Mapped[Role | None] = mapped_column(one_of(Role, "role"))
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    reason: Mapped[Text] = mapped_column(default="")
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who confirmed or turned it down; null while it waits."""
    decided_at: Mapped[dt.datetime | None]
    is_confirmed: Mapped[bool] = mapped_column(default=False)


class PanelSeat(Model):
    """A seat in one round's panel."""

    __tablename__ = "panel_seat"
    __table_args__ = (sa.UniqueConstraint("round_id", "person_id", "seat"),)
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    seat: Mapped[Seat] = mapped_column(one_of(Seat, "seat"))


class Delegation(Model):
    """Written authority to approve: who, whose money, which fund and year, how much at once and in
    all."""

    __tablename__ = "delegation"
    __table_args__ = (
        sa.CheckConstraint("most_per_award > 0", name="most_per_award_positive"),
        sa.CheckConstraint("used >= 0 AND used <= most_in_all", name="used_within_all"),
        sa.Index("ix_delegation_person_id_fund", "person_id", "fund", "financial_year"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    """Whose rounds it covers. Null covers nobody's: it was given before this was asked."""
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    fund: Mapped[Code]
    financial_year: Mapped[Code]
    most_per_award: Mapped[Pence]
    most_in_all: Mapped[Pence]
    used: Mapped[Pence] = mapped_column(default=0)
    """What has been approved under it so far."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    granted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class SignInSession(Model):
    """One sign-in on one browser. The cookie holds a random id; this keeps its SHA-256."""

    __tablename__ = "sign_in_session"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    """Written at most every five minutes."""
    second_factor_at: Mapped[dt.datetime | None]
    confirmed_at: Mapped[dt.datetime | None]
    """When the person showed once more who they are; null until then."""
    ended_at: Mapped[dt.datetime | None]
    plays_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """The part of a rehearsal that this person plays just now."""
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class SignInAttempt(Model):
    """A try at something that must not be guessed. Counted by what it was aimed at."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index("ix_sign_in_attempt_kind_subject_at", "kind", "subject", "at"),)
    id: Mapped[Id]
    kind: Mapped[Code]
    subject: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the e-mail or the address: never the thing itself."""
    at: Mapped[dt.datetime]


class OneTimeLink(Model):
    """A link sent by e-mail that works once: an invitation or a new password."""

    __tablename__ = "one_time_link"
    id: Mapped[Id]
    purpose: Mapped[Code]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
