"""Counting tries at what must not be guessed. In the database, so that every process sees them."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import SignInAttempt
from grants.rules.refusals import Blocked, Reason
from grants.services.transaction import transaction

WINDOW = dt.timedelta(minutes=5)
# At most ten guesses in five minutes for one account (Cyber Essentials), fifty for one address.
LIMITS = {"password": 10, "code": 10, "address": 50, "link": 5, "verify": 60}
TOO_MANY = "There were too many tries. Wait five minutes, then try again."

Try = tuple[str, str]
"""A kind of LIMITS, and what the try is aimed at or comes from."""


def count(*tries: Try, now: dt.datetime, field: str) -> None:
    """Count these tries and keep them, then raise Blocked at the field where one is past its limit.

    A try is kept before it is counted: of any number of tries at once, no more than the limit pass.
    """
    with transaction():
        for kind, subject in tries:
            db.session.execute(
                sa.delete(SignInAttempt).where(
                    *_of(kind, subject), SignInAttempt.at <= now - WINDOW
                )
            )
            db.session.add(SignInAttempt(kind=kind, subject=digest(subject), at=now))
    over = [_made(kind, subject) > LIMITS[kind] for kind, subject in tries]
    db.session.rollback()
    if any(over):
        raise Blocked(Reason(TOO_MANY, field))


def forget(*tries: Try, now: dt.datetime) -> None:
    """Take a try that was right off the count. Inside ``transaction()``."""
    for kind, subject in tries:
        latest = (
            sa.select(sa.func.max(SignInAttempt.id))
            .where(*_of(kind, subject), SignInAttempt.at == now)
            .scalar_subquery()
        )
        db.session.execute(sa.delete(SignInAttempt).where(SignInAttempt.id == latest))


def forget_all(kind: str, subject: str) -> None:
    """Begin the count again, once the right thing was given. Inside ``transaction()``."""
    db.session.execute(sa.delete(SignInAttempt).where(*_of(kind, subject)))


def _made(kind: str, subject: str) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(SignInAttempt).where(*_of(kind, subject))
        )
        or 0
    )


def _of(kind: str, subject: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SignInAttempt.kind == kind, SignInAttempt.subject == digest(subject)


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
