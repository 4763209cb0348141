"""The minute of a meeting on the programme's paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grants.documents.paper import Block, Facts, Furniture, Heading, Words, render


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPart:
    """One part of a minute: what stands, and what was recorded first where it was corrected."""

    title: str
    text: str
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedMinute:
    """What the paper says. ``signed`` is empty for a draft."""

    fund_name: str
    funder: str
    round_reference: str
    held_on: str
    parts: tuple[PrintedPart, ...]
    signed: str
    sha256: str
    notice: str = ""


def minute_pdf(minute: PrintedMinute) -> bytes:
    """The tagged minute. The same values give the same bytes."""
    furniture = Furniture(
        sender=minute.fund_name,
        strapline=minute.funder,
        running=f"{minute.round_reference}: meeting of {minute.held_on}",
        footer=f"Fingerprint (SHA-256): {minute.sha256}",
        notice=minute.notice,
    )
    return render(f"Minute of the meeting of {minute.held_on}", _blocks(minute), furniture)


def _blocks(minute: PrintedMinute) -> Iterator[Block]:
    yield Heading(f"Minute of the meeting of {minute.held_on}", 1)
    yield Facts(
        (
            ("Round", minute.round_reference),
            ("Status", minute.signed or "Draft, not signed yet"),
            ("Fingerprint of this copy (SHA-256)", minute.sha256),
        )
    )
    for number, part in enumerate(minute.parts):
        yield Heading(f"{number}. {part.title}" if number else part.title)
        yield Words(part.text)
        if part.before:
            yield Words("Corrected. Recorded first:", "strong")
            yield Words(part.before, "quiet")
