"""A panel's meeting: the order in which applications are taken, and the words of its minute."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


class Presence(enum.StrEnum):
    """Whether somebody was there."""

    EXPECTED = "expected"
    PRESENT = "present"
    APOLOGIES = "apologies"
    ABSENT = "absent"


class Outcome(enum.StrEnum):
    """What came of one application at a meeting."""

    WAITING = "waiting"
    SCORED = "scored"  # talked about and scores agreed, nothing recommended yet
    RECOMMENDED = "recommended"
    DEFERRED = "deferred"


class Why(enum.StrEnum):
    """Why an application is taken when it is."""

    LINE = "line"  # the line goes through it, or it stands in the grey zone
    APART = "apart"  # its readers are far apart
    RANK = "rank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the order of business is made from."""

    id: int
    reference: str
    area: str
    rank: int | None
    at_line: bool = False
    is_apart: bool = False

    @property
    def why(self) -> Why:
        """Which of the three groups it is taken in."""
        if self.at_line:
            return Why.LINE
        return Why.APART if self.is_apart else Why.RANK


GROUPS = tuple(Why)


def order(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Where the money ends first, then where readers are far apart, then by rank and area."""
    return tuple(
        sorted(
            standings,
            key=lambda one: (
                GROUPS.index(one.why),
                one.rank is None,
                one.rank or 0,
                one.area,
                one.reference,
            ),
        )
    )


def clock(text: str) -> str | None:
    """A time as 09:05; empty stays empty, what is no time is None."""
    if not text.strip():
        return ""
    found = TIME.fullmatch(text.strip())
    return f"{int(found[1]):02}:{found[2]}" if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """One who is of the meeting."""

    name: str
    presence: Presence
    arrived: str = ""
    went: str = ""

    @property
    def words(self) -> str:
        """The name, and when they came and went."""
        times = [
            *([f"from {self.arrived}"] if self.arrived else []),
            *([f"until {self.went}"] if self.went else []),
        ]
        return f"{self.name} ({', '.join(times)})" if times else self.name


def opening(
    *,
    held_on: dt.date,
    place: str,
    chair: str,
    secretary: str,
    quorum: int,
    people: Sequence[Attendance],
) -> str:
    """What the minute says before the first application."""
    there = [one for one in people if one.presence == Presence.PRESENT]
    lines = [
        f"Held on {held_on.day} {held_on:%B %Y} at {place}.",
        f"Chair: {chair}. Secretary: {secretary}.",
        _named("Present", there),
        _named("Apologies", [one for one in people if one.presence == Presence.APOLOGIES]),
        _named("Absent", [one for one in people if one.presence == Presence.ABSENT]),
        f"Quorum: {quorum}. "
        + ("There was a quorum." if len(there) >= quorum else "There was no quorum."),
    ]
    return "\n".join(line for line in lines if line)


def _named(label: str, people: Sequence[Attendance]) -> str:
    names = "; ".join(one.words for one in people)
    return f"{label}: {names or 'nobody'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was recorded of one application: each a finished sentence or nothing."""

    left: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    quorum: int = 0
    scores: tuple[str, ...] = ()
    moderated: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    departure: str = ""
    votes: str = ""
    note: str = ""


def minute_of(taken: Taken) -> str:
    """The minute of one application, a sentence or two a line."""
    lines = [f"{name} has a conflict of interest and left for this item." for name in taken.left]
    if len(taken.present) < taken.quorum:
        lines.append(f"With {len(taken.present)} in the room there was no quorum for this item.")
    lines += taken.scores
    lines += taken.moderated
    lines += taken.decision
    if taken.departure:
        lines.append(f"Departure from rank or a minimum: {taken.departure}")
    if taken.votes:
        lines.append(f"Votes: {taken.votes}")
    if taken.note:
        lines.append(taken.note)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One part of a minute. ``of`` is the application's id, 0 for what is about the meeting."""

    of: int
    title: str
    recorded: str
    corrected: str = ""

    @property
    def text(self) -> str:
        """What stands."""
        return self.corrected or self.recorded

    @property
    def kept(self) -> list[int | str]:
        """As it is frozen."""
        return [self.of, self.title, self.recorded, self.corrected]


def fingerprint(paragraphs: Iterable[Paragraph]) -> str:
    """SHA-256 of these paragraphs: of a copy that leaves some out it is another."""
    kept = [one.kept[1:] for one in paragraphs]
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
