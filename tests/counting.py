"""Counting the statements that a page costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

UNCOUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "SET")


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements sent meanwhile, without those that only bracket others."""
    found: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        if not statement.lstrip().upper().startswith(UNCOUNTED):
            found.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
