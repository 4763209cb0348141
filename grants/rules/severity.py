"""Harsh and lenient readers: totals put right for who read what, with how sure that is.

Each score is taken as what the application merits, plus what its reader is apt to add, plus chance.
Both are found by least squares, the readers' parts adding up to nothing. Where the design cannot
tell a harsh reader from a weak application it refuses and says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

FEWEST = 3  # scores that a reader shares with others, below which nothing is said of them
SURE = 1.96  # standard errors on either side that hold 19 times in 20

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mark:
    """What one reader gave one application."""

    application: int
    reader: int
    value: float


@dataclass(frozen=True, slots=True)
class Merit:
    """One application: the plain mean, the adjusted score, and its standard error."""

    raw: float
    adjusted: float
    error: float
    readings: int

    @property
    def margin(self) -> float:
        """How far off it may be on either side, 19 times in 20."""
        return SURE * self.error


@dataclass(frozen=True, slots=True)
class Leaning:
    """One reader: below nought is harsh, above is lenient, against the mean of the readers."""

    effect: float
    error: float
    scores: int

    @property
    def margin(self) -> float:
        """How far off it may be on either side, 19 times in 20."""
        return SURE * self.error


@dataclass(frozen=True, slots=True)
class Severity:
    """What was worked out; with ``why_not`` nothing was. ``thin`` are the readers of too little."""

    why_not: str = ""
    thin: tuple[int, ...] = ()
    merits: Mapping[int, Merit] = field(default_factory=dict)
    readers: Mapping[int, Leaning] = field(default_factory=dict)
    scatter: float = 0.0  # the standard deviation of what is left to chance


def two_places(value: float) -> Decimal:
    """A figure as it is shown: with two decimals."""
    return Decimal(round(value * 100)).scaleb(-2)


def adjust(marks: Sequence[Mark]) -> Severity:
    """The adjusted score of every application and the leaning of every reader, or why not."""
    refusal = _refusal(marks)
    if refusal is not None:
        return refusal
    found = _Design(marks)
    return Severity(merits=found.merits(), readers=found.leanings(), scatter=found.scatter)


def _refusal(marks: Sequence[Mark]) -> Severity | None:
    if not marks:
        return Severity("No scores are in yet.")
    count = groups(marks)
    if count > 1:
        return Severity(
            f"The readers fall into {count} groups that share no application, so a harsh reader "
            "can’t be told from a weak application. An application read in both of two groups "
            "would join them."
        )
    thin = thin_readers(marks)
    if thin:
        return Severity(
            f"Some readers have fewer than {FEWEST} scores that another reader’s can be held "
            "against.",
            thin,
        )
    # Now scores are left over to tell chance from harshness, one and half as many as there are
    # readers at least: each reader shares three, and each shared application has two.
    return None


def groups(marks: Sequence[Mark]) -> int:
    """Into how many parts the readers and applications fall that have nothing in common."""
    leaders: dict[int, int] = {}
    of_application: dict[int, int] = {}

    def leader(reader: int) -> int:
        while leaders.setdefault(reader, reader) != reader:
            leaders[reader] = reader = leaders[leaders[reader]]
        return reader

    for mark in marks:
        first = of_application.setdefault(mark.application, mark.reader)
        leaders[leader(mark.reader)] = leader(first)
    return sum(leader(reader) == reader for reader in list(leaders))


def thin_readers(marks: Sequence[Mark]) -> tuple[int, ...]:
    """Readers with too few scores of applications that somebody else scored too."""
    readings = Counter(mark.application for mark in marks)
    shared = Counter(mark.reader for mark in marks if readings[mark.application] > 1)
    return tuple(sorted({mark.reader for mark in marks if shared[mark.reader] < FEWEST}))


class _Design:
    """The least squares themselves: the applications are taken out, so what is solved is as large
    as there are readers."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.values: Numbers = np.array([mark.value for mark in marks], dtype=np.float64)
        self.applications, self.of = _places([mark.application for mark in marks])
        self.people, self.by = _places([mark.reader for mark in marks])
        self.counts = np.bincount(self.of).astype(np.float64)
        self.raw: Numbers = np.bincount(self.of, self.values) / self.counts
        self.left, self.right = _pairs(self.of)
        self._solve()

    def _solve(self) -> None:
        size = len(self.people)
        shared = np.zeros((size, size))
        within = self.of[self.left]
        np.add.at(shared, (self.by[self.left], self.by[self.right]), 1 / self.counts[within])
        held = np.bincount(self.by, minlength=size).astype(np.float64)
        centred = self.values - self.raw[self.of]
        # The matrix has no inverse in the direction of all readers alike; that is tied to nought.
        tie = np.full((size, size), 1 / size)
        self.inverse: Numbers = np.linalg.inv(np.diag(held) - shared + tie) - tie
        self.effects: Numbers = self.inverse @ np.bincount(self.by, centred, minlength=size)
        self.held = held
        self.adjusted: Numbers = self.raw - (
            np.bincount(self.of, self.effects[self.by]) / self.counts
        )
        rest = self.values - self.adjusted[self.of] - self.effects[self.by]
        spare = len(self.values) - len(self.applications) - size + 1
        self.scatter = float(np.sqrt(rest @ rest / spare))

    def merits(self) -> dict[int, Merit]:
        """Every application."""
        within = self.of[self.left]
        shared = np.bincount(within, self.inverse[self.by[self.left], self.by[self.right]])
        errors = self.scatter * np.sqrt(1 / self.counts + shared / self.counts**2)
        columns = (self.applications, self.raw, self.adjusted, errors, self.counts)
        return {
            int(key): Merit(float(raw), float(adjusted), float(error), int(count))
            for key, raw, adjusted, error, count in zip(*columns, strict=True)
        }

    def leanings(self) -> dict[int, Leaning]:
        """Every reader."""
        errors = self.scatter * np.sqrt(np.maximum(np.diag(self.inverse), 0))
        columns = (self.people, self.effects, errors, self.held)
        return {
            int(key): Leaning(float(effect), float(error), int(count))
            for key, effect, error, count in zip(*columns, strict=True)
        }


def _places(keys: Sequence[int]) -> tuple[Places, Places]:
    """The different keys in order, and for each key its place among them."""
    distinct, places = np.unique(np.array(keys, dtype=np.int64), return_inverse=True)
    return distinct, places.reshape(-1)


def _pairs(of: Places) -> tuple[Places, Places]:
    """The places of all pairs of scores of the same application, each with itself included."""
    order = np.argsort(of, kind="stable")
    counts = np.bincount(of)
    firsts = np.cumsum(counts) - counts
    repeats = counts[of[order]]
    left = np.repeat(order, repeats)
    begins = np.repeat(firsts[of[order]], repeats)
    steps = np.arange(len(left)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return left, order[begins + steps]
