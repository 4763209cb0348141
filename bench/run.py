"""``python -m bench.run``: figures and ratios as JSON. Nothing is asserted on a clock."""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from bench import floors, letters, world
from bench.databases import KINDS, application
from bench.goals import GOALS, floor_of
from bench.measuring import REPEATS, WARM, Figures, Meter
from bench.workloads import Workloads
from bench.world import World
from grants.extensions import db

SIZES = (100, 1_000, 10_000)


def main() -> None:
    """Measure what was asked for and print it."""
    asked = _arguments()
    sizes = [int(size) for size in asked.sizes.split(",")]
    found = {kind: _database(kind, sizes, asked.only) for kind in asked.database.split(",")}
    print(json.dumps({"about": _about(), "databases": found}, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--database", default=",".join(KINDS), help="sqlite, postgresql or both")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="applications")
    parser.add_argument("--only", default="", help="workloads whose name holds these words")
    return parser.parse_args()


def _about() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "warm_up": WARM,
        "repeats": REPEATS,
        "garbage_collection": {"enabled": gc.isenabled(), "threshold": gc.get_threshold()},
    }


def _database(kind: str, sizes: list[int], only: str) -> dict[str, Any]:
    by_size = {size: _size(kind, size, only) for size in sizes}
    return {
        "sizes": by_size,
        "growth": _growth(by_size),
        "goals": _goals(by_size[max(sizes)], _growth(by_size)),
    }


def _size(kind: str, size: int, only: str) -> dict[str, Any]:
    _say(f"{kind}, {size} applications: building")
    with application(kind) as (app, server):
        with app.app_context():
            made = world.build(size)
            engine, url = db.engine, app.config["SETTINGS"].database_url
        meter = Meter(engine, server)
        bare = floors.all_of(engine, meter, made)
        measured = _workloads(app, made, meter, only)
        more: dict[str, Any] = {}
        if not only:
            more["letters"] = _letters(app, made, bare)
            more["extract"] = _export(app.config["SETTINGS"].instance, url, made)
    return {
        "world": made.facts,
        "floors": {name: one.as_json() for name, one in bare.items()},
        "workloads": {
            name: {
                **one.as_json(),
                "floor_ms": round(floor_of(name, bare), 3),
                "times_floor": round(one.cost / floor_of(name, bare), 1),
            }
            for name, one in measured.items()
        },
        **more,
    }


def _workloads(app: Flask, made: World, meter: Meter, only: str) -> dict[str, Figures]:
    work = Workloads(app, made)
    found: dict[str, Figures] = {}
    for prepare in (work.reads, work.writes):
        for name, calls in prepare().items():
            if only in name:
                found[name] = meter.measure(calls)
                _say(f"  {name}: {found[name].cost:.1f} ms, {found[name].statements} statements")
    return found


def _letters(app: Flask, made: World, bare: dict[str, Figures]) -> dict[str, Any]:
    found = letters.drafted(app, made)
    floor = 1000 / bare["letter"].p50
    return {
        **found,
        "floor_letters_per_s": round(floor, 1),
        "share_of_floor": round(found["letters_per_s"] / floor, 2),
    }


def _export(instance: Path, url: str, made: World) -> dict[str, Any]:
    _say("  extract")
    done = subprocess.run(
        [sys.executable, "-m", "bench.exporting", str(instance), url, made.reference, "csv"],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["share_of_floor"] = round(found["rows_per_s"] / found["floor"]["rows_per_s"], 2)
    return found


def _growth(by_size: dict[int, dict[str, Any]]) -> dict[str, float]:
    """a in cost ~ N^a between the two largest sizes."""
    if len(by_size) < 2:
        return {}
    small, large = sorted(by_size)[-2:]
    before, after = by_size[small]["workloads"], by_size[large]["workloads"]
    span = math.log(large / small)
    return {
        name: round(math.log(after[name]["cost_ms"] / before[name]["cost_ms"]) / span, 2)
        for name in after
    }


def _goals(largest: dict[str, Any], growth: dict[str, float]) -> dict[str, Any]:
    """Where each workload stands at the largest size."""
    found = {}
    for name, one in largest["workloads"].items():
        goal = GOALS[name]
        met = {
            "times_floor": one["times_floor"] <= goal.times,
            "statements": one["statements"] <= goal.statements,
            "commits": one["commits"] <= goal.commits,
            "growth": growth.get(name, 0.0) <= goal.growth,
        }
        found[name] = {
            "goal": {"times_floor": goal.times, "statements": goal.statements},
            "goal_growth": goal.growth,
            "not_met": [part for part, is_met in met.items() if not is_met],
        }
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
