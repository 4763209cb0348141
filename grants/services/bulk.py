"""Deciding on many recommendations at once: what would happen, then each for itself, with its fault.

The preview is the thing itself, done and taken back. Each decision is a transaction of its own, so
that one which cannot be made does not keep the others from being made.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from grants.extensions import db
from grants.queries.outcomes import AwaitingRow, awaiting
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Refusal
from grants.services import decide
from grants.services.transaction import transaction

MOST = 100  # decisions at once
NONE_CHOSEN = "Choose at least one."
TOO_MANY = f"Choose {MOST} at most."
GONE = "It has moved on since you opened the page, or it is not yours to decide."


@dataclass(frozen=True, slots=True)
class Choice:
    """A recommendation that was ticked, as the person saw it."""

    key: uuid.UUID
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became, or would become, of one choice. ``failure`` says why nothing did."""

    row: AwaitingRow | None
    is_done: bool = False  # approved or refused; otherwise one more person must approve
    failure: str = ""


class _TakenBack(Exception):
    """The preview is over; nothing of it is kept."""


def rehearse(
    actor: Actor, round_key: uuid.UUID, choices: Sequence[Choice], *, now: dt.datetime
) -> tuple[Step, ...]:
    """What deciding on these would do, in this order, and which cannot be. Nothing is kept of it."""
    steps: list[Step] = []
    rows = _rows(actor, round_key, choices)
    try:
        with transaction():
            steps.extend(_tried(actor, rows, choice, now) for choice in choices)
            _take_back()
    except _TakenBack:
        pass
    return tuple(steps)


def decide_all(
    actor: Actor, round_key: uuid.UUID, choices: Sequence[Choice], *, now: dt.datetime
) -> tuple[Step, ...]:
    """Approve what is recommended as an award and confirm what is recommended as a refusal.

    Done twice it is done once: what is decided already is told as done by whoever decided it.
    """
    rows = _rows(actor, round_key, choices)
    return tuple(_decided(actor, rows, choice, now) for choice in choices)


def _rows(
    actor: Actor, round_key: uuid.UUID, choices: Sequence[Choice]
) -> dict[uuid.UUID, AwaitingRow]:
    if not choices:
        raise Blocked(NONE_CHOSEN)
    if len(choices) > MOST:
        raise Blocked(TOO_MANY)
    return {row.key: row for row in awaiting(actor, round_key).rows}


def _tried(
    actor: Actor, rows: dict[uuid.UUID, AwaitingRow], choice: Choice, now: dt.datetime
) -> Step:
    """One decision inside a savepoint: what a refused one wrote is gone before the next."""
    point = db.session.begin_nested()
    step = _decided(actor, rows, choice, now)
    if step.failure:
        point.rollback()
    else:
        point.commit()
    return step


def _decided(
    actor: Actor, rows: dict[uuid.UUID, AwaitingRow], choice: Choice, now: dt.datetime
) -> Step:
    row = rows.get(choice.key)
    if row is None:
        return Step(row=None, failure=GONE)
    try:
        if row.is_award:
            is_done = decide.approve(actor, choice.key, seen=choice.seen, now=now)
            return Step(row=row, is_done=is_done)
        decide.refuse(actor, choice.key, reason=row.reason, seen=choice.seen, now=now)
    except Refusal as refusal:
        return Step(row=row, failure=str(refusal))
    return Step(row=row, is_done=True)


def _take_back() -> None:
    raise _TakenBack
