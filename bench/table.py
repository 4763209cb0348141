"""``python -m bench.table run.json``: the figures of a run as tables for docs/performance.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.goals import GOALS

HEAD = (
    "| workload | cost 100 | 1,000 | 10,000 (ms) | p50 / p95 (ms) | statements | floor (ms) "
    "| times floor | goal | growth | goal | best peer's goal (ms) | not met |"
)


def main() -> None:
    """Print a table for each database of each file."""
    for name in sys.argv[1:]:
        run = json.loads(Path(name).read_text(encoding="utf8"))
        for kind, found in run["databases"].items():
            print(f"### {kind}\n")
            _workloads(found)
            _rest(found)


def _workloads(found: dict[str, Any]) -> None:
    print(HEAD)
    print("|---" * HEAD.count(" | ") + "|---|")
    sizes = found["sizes"]
    last = sizes[max(sizes, key=int)]
    for name, one in last["workloads"].items():
        goal = found["goals"][name]
        costs = [f"{size['workloads'][name]['cost_ms']:.1f}" for size in sizes.values()]
        print(
            f"| {name} | {' | '.join(costs)} | {one['p50_ms']:.0f} / {one['p95_ms']:.0f} "
            f"| {one['statements']} | {one['floor_ms']:.2f} | {one['times_floor']:.1f} "
            f"| {goal['goal']['times_floor']} | {found['growth'][name]} | {goal['goal_growth']} "
            f"| {GOALS[name].most or '–'} | {_not_met(name, one, goal['not_met'])} |"
        )


def _not_met(name: str, one: dict[str, Any], parts: list[str]) -> str:
    most = GOALS[name].most
    is_dear = most is not None and one["cost_ms"] > most
    missed = [*parts, "best peer"] if is_dear else parts
    return ", ".join(missed).replace("_", " ") or "all met"


def _rest(found: dict[str, Any]) -> None:
    print()
    for size, one in found["sizes"].items():
        letters, extract = one["letters"], one["extract"]
        print(
            f"- {int(size):,}: {letters['letters_per_s']} letters a second, "
            f"{letters['share_of_floor']} of the floor; extract of {extract['rows']:,} rows in "
            f"{extract['seconds']} s, {extract['rows_per_s']:,} rows/s, {extract['share_of_floor']} "
            f"of the floor, {extract['extra_rss_mb']} MB more memory."
        )
    last = found["sizes"][max(found["sizes"], key=int)]
    floors = ", ".join(f"{name} {one['cost_ms']:.2f}" for name, one in last["floors"].items())
    print(f"- Floors at the largest size, ms: {floors}.\n")


if __name__ == "__main__":
    main()
