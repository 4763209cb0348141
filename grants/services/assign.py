"""Handing applications to assessors by hand, one at a time."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.queries import assessors
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import access, phases
from grants.services.transaction import transaction


def assign(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    *,
    due_on: dt.date | None = None,
    now: dt.datetime,
) -> None:
    """Give one application to one assessor, and open it for assessment if it is not yet.

    Raises Blocked where this person may not assess it. A second time nothing happens.
    """
    with transaction():
        record, person = _pair(actor, key, person_key)
        if record.state not in assessors.OPEN:
            raise MoveNotAllowed("This application is not open for assessment.")
        found = _assessment(record, person)
        if found is not None and found.state != AssessmentState.CONFLICTED:
            return
        why_not = assessors.barred(actor, record.id, person.id, now=now)
        if why_not:
            raise Blocked(Reason(f"{person.name}: {why_not}.", "person"))
        if record.state == ApplicationState.SUBMITTED:
            phases.open_assessing(actor, key, now=now)
        _give(actor, record, person, due_on, now)


def remove(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> None:
    """Take an application back from an assessor who has not begun. Raises MoveNotAllowed."""
    with transaction():
        record, person = _pair(actor, key, person_key)
        found = _assessment(record, person)
        if found is None:
            return
        if found.state != AssessmentState.ASSIGNED:
            raise MoveNotAllowed(f"{person.name} has already begun, so this stays.")
        db.session.delete(found)
        audit.record(
            actor,
            "unassign",
            ("application", record.id, record.reference),
            now=now,
            before={"assessor": person.name},
        )


def _pair(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> tuple[Application, Person]:
    record = access.application(actor, key, Action.ASSIGN, lock=True).thing
    person = db.session.scalar(sa.select(Person).where(Person.key == person_key))
    if person is None:
        raise NotFound("There is no such page.")
    return record, person


def _assessment(record: Application, person: Person) -> Assessment | None:
    return db.session.scalar(
        sa.select(Assessment).where(
            Assessment.application_id == record.id, Assessment.person_id == person.id
        )
    )


def _version(record: Application) -> int:
    """The latest sent version: what is scored."""
    return db.session.scalars(
        sa.select(ApplicationVersion.id).where(
            ApplicationVersion.application_id == record.id,
            ApplicationVersion.number == record.number,
        )
    ).one()


def _give(
    actor: Actor, record: Application, person: Person, due_on: dt.date | None, now: dt.datetime
) -> None:
    db.session.add(
        Assessment(
            application_id=record.id,
            version_id=_version(record),
            person_id=person.id,
            state=AssessmentState.ASSIGNED,
            assigned_at=now,
            assigned_by=actor.person_id,
            due_on=due_on,
        )
    )
    audit.record(
        actor,
        Action.ASSIGN,
        ("application", record.id, record.reference),
        now=now,
        after={"assessor": person.name},
    )
