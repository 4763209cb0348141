"""How much can be asked for, and the parts that a pot is split into. Pence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A size of grant that can be asked for, in pence, and what is asked at that size, in words."""

    key: str
    title: str
    least: int = 0
    most: int
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most that can be asked for, in pence, after one of these answers; and the sentence for more."""

    key: str
    question: str
    values: tuple[str, ...]
    most: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """A part of the pot, in pence, for applications or projects with one of these answers."""

    key: str
    title: str
    amount: int
    values: tuple[str, ...]
