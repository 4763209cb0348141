"""What a funding line is drawn through: applications in rank, and their lines. Values only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from grants.rules.funding_line import Bid
from grants.rules.states import ApplicationState, AwardState

Codes = tuple[tuple[str, str], ...]  # (kind, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine:
    """A proposed project, or the whole of an application that has none. Pence."""

    row: str
    title: str
    group: str
    asked: int
    smallest: int
    is_advised_against: bool
    strand: str  # of the pot, by its key; empty where it has none
    codes: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An application with its place in rank by the chosen measure. Pence."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    strand: str  # of the whole application
    state: ApplicationState
    award_key: uuid.UUID | None
    award: AwardState
    amount: int
    asked: int
    own_asked: int
    total: Decimal | None  # the plain mean
    score: Decimal | None  # by the chosen measure
    error: Decimal | None
    readings: int
    below: tuple[str, ...]
    rank: int | None
    is_tied: bool
    is_first: bool | None  # no earlier award on record; None where that is not known
    lines: tuple[CandidateLine, ...]
    bid: Bid = field(repr=False, compare=False)  # the same, as the line sees it

    @property
    def is_open(self) -> bool:
        """Whether a line may still be drawn through it."""
        return self.award in {AwardState.NONE, AwardState.RECOMMENDED} and self.rank is not None


Entry = tuple[tuple[str, str], Candidate, CandidateLine]  # the first is where its decision stands


@dataclass(frozen=True, slots=True)
class Candidates:
    """All of a round in rank, line by line too, and why they are not in the order asked for, if so."""

    listed: tuple[Candidate, ...]
    entries: tuple[Entry, ...]
    why_not: str = ""
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What a page works out of it once, by what is looked at."""
