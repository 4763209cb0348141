"""Weights, totals, spread, ranking and ties. Exact: fractions inside, two decimals outside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby

from grants.funds.definition import Criterion, Scoring

Score = int | Decimal | Fraction | None
Scores = Mapping[str, Score]  # by the criterion's key
HEAVIEST = "heaviest"  # the tie rule by which the higher mean of the heaviest criterion is first
ASKED = "asked"  # the tie rule by which whoever asks for less is first
LOT = "lot"  # the tie rule that draws by lot: the same lot each time for the same round

CENT = 100
TWO_PLACES = Decimal("0.01")


def heaviest_of(scoring: Scoring) -> Criterion:
    """The criterion with the greatest weight."""
    return max(scoring.criteria, key=lambda criterion: criterion.weight)


def weighted_percent(scores: Mapping[str, Fraction], scoring: Scoring) -> Fraction:
    """Each score as a share of the highest, times its weight: 100 when all are the highest."""
    return sum(
        (
            scores[criterion.key] * criterion.weight
            for criterion in scoring.criteria
            if criterion.weight
        ),
        Fraction(0),
    ) / Fraction(scoring.highest)


Scheme = Callable[[Mapping[str, Fraction], Scoring], Fraction]
SCHEMES: dict[str, Scheme] = {"weighted_percent": weighted_percent}


def missing(scores: Scores, scoring: Scoring) -> tuple[str, ...]:
    """The criteria that count and have no score yet, in the form's order."""
    return tuple(
        criterion.key
        for criterion in scoring.criteria
        if criterion.weight and scores.get(criterion.key) is None
    )


def weighted_total(scores: Scores, scoring: Scoring) -> Decimal | None:
    """The total out of 100 with two decimals, halves up; None while a score is missing."""
    exact = _total(scores, scoring)
    return None if exact is None else two_places(exact)


def _total(scores: Scores, scoring: Scoring) -> Fraction | None:
    if missing(scores, scoring):
        return None
    given = {key: Fraction(score) for key, score in scores.items() if score is not None}
    for key, score in given.items():
        if not scoring.lowest <= score <= scoring.highest:
            raise ValueError(f"{score} is no score of {key!r}.")
    return SCHEMES[scoring.scheme](given, scoring)


def two_places(value: Fraction | Decimal | int) -> Decimal:
    """A figure that is not negative, with two decimals, halves up."""
    exact = Fraction(value) * CENT
    return Decimal((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)).scaleb(-2)


def mean_scores(readings: Sequence[Scores], scoring: Scoring) -> dict[str, Fraction | None]:
    """The mean score of each criterion over the readers who gave one."""
    means: dict[str, Fraction | None] = {}
    for criterion in scoring.criteria:
        given = [
            Fraction(score)
            for reading in readings
            if (score := reading.get(criterion.key)) is not None
        ]
        means[criterion.key] = sum(given, Fraction(0)) / len(given) if given else None
    return means


def moderated_total(
    readings: Sequence[Scores], moderated: Mapping[str, int], scoring: Scoring
) -> Decimal | None:
    """The total with the marks that a panel agreed, and the means where it agreed none.

    None where it agreed nothing at all, or a criterion has no mark.
    """
    if not moderated:
        return None
    return weighted_total({**mean_scores(readings, scoring), **moderated}, scoring)


def mean_total(totals: Iterable[Decimal]) -> Decimal | None:
    """The mean of the totals as shown, with two decimals, so that anybody can check it by hand."""
    given = tuple(totals)
    return mean_of(sum(given, Decimal(0)), len(given)) if given else None


def mean_of(together: Decimal | int, count: int) -> Decimal:
    """A sum shared by so many, with two decimals, halves up."""
    return (Decimal(together) / count).quantize(TWO_PLACES, ROUND_HALF_UP)


def below_minimum(scores: Scores, scoring: Scoring) -> tuple[str, ...]:
    """The criteria scored below the lowest score that is still fundable."""
    return tuple(
        criterion.key
        for criterion in scoring.criteria
        if criterion.minimum is not None
        and (score := scores.get(criterion.key)) is not None
        and score < criterion.minimum
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """Where readers differ enough to talk about it."""

    criteria: tuple[str, ...] = ()
    gap: Decimal | None = None  # between the highest and the lowest total
    total: bool = False  # whether that gap is worth talking about

    @property
    def is_flagged(self) -> bool:
        """Whether anything is worth talking about."""
        return self.total or bool(self.criteria)


def spread_flags(readings: Sequence[Scores], scoring: Scoring) -> Spread:
    """Criteria that differ by ``criterion_spread`` or more, and totals by ``total_spread`` or more."""
    apart = tuple(
        criterion.key
        for criterion in scoring.criteria
        if (gap := _gap([reading.get(criterion.key) for reading in readings])) is not None
        and gap >= scoring.criterion_spread
    )
    gap = _gap([_total(reading, scoring) for reading in readings])
    if gap is None:
        return Spread(criteria=apart)
    return Spread(criteria=apart, gap=two_places(gap), total=gap >= scoring.total_spread)


def _gap(values: Iterable[Score]) -> Fraction | None:
    given = [Fraction(value) for value in values if value is not None]
    return max(given) - min(given) if len(given) > 1 else None


@dataclass(frozen=True, slots=True)
class Standing:
    """One application to be ranked. ``ties`` holds, by rule, a value that is better when lower."""

    key: str
    total: Decimal | None
    ties: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application stands. Equals share a rank; those without a total have none."""

    key: str
    rank: int | None
    is_tied: bool = False


def ranking(
    standings: Iterable[Standing], ties: Sequence[str] = (), seed: str = ""
) -> tuple[Place, ...]:
    """Best first. Equal totals are parted by the declared rules in turn; what is left shares a rank.

    The rule ``lot`` parts all that is left, by a draw that ``seed`` (the round's reference) fixes.
    """
    merits = {standing.key: _merit(standing, ties, seed) for standing in standings}
    ordered = sorted(merits, key=lambda key: (merits[key], key))
    places: list[Place] = []
    for merit, equals in groupby(ordered, key=merits.__getitem__):
        rank = None if merit == _UNSCORED else len(places) + 1
        keys = list(equals)
        is_tied = rank is not None and len(keys) > 1
        places.extend(Place(key, rank, is_tied=is_tied) for key in keys)
    return tuple(places)


Merit = tuple[tuple[bool, Decimal], tuple[tuple[bool, int], ...]]
_UNSCORED: Merit = ((True, Decimal(0)), ())


def _merit(standing: Standing, ties: Sequence[str], seed: str) -> Merit:
    if standing.total is None:
        return _UNSCORED
    parted = []
    for rule in ties:
        value = _lot(standing.key, seed) if rule == LOT else standing.ties.get(rule)
        parted.append((value is None, value or 0))
    return (False, -standing.total), tuple(parted)


def _lot(key: str, seed: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{key}".encode()).digest()[:8], "big")
