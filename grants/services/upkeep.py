"""What the command line needs to know of the database: is it migrated, is its trail whole, what is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from grants import audit
from grants.extensions import db
from grants.rules.people import CLOCK
from grants.rules.refusals import Blocked

NOT_MIGRATED = "The database is not up to date: run 'flask --app wsgi db upgrade' first."
TOO_NEW = "The database is newer than this program: install the release that it belongs to."
UNREACHABLE = "The database cannot be reached: check GRANTS_DATABASE_URL and GRANTS_INSTANCE."
# What SQLite and PostgreSQL say, and what a person can do about it.
SENTENCES = {
    "disk is full": "There is no room left on the disk. Nothing was changed.",
    "no space left": "There is no room left on the disk. Nothing was changed.",
    "readonly database": "The database may not be written to: check who owns its file.",
    "database is locked": "The database is busy. Try again in a moment.",
    "unable to open database file": UNREACHABLE,
    "connection failed": UNREACHABLE,
    "no such table": NOT_MIGRATED,
    "does not exist": NOT_MIGRATED,
}


def require_migrated(migrations: Path) -> None:
    """Raises Blocked with one sentence unless the newest of these migrations was applied."""
    newest = max(path.name[:4] for path in (migrations / "versions").glob("[0-9]*.py"))
    applied = _revision()
    if applied is None or applied < newest:
        raise Blocked(NOT_MIGRATED)
    if applied > newest:
        raise Blocked(TOO_NEW)


def _revision() -> str | None:
    try:
        found = db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        db.session.rollback()
        sentence = explain(error)
        if sentence is None:
            raise
        raise Blocked(sentence) from error
    return None if found is None else str(found)


def explain(error: Exception) -> str | None:
    """One sentence for a fault of the database that somebody can mend; None for any other."""
    if not isinstance(error, SQLAlchemyError):
        return None
    said = str(getattr(error, "orig", error)).lower()
    return next((text for words, text in SENTENCES.items() if words in said), None)


def verify_trail() -> audit.Verdict:
    """Walk the whole audit trail and say whether it is as it was written."""
    return audit.verify()


def remember(action: str, after: dict[str, Any], *, now: dt.datetime) -> None:
    """What the system itself did, in the audit trail. Inside ``transaction()``."""
    audit.record(CLOCK, action, ("system", None, action), now=now, after=after)
