"""Signing in by a link that was e-mailed, in the place of a password. Staff still owe their code."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from grants import audit, queue
from grants.extensions import db
from grants.models.person import OneTimeLink, Person
from grants.notifications import outbox
from grants.rules.people import NOBODY, Actor
from grants.rules.refusals import NotFound
from grants.services import links, sign_in, tries
from grants.services.links import ENTRY, OVER
from grants.services.sign_in import Ticket
from grants.services.transaction import transaction

JOB = "send_entry_link"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose link it is, as its page shows it."""

    name: str
    email: str


def ask(email: str, *, base_url: str, after: str, address: str, now: dt.datetime) -> None:
    """Have a link mailed, if there is such an account. Says nothing either way.

    The same statements are made in both cases and the rest is a job, so both take as long.
    ``after`` is the path to go on to, checked by whoever asks and again when the link is used.
    """
    email = email.strip().lower()
    tries.count(("link", email), ("address", address), now=now, field="email")
    with transaction():
        person_id = db.session.scalar(
            sa.select(Person.id).where(
                Person.email == email,
                Person.disabled_at.is_(None),
                Person.rehearsal_id.is_(None),
            )
        )
        whose = "no such account" if person_id is None else email
        audit.record(NOBODY, "ask-entry-link", ("person", person_id, whose), now=now)
        payload = {"person": person_id, "base_url": base_url, "after": after}
        queue.put(JOB, payload, actor=NOBODY, now=now)


def send(payload: dict[str, Any], *, now: dt.datetime, progress: Any) -> None:
    """Mail the link that was asked for. Done again, the newer link is the one that works."""
    del progress
    with transaction():
        person = db.session.scalar(
            sa.select(Person).where(Person.id == payload["person"], Person.disabled_at.is_(None))
        )
        if person is None:
            return
        address = f"{payload['base_url']}/sign-in/links/{links.new_link(person.id, ENTRY, now)}"
        if payload["after"]:
            address += "?" + urlencode({"next": payload["after"]})
        values = {"name": person.name, "link": address}
        outbox.queue("entry_link", person.email, now=now, values=values)


def holder_of(token: str, *, now: dt.datetime) -> Holder:
    """Whose link it is. Looking at it uses nothing up. Raises NotFound when it is over."""
    row = db.session.execute(
        sa.select(Person.name, Person.email)
        .join(OneTimeLink, OneTimeLink.person_id == Person.id)
        .where(*links.works(token, now, ENTRY))
    ).first()
    if row is None:
        raise NotFound(OVER)
    return Holder(row.name, row.email)


def enter(token: str, *, address: str, now: dt.datetime, replaces: int | None = None) -> Ticket:
    """Use the link up and begin a session in the place of the one this browser had, if any.

    Raises NotFound when it is over, Blocked after too many tries from one address.
    """
    tries.count(("address", address), now=now, field="")
    with transaction():
        person = db.session.scalar(
            sa.select(Person)
            .join(OneTimeLink, OneTimeLink.person_id == Person.id)
            .where(*links.works(token, now, ENTRY))
            .with_for_update(of=Person)
        )
        if person is None or not _claim(token, now):
            raise NotFound(OVER)
        links.void(person.id, now, ENTRY)
        tries.forget(("address", address), now=now)
        if replaces is not None:
            sign_in.end_one(replaces, now)
        thing = ("person", person.id, person.email)
        actor = Actor(person.id, person.name)
        audit.record(actor, "sign-in", thing, now=now, after={"by": "link"})
        return sign_in.begin_session(person.id, now)


def _claim(token: str, now: dt.datetime) -> bool:
    """Mark the link as used; False where another request was quicker."""
    used = db.session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.token_sha256 == tries.digest(token), OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None
