"""``python -m bench.fairness``: severity, agreement and allocation at full size, as JSON."""

from __future__ import annotations

import json
import random
import resource
import time
from collections.abc import Callable
from typing import Any

from grants.rules import agreement, severity
from grants.rules.allocation import Bid, Reader, Wanted, allocate
from grants.rules.severity import Mark

APPLICATIONS, READERS, EACH = 10_000, 300, 3


def main() -> None:
    """Measure each and print it."""
    found = {"scores": APPLICATIONS * EACH, "readers": READERS, **_scores()}
    found["peak_mb"] = _peak()
    print(json.dumps({**found, "allocation": _allocation()}, indent=1))


def _scores() -> dict[str, Any]:
    chance = random.Random(1)
    marks = [
        Mark(one, reader, chance.gauss(60, 12))
        for one in range(APPLICATIONS)
        for reader in chance.sample(range(READERS), EACH)
    ]
    units: dict[int, list[float]] = {}
    for mark in marks:
        units.setdefault(mark.application, []).append(mark.value)
    return {
        "severity": _timed(lambda: severity.adjust(marks)),
        "alpha_interval": _timed(lambda: agreement.interval(units.values())),
        "alpha_ordinal": _timed(lambda: agreement.ordinal(units.values())),
    }


def _allocation() -> dict[str, Any]:
    """Thirty areas; each reader knows three, one in ten sits for lived experience."""
    chance = random.Random(2)
    bids = [Bid(place, chance.randrange(30)) for place in range(APPLICATIONS)]
    most = APPLICATIONS * EACH // READERS + 10
    readers = [
        Reader(place, most, frozenset(chance.sample(range(30), 3)), is_lived=place % 10 == 0)
        for place in range(READERS)
    ]
    conflicts = {(chance.randrange(READERS), chance.randrange(APPLICATIONS)) for _ in range(20_000)}
    made = []
    time_ = _timed(
        lambda: made.append(allocate(bids, readers, Wanted(EACH, 0), conflicts=conflicts))
    )
    loads = sorted(made[0].loads.values())
    return {
        "applications": APPLICATIONS,
        **time_,
        "least_and_most": [loads[0], loads[-1]],
        "strangers": made[0].strangers,
        "short": len(made[0].shortfalls),
        "groups": made[0].groups,
        "peak_mb": _peak(),
    }


def _timed(work: Callable[[], Any]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(time.process_time() - cpu, 3),
    }


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
