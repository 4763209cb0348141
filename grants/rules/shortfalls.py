"""Why an application is short of readers: how many are kept from it, how many are full, who knows its area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An application without all that was wanted for it. Readers are counted as they would be then."""

    application: int
    wanted: int  # readers
    found: int
    lacks_seat: bool  # a seat kept for lived experience is not filled by somebody who sits in one
    kept: int  # by an interest, or because they hand it out
    full: int  # they may read it, do not yet, and hold as many as they may
    local: int  # without an interest, and they know its area
    lived: int  # sit for lived experience, all of them
    lived_kept: int
    lived_full: int

    @property
    def is_short(self) -> bool:
        """Whether there are too few readers, not only the wrong ones."""
        return self.found < self.wanted


def reasons(gap: Gap, area: str) -> tuple[str, ...]:
    """What stands in the way, in sentences."""
    said = [*_of_readers(gap, area)] if gap.is_short else []
    return (*said, *(_of_seats(gap) if gap.lacks_seat else ()))


def _of_readers(gap: Gap, area: str) -> Iterator[str]:
    if gap.full:
        yield f"Load: {_who(gap.full)} may read it, and {_holds(gap.full)} as many as allowed."
    if gap.kept:
        yield f"Kept from it: {_who(gap.kept)}, by an interest or as who hands it out."
    if not gap.full and not gap.kept:
        yield "Too few: there are no other assessors."
    if not gap.local:
        yield f"Area: nobody without an interest knows {area}."


def _of_seats(gap: Gap) -> Iterator[str]:
    if not gap.lived:
        yield "Lived experience: nobody sits in such a seat."
        return
    if gap.lived_full:
        many = gap.lived_full
        yield f"Lived experience: {_who(many)} may read it, and {_holds(many)} as many as allowed."
    if gap.lived_kept:
        many = gap.lived_kept
        yield f"Lived experience: {_who(many)} kept from it by an interest."
    if not gap.lived_full and not gap.lived_kept:
        yield "Lived experience: its readers are given already, or too few sit in such a seat."


def _who(count: int) -> str:
    return f"{count:,} {'assessor' if count == 1 else 'assessors'}"


def _holds(count: int) -> str:
    return "holds" if count == 1 else "hold"
