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


def shares(
    lines: Iterable[tuple[Iterable[str], Pence, Pence]], labels: Sequence[str] = ()
) -> tuple[Share, ...]:
    """(kinds, asked, given) of each line, summed by kind: those named first, in order, then A to Z."""
    sums: dict[str, list[int]] = {label: [0, 0, 0, 0] for label in labels}
    for kinds, asked, given in lines:
        for kind in kinds:
            tally = sums.setdefault(kind, [0, 0, 0, 0])
            tally[0] += asked
            tally[1] += given
            tally[2] += 1
            tally[3] += given > 0
    named = [label for label in labels if sums[label][2]]
    others = sorted(kind for kind in sums if kind not in set(labels))
    return tuple(Share(label, *sums[label]) for label in (*named, *others))
