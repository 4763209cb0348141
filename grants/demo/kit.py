"""Dice that fall the same way each time, quick inserts, and sums that come out exactly."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from grants.demo.world import World
from grants.extensions import db

Row = dict[str, Any]
TEN_POUNDS = 1_000
LEAST = 50_000  # pence of the smallest project
LARGEST_SHARE = 8.0  # of a typical project's


class Kit:
    """What every builder needs: the world, the instant, the dice."""

    def __init__(self, world: World, now: dt.datetime, part: str = "") -> None:
        self.world = world
        self.now = now
        self.dice = random.Random(world.seed + part)  # noqa: S311 (the same world each time)

    def key(self) -> uuid.UUID:
        """A key for an address, the same each time."""
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)

    def ago(self, days: float) -> dt.datetime:
        """So many days before now."""
        return self.now - dt.timedelta(days=days)

    def several(self, codes: Sequence[str], most: int) -> list[str]:
        """One to so many of these, in their order."""
        chosen = self.dice.sample(range(len(codes)), self.dice.randint(1, min(most, len(codes))))
        return [codes[place] for place in sorted(chosen)]


def add(model: Any, rows: Sequence[Row]) -> list[int]:
    """Insert, and give the ids in the order of the rows."""
    if not rows:
        return []
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def put(model: Any, rows: Sequence[Row]) -> None:
    """Insert rows whose ids nobody asks for."""
    if rows:
        db.session.execute(sa.insert(model), rows)


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total exactly."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [(-(total * weight % whole), place) for place, weight in enumerate(weights)]
    for _, place in sorted(remainders)[: total - sum(parts)]:
        parts[place] += 1
    return parts


def counts(total: int, weights: Sequence[int]) -> list[int]:
    """As ``share``, but nobody gets nothing."""
    return [1 + part for part in share(total - len(weights), weights)]


def amounts(total: int, count: int, dice: random.Random) -> list[int]:
    """Amounts of so many projects that add up to the total exactly: many small, a few large."""
    weights = [min(dice.lognormvariate(0, 1.1), LARGEST_SHARE) for _ in range(count)]
    least = min(LEAST, total // count)
    spare, whole = total - least * count, sum(weights)
    parts = [least + int(spare * weight / whole) // TEN_POUNDS * TEN_POUNDS for weight in weights]
    parts[parts.index(max(parts))] += total - sum(parts)
    return parts


def spread(tally: Mapping[str, int], count: int, dice: random.Random) -> list[str]:
    """So many codes, as often as the tally says (or in proportion), in a thrown order."""
    codes = list(tally)
    times = share(count, list(tally.values()))
    drawn = [code for code, often in zip(codes, times, strict=True) for _ in range(often)]
    dice.shuffle(drawn)
    return drawn


def slices(counted: Iterable[int]) -> list[slice]:
    """Where each of these counts stands in one long list."""
    ends = list(accumulate(counted))
    return [slice(begin, end) for begin, end in zip([0, *ends], ends, strict=False)]
