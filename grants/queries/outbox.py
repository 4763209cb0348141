"""The outbox, for administrators."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.queries import paging
from grants.queries.paging import Page
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import MessageState

LINK = re.compile(r"(?:/sign-in)?/links/[\w-]+(?:\?\S+)?")
SECRET = re.compile(r"(/links/)[\w-]+")
HIDDEN = r"\1(not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One line of the outbox."""

    key: uuid.UUID
    kind: str
    recipient: str
    subject: str
    state: MessageState
    queued_at: dt.datetime
    sent_at: dt.datetime | None
    attempts: int
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """One message in full. ``links`` are the addresses in it, where they may be shown."""

    row: MessageRow
    body: str
    links: tuple[str, ...]
    attachment: str


def messages(actor: Actor, *, state: str, search: str, number: int) -> Page[MessageRow]:
    """The latest messages first. Two statements."""
    statement = (
        sa.select(OutboxMessage)
        .where(visible(actor, Action.READ_OUTBOX), OutboxMessage.rehearsal_id.is_(None))
        .order_by(OutboxMessage.id.desc())
    )
    if state:
        statement = statement.where(OutboxMessage.state == state)
    if search:
        statement = statement.where(
            sa.or_(
                OutboxMessage.recipient.icontains(search, autoescape=True),
                OutboxMessage.subject.icontains(search, autoescape=True),
            )
        )
    page = paging.fetch(statement, number)
    return Page(tuple(_row(row[0]) for row in page.rows), page.total, page.number)


def message(actor: Actor, key: uuid.UUID, *, shows_links: bool) -> MessagePage:
    """One message. Links that let their holder in are shown in the demonstration alone."""
    record = db.session.scalar(
        sa.select(OutboxMessage).where(
            OutboxMessage.key == key,
            OutboxMessage.rehearsal_id.is_(None),
            visible(actor, Action.READ_OUTBOX),
        )
    )
    if record is None:
        raise NotFound("There is no such page.")
    body = record.body if shows_links else SECRET.sub(HIDDEN, record.body)
    return MessagePage(
        row=_row(record),
        body=body,
        links=tuple(found.group(0) for found in LINK.finditer(body)) if shows_links else (),
        attachment=record.attachment_name or "",
    )


def _row(record: OutboxMessage) -> MessageRow:
    return MessageRow(
        key=record.key,
        kind=record.kind.replace("_", " "),
        recipient=record.recipient,
        subject=record.subject,
        state=record.state,
        queued_at=record.queued_at,
        sent_at=record.sent_at,
        attempts=record.attempts,
        fault=record.fault,
    )
