"""Inviting people from anywhere to one application, and taking such an invitation up.

Whether an account has that e-mail, and what it does for a fund, is asked when the invitation is taken
up, never when it is sent: who invites must not learn who assesses.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.models.share import Share
from grants.notifications import outbox
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor, Right
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ApplicationState
from grants.services import access, passwords, people, standing, tries
from grants.services.hashing import Hashing
from grants.services.transaction import transaction

LINK_LIVES = dt.timedelta(days=14)
LONGEST = dt.timedelta(days=366)
MOST = 30  # invitations of one application, ended ones too
NO_SUCH = access.NO_SUCH
OVER = "This invitation no longer works. Ask whoever invited you for a new one."
BARRED = (
    "You work or assess for this fund, so you can't take part in writing an application to it. "
    "Nobody who invited you is told why."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to invite, what they may do, and their last day."""

    name: str
    email: str
    right: Right
    last_day: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An invitation as its page shows it to whoever holds the link."""

    key: uuid.UUID
    name: str
    email: str
    right: Right
    inviter: str
    organisation: str
    title: str
    ends_at: dt.datetime
    has_account: bool


def invite(
    actor: Actor, key: uuid.UUID, wanted: Invitation, *, base_url: str, now: dt.datetime
) -> None:
    """Invite somebody to this application alone; they are told by e-mail, with a link of their own."""
    with transaction():
        found = access.application(actor, key, Action.SHARE, lock=True)
        if found.thing.state == ApplicationState.WITHDRAWN:
            raise MoveNotAllowed("This application is withdrawn, so nobody can be invited to it.")
        email, ends_at = _checked(actor, found.thing, wanted, now)
        token = secrets.token_urlsafe(32)
        record = Share(
            application_id=found.thing.id,
            name=people.checked_name(wanted.name),
            email=email,
            may=wanted.right,
            token_sha256=tries.digest(token),
            invited_at=now,
            invited_by=actor.person_id,
            ends_at=ends_at,
        )
        db.session.add(record)
        db.session.flush()
        _mail(actor, record, found.thing, f"{base_url}/invitations/{token}", now)
        _audit(actor, "invite-to-application", record, found.thing, now)


def end(actor: Actor, key: uuid.UUID, share: uuid.UUID, *, now: dt.datetime) -> None:
    """Take an invitation back. It is over at that person's next click. Ended twice, it ended once."""
    with transaction():
        found = access.application(actor, key, Action.SHARE, lock=True)
        record = _of(found.thing, share)
        if record.ended_at is not None:
            return
        record.ended_at, record.ended_by = now, actor.person_id
        _audit(actor, "end-invitation", record, found.thing, now)


def again(
    actor: Actor, key: uuid.UUID, share: uuid.UUID, *, base_url: str, now: dt.datetime
) -> None:
    """Mail a new link for an invitation that nobody took up yet; the old link is over."""
    tries.count(("link", f"share {share}"), now=now, field="")
    with transaction():
        found = access.application(actor, key, Action.SHARE, lock=True)
        record = _of(found.thing, share)
        if record.person_id is not None or record.ended_at is not None or record.ends_at <= now:
            raise MoveNotAllowed("This invitation was taken up already, or is over.")
        token = secrets.token_urlsafe(32)
        record.token_sha256, record.invited_at = tries.digest(token), now
        _mail(actor, record, found.thing, f"{base_url}/invitations/{token}", now)
        _audit(actor, "invite-to-application", record, found.thing, now)


