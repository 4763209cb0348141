"""What one administrator asks for a person and another must confirm."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import ChangeKind, PendingChange, Person
from grants.notifications import outbox
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.services import access, sign_in
from grants.services.roles import Grant, give, term_of, thing_of
from grants.services.transaction import transaction

NO_SUCH = "There is no such page."
NOT_YOURSELF = "You can't do this for yourself. Ask another administrator."
SECOND = "Another administrator must confirm this: not who asked, and not who it is for."


def ask_role(
    actor: Actor,
    record: Person,
    organisation: Organisation,
    grant: Grant,
    *,
    reason: str,
    now: dt.datetime,
) -> None:
    """Ask for a role that somebody else must confirm. Inside ``transaction()``."""
    starts_at, ends_at = term_of(grant, now)
    db.session.add(
        PendingChange(
            person_id=record.id,
            kind=ChangeKind.ROLE,
            organisation_id=organisation.id,
            fund=grant.fund,
            role=grant.role,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            asked_by=actor.person_id,
            asked_at=now,
        )
    )
    after = {"role": grant.role, "organisation": organisation.reference, "fund": grant.fund}
    audit.record(actor, "ask-role", thing_of(record), now=now, after=after, reason=reason)


def ask_reset(actor: Actor, key: uuid.UUID, *, reason: str, now: dt.datetime) -> None:
    """Ask for a person's second factor to be reset; another administrator must confirm."""
    with transaction():
        record = access.person(actor, key, lock=True)
        if record.id == actor.person_id:
            raise Forbidden(NOT_YOURSELF)
        if record.totp_secret is None:
            raise MoveNotAllowed("This person has no second factor.")
        if not reason.strip():
            raise Blocked(Reason("Say how you know that it is they who ask.", "reason"))
        if is_waiting(record, PendingChange.kind == ChangeKind.SECOND_FACTOR):
            raise MoveNotAllowed("This is waiting for a second administrator already.")
        db.session.add(
            PendingChange(
                person_id=record.id,
                kind=ChangeKind.SECOND_FACTOR,
                reason=reason,
                asked_by=actor.person_id,
                asked_at=now,
            )
        )
        audit.record(actor, "ask-reset", thing_of(record), now=now, reason=reason)


def confirm(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """As the second administrator, put in force what the first asked for."""
    with transaction():
        change, record = _waiting(actor, key)
        if actor.person_id in {change.asked_by, change.person_id}:
            raise Forbidden(SECOND)
        if record.disabled_at is not None:
            raise Blocked("This person is disabled. Enable them first, or turn this down.")
        change.decided_by, change.decided_at, change.is_confirmed = actor.person_id, now, True
        if change.kind == ChangeKind.SECOND_FACTOR:
            _reset(actor, record, now)
        else:
            _give_asked(actor, record, change, now)


def _give_asked(actor: Actor, record: Person, change: PendingChange, now: dt.datetime) -> None:
    if change.role is None or change.organisation_id is None or change.starts_at is None:
        raise MoveNotAllowed("This change names no role.")
    organisation = db.session.get_one(Organisation, change.organisation_id)
    term = (change.role, change.fund, max(change.starts_at, now), change.ends_at)
    if change.ends_at is not None and change.ends_at <= now:
        raise MoveNotAllowed("The time for which this role was asked is over.")
    give(actor, record, organisation, term, now, asked_by=change.asked_by)


def _reset(actor: Actor, record: Person, now: dt.datetime) -> None:
    record.totp_secret, record.totp_last_step = None, 0
    sign_in.end_sessions(record.id, now)
    outbox.queue("second_factor_reset", record.email, now=now, values={"name": record.name})
    audit.record(actor, "reset-second-factor", thing_of(record), now=now)


def turn_down(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Drop what was asked for. Who asked may do this too."""
    with transaction():
        change, record = _waiting(actor, key)
        change.decided_by, change.decided_at = actor.person_id, now
        audit.record(actor, "turn-down", thing_of(record), now=now, before={"kind": change.kind})


def _waiting(actor: Actor, key: uuid.UUID) -> tuple[PendingChange, Person]:
    row = db.session.execute(
        sa.select(PendingChange, Person)
        .join(Person, Person.id == PendingChange.person_id)
        .where(PendingChange.key == key, visible(actor, Action.MANAGE_PEOPLE))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(NO_SUCH)
    if row.PendingChange.decided_at is not None:
        raise MoveNotAllowed("This was decided already.")
    return row.PendingChange, row.Person


def is_waiting(record: Person, *conditions: sa.ColumnElement[bool]) -> bool:
    """Whether such a change waits for this person."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    PendingChange.person_id == record.id,
                    PendingChange.decided_at.is_(None),
                    *conditions,
                )
            )
        )
    )
