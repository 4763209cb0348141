"""A still picture of the database for a long read: no writer waits for it, and nothing in it changes."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.extensions import db


@contextmanager
def snapshot(folder: Path) -> Iterator[Session]:
    """A session to read from. SQLite is copied into a folder inside this one, gone afterwards.

    PostgreSQL keeps the picture itself, on a connection of its own. Raises OSError when the disk
    has no room for the copy.
    """
    db.session.rollback()
    if db.engine.dialect.name != "sqlite":
        with _repeatable() as session:
            yield session
        return
    with tempfile.TemporaryDirectory(prefix="snapshot-", dir=folder) as place:
        copy = Path(place) / "copy.sqlite3"
        _copy(copy)
        with _opened(copy) as session:
            yield session


@contextmanager
def _repeatable() -> Iterator[Session]:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**options) as connection, Session(connection) as own:
        yield own


def _copy(path: Path) -> None:
    """In one step, under the lock of one reader."""
    with closing(db.engine.raw_connection()) as source, closing(sqlite3.connect(path)) as target:
        try:
            source.driver_connection.backup(target)  # type: ignore[union-attr]  # a sqlite3 connection
        except sqlite3.OperationalError as error:
            raise OSError(None, f"{error}".capitalize(), str(path.parent)) from error


@contextmanager
def _opened(path: Path) -> Iterator[Session]:
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
