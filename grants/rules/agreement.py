"""How far the readers of a round agree: Krippendorff's alpha, with scores that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

RELIABLE, TENTATIVE = 0.8, 0.667  # Krippendorff's own limits; docs/adr
Values = NDArray[np.float64]


class Agreement(StrEnum):
    """What an alpha is taken to mean."""

    GOOD = "good"
    TENTATIVE = "tentative"
    LOW = "low"


def meaning(alpha: float) -> Agreement:
    """What this alpha is taken to mean."""
    if alpha >= RELIABLE:
        return Agreement.GOOD
    return Agreement.TENTATIVE if alpha >= TENTATIVE else Agreement.LOW


def interval(units: Iterable[Sequence[float]]) -> float | None:
    """Alpha where a difference of two is twice a difference of one: totals.

    ``units`` holds for each application the scores it was given. None where nothing can be said:
    no application has two scores, or all scores are the same.
    """
    values, of = _pairable(units)
    return _alpha(values, of)


def ordinal(units: Iterable[Sequence[float]]) -> float | None:
    """Alpha where only the order of the marks is taken to mean something: marks of a criterion.

    The distance between two marks is the number of marks given between them, which is the
    difference of their middle ranks.
    """
    values, of = _pairable(units)
    if not len(values):
        return None
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - counts / 2
    return _alpha(ranks[places.reshape(-1)], of)


def _pairable(units: Iterable[Sequence[float]]) -> tuple[Values, NDArray[np.int64]]:
    """The scores that stand beside another, and the place of their application."""
    kept = [unit for unit in units if len(unit) > 1]
    values = np.array([value for unit in kept for value in unit], dtype=np.float64)
    return values, np.repeat(np.arange(len(kept)), [len(unit) for unit in kept])


def _alpha(values: Values, of: NDArray[np.int64]) -> float | None:
    if not len(values):
        return None
    expected = float(((values - values.mean()) ** 2).sum()) / (len(values) - 1)
    if expected == 0:
        return None
    counts = np.bincount(of)
    means = np.bincount(of, values) / counts
    observed = float(((values - means[of]) ** 2 / (counts[of] - 1) * counts[of]).sum())
    return 1 - observed / len(values) / expected