def offer(token: str, *, now: dt.datetime) -> Offer:
    """What the link is for. Looking uses nothing up. Raises NotFound when it is over."""
    row: Any = db.session.execute(
        sa.select(Share, Person.name, Organisation.name, Application.title)
        .join(Person, Person.id == Share.invited_by)
        .join(Application, Application.id == Share.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(*_works(token, now))
    ).one_or_none()
    if row is None:
        raise NotFound(OVER)
    record, inviter, organisation, title = row
    has_account = db.session.scalar(
        sa.select(
            sa.exists().where(Person.email == record.email, Person.password_hash.is_not(None))
        )
    )
    return Offer(
        key=record.key,
        name=record.name,
        email=record.email,
        right=record.may,
        inviter=inviter,
        organisation=organisation,
        title=title,
        ends_at=record.ends_at,
        has_account=bool(has_account),
    )


def take(actor: Actor, token: str, *, now: dt.datetime) -> uuid.UUID:
    """Take the invitation up with the account that has its e-mail. Gives the application's key."""
    with transaction():
        record, application = _waiting(token, now)
        if record.email != actor.email:
            raise Forbidden(f"This invitation is for {record.email}. Sign in with that e-mail.")
        _take(actor, record, application, now)
        return application.key


def claim(token: str, password: str, *, hashing: Hashing, now: dt.datetime) -> None:
    """Choose a password by the link: the account is made, and the invitation taken up with it."""
    made = offer(token, now=now)
    if made.has_account:
        raise MoveNotAllowed("There is already an account with this e-mail. Sign in with it.")
    passwords.check_strength(password, made.name, made.email)
    db.session.rollback()
    hashed = hashing.hash(password)
    with transaction():
        record, application = _waiting(token, now)
        person = db.session.scalar(
            sa.select(Person).where(Person.email == record.email).with_for_update()
        )
        if person is not None and (person.password_hash or person.disabled_at):
            raise NotFound(OVER)
        if person is None:
            person = people.new_person(Actor(0, record.name), record.name, record.email, now=now)
        actor = Actor(person.id, person.name, person.email)
        _take(actor, record, application, now)
        passwords.keep(person, hashed, actor, now)


def _checked(
    actor: Actor, application: Application, wanted: Invitation, now: dt.datetime
) -> tuple[str, dt.datetime]:
    """The e-mail in lower case, and the end of the last day. Raises Blocked."""
    people.checked_name(wanted.name)
    email = people.checked_email(wanted.email)
    if email == actor.email:
        raise Blocked(Reason("This is your own e-mail.", "email"))
    if wanted.last_day is None:
        raise Blocked(Reason("Enter their last day.", "last_day"))
    ends_at = dates.end_of(wanted.last_day)
    if not now < ends_at <= now + LONGEST:
        raise Blocked(Reason("Choose a day from today on, within a year.", "last_day"))
    there = db.session.scalars(sa.select(Share).where(Share.application_id == application.id)).all()
    if len(there) >= MOST:
        raise Blocked(Reason(f"{MOST} people were invited already. That is the most.", "email"))
    if any(s.email == email and s.ended_at is None and s.ends_at > now for s in there):
        raise Blocked(
            Reason(
                "They are invited already. End that invitation to change what they may do.", "email"
            )
        )
    return email, ends_at


def _works(token: str, now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Share.token_sha256 == tries.digest(token),
        Share.person_id.is_(None),
        Share.ended_at.is_(None),
        Share.ends_at > now,
        Share.invited_at > now - LINK_LIVES,
    )


def _waiting(token: str, now: dt.datetime) -> tuple[Share, Application]:
    row: Any = db.session.execute(
        sa.select(Share, Application)
        .join(Application, Application.id == Share.application_id)
        .where(*_works(token, now))
        .with_for_update(of=Share)
    ).one_or_none()
    if row is None:
        raise NotFound(OVER)
    return row[0], row[1]


def _take(actor: Actor, record: Share, application: Application, now: dt.datetime) -> None:
    round_record = db.session.get_one(Round, application.round_id)
    if standing.is_funders(actor.person_id, round_record, application.id, now=now):
        raise Blocked(BARRED)
    record.person_id, record.taken_at = actor.person_id, now
    _audit(actor, "take-invitation", record, application, now)


def _of(application: Application, key: uuid.UUID) -> Share:
    record = db.session.scalar(
        sa.select(Share).where(Share.application_id == application.id, Share.key == key)
    )
    if record is None:
        raise NotFound(NO_SUCH)
    return record


def _mail(
    actor: Actor, record: Share, application: Application, link: str, now: dt.datetime
) -> None:
    organisation = db.session.get_one(Organisation, application.organisation_id)
    values = {
        "name": record.name,
        "inviter": actor.name,
        "organisation": organisation.name,
        "title": application.title,
        "link": link,
    }
    outbox.queue("share", record.email, now=now, values=values, round_id=application.round_id)


def _audit(
    actor: Actor, action: str, record: Share, application: Application, now: dt.datetime
) -> None:
    audit.record(
        actor,
        action,
        ("application", application.id, application.reference),
        now=now,
        after={"name": record.name, "email": record.email, "right": record.may},
    )
