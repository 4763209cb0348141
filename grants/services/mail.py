"""Empties the outbox: each message is claimed, sent, and marked with what became of it.

queued → sending → sent, or queued again after a pause, or failed. Cut while it was handed over, it is
unknown: it is tried once more (unknown, with a time), then shown to staff (unknown, without one).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.config import Settings
from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.notifications import sender
from grants.notifications.sender import BROKEN, Answer, Line, Mail, Outcome
from grants.rules.states import MessageState
from grants.services.transaction import transaction
from grants.storage.store import files

BATCH = 50  # messages at one look: more wait for the next
MOST_TRIES = 8
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=4)
SENDING_FOR = dt.timedelta(minutes=5)  # after this, whoever was sending it is taken for dead
NO_FILE = "The file that belongs to this message cannot be read."


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in one sender's hands. ``is_second`` means that it may have arrived before."""

    id: int
    attempts: int
    is_second: bool
    mail: Mail
    file: tuple[str, str] | None  # storage key and the name shown


def deliver(settings: Settings, *, now: dt.datetime) -> Counter[Outcome]:
    """Send what is due and count what became of it. Without a mail server all of it stays queued."""
    counted: Counter[Outcome] = Counter()
    if not settings.smtp_host:
        return counted
    _take_for_cut(now)
    waiting = list(db.session.scalars(_due(now).limit(BATCH)))
    if not waiting:
        return counted
    try:
        with sender.line(settings) as line:
            for message_id in waiting:
                held = _claim(message_id, settings, now) if line.is_open else None
                if held is not None:
                    answer = _send(held, line)
                    _mark(held, answer, now)
                    counted[answer.outcome] += 1
    except sender.Unreachable as gone:
        _postpone(waiting, str(gone), now)
        counted[Outcome.LATER] += len(waiting)
    return counted


def _due(now: dt.datetime) -> sa.Select[int]:
    state, next_try = OutboxMessage.state, OutboxMessage.next_try_at
    first = sa.and_(state == MessageState.QUEUED, sa.or_(next_try.is_(None), next_try <= now))
    second = sa.and_(state == MessageState.UNKNOWN, next_try <= now)
    outside = OutboxMessage.rehearsal_id.is_(None)  # a rehearsal's mail never leaves the house
    return (
        sa.select(OutboxMessage.id).where(outside, sa.or_(first, second)).order_by(OutboxMessage.id)
    )


def _claim(message_id: int, settings: Settings, now: dt.datetime) -> Claim | None:
    """Take the message, or None when somebody else has it. One that may have arrived stays unknown."""
    with transaction():
        was = db.session.scalar(
            sa.select(OutboxMessage.state)
            .where(OutboxMessage.id == message_id, OutboxMessage.id.in_(_due(now)))
            .with_for_update()
        )
        if was is None:
            return None
        is_second = was == MessageState.UNKNOWN
        row = db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(
                state=was if is_second else MessageState.SENDING,
                attempts=OutboxMessage.attempts + 1,
                next_try_at=None if is_second else now + SENDING_FOR,
            )
            .returning(*_COLUMNS)
            .execution_options(synchronize_session=False)
        ).one()
    mail = Mail(
        message_id=row.message_id,
        sender=settings.mail_from,
        recipient=row.recipient,
        subject=row.subject,
        body=row.body,
        at=row.queued_at,
    )
    file = (row.attachment_key, row.attachment_name or "letter.pdf") if row.attachment_key else None
    return Claim(message_id, row.attempts, is_second, mail, file)


_COLUMNS = (
    OutboxMessage.message_id,
    OutboxMessage.recipient,
    OutboxMessage.subject,
    OutboxMessage.body,
    OutboxMessage.queued_at,
    OutboxMessage.attempts,
    OutboxMessage.attachment_key,
    OutboxMessage.attachment_name,
)


def _send(held: Claim, line: Line) -> Answer:
    if held.file is None:
        return line.send(held.mail)
    key, name = held.file
    try:
        content = files.read(key)
    except (OSError, ValueError):
        return Answer(Outcome.LATER, NO_FILE)
    return line.send(held.mail, (name, content))


def _mark(held: Claim, answer: Answer, now: dt.datetime) -> None:
    """Say what became of a try, unless it was taken for dead and somebody else tried since."""
    after = _after_second(held, answer, now) if held.is_second else _after(held, answer, now)
    with transaction():
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == held.id, OutboxMessage.attempts == held.attempts)
            .values(fault=answer.fault, **after)
            .execution_options(synchronize_session=False)
        )


def _after(held: Claim, answer: Answer, now: dt.datetime) -> dict[str, Any]:
    if answer.outcome == Outcome.SENT:
        return {"state": MessageState.SENT, "sent_at": now, "next_try_at": None}
    if answer.outcome == Outcome.UNKNOWN:
        return {"state": MessageState.UNKNOWN, "next_try_at": now + _pause(held.attempts)}
    if answer.outcome == Outcome.NEVER or held.attempts >= MOST_TRIES:
        return {"state": MessageState.FAILED, "next_try_at": None}
    return {"state": MessageState.QUEUED, "next_try_at": now + _pause(held.attempts)}


def _after_second(held: Claim, answer: Answer, now: dt.datetime) -> dict[str, Any]:
    if answer.outcome == Outcome.SENT:
        return {"state": MessageState.SENT, "sent_at": now, "next_try_at": None}
    is_worth_it = answer.outcome == Outcome.LATER and held.attempts < MOST_TRIES
    return {"next_try_at": now + _pause(held.attempts) if is_worth_it else None}


def _pause(attempts: int) -> dt.timedelta:
    """A minute, then twice as long each time, four hours at most."""
    return min(FIRST_PAUSE * (1 << (attempts - 1)), LONGEST_PAUSE)


def _take_for_cut(now: dt.datetime) -> None:
    """A message that somebody began to send and never finished may have arrived."""
    left = sa.and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.next_try_at <= now)
    if not db.session.scalar(sa.select(sa.exists().where(left))):
        return
    with transaction():
        db.session.execute(
            sa.update(OutboxMessage)
            .where(left)
            .values(state=MessageState.UNKNOWN, next_try_at=now, fault=BROKEN)
            .execution_options(synchronize_session=False)
        )


def _postpone(waiting: list[int], fault: str, now: dt.datetime) -> None:
    """Nobody was there: wait a minute, and count no try."""
    with transaction():
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id.in_(waiting))
            .values(next_try_at=now + FIRST_PAUSE, fault=fault)
            .execution_options(synchronize_session=False)
        )
