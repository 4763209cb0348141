"""Registers of charities and companies, as an administrator loaded them. Nothing asks the network."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Name, Text, one_of
from grants.rules.registers import Register


class LoadedRegister(Model):
    """The load that is in force. A newer one takes its place."""

    __tablename__ = "loaded_register"
    register: Mapped[Register] = mapped_column(one_of(Register, "register"), primary_key=True)
    source: Mapped[Text]
    """Where the file came from, in the administrator's words."""
    as_at: Mapped[dt.date]
    """The day the file speaks of."""
    entries: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    loaded_at: Mapped[dt.datetime]
    loaded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Null where it was loaded by a command."""


class RegisteredBody(Model):
    """One number of a register."""

    __tablename__ = "registered_body"
    __table_args__ = (sa.UniqueConstraint("register", "number"),)
    id: Mapped[Id]
    register: Mapped[Register] = mapped_column(one_of(Register, "register"))
    number: Mapped[Code]
    name: Mapped[Name]
    status: Mapped[str] = mapped_column(sa.String(100), default="")


class RegisterLine(Model):
    """A line of a file that is being loaded: nobody looks here. Cleared when the load is whole."""

    __tablename__ = "register_line"
    id: Mapped[Id]
    load: Mapped[str] = mapped_column(sa.String(32), index=True)
    number: Mapped[Code]
    name: Mapped[Name]
    status: Mapped[str] = mapped_column(sa.String(100), default="")
