"""Look-ups in the registers that an administrator loaded. Never over the network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import Person
from grants.models.register import LoadedRegister, RegisteredBody
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.registers import Finding, Loaded, Register, packed


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """A register that is loaded, with who loaded it when."""

    register: Register
    source: str
    as_at: dt.date
    entries: int
    sha256: str
    loaded_at: dt.datetime
    loaded_by: str


def loads(actor: Actor) -> Mapping[Register, LoadRow]:
    """What is loaded, for administrators. One statement."""
    rows = db.session.execute(
        sa.select(LoadedRegister, Person.name)
        .outerjoin(Person, Person.id == LoadedRegister.loaded_by)
        .where(visible(actor, Action.MANAGE_ORGANISATIONS))
    )
    return {
        record.register: LoadRow(
            register=record.register,
            source=record.source,
            as_at=record.as_at,
            entries=record.entries,
            sha256=record.sha256,
            loaded_at=record.loaded_at,
            loaded_by=name or "a command",
        )
        for record, name in rows
    }


def look_up(actor: Actor, numbers: Mapping[Register, str]) -> dict[Register, Finding]:
    """What the registers say of these numbers, blank ones left out. Public knowledge: for whoever is
    signed in. One statement."""
    wanted = {register: packed(number) for register, number in numbers.items() if packed(number)}
    if not wanted or not actor.is_signed_in:
        return {}
    rows = db.session.execute(
        sa.select(LoadedRegister, RegisteredBody.name, RegisteredBody.status)
        .outerjoin(
            RegisteredBody,
            sa.and_(
                RegisteredBody.register == LoadedRegister.register,
                sa.or_(
                    *(
                        sa.and_(RegisteredBody.register == kind, RegisteredBody.number == number)
                        for kind, number in wanted.items()
                    )
                ),
            ),
        )
        .where(LoadedRegister.register.in_(sorted(wanted)))
    )
    found = {record.register: (record, name, status) for record, name, status in rows}
    return {
        kind: _finding(kind, number, *found.get(kind, (None, "", "")))
        for kind, number in wanted.items()
    }


def _finding(
    register: Register,
    number: str,
    record: LoadedRegister | None,
    name: str | None,
    status: str | None,
) -> Finding:
    if record is None:
        return Finding(register, number, None)
    loaded = Loaded(record.register, record.source, record.as_at, record.entries)
    return Finding(register, number, loaded, name or "", status or "")
