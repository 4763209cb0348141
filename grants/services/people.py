"""What administrators do with people: invite, give and take roles, disable, reset."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from grants import audit
from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Membership, PendingChange, Person
from grants.notifications import outbox
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import STAFF, Actor, Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.services import access, links, pending_changes, sign_in
from grants.services.pending_changes import NO_SUCH, NOT_YOURSELF
from grants.services.roles import (
    Grant,
    give,
    is_held,
    organisation_named,
    refuse_outside_programme,
    stop,
    term_of,
    thing_of,
)
from grants.services.transaction import transaction

LINK = re.compile(r"://|www\.|\w\.\w+/", re.IGNORECASE)


def invite(
    actor: Actor, name: str, email: str, grant: Grant, *, base_url: str, now: dt.datetime
) -> uuid.UUID:
    """A new person with a role, told by e-mail. A funder's role waits for a second administrator."""
    with transaction():
        _require(actor)
        organisation = organisation_named(grant.organisation)
        refuse_outside_programme(organisation, grant.role)
        record = new_person(actor, name, email, now=now)
        _give_or_ask(actor, record, organisation, grant, "", now)
        send_invitation(actor, record, organisation, base_url=base_url, now=now)
        return record.key


def new_person(actor: Actor, name: str, email: str, *, now: dt.datetime) -> Person:
    """A person who cannot sign in yet. Inside ``transaction()``. Raises Blocked for a wrong e-mail."""
    name = checked_name(name)
    email = checked_email(email)
    if db.session.scalar(sa.select(sa.exists().where(Person.email == email))):
        raise Blocked(Reason("There is already an account with this e-mail.", "email"))
    record = Person(name=name, email=email, created_at=now)
    db.session.add(record)
    db.session.flush()
    audit.record(actor, "invite", thing_of(record), now=now, after={"name": record.name})
    return record


def checked_name(name: str) -> str:
    """The name on one line. Raises Blocked without one, and for a link: our mail greets people by
    it, and must not lead strangers where somebody else wants them."""
    name = " ".join(name.split())[:300]
    if not name:
        raise Blocked(Reason("Enter their name.", "name"))
    if LINK.search(name):
        raise Blocked(Reason("Enter a name alone, without a link.", "name"))
    return name


def checked_email(email: str) -> str:
    """The address in lower case. Raises Blocked where it cannot be one."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Blocked(
            Reason("Enter an e-mail address, such as name@example.org.", "email")
        ) from None


def send_invitation(
    actor: Actor, record: Person, organisation: Organisation, *, base_url: str, now: dt.datetime
) -> None:
    """Mail a link that is good for seven days. Inside ``transaction()``."""
    token = links.new_link(record.id, links.INVITATION, now)
    values = {
        "name": record.name,
        "inviter": actor.name,
        "organisation": organisation.name,
        "link": f"{base_url}/links/{token}",
    }
    outbox.queue("invitation", record.email, now=now, values=values)


def invite_again(actor: Actor, key: uuid.UUID, *, base_url: str, now: dt.datetime) -> None:
    """Mail a new link to a person who has not taken up the first."""
    with transaction():
        record = access.person(actor, key, lock=True)
        if record.password_hash is not None or record.disabled_at is not None:
            raise MoveNotAllowed("This person has a password already, or is disabled.")
        organisation = db.session.scalar(
            sa.select(Organisation)
            .join(Membership, Membership.organisation_id == Organisation.id)
            .where(Membership.person_id == record.id)
            .limit(1)
        ) or _organisation_waited_for(record)
        send_invitation(actor, record, organisation, base_url=base_url, now=now)
        audit.record(actor, "invite", thing_of(record), now=now)


def _organisation_waited_for(record: Person) -> Organisation:
    found = db.session.scalar(
        sa.select(Organisation)
        .join(PendingChange, PendingChange.organisation_id == Organisation.id)
        .where(PendingChange.person_id == record.id)
        .limit(1)
    )
    if found is None:
        raise Blocked("This person has no role anywhere. Give them one first.")
    return found


def grant_role(
    actor: Actor, key: uuid.UUID, grant: Grant, *, reason: str, now: dt.datetime
) -> bool:
    """Give a role at once, or ask for it where it is a funder's. Whether it is in force now."""
    with transaction():
        record = access.person(actor, key, lock=True)
        if record.id == actor.person_id:
            raise Forbidden(NOT_YOURSELF)
        if record.disabled_at is not None:
            raise Blocked("This person is disabled. Enable them first.")
        organisation = organisation_named(grant.organisation)
        refuse_outside_programme(organisation, grant.role)
        if is_held(record, organisation, grant, now) or pending_changes.is_waiting(
            record,
            PendingChange.role == grant.role,
            PendingChange.organisation_id == organisation.id,
            PendingChange.fund.is_not_distinct_from(grant.fund),
        ):
            raise Blocked(Reason("They have this role already, or it is waiting.", "role"))
        return _give_or_ask(actor, record, organisation, grant, reason, now)


def _give_or_ask(
    actor: Actor,
    record: Person,
    organisation: Organisation,
    grant: Grant,
    reason: str,
    now: dt.datetime,
) -> bool:
    if grant.role in STAFF:
        pending_changes.ask_role(actor, record, organisation, grant, reason=reason, now=now)
        return False
    give(actor, record, organisation, (grant.role, grant.fund, *term_of(grant, now)), now)
    return True


def end_role(actor: Actor, key: uuid.UUID, membership: int, *, now: dt.datetime) -> None:
    """End a role now. Where it was a funder's, every session of the person ends with it."""
    with transaction():
        record = access.person(actor, key, lock=True)
        held = db.session.scalar(
            sa.select(Membership)
            .where(Membership.id == membership, Membership.person_id == record.id)
            .with_for_update()
        )
        if held is None:
            raise NotFound(NO_SUCH)
        if record.id == actor.person_id and held.role == Role.ADMINISTRATOR:
            raise Forbidden(NOT_YOURSELF)
        stop(actor, record, held, now)


def disable(actor: Actor, key: uuid.UUID, *, reason: str, now: dt.datetime) -> None:
    """Shut a person out at once. Their roles stay, so that enabling them gives all back."""
    with transaction():
        record = access.person(actor, key, lock=True)
        if record.id == actor.person_id:
            raise Forbidden(NOT_YOURSELF)
        if record.disabled_at is not None:
            raise MoveNotAllowed("This person is disabled already.")
        if not reason.strip():
            raise Blocked(Reason("Give a reason.", "reason"))
        record.disabled_at = now
        sign_in.end_sessions(record.id, now)
        audit.record(actor, "disable", thing_of(record), now=now, reason=reason)


def enable(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let a disabled person sign in again."""
    with transaction():
        record = access.person(actor, key, lock=True)
        if record.id == actor.person_id:
            raise Forbidden(NOT_YOURSELF)
        record.disabled_at = None
        audit.record(actor, "enable", thing_of(record), now=now)


def end_sessions(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Sign a person out everywhere."""
    with transaction():
        record = access.person(actor, key, lock=True)
        sign_in.end_sessions(record.id, now)
        audit.record(actor, "end-sessions", thing_of(record), now=now)


def _require(actor: Actor) -> None:
    if not db.session.scalar(sa.select(visible(actor, Action.MANAGE_PEOPLE))):
        raise NotFound(NO_SUCH)
