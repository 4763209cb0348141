"""Links that let their holder in once: kept as fingerprints, over after a while or when one is used."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import OneTimeLink, Person
from grants.services import tries

INVITATION, NEW_PASSWORD, ENTRY = "invitation", "password", "entry"
LIVES = {
    INVITATION: dt.timedelta(days=7),
    NEW_PASSWORD: dt.timedelta(minutes=15),
    ENTRY: dt.timedelta(minutes=30),
}
OVER = "This link no longer works. Ask for a new one."


def new_link(person_id: int, purpose: str, now: dt.datetime) -> str:
    """The token of a new link; older ones of the same purpose are over. Inside ``transaction()``."""
    token = secrets.token_urlsafe(32)
    void(person_id, now, purpose)
    db.session.add(
        OneTimeLink(
            purpose=purpose,
            person_id=person_id,
            token_sha256=tries.digest(token),
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    return token


def void(person_id: int, now: dt.datetime, *purposes: str) -> None:
    """End the person's links of these purposes, or all of them. Inside ``transaction()``."""
    db.session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.person_id == person_id,
            OneTimeLink.purpose.in_(purposes or sorted(LIVES)),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
    )


def works(token: str, now: dt.datetime, *purposes: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on a link and its person: it has one of these purposes and is not over."""
    return (
        OneTimeLink.token_sha256 == tries.digest(token),
        OneTimeLink.purpose.in_(purposes),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
        Person.disabled_at.is_(None),
    )
