"""What a volunteer may note: kinds of lines, and what is wrong with one."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from grants.rules.money import Pence
from grants.rules.refusals import Reason

MOST_MINUTES = 24 * 60
MOST_AMOUNT = 1_000_000  # pence: more is a slip
LONGEST = 1_000
MOST_DAYS_BACK = 366


class Kind(StrEnum):
    TIME = "time"
    TRAINING = "training"
    EXPENSE = "expense"


def unfit(
    kind: Kind,
    day: dt.date,
    *,
    minutes: int | None,
    amount: Pence | None,
    note: str,
    today: dt.date,
) -> tuple[Reason, ...]:
    """Why a line cannot be noted, each with its field; nothing where it can."""
    reasons: list[Reason] = []
    if not today - dt.timedelta(days=MOST_DAYS_BACK) <= day <= today:
        reasons.append(Reason("Enter a day in the last year, up to today.", "day"))
    if kind == Kind.TIME and not 0 < (minutes or 0) <= MOST_MINUTES:
        reasons.append(Reason("Enter how long it took, up to 24 hours.", "hours"))
    if kind == Kind.EXPENSE and not 0 < (amount or 0) <= MOST_AMOUNT:
        reasons.append(Reason("Enter an amount above £0, up to £10,000.", "amount"))
    if kind != Kind.TIME and not note.strip():
        said = "Say what the training was." if kind == Kind.TRAINING else "Say what it was for."
        reasons.append(Reason(said, "note"))
    if len(note) > LONGEST:
        reasons.append(Reason(f"Write this in {LONGEST:,} characters or fewer.", "note"))
    return tuple(reasons)
