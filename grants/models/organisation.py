"""Organisations: any body that funds or applies."""

from __future__ import annotations

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


class OrganisationArea(Model):
    """A council area that an organisation works in."""

    __tablename__ = "organisation_area"
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    area_code: Mapped[Code] = mapped_column(primary_key=True)
