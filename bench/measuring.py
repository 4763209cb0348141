"""Ask the application what a browser would, in this process, and read the clocks of the processors."""

from __future__ import annotations

import gc
import io
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

WARM = 3
REPEATS = 25
BRACKETS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "SET")


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Browser:
    """Calls a WSGI application as a server does, without a server or a network between."""

    app: Callable[..., Iterable[bytes]]
    address: str = "127.0.0.1"

    def ask(
        self, path: str, cookies: str = "", data: dict[str, Any] | None = None, query: str = ""
    ) -> Answer:
        """One request; everything that comes back is read."""
        body = urlencode(data, doseq=True).encode() if data is not None else b""
        environ = {
            "REQUEST_METHOD": "GET" if data is None else "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_COOKIE": cookies,
            "REMOTE_ADDR": self.address,
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            started[:] = [int(status.split(maxsplit=1)[0]), headers]

        parts = self.app(environ, start)
        try:
            found = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return Answer(*started, found)


@dataclass
class Figures:
    """One thing measured. Milliseconds."""

    p50: float
    p95: float
    cpu: float
    database_cpu: float
    statements: int
    commits: int
    collections: int
    bytes: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """Processor time of the application and of the database's server."""
        return self.cpu + self.database_cpu

    def as_json(self) -> dict[str, Any]:
        """Rounded, for reading."""
        return {
            "p50_ms": round(self.p50, 3),
            "p95_ms": round(self.p95, 3),
            "cpu_ms": round(self.cpu, 3),
            "database_cpu_ms": round(self.database_cpu, 3),
            "cost_ms": round(self.cost, 3),
            "statements": self.statements,
            "commits": self.commits,
            "collections": self.collections,
            "bytes": self.bytes,
            **self.more,
        }


class Meter:
    """Reads the clocks around calls. ``server`` is the process id of PostgreSQL, if there is one."""

    def __init__(self, engine: sa.Engine, server: int | None) -> None:
        self.engine = engine
        self.server = server

    def measure(self, calls: Sequence[Callable[[], Any]], *, warm: int = WARM) -> Figures:
        """The first calls warm up, one counts statements, the rest are timed."""
        for call in calls[:warm]:
            call()
        statements, commits, answer = self._count(calls[warm])
        timed = calls[warm + 1 :]
        gc.collect()
        before_gc = sum(one["collections"] for one in gc.get_stats())
        walls, cpus = [], []
        before = self.database_seconds()
        for call in timed:
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            cpus.append(time.process_time() - cpu)
            walls.append(time.perf_counter() - wall)
        database = (self.database_seconds() - before) / len(timed)
        after_gc = sum(one["collections"] for one in gc.get_stats())
        return Figures(
            p50=statistics.median(walls) * 1000,
            p95=sorted(walls)[int(len(walls) * 0.95)] * 1000,
            cpu=statistics.median(cpus) * 1000,
            database_cpu=database * 1000,
            statements=statements,
            commits=commits,
            collections=after_gc - before_gc,
            bytes=len(answer.body) if isinstance(answer, Answer) else 0,
        )

    def _count(self, call: Callable[[], Any]) -> tuple[int, int, Any]:
        found: list[str] = []
        commits: list[int] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.lstrip().upper().startswith(BRACKETS):
                found.append(statement)

        def note_commit(_connection: Any) -> None:
            commits.append(1)

        sa.event.listen(self.engine, "before_cursor_execute", note)
        sa.event.listen(self.engine, "commit", note_commit)
        try:
            answer = call()
        finally:
            sa.event.remove(self.engine, "before_cursor_execute", note)
            sa.event.remove(self.engine, "commit", note_commit)
        return len(found), len(commits), answer

    def database_seconds(self) -> float:
        """Processor time so far of the server's processes that answer clients."""
        if self.server is None:
            return 0.0
        total = 0
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text().split()
        for child in children:
            try:
                name = Path(f"/proc/{child}/cmdline").read_bytes()
                if b"grants_bench" in name and b"autovacuum" not in name:
                    total += int(Path(f"/proc/{child}/schedstat").read_text().split()[0])
            except FileNotFoundError:
                continue
        return total / 1e9
