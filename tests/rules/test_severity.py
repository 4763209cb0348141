"""Harsh and lenient readers are found, and what cannot be told apart is not."""

from __future__ import annotations

import random

import numpy as np
import pytest

from grants.rules.severity import Mark, adjust, groups, two_places

EXAMPLE = "4 3 - | 2 2 3 | 5 4 - | - 1 2 | 3 3 4 | 4 - 5"  # six applications, three readers
BIAS = (-1.0, -0.5, 0.0, 0.2, 0.5, 0.8)


def marks_of(text):
    return [
        Mark(application, reader, float(value))
        for application, row in enumerate(text.split("|"), start=1)
        for reader, value in enumerate(row.split(), start=1)
        if value != "-"
    ]


def simulated(seed, applications=30, readers=3):
    """Marks of so many applications by so many of six readers, whose leanings are BIAS."""
    chance = random.Random(seed)
    merits = [chance.uniform(1, 4) for _ in range(applications)]
    marks = [
        Mark(one, reader, merits[one] + BIAS[reader] + chance.gauss(0, 0.5))
        for one in range(applications)
        for reader in chance.sample(range(len(BIAS)), readers)
    ]
    return merits, marks


@pytest.mark.feature("R14")
def test_adjust_gives_the_worked_example():
    found = adjust(marks_of(EXAMPLE))

    assert [round(one.raw, 2) for one in found.merits.values()] == [3.5, 2.33, 4.5, 1.5, 3.33, 4.5]
    assert [round(one.adjusted, 2) for one in found.merits.values()] == [
        3.83,
        2.33,
        4.83,
        1.44,
        3.33,
        4.22,
    ]
    assert [round(one.effect, 2) for one in found.readers.values()] == [-0.11, -0.56, 0.67]


def test_adjust_equals_least_squares_written_out():
    _, marks = simulated(3)
    found = adjust(marks)

    design = np.zeros((len(marks) + 1, 30 + 6))
    for row, mark in enumerate(marks):
        design[row, mark.application] = design[row, 30 + mark.reader] = 1
    design[-1, 30:] = 1
    values = np.array([*(mark.value for mark in marks), 0.0])
    plain, *_ = np.linalg.lstsq(design, values, rcond=None)
    rest = values - design @ plain
    scatter = rest @ rest / (len(marks) - 30 - 6 + 1)
    # The row that ties the readers' parts is exact, so it is given a great weight.
    design[-1] *= 1e3
    errors = np.sqrt(scatter * np.diag(np.linalg.inv(design.T @ design)))

    assert np.allclose([one.adjusted for one in found.merits.values()], plain[:30])
    assert np.allclose([one.effect for one in found.readers.values()], plain[30:])
    assert np.allclose([one.error for one in found.merits.values()], errors[:30], atol=1e-4)
    assert np.allclose([one.error for one in found.readers.values()], errors[30:], atol=1e-4)


@pytest.mark.feature("R14")
def test_adjust_recovers_simulated_leanings():
    misses = []
    for seed in range(100):
        _, marks = simulated(seed)
        found = adjust(marks)
        misses.append([found.readers[key].effect - bias for key, bias in enumerate(BIAS)])
    misses = np.array(misses)

    assert np.abs(misses.mean(axis=0)).max() < 0.04
    assert np.sqrt((misses**2).mean()) < 0.15


def test_adjusted_scores_are_nearer_the_truth_than_means_and_as_sure_as_they_say():
    raw, adjusted, held = [], [], []
    for seed in range(100):
        merits, marks = simulated(seed)
        for key, one in adjust(marks).merits.items():
            raw.append(one.raw - merits[key])
            adjusted.append(one.adjusted - merits[key])
            held.append(abs(one.adjusted - merits[key]) <= one.margin)

    assert np.std(adjusted) < 0.8 * np.std(raw)
    assert 0.93 < np.mean(held) < 0.97


@pytest.mark.feature("R14")
def test_adjust_refuses_groups_that_share_nothing():
    marks = marks_of("4 3 - - | 2 2 - - | 5 4 - - | - - 1 2 | - - 3 4 | - - 4 5")

    found = adjust(marks)

    assert "2 groups" in found.why_not
    assert found.merits == {}


@pytest.mark.feature("R14")
def test_adjust_refuses_a_reader_of_too_little_and_says_who():
    found = adjust(marks_of("4 3 - | 2 2 - | 5 4 3 | 3 1 2 | 3 3 - | - - 5"))

    assert "fewer than 3" in found.why_not
    assert found.thin == (3,)


def test_three_shared_scores_of_two_readers_are_enough():
    found = adjust(marks_of("4 2 | 3 1 | 2 1"))

    assert (found.why_not, found.thin) == ("", ())
    assert [round(one.effect, 2) for one in found.readers.values()] == [0.83, -0.83]


def test_two_places_rounds_to_hundredths():
    assert [str(two_places(value)) for value in (71.256, 0, -0.5, 3)] == [
        "71.26",
        "0.00",
        "-0.50",
        "3.00",
    ]


@pytest.mark.parametrize("text", ["", "4 - | 3 - | 2 - | 5 -", "4 | 3 | 2"])
def test_adjust_refuses_where_nothing_is_held_against_anything(text):
    assert adjust(marks_of(text)).why_not


def test_groups_follows_long_chains():
    chain = [Mark(place, reader, 1.0) for place in range(50) for reader in (place, place + 1)]

    assert groups(chain) == 1
    assert groups([*chain, Mark(900, 900, 1.0)]) == 2
