"""Signing in: passwords, second factor, sessions that die when they should."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import argon2
import pyotp
import sqlalchemy as sa
from argon2.exceptions import Argon2Error, InvalidHashError

from grants import audit
from grants.extensions import db
from grants.models.person import Membership, PanelSeat, Person, SignInAttempt, SignInSession
from grants.rules.people import STAFF, Actor, Held
from grants.rules.refusals import Blocked, Reason
from grants.services.transaction import transaction

WINDOW = dt.timedelta(minutes=5)
# At most ten guesses in five minutes for one account (Cyber Essentials), fifty for one address.
LIMITS = {"password": 10, "code": 10, "address": 50, "link": 5, "verify": 60}
SEEN_EVERY = dt.timedelta(minutes=5)
STEP_SECONDS = 30
WRONG = "The e-mail or the password is not right."
TOO_MANY = "There were too many tries. Wait five minutes, then try again."


@dataclass(frozen=True, slots=True)
class Hashing:
    """How passwords are hashed: argon2id, memory in KiB (docs/adr/0004)."""

    memory: int = 19_456
    passes: int = 2

    def hasher(self) -> argon2.PasswordHasher:
        """A hasher with these costs."""
        return argon2.PasswordHasher(time_cost=self.passes, memory_cost=self.memory, parallelism=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in as the gate sees it."""

    id: int
    actor: Actor
    needs_code: bool
    has_code: bool  # a second factor is set up


@dataclass(frozen=True, slots=True)
class Ticket:
    """The new cookie value, and what is still to be done."""

    token: str
    needs_code: bool


def sign_in(
    email: str, password: str, *, address: str, hashing: Hashing, now: dt.datetime
) -> Ticket:
    """Begin a session. Raises Blocked with one sentence, the same whether the account exists."""
    email = email.strip().lower()
    count_try("password", email, now)
    count_try("address", address, now)
    person = db.session.scalar(sa.select(Person).where(Person.email == email))
    if not _is_right(hashing, person, password):
        raise Blocked(Reason(WRONG, "email"))
    if person is None or person.disabled_at is not None:
        raise Blocked(Reason(WRONG, "email"))
    person_id, name = person.id, person.name
    rehash = hashing.hasher().check_needs_rehash(person.password_hash or "")
    with transaction():
        if rehash:
            db.session.execute(
                sa.update(Person)
                .where(Person.id == person_id)
                .values(password_hash=hashing.hasher().hash(password))
            )
        ticket = _begin(person_id, now)
        audit.record(Actor(person_id, name), "sign-in", ("person", person_id, email), now=now)
        return ticket


def _is_right(hashing: Hashing, person: Person | None, password: str) -> bool:
    """Takes as long for an account that does not exist: a hash is made where none can be checked."""
    hasher = hashing.hasher()
    if person is None or person.password_hash is None:
        hasher.hash(password[:200])
        return False
    try:
        return hasher.verify(person.password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def _begin(person_id: int, now: dt.datetime, second_factor_at: dt.datetime | None = None) -> Ticket:
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignInSession(
            person_id=person_id,
            token_sha256=digest(token),
            created_at=now,
            last_seen_at=now,
            second_factor_at=second_factor_at,
        )
    )
    return Ticket(token, second_factor_at is None and _is_staff(person_id, now))


def _is_staff(person_id: int, now: dt.datetime) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.person_id == person_id,
                    Membership.role.in_(sorted(STAFF)),
                    _current(now),
                )
            )
        )
    )


def session_of(
    token: str, *, now: dt.datetime, longest: dt.timedelta, idle: dt.timedelta
) -> Session | None:
    """Whose session this is, or None when it is over. One statement; a write every five minutes.

    Roles are read each time, so a role that is taken away is gone at the next click.
    """
    rows = db.session.execute(
        sa.select(
            SignInSession.id,
            SignInSession.last_seen_at,
            SignInSession.second_factor_at,
            Person.id.label("person_id"),
            Person.name,
            Person.email,
            Person.totp_secret,
            Membership.role,
            Membership.organisation_id,
            Membership.fund,
            PanelSeat.round_id,
            PanelSeat.seat,
        )
        .join(Person, Person.id == SignInSession.person_id)
        .outerjoin(Membership, sa.and_(Membership.person_id == Person.id, _current(now)))
        .outerjoin(PanelSeat, PanelSeat.person_id == Person.id)
        .where(
            SignInSession.token_sha256 == digest(token),
            SignInSession.ended_at.is_(None),
            SignInSession.created_at > now - longest,
            SignInSession.last_seen_at > now - idle,
            Person.disabled_at.is_(None),
        )
        .order_by(Membership.id, PanelSeat.id)
    ).all()
    if not rows:
        return None
    first = rows[0]
    held = dict.fromkeys(Held(r.role, r.organisation_id, r.fund) for r in rows if r.role)
    seats = dict.fromkeys((r.round_id, r.seat) for r in rows if r.seat)
    needs_code = first.second_factor_at is None and any(h.role in STAFF for h in held)
    if now - first.last_seen_at >= SEEN_EVERY:
        _seen(first.id, now)
    actor = Actor(
        first.person_id,
        first.name,
        first.email,
        () if needs_code else tuple(held),
        () if needs_code else tuple(seats),
    )
    return Session(first.id, actor, needs_code, first.totp_secret is not None)


