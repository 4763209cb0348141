"""A calibration: how far the scores of samples are spread, and who stands apart. Never a real score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MOST_SAMPLES = 6
ADVISED = 3  # samples: enough to talk about, little enough to read in an evening
FEWEST = 3  # assessors on a sample, before a difference from their middle says anything

Marks = Mapping[str, int | None]  # by the criterion's key


@dataclass(frozen=True, slots=True)
class Spread:
    """The scores that one criterion of one sample was given."""

    count: int
    lowest: int
    median: Fraction
    highest: int
    tally: tuple[tuple[int, int], ...]  # (score, how many gave it), the lowest first

    @property
    def gap(self) -> int:
        """Between the highest and the lowest."""
        return self.highest - self.lowest


def median(values: Iterable[int]) -> Fraction:
    """The middle one, or half-way between the middle two. Raises ValueError where there is none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("Nothing has no middle.")
    below, above = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Fraction(below + above, 2)


def spread(values: Iterable[int]) -> Spread | None:
    """How far these scores are spread; None where there are none."""
    given = sorted(values)
    if not given:
        return None
    tally = tuple(sorted(Counter(given).items()))
    return Spread(len(given), given[0], median(given), given[-1], tally)


@dataclass(frozen=True, slots=True)
class Lean:
    """How far one assessor's scores are from the middle of everybody's, on average.

    ``difference`` is None where nothing can be said: no sample has ``FEWEST`` assessors.
    """

    samples: int
    difference: Fraction | None
    stands: str = ""  # "above", "below", or nothing


def leanings(
    readings: Mapping[int, Mapping[int, Marks]], criteria: Iterable[str], apart: Fraction
) -> dict[int, Lean]:
    """Each assessor's mean difference from the middle, over all criteria of the samples they scored.

    ``readings`` holds by sample and by assessor the scores given; ``apart`` is from how far on
    somebody is said to stand apart.
    """
    keys = tuple(criteria)
    samples: dict[int, int] = defaultdict(int)
    differences: dict[int, list[Fraction]] = defaultdict(list)
    for given in readings.values():
        for person in given:
            samples[person] += 1
        if len(given) >= FEWEST:
            for key in keys:
                _compare(given, key, differences)
    return {
        person: _lean(count, differences.get(person, []), apart)
        for person, count in samples.items()
    }


def _compare(given: Mapping[int, Marks], key: str, differences: dict[int, list[Fraction]]) -> None:
    marks = {person: mark for person, one in given.items() if (mark := one.get(key)) is not None}
    if len(marks) < FEWEST:
        return
    middle = median(marks.values())
    for person, mark in marks.items():
        differences[person].append(mark - middle)


def _lean(samples: int, differences: list[Fraction], apart: Fraction) -> Lean:
    if not differences:
        return Lean(samples, None)
    mean = sum(differences, Fraction(0)) / len(differences)
    stands = "" if abs(mean) < apart else "above" if mean > 0 else "below"
    return Lean(samples, mean, stands)
