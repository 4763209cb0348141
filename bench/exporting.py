"""One export in a process of its own, so that its memory is its own. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self

from bench import floors
from bench.world import NOW
from grants import create_app
from grants.config import Settings
from grants.extensions import db
from grants.models.project import Project
from grants.services import extracts

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY = 0.005  # seconds between two looks at the memory


class Memory:
    """Watches how large this process becomes."""

    def __init__(self) -> None:
        self.peak = self.before = _resident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.peak = max(self.peak, _resident())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def extra_megabytes(self) -> float:
        """More than before, at most."""
        return round((self.peak - self.before) / 2**20, 1)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def main() -> None:
    """Arguments: the instance folder, the database's address (or nothing), the round, the format."""
    instance, url, reference, file_format = sys.argv[1:]
    settings = Settings(
        secret_key="a key for measurements alone, forty letters",
        instance=Path(instance),
        database_url=url,
        clock=lambda: NOW,
    )
    app = create_app(settings)
    with app.app_context(), tempfile.TemporaryDirectory(prefix="grants-bench-") as name:
        folder = Path(name)
        made = _extract(reference, file_format, folder / "made")
        floor = floors.csv_rows_a_second(db.engine, _columns(), folder)
    print(json.dumps({**made, "floor": floor}))


def _extract(reference: str, file_format: str, folder: Path) -> dict[str, Any]:
    db.session.execute(db.select(Project.id).limit(1))
    db.session.rollback()
    with Memory() as memory:
        wall, cpu = time.perf_counter(), time.process_time()
        paths = extracts.write(reference, file_format, folder, now=NOW)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    size = sum(path.stat().st_size for path in paths)
    rows = sum(path.read_bytes().count(b"\n") - 1 for path in paths if path.suffix == ".csv")
    return {
        "files": len(paths),
        "rows": rows,
        "bytes": size,
        "seconds": round(wall, 3),
        "cpu_s": round(cpu, 3),
        "rows_per_s": round(rows / wall),
        "extra_rss_mb": memory.extra_megabytes,
    }


def _columns() -> list[Any]:
    """The plain columns of the largest table that is exported."""
    table = Project.__table__.c
    return [column for column in table if column.name not in {"id", "key"}]


if __name__ == "__main__":
    main()
