"""Organisations: any body that funds or applies."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Name, Reference, Text, one_of


class OrganisationKind(enum.StrEnum):
    PROGRAMME = "programme"
    PARTNERSHIP = "partnership"
    COUNCIL = "council"
    GROUP = "group"


class Organisation(Model):
    """A body that funds or applies. What it is in a round follows from the round."""

    __tablename__ = "organisation"
    id: Mapped[Id]
    key: Mapped[Key]
    reference: Mapped[Reference]
    name: Mapped[Name] = mapped_column(index=True)
    kind: Mapped[OrganisationKind] = mapped_column(one_of(OrganisationKind, "kind"))
    is_fictional: Mapped[bool] = mapped_column(default=False)
    legal_form: Mapped[str | None] = mapped_column(sa.String(60))
    charity_number: Mapped[str | None] = mapped_column(sa.String(20))
    company_number: Mapped[str | None] = mapped_column(sa.String(20))
    """Kept apart from the charity number: the two look alike in Scotland."""
    address: Mapped[Text] = mapped_column(default="")
    postcode: Mapped[str | None] = mapped_column(sa.String(10))
    email: Mapped[str | None] = mapped_column(sa.String(320))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    rehearsal_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(
            "rehearsal.id", use_alter=True, name="fk_organisation_rehearsal_id_rehearsal"
        ),
        index=True,
    )
    """The rehearsal that it belongs to: kept apart, and never counted."""
    profile_version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts the times its people saved the profile, so that two do not overwrite each other."""
    profile_changed_at: Mapped[dt.datetime | None]
    profile_changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class OrganisationArea(Model):
    """A council area that an organisation works in."""

    __tablename__ = "organisation_area"
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    area_code: Mapped[Code] = mapped_column(primary_key=True)


class OrganisationPerson(Model):
    """An office-bearer or member of staff, as the organisation's profile names them. No sign-in."""

    __tablename__ = "organisation_person"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "place"),)
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    place: Mapped[int]
    """In the list, from 1. The first is the main contact."""
    name: Mapped[Text]
    role: Mapped[Text] = mapped_column(default="")


class OrganisationPartner(Model):
    """A body that the organisation usually works with: offered to each new application."""

    __tablename__ = "organisation_partner"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "place"),)
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    place: Mapped[int]
    name: Mapped[Text]
    partner_type: Mapped[str] = mapped_column(sa.String(60), default="")
    part: Mapped[Text] = mapped_column(default="")
