"""Around the funding line: the grey zone beside it, places in rank, and where the money goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grants.rules.money import Pence


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An application near a line. ``error`` is the standard error of its score, if one is known."""

    key: str
    scope: str  # the area, or whatever the line is drawn for
    score: Decimal | None
    error: Decimal | None = None


def grey_zone(items: Iterable[Scored], funded: Collection[str]) -> frozenset[str]:
    """Those that uncertainty alone could carry across the line.

    An application that is funded is grey when its score less its standard error is no better than
    the best that is not funded in the same scope; one that is not, when its score and its standard
    error reach the lowest that is. Without a standard error nothing is said.
    """
    listed = [item for item in items if item.score is not None]
    lowest: dict[str, Decimal] = {}
    highest: dict[str, Decimal] = {}
    for item in listed:
        score = item.score or Decimal(0)
        if item.key in funded:
            lowest[item.scope] = min(lowest.get(item.scope, score), score)
        else:
            highest[item.scope] = max(highest.get(item.scope, score), score)
    return frozenset(item.key for item in listed if _reaches(item, funded, lowest, highest))


def _reaches(
    item: Scored,
    funded: Collection[str],
    lowest: Mapping[str, Decimal],
    highest: Mapping[str, Decimal],
) -> bool:
    if item.error is None or item.score is None:
        return False
    if item.key in funded:
        return item.scope in highest and item.score - item.error <= highest[item.scope]
    return item.scope in lowest and item.score + item.error >= lowest[item.scope]


def places_within(keys: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Of (key, scope) in rank order, the place of each in its scope, from 1."""
    counted: dict[str, int] = {}
    places = {}
    for key, scope in keys:
        counted[scope] = counted.get(scope, 0) + 1
        places[key] = counted[scope]
    return places


@dataclass(frozen=True, slots=True)
class Share:
    """What goes to one kind of project. A project of several kinds counts in each in full."""

    label: str
    asked: Pence = 0
    given: Pence = 0
    listed: int = 0
    funded: int = 0


class Sums:
    """What is asked in each kind, added up once; what is given is added as often as a line moves."""

    def __init__(
        self,
        lines: Sequence[tuple[Collection[str], Pence]],
        labels: Sequence[str] = (),
    ) -> None:
        """(kinds, asked) of each line. ``labels`` are the kinds that are named first, in order."""
        self.kinds = [kinds for kinds, _ in lines]
        self.asked: dict[str, int] = {}
        self.listed: dict[str, int] = {}
        for kinds, asked in lines:
            for kind in kinds:
                self.asked[kind] = self.asked.get(kind, 0) + asked
                self.listed[kind] = self.listed.get(kind, 0) + 1
        named = [label for label in labels if label in self.listed]
        self.order = (*named, *sorted(self.listed.keys() - set(named)))

    def shares(self, given: Iterable[tuple[int, Pence]]) -> tuple[Share, ...]:
        """By kind: those named first, then A to Z. ``given`` are (place of a line, pence above 0)."""
        sums: dict[str, int] = {}
        funded: dict[str, int] = {}
        for place, amount in given:
            for kind in self.kinds[place]:
                sums[kind] = sums.get(kind, 0) + amount
                funded[kind] = funded.get(kind, 0) + 1
        return tuple(
            Share(
                kind,
                self.asked[kind],
                sums.get(kind, 0),
                self.listed[kind],
                funded.get(kind, 0),
            )
            for kind in self.order
        )
