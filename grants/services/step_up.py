"""Showing that it is still oneself: before what cannot be undone, the code or the password again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.person import Person, SignInSession
from grants.rules.refusals import Blocked, Reason
from grants.services import second_factor, tries
from grants.services.hashing import Hashing
from grants.services.sign_in import Session
from grants.services.transaction import transaction

CODE, PASSWORD = "code", "password"
WRONG = "That is not your password."


def confirm(session: Session, given: str, *, hashing: Hashing, now: dt.datetime) -> None:
    """Take a code of the person's app, or their password where they have no app. Raises Blocked."""
    if session.has_code:
        _by_code(session, given, now)
    else:
        _by_password(session, given, hashing, now)


def _by_code(session: Session, code: str, now: dt.datetime) -> None:
    tries.count((CODE, str(session.actor.person_id)), now=now, field="given")
    with transaction():
        person = db.session.get_one(Person, session.actor.person_id, with_for_update=True)
        if not second_factor.use_code(person, code, now):
            raise Blocked(Reason(second_factor.NOT_RIGHT, "given"))
        _keep(session, CODE, now)


def _by_password(session: Session, password: str, hashing: Hashing, now: dt.datetime) -> None:
    tries.count((PASSWORD, session.actor.email), now=now, field="given")
    kept = db.session.scalar(
        sa.select(Person.password_hash).where(Person.id == session.actor.person_id)
    )
    db.session.rollback()  # hashing takes long: nothing may wait for this reader meanwhile
    if not hashing.verify(kept, password):
        raise Blocked(Reason(WRONG, "given"))
    with transaction():
        tries.forget_all(PASSWORD, session.actor.email)
        _keep(session, PASSWORD, now)


def _keep(session: Session, by: str, now: dt.datetime) -> None:
    db.session.execute(
        sa.update(SignInSession).where(SignInSession.id == session.id).values(confirmed_at=now)
    )
    actor = session.actor
    about = ("person", actor.person_id, actor.email)
    audit.record(actor, "confirm-sign-in", about, now=now, after={"by": by})
