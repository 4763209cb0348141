"""Signing in with a password, and sessions that die when they should."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.person import Membership, PanelSeat, Person, SignInSession
from grants.models.rehearsal import Rehearsal
from grants.models.round import Round
from grants.models.share import Share
from grants.notifications import outbox
from grants.rules.actions import Action
from grants.rules.people import SECOND_FACTOR, Actor, Held
from grants.rules.refusals import Blocked, Reason, Refusal
from grants.services import access, tries
from grants.services.acting import actor_with_id
from grants.services.hashing import Hashing
from grants.services.transaction import transaction
from grants.services.tries import digest

SEEN_EVERY = dt.timedelta(minutes=5)
WRONG = "The e-mail or the password is not right."


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in as the gate sees it."""

    id: int
    actor: Actor
    needs_code: bool
    has_code: bool  # a second factor is set up
    person_key: uuid.UUID
    has_password: bool
    confirmed_at: dt.datetime  # when this person last showed who they are
    person_id: int  # who signed in, whatever part they play
    rehearsed: uuid.UUID | None = None  # the round whose rehearsal they play in


@dataclass(frozen=True, slots=True)
class Ticket:
    """The new cookie value, and what is still to be done."""

    token: str
    needs_code: bool


def sign_in(
    email: str,
    password: str,
    *,
    address: str,
    hashing: Hashing,
    now: dt.datetime,
    replaces: int | None = None,
) -> Ticket:
    """Begin a session in the place of the one this browser had, if any.

    Raises Blocked with one sentence, the same whether the account exists.
    """
    email = email.strip().lower()
    made = (("password", email), ("address", address))
    tries.count(*made, now=now, field="email")
    person = db.session.execute(
        sa.select(Person.id, Person.name, Person.password_hash, Person.disabled_at).where(
            Person.email == email
        )
    ).first()
    db.session.rollback()  # hashing takes long: nothing may wait for this reader meanwhile
    is_right = hashing.verify(person.password_hash if person else None, password)
    if not is_right or person is None or person.disabled_at is not None:
        raise Blocked(Reason(WRONG, "email"))
    rehashed = hashing.hash(password) if hashing.is_outdated(person.password_hash) else None
    with transaction():
        tries.forget_all("password", email)
        tries.forget(("address", address), now=now)
        if rehashed is not None:
            db.session.execute(
                sa.update(Person).where(Person.id == person.id).values(password_hash=rehashed)
            )
        if replaces is not None:
            end_one(replaces, now)
        audit.record(
            Actor(person.id, person.name), "sign-in", ("person", person.id, email), now=now
        )
        return begin_session(person.id, now)


def begin_session(
    person_id: int, now: dt.datetime, second_factor_at: dt.datetime | None = None
) -> Ticket:
    """A new session with a token of its own. Inside ``transaction()``."""
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
    return Ticket(token, second_factor_at is None and _owes_code(person_id, now))


def _owes_code(person_id: int, now: dt.datetime) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.person_id == person_id,
                    Membership.role.in_(sorted(SECOND_FACTOR)),
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
    instants = {"now": now, "begun_after": now - longest, "seen_after": now - idle}
    rows = db.session.execute(_SESSION, {"token": digest(token), **instants}).all()
    if not rows:
        return None
    first = rows[0]
    if first.plays_id and not _may_play(first, now):
        _stop_playing(first.id)
        return session_of(token, now=now, longest=longest, idle=idle)
    held = dict.fromkeys(Held(r.role, r.organisation_id, r.fund) for r in rows if r.role)
    seats = dict.fromkeys((r.round_id, r.seat) for r in rows if r.seat)
    shares = dict.fromkeys((r.shared_id, r.may) for r in rows if r.may)
    needs_code = first.second_factor_at is None and any(h.role in SECOND_FACTOR for h in held)
    if now - first.last_seen_at >= SEEN_EVERY:
        _seen(first.id, now)
    outbox.keep_apart(first.rehearsal_id)
    actor = Actor(
        first.person_id,
        first.name,
        first.email,
        () if needs_code else tuple(held),
        () if needs_code else tuple(seats),
        () if needs_code else tuple(shares),
        first.player if first.plays_id else "",
    )
    return Session(
        id=first.id,
        actor=actor,
        needs_code=needs_code,
        has_code=first.totp_secret is not None,
        person_key=first.person_key,
        has_password=first.password_hash is not None,
        confirmed_at=first.confirmed_at or first.second_factor_at or first.created_at,
        person_id=first.player_id,
        rehearsed=first.rehearsed,
    )


