"""Confirming an application before it is sent: by a second person who signs off, and by its partners."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from grants.funds.definition import Fills, Fund
from grants.rules.eligibility import Answers, filled_rows
from grants.rules.frozen import fingerprint


class Kind(StrEnum):
    """What is confirmed: the whole application, or one partner's part in it."""

    SIGN_OFF = "sign-off"
    PARTNER = "partner"


class Reply(StrEnum):
    """What was said. A request that was replaced or taken back is over, whatever was said."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent-back"
    OVER = "over"


class Standing(StrEnum):
    """How a request stands today."""

    NOT_ASKED = "not asked"
    ASKED = "asked"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    VOID = "void"  # confirmed, and changed since
    SENT_BACK = "sent back"


@dataclass(frozen=True, slots=True)
class Partner:
    """A row of the partners' table, with what its confirmation holds for."""

    row: str
    name: str
    sha256: str


def standing(
    reply: Reply, confirmed: str | None, today: str, expires_at: dt.datetime, now: dt.datetime
) -> Standing:
    """``confirmed`` is the fingerprint that was confirmed, ``today`` what stands there now."""
    if reply == Reply.CONFIRMED:
        return Standing.CONFIRMED if confirmed == today else Standing.VOID
    if reply == Reply.SENT_BACK:
        return Standing.SENT_BACK
    return Standing.ASKED if now < expires_at else Standing.EXPIRED


def partners(fund: Fund, answers: Answers) -> tuple[Partner, ...]:
    """Every partner that the application names."""
    table = fund.table(Fills.PARTNERS)
    if table is None:
        return ()
    found = []
    for number, row in enumerate(filled_rows(table, answers), start=1):
        cells = [[c.key, answers.get((f"{table.key}.{c.key}", row), "")] for c in table.columns]
        name = answers.get((f"{table.key}.name", row), "").strip()
        sha256 = fingerprint({"partner": cells})
        found.append(Partner(row, name or f"Partner {number}", sha256))
    return tuple(found)


def mailbox(email: str) -> str:
    """An e-mail as it is compared: what stands behind a plus sign leads to the same person."""
    name, _, place = email.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{place}"


def is_same_person(name: str, email: str, other_name: str, other_email: str) -> bool:
    """One person by mailbox, or by name: whoever sends is not whoever signs off."""
    return mailbox(email) == mailbox(other_email) or _folded(name) == _folded(other_name)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
