"""Keep all of a verb or none of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from grants import audit, queue
from grants.extensions import WRITE, db
from grants.rules.refusals import Stale

DEPTH = "grants_depth"
SECONDS = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


@contextmanager
def transaction() -> Iterator[None]:
    """The verb is the transaction: everything inside is kept, or nothing is.

    Ends the read transaction of the request first and takes the write lock at once (SQLite), so two
    writers wait for each other instead of failing. A ``transaction()`` inside another joins it. The
    outermost one seals the audit entries, commits, and then wakes the queue. Raises Stale where
    somebody else changed a row in between, or was quicker to add what there may be one of.
    """
    session = db.session()
    depth = session.info.get(DEPTH, 0)
    if depth:
        yield
        return
    session.rollback()
    session.connection(execution_options={WRITE: True})
    session.info[DEPTH] = depth + 1
    try:
        yield
        session.flush()
        audit.seal(session)
        session.commit()
    except BaseException as error:
        session.rollback()
        audit.forget(session)
        queue.forget(session)
        if isinstance(error, StaleDataError) or _is_second(error):
            raise Stale("Somebody else changed this while you had it open.") from error
        raise
    finally:
        session.info[DEPTH] = 0
    queue.wake(session)


def _is_second(error: BaseException) -> bool:
    """Whether there is such a row already: of two that were sent at once, the slower one."""
    if not isinstance(error, IntegrityError):
        return False
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "")
    return code in SECONDS


def locked(statement: sa.Select[tuple[object]]) -> sa.Select[tuple[object]]:
    """The same rows, held until the end of the transaction (no-op on SQLite, whose writers queue)."""
    return statement.with_for_update()