def _may_play(row: Any, now: dt.datetime) -> bool:
    """Whether who signed in may still set up the round that is rehearsed: as long as that, no longer."""
    try:
        player = actor_with_id(row.player_id, now=now)
        access.round_(player, row.rehearsed, Action.SET_UP_ROUND)
    except Refusal:
        return False
    return True


def _stop_playing(session_id: int) -> None:
    with transaction():
        db.session.execute(
            sa.update(SignInSession).where(SignInSession.id == session_id).values(plays_id=None)
        )


def _seen(session_id: int, now: dt.datetime) -> None:
    with transaction():
        db.session.execute(
            sa.update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=now)
        )


def _current(now: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        Membership.starts_at <= now, sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now)
    )


_player = sa.orm.aliased(Person)
_rehearsed = sa.orm.aliased(Round)
_INSTANT: Any = Membership.__table__.c.starts_at.type
# Asked for every page, so it is put together once.
_SESSION = (
    sa.select(
        SignInSession.id,
        SignInSession.last_seen_at,
        SignInSession.second_factor_at,
        SignInSession.created_at,
        SignInSession.confirmed_at,
        Person.id.label("person_id"),
        Person.key.label("person_key"),
        Person.name,
        Person.email,
        Person.totp_secret,
        Person.password_hash,
        Membership.role,
        Membership.organisation_id,
        Membership.fund,
        PanelSeat.round_id,
        PanelSeat.seat,
        Share.application_id.label("shared_id"),
        Share.may,
        SignInSession.plays_id,
        _player.id.label("player_id"),
        _player.name.label("player"),
        Person.rehearsal_id,
        _rehearsed.key.label("rehearsed"),
    )
    .join(_player, _player.id == SignInSession.person_id)
    .join(Person, Person.id == sa.func.coalesce(SignInSession.plays_id, SignInSession.person_id))
    .outerjoin(Rehearsal, Rehearsal.id == Person.rehearsal_id)
    .outerjoin(_rehearsed, _rehearsed.id == Rehearsal.round_id)
    .outerjoin(
        Membership,
        sa.and_(Membership.person_id == Person.id, _current(sa.bindparam("now", type_=_INSTANT))),
    )
    .outerjoin(PanelSeat, PanelSeat.person_id == Person.id)
    .outerjoin(
        Share,
        sa.and_(
            Share.person_id == Person.id,
            Share.ended_at.is_(None),
            Share.ends_at > sa.bindparam("now", type_=_INSTANT),
        ),
    )
    .where(
        SignInSession.token_sha256 == sa.bindparam("token"),
        SignInSession.ended_at.is_(None),
        SignInSession.created_at > sa.bindparam("begun_after"),
        SignInSession.last_seen_at > sa.bindparam("seen_after"),
        Person.disabled_at.is_(None),
        _player.disabled_at.is_(None),
    )
    .order_by(Membership.id, PanelSeat.id, Share.id)
)


def sign_out(session: Session, *, now: dt.datetime) -> None:
    """End this session for good: a copied cookie is worth nothing afterwards."""
    actor = session.actor
    with transaction():
        end_one(session.id, now)
        audit.record(actor, "sign-out", ("person", actor.person_id, actor.email), now=now)


def sign_out_elsewhere(session: Session, *, now: dt.datetime) -> None:
    """End every other session of the same person."""
    actor = session.actor
    with transaction():
        end_sessions(actor.person_id, now, but=session.id)
        audit.record(actor, "sign-out-elsewhere", ("person", actor.person_id, actor.email), now=now)


def end_one(session_id: int, now: dt.datetime) -> None:
    """End one session, once. Inside ``transaction()``."""
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(person_id: int, now: dt.datetime, *, but: int | None = None) -> None:
    """End every session of a person: called where they are disabled, lose a role or change a secret."""
    others = () if but is None else (SignInSession.id != but,)
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None), *others)
        .values(ended_at=now)
    )
