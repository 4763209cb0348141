"""The second factor: codes of an authenticator app, each of which works once."""

from __future__ import annotations

import datetime as dt
import secrets

import pyotp
import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.person import Person
from grants.rules.refusals import Blocked, Reason
from grants.services import sign_in, tries
from grants.services.sign_in import Session, Ticket
from grants.services.transaction import transaction

STEP_SECONDS = 30
NOT_RIGHT = "That code is not right. Enter the newest code from your app."


def new_secret() -> str:
    """A secret for a second factor that is about to be set up."""
    return pyotp.random_base32()


def setup_address(secret: str, email: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Community Fund Grants")


def set_up(session: Session, secret: str, code: str, *, now: dt.datetime) -> Ticket:
    """Keep the secret once a code of it was given. Raises Blocked for a wrong code."""
    tries.count(("code", str(session.actor.person_id)), now=now, field="code")
    with transaction():
        person = db.session.get_one(Person, session.actor.person_id, with_for_update=True)
        if person.totp_secret is not None:
            raise Blocked(Reason("A second factor is already set up. Use its code.", "code"))
        person.totp_secret = secret
        return _pass(session, person, code, "set-up-second-factor", now)


def give_code(session: Session, code: str, *, now: dt.datetime) -> Ticket:
    """Pass the second factor: a new session takes the old one's place. A code works once."""
    tries.count(("code", str(session.actor.person_id)), now=now, field="code")
    with transaction():
        person = db.session.get_one(Person, session.actor.person_id, with_for_update=True)
        return _pass(session, person, code, "second-factor", now)


def _pass(session: Session, person: Person, code: str, act: str, now: dt.datetime) -> Ticket:
    if not use_code(person, code, now):
        raise Blocked(Reason(NOT_RIGHT, "code"))
    sign_in.end_one(session.id, now)
    audit.record(session.actor, act, ("person", person.id, person.email), now=now)
    return sign_in.begin_session(person.id, now, second_factor_at=now)


def use_code(person: Person, code: str, now: dt.datetime) -> bool:
    """Whether this is a code that was not used yet; it is used up. Inside ``transaction()``."""
    step = _matching_step(person.totp_secret, code, now)
    if step is None or step <= person.totp_last_step:
        return False
    person.totp_last_step = step
    tries.forget_all("code", str(person.id))
    return True


def _matching_step(secret: str | None, code: str, now: dt.datetime) -> int | None:
    """The step whose code this is, one step early or late allowed: clocks differ."""
    if secret is None:
        return None
    digits = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def code_for_demonstration(session: Session, now: dt.datetime) -> str:
    """The code that an app would show now. The door asks only in the demonstration."""
    secret = db.session.scalar(
        sa.select(Person.totp_secret).where(Person.id == session.actor.person_id)
    )
    return pyotp.TOTP(secret).at(int(now.timestamp())) if secret else ""
