"""A volunteer's own log: hours, training and expenses; and the fund's word on an expense."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.round import Round
from grants.models.volunteering import VolunteerEntry
from grants.queries.volunteering import bids_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.rules.volunteering import Kind, unfit
from grants.services import access
from grants.services.access import NO_SUCH
from grants.services.transaction import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line as it was typed. ``key`` is made with the form."""

    key: uuid.UUID
    kind: Kind
    day: dt.date
    minutes: int | None = None
    amount: Pence | None = None
    note: str = ""
    bid: uuid.UUID | None = None  # the application that was read


def note(actor: Actor, round_key: uuid.UUID, entry: Entry, *, now: dt.datetime) -> None:
    """Write one line into one's own log. The same form sent twice writes once. Raises Blocked."""
    with transaction():
        record = access.round_(actor, round_key, Action.LOG_TIME, lock=True)
        reasons = unfit(
            entry.kind,
            entry.day,
            minutes=entry.minutes,
            amount=entry.amount,
            note=entry.note,
            today=dates.today(now),
        )
        if reasons:
            raise Blocked(*reasons)
        known = db.session.scalar(sa.select(VolunteerEntry).where(VolunteerEntry.key == entry.key))
        if known is not None and _is_same(known, actor, entry):
            return
        db.session.add(
            VolunteerEntry(
                key=entry.key if known is None else uuid.uuid4(),  # typed in another window
                round_id=record.id,
                person_id=actor.person_id,
                kind=entry.kind,
                application_id=_bid(actor, record, entry),
                day=entry.day,
                minutes=entry.minutes if entry.kind == Kind.TIME else None,
                amount=entry.amount if entry.kind == Kind.EXPENSE else None,
                note=entry.note.strip(),
                noted_at=now,
            )
        )


def take_out(actor: Actor, round_key: uuid.UUID, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Take out a line of one's own log; an expense that is approved stays."""
    with transaction():
        record = access.round_(actor, round_key, Action.LOG_TIME)
        found = _entry(record, key)
        if found is None or found.person_id != actor.person_id:
            return
        if found.approved_at is not None:
            raise MoveNotAllowed("This expense has been approved, so it stays.")
        db.session.delete(found)
        audit.record(
            actor,
            "take-out-volunteer-entry",
            ("round", record.id, record.reference),
            now=now,
            before={"kind": found.kind, "minutes": found.minutes, "amount": found.amount},
        )


def approve(actor: Actor, round_key: uuid.UUID, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Approve an expense that a volunteer noted. Nobody approves their own; a second time nothing
    happens. Paying it happens elsewhere."""
    with transaction():
        record = access.round_(actor, round_key, Action.APPROVE_EXPENSE)
        found = _entry(record, key)
        if found is None or found.kind != Kind.EXPENSE:
            raise NotFound(NO_SUCH)
        if found.person_id == actor.person_id:
            raise Forbidden("Somebody else approves your own expenses.")
        if found.approved_at is not None:
            return
        found.approved_at, found.approved_by = now, actor.person_id
        audit.record(
            actor,
            Action.APPROVE_EXPENSE,
            ("round", record.id, record.reference),
            now=now,
            after={"amount": found.amount, "what": found.note},
        )


def _is_same(known: VolunteerEntry, actor: Actor, entry: Entry) -> bool:
    """Whether this is the same line sent twice."""
    there = (known.person_id, known.kind, known.day, known.minutes, known.amount, known.note)
    minutes = entry.minutes if entry.kind == Kind.TIME else None
    amount = entry.amount if entry.kind == Kind.EXPENSE else None
    return there == (actor.person_id, entry.kind, entry.day, minutes, amount, entry.note.strip())


def _entry(record: Round, key: uuid.UUID) -> VolunteerEntry | None:
    found: VolunteerEntry | None = db.session.scalar(
        sa.select(VolunteerEntry)
        .where(VolunteerEntry.key == key, VolunteerEntry.round_id == record.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


def _bid(actor: Actor, record: Round, entry: Entry) -> int | None:
    """The application that was read: one that this person has declared."""
    if entry.bid is None or entry.kind != Kind.TIME:
        return None
    if entry.bid not in {key for key, _ in bids_of(actor, record.key)}:
        raise Blocked(Reason("Choose one of the applications that you read.", "bid"))
    return db.session.scalars(sa.select(Application.id).where(Application.key == entry.bid)).one()
