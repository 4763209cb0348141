"""How applications are marked and ranked."""

from __future__ import annotations

from dataclasses import dataclass

TIES = ("heaviest", "asked", "lot")  # what can part equal totals: rules/scoring.py says how


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What one score means for one criterion."""

    score: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What is marked. Weights of a fund's criteria add up to 100."""

    key: str
    title: str
    weight: int
    guidance: str
    minimum: int | None = None  # the lowest score that is still fundable
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How marks add up and when a difference is worth talking about."""

    scheme: str  # name of a function in rules/scoring.py
    lowest: int
    highest: int
    readers: int  # assessors per application
    criterion_spread: int  # flag when any criterion differs by this or more
    total_spread: int  # flag when totals (of 100) differ by this or more
    source: str
    status: str
    criteria: tuple[Criterion, ...] = ()
    ties: tuple[str, ...] = (
        "heaviest",
        "lot",
    )  # what parts equal totals, in turn: rules/scoring.py
