"""A strip of dots as geometry: every score that was given, one dot each, above a scale of scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STEP, DOT, GAP = 36, 4, 10  # width of one score on the scale; a dot's radius; between two dots
ACROSS, UP = 3, 4  # dots beside and above one another before they become one with a number
MANY = ACROSS * UP
BIG = 13  # radius of the one with a number
SCALE = 20  # height of the scale with its numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One score, or many of the same as one with their number in it."""

    x: float
    y: float
    radius: int
    text: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One score of the scale; boxed where it is what was agreed."""

    mark: int
    x: float
    y: float
    is_agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DotStrip:
    """The dots above their scale, and the same in words."""

    title: str
    width: int
    height: int
    floor: int
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]


def dot_strip(
    tally: Iterable[tuple[int, int]],
    scale: tuple[int, int],
    *,
    own: int | None = None,
    agreed: int | None = None,
) -> DotStrip:
    """A dot for each score of the tally (score, how many gave it) on a scale (lowest, highest)."""
    tally = tuple(tally)
    lowest, highest = scale
    tallest = max((count for _, count in tally), default=0)
    rows = (
        3 if tallest > MANY else max(1, -(-tallest // ACROSS))
    )  # three rows are as high as a big dot
    floor = rows * GAP + DOT
    dots = [
        dot
        for mark, count in tally
        for dot in _dots((mark - lowest + 0.5) * STEP, floor, count, has_own=mark == own)
    ]
    return DotStrip(
        title=_words(tally, own, agreed),
        width=(highest - lowest + 1) * STEP,
        height=floor + SCALE,
        floor=floor,
        dots=tuple(dots),
        ticks=tuple(
            Tick(
                mark=mark,
                x=(mark - lowest + 0.5) * STEP,
                y=floor + SCALE - 5,
                is_agreed=mark == agreed,
            )
            for mark in range(lowest, highest + 1)
        ),
    )


def _dots(x: float, floor: int, count: int, *, has_own: bool) -> list[Dot]:
    if count > MANY:
        big = Dot(x=x, y=floor - BIG - 2, radius=BIG, text=str(count), is_own=has_own)
        return [big]
    across = min(count, ACROSS)
    return [
        Dot(
            x=x + (place % ACROSS - (across - 1) / 2) * GAP,
            y=floor - GAP / 2 - 1 - place // ACROSS * GAP,
            radius=DOT,
            is_own=has_own and place == 0,
        )
        for place in range(count)
    ]


def _words(tally: tuple[tuple[int, int], ...], own: int | None, agreed: int | None) -> str:
    given = ", ".join(f"{mark} from {count}" for mark, count in tally) or "none yet"
    said = [f"Scores given: {given}"]
    if own is not None:
        said.append(f"yours {own}")
    if agreed is not None:
        said.append(f"agreed {agreed}")
    return "; ".join(said) + "."
