"""Choosing passwords: by a link that was e-mailed, or from one's account."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from zxcvbn import zxcvbn

from grants import audit
from grants.extensions import db
from grants.models.person import OneTimeLink, Person
from grants.notifications import outbox
from grants.rules.people import NOBODY, Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import links, sign_in, tries
from grants.services.hashing import LONGEST, Hashing
from grants.services.links import INVITATION, NEW_PASSWORD, OVER
from grants.services.sign_in import Session
from grants.services.transaction import transaction

PURPOSES = (INVITATION, NEW_PASSWORD)
SHORTEST = 12
LEAST_SCORE = 3  # of zxcvbn's 0 to 4
LOOKED_AT = 72  # characters that zxcvbn takes
TOO_SHORT = (
    f"Use at least {SHORTEST} characters. Three or four unrelated words are easy to remember."
)
TOO_LONG = f"Use at most {LONGEST} characters."
TOO_EASY = "That password is easy to guess. Try three or four unrelated words."


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still works, as its page shows it."""

    purpose: str
    name: str
    email: str


def check_strength(password: str, *about: str) -> None:
    """Raises Blocked with one sentence. ``about`` are words that a guesser would try first."""
    if len(password) < SHORTEST:
        raise Blocked(Reason(TOO_SHORT, "password"))
    if len(password) > LONGEST:
        raise Blocked(Reason(TOO_LONG, "password"))
    words = [word for text in about for word in text.replace("@", " ").split()]
    if zxcvbn(password[:LOOKED_AT], user_inputs=words)["score"] < LEAST_SCORE:
        raise Blocked(Reason(TOO_EASY, "password"))


def forgotten(email: str, *, base_url: str, address: str, now: dt.datetime) -> None:
    """Mail a link to choose a new password, if there is such an account. Says nothing either way.

    Something is kept in both cases, so that both take as long.
    """
    email = email.strip().lower()
    tries.count(("link", email), ("address", address), now=now, field="email")
    with transaction():
        person = db.session.scalar(
            sa.select(Person).where(
                Person.email == email,
                Person.disabled_at.is_(None),
                Person.rehearsal_id.is_(None),
            )
        )
        thing = ("person", person.id if person else None, email if person else "no such account")
        audit.record(NOBODY, "ask-new-password", thing, now=now)
        if person is not None:
            link = f"{base_url}/links/{links.new_link(person.id, NEW_PASSWORD, now)}"
            outbox.queue("password", email, now=now, values={"name": person.name, "link": link})


def link_of(token: str, *, now: dt.datetime) -> Link:
    """What the link is for. Looking at it uses nothing up. Raises NotFound when it is over."""
    row = db.session.execute(
        sa.select(OneTimeLink.purpose, Person.name, Person.email)
        .join(Person, Person.id == OneTimeLink.person_id)
        .where(*links.works(token, now, *PURPOSES))
    ).first()
    if row is None:
        raise NotFound(OVER)
    return Link(row.purpose, row.name, row.email)


def claim(token: str, password: str, *, hashing: Hashing, now: dt.datetime) -> None:
    """Choose a password by a link, which is used up. Every session of the person ends."""
    link = link_of(token, now=now)
    check_strength(password, link.name, link.email)
    db.session.rollback()
    hashed = hashing.hash(password)
    with transaction():
        person = db.session.scalar(
            sa.select(Person)
            .join(OneTimeLink, OneTimeLink.person_id == Person.id)
            .where(*links.works(token, now, *PURPOSES))
            .with_for_update()
        )
        if person is None:
            raise NotFound(OVER)
        keep(person, hashed, Actor(person.id, person.name), now)


def change(session: Session, old: str, new: str, *, hashing: Hashing, now: dt.datetime) -> None:
    """Change one's own password. Every other session ends. Raises Blocked for a wrong old one."""
    actor = session.actor
    tries.count(("password", actor.email), now=now, field="old")
    kept = db.session.scalar(sa.select(Person.password_hash).where(Person.id == actor.person_id))
    db.session.rollback()
    if not hashing.verify(kept, old):
        raise Blocked(Reason("That is not your present password.", "old"))
    check_strength(new, actor.name, actor.email)
    hashed = hashing.hash(new)
    with transaction():
        person = db.session.get_one(Person, actor.person_id, with_for_update=True)
        tries.forget_all("password", actor.email)
        keep(person, hashed, actor, now, but=session.id)


def keep(
    person: Person, hashed: str, actor: Actor, now: dt.datetime, *, but: int | None = None
) -> None:
    """A new password: links are over, other sessions end, and they are told. In ``transaction()``."""
    person.password_hash = hashed
    links.void(person.id, now)
    sign_in.end_sessions(person.id, now, but=but)
    outbox.queue("password_changed", person.email, now=now, values={"name": person.name})
    audit.record(actor, "change-password", ("person", person.id, person.email), now=now)
