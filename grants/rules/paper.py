"""Scores that came on paper: who holds what was typed against the sheets, and what is in the way."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping
from enum import StrEnum

from grants.rules import dates
from grants.rules.refusals import Reason

MOST_SCANS = 10
ON_THE_PAGE = "{name} has written on the page themselves, so they finish their scores there."
OWN_TYPING = "You typed these scores, so a colleague confirms them."
OWES_SAMPLES = "{name} has not scored the samples of this round yet, which comes first."
ASSESSOR_CHECKS = "{name} checks these scores and sends them."
NOT_TYPED_YET = "These scores are still being typed."
NO_SCAN = "Attach the scanned sheets: a colleague confirms against them."
SCAN_WAITS = "The scanned sheets are still being checked for viruses. Try again in a minute."


class Checker(StrEnum):
    """Who holds what was typed against the paper, and sends it."""

    ASSESSOR = "assessor"
    COLLEAGUE = "colleague"


CHECKERS = {
    Checker.ASSESSOR: "The assessor: they sign in, check it against their paper and send it",
    Checker.COLLEAGUE: "A colleague: the assessor does not use a computer",
}


def begin_faults(checker: str, received_on: dt.date | None, now: dt.datetime) -> tuple[Reason, ...]:
    """What is missing before typing begins."""
    faults = []
    if received_on is None:
        faults.append(Reason("Enter the day on which it reached you, such as 27 3 2027.", "day"))
    elif received_on > dates.today(now):
        faults.append(Reason("This day is still to come.", "day"))
    if checker not in set(Checker):
        faults.append(Reason("Choose who checks what you type.", "checker"))
    return tuple(faults)


def is_own_hand(texts: Mapping[str, str], typed: Collection[str]) -> bool:
    """Whether the assessor wrote any of this sheet on the page. ``typed`` are the fields of others."""
    return any(text and name not in typed for name, text in texts.items())


def seal(texts: Mapping[str, str], finished_at: dt.datetime | None) -> str:
    """The fingerprint of what a colleague reads before they confirm it."""
    said = json.dumps([sorted(texts.items()), finished_at and finished_at.timestamp()])
    return hashlib.sha256(said.encode()).hexdigest()[:32]