def _seen(session_id: int, now: dt.datetime) -> None:
    with transaction():
        db.session.execute(
            sa.update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=now)
        )


def _current(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Membership.starts_at <= now, sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now)
    )


def sign_out(session_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """End this session for good: a copied cookie is worth nothing afterwards."""
    with transaction():
        db.session.execute(
            sa.update(SignInSession).where(SignInSession.id == session_id).values(ended_at=now)
        )
        audit.record(actor, "sign-out", ("person", actor.person_id, actor.email), now=now)


def end_sessions(person_id: int, now: dt.datetime) -> None:
    """End every session of a person: called where they are disabled, lose a role or change a secret."""
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def new_secret() -> str:
    """A secret for a second factor that is about to be set up."""
    return pyotp.random_base32()


def setup_address(secret: str, email: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Community Fund Grants")


def set_up_code(session: Session, secret: str, code: str, *, now: dt.datetime) -> Ticket:
    """Keep the secret once a code of it was given. Raises Blocked for a wrong code."""
    count_try("code", str(session.actor.person_id), now)
    with transaction():
        person = db.session.get_one(Person, session.actor.person_id, with_for_update=True)
        if person.totp_secret is not None:
            raise Blocked(Reason("A second factor is already set up.", "code"))
        person.totp_secret = secret
        return _pass_second_factor(session, person, code, now)


def give_code(session: Session, code: str, *, now: dt.datetime) -> Ticket:
    """Pass the second factor: a new session takes the old one's place. A code works once."""
    count_try("code", str(session.actor.person_id), now)
    with transaction():
        person = db.session.get_one(Person, session.actor.person_id, with_for_update=True)
        return _pass_second_factor(session, person, code, now)


def _pass_second_factor(session: Session, person: Person, code: str, now: dt.datetime) -> Ticket:
    step = _matching_step(person.totp_secret or "", code, now)
    if step is None or step <= person.totp_last_step:
        raise Blocked(
            Reason("That code is not right. Enter the newest code from your app.", "code")
        )
    person.totp_last_step = step
    db.session.execute(
        sa.update(SignInSession).where(SignInSession.id == session.id).values(ended_at=now)
    )
    audit.record(session.actor, "second-factor", ("person", person.id, person.email), now=now)
    return _begin(person.id, now, second_factor_at=now)


def _matching_step(secret: str, code: str, now: dt.datetime) -> int | None:
    """The step whose code this is, one step early or late allowed."""
    digits = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def code_for_demonstration(person_id: int, now: dt.datetime) -> str:
    """The code that an authenticator app would show now. The door asks only in the demonstration."""
    secret = db.session.scalar(sa.select(Person.totp_secret).where(Person.id == person_id))
    return pyotp.TOTP(secret).at(int(now.timestamp())) if secret else ""


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def count_try(kind: str, subject: str, now: dt.datetime) -> None:
    """Count a try in the database, so that every process sees it. Raises Blocked past the limit."""
    hashed = digest(subject)
    with transaction():
        tries = db.session.scalar(
            sa.select(sa.func.count())
            .select_from(SignInAttempt)
            .where(
                SignInAttempt.kind == kind,
                SignInAttempt.subject == hashed,
                SignInAttempt.at > now - WINDOW,
            )
        )
        db.session.add(SignInAttempt(kind=kind, subject=hashed, at=now))
    if (tries or 0) >= LIMITS[kind]:
        raise Blocked(Reason(TOO_MANY, "email" if kind != "code" else "code"))
