"""Telling of one's interests once, and setting aside a conflict that they suggest."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.interest import ConflictOverride, PersonInterest
from grants.models.person import Person
from grants.queries import interests
from grants.rules.actions import Action
from grants.rules.interests import Tie
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason
from grants.services import access
from grants.services.transaction import transaction

LONGEST_BODY, LONGEST_NUMBER, LONGEST_POSTCODE, LONGEST = 300, 20, 10, 2_000
NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An interest as it was typed. A day is None where none was given."""

    tie: str
    body: str
    number: str = ""
    postcode: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


def tell(actor: Actor, typed: Typed, *, now: dt.datetime) -> None:
    """Tell of one body that one has to do with. Told twice, it is kept once.

    Raises Blocked with every fault, each at its field.
    """
    faults = _faults(typed)
    if faults:
        raise Blocked(*faults)
    with transaction():
        _lock(actor)
        told = {
            "tie": Tie(typed.tie),
            "body": typed.body.strip(),
            "number": typed.number.strip(),
            "postcode": typed.postcode.strip().upper(),
            "starts_on": typed.starts_on,
            "ends_on": typed.ends_on,
        }
        stands = sa.select(PersonInterest.id).filter_by(
            person_id=actor.person_id, taken_back_at=None, round_id=None, **told
        )
        if db.session.scalar(stands.limit(1)) is not None:
            return
        record = PersonInterest(person_id=actor.person_id, told_at=now, **told)
        db.session.add(record)
        _record(actor, "tell-interest", now, record)


def take_back(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Say that an interest was a mistake. It counts no more; that it was told stays in the trail."""
    with transaction():
        _lock(actor)
        record = db.session.scalar(
            sa.select(PersonInterest).where(
                PersonInterest.key == key,
                PersonInterest.person_id == actor.person_id,
                PersonInterest.round_id.is_(None),
            )
        )
        if record is None:
            raise NotFound(NO_SUCH)
        if record.taken_back_at is None:
            record.taken_back_at = now
            _record(actor, "take-back-interest", now, record)


def override(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, reason: str, *, now: dt.datetime
) -> None:
    """Set aside what suggests a conflict, so that this person may be given this application.

    What somebody declared, and help in writing it, can't be set aside. Raises Forbidden for one's
    own, Blocked without a reason or where nothing is suggested.
    """
    if not reason.strip():
        raise Blocked(Reason("Say why this is no conflict.", "reason"))
    if len(reason) > LONGEST:
        raise Blocked(Reason(f"Use {LONGEST:,} characters or fewer.", "reason"))
    with transaction():
        record = access.application(actor, key, Action.OVERRIDE_CONFLICT, lock=True).thing
        person = db.session.scalar(sa.select(Person).where(Person.key == person_key))
        if person is None:
            raise NotFound(NO_SUCH)
        if person.id == actor.person_id:
            raise Forbidden("You can't set aside a conflict of your own.")
        found = interests.pair(actor, key, person_key, now=now).found
        if found.is_overridden:
            return
        if found.certain or not found.suggestions:
            raise Blocked(Reason(found.certain or "Nothing suggests a conflict here.", "reason"))
        db.session.add(
            ConflictOverride(
                application_id=record.id,
                person_id=person.id,
                reason=reason.strip(),
                made_by=actor.person_id,
                made_at=now,
            )
        )
        audit.record(
            actor,
            Action.OVERRIDE_CONFLICT,
            ("application", record.id, record.reference),
            now=now,
            before={"suggested": [one.of_them for one in found.suggestions]},
            after={"assessor": person.name},
            reason=reason.strip(),
        )


def _faults(typed: Typed) -> list[Reason]:
    faults = []
    if typed.tie not in set(Tie):
        faults.append(Reason("Choose what you have to do with it.", "tie"))
    if not typed.body.strip():
        faults.append(Reason("Enter the name of the body.", "body"))
    if typed.tie == Tie.ADDRESS and not typed.postcode.strip():
        faults.append(Reason("Enter the postcode of the address.", "postcode"))
    faults += [
        Reason(f"Use {longest} characters or fewer.", field)
        for field, text, longest in (
            ("body", typed.body, LONGEST_BODY),
            ("number", typed.number, LONGEST_NUMBER),
            ("postcode", typed.postcode, LONGEST_POSTCODE),
        )
        if len(text.strip()) > longest
    ]
    if typed.starts_on and typed.ends_on and typed.ends_on < typed.starts_on:
        faults.append(Reason("It can't end before it began.", "ends_on"))
    return faults


def _lock(actor: Actor) -> None:
    """One at a time for each person, so that a double click keeps one."""
    held = sa.select(Person.id).where(Person.id == actor.person_id).with_for_update()
    if db.session.scalar(held) is None:
        raise NotFound(NO_SUCH)


def _record(actor: Actor, act: str, now: dt.datetime, record: PersonInterest) -> None:
    after = {"tie": record.tie.value, "body": record.body}
    audit.record(actor, act, ("person", actor.person_id, actor.name), now=now, after=after)
