"""The audit trail, for those who may read it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.models.audit import AuditEntry
from grants.queries import paging
from grants.queries.paging import Page
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One act: who, when, what, the old and the new value."""

    id: int
    at: dt.datetime
    person: str
    action: str
    thing: str
    reference: str
    before: str
    after: str
    reason: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a reader looks for; empty means anything."""

    reference: str = ""
    action: str = ""
    person: str = ""


def entries(actor: Actor, search: Search, number: int) -> Page[EntryRow]:
    """The latest acts first. Two statements."""
    statement = (
        sa.select(AuditEntry)
        .where(visible(actor, Action.READ_AUDIT))
        .order_by(AuditEntry.id.desc())
    )
    if search.reference:
        statement = statement.where(
            AuditEntry.reference.icontains(search.reference, autoescape=True)
        )
    if search.action:
        statement = statement.where(AuditEntry.action == search.action)
    if search.person:
        statement = statement.where(
            AuditEntry.person_name.icontains(search.person, autoescape=True)
        )
    page = paging.fetch(statement, number)
    return Page(tuple(_row(row[0]) for row in page.rows), page.total, page.number)


def _row(entry: AuditEntry) -> EntryRow:
    return EntryRow(
        id=entry.id,
        at=entry.at,
        person=entry.person_name,
        action=entry.action,
        thing=entry.thing_type,
        reference=entry.reference,
        before=_text(entry.before),
        after=_text(entry.after),
        reason=entry.reason,
        hash=entry.hash,
    )


def _text(values: dict[str, Any] | None) -> str:
    """Values as lines "name: value"."""
    return "\n".join(
        f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in (values or {}).items()
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"\n– {name}: {_plain(one)}" for name, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
