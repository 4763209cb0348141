"""A new version of an open round's rulebook: begun, discarded, published; drafts move when it is safe."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.checks import faults
from grants.funds.definition import Fund
from grants.funds.schema import from_document
from grants.models.application import Application
from grants.models.round import Round, RoundDefinition
from grants.notifications import outbox
from grants.rules.actions import Action
from grants.rules.definition_changes import Change, Weight, between, is_safe
from grants.rules.people import APPLICANTS, Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import ApplicationState, RoundState
from grants.services import access, definitions, telling
from grants.services.transaction import transaction

MOST_TOLD = 12  # differences in one message


def begin(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Begin a new version from the one in force. Begun twice, it is the same one."""
    with transaction():
        record = _open(actor, key)
        newest = definitions.working(record)
        if not newest.is_published:
            return
        db.session.add(
            RoundDefinition(
                round_id=record.id,
                version=newest.version + 1,
                content=newest.content,
                sha256=newest.sha256,
                created_at=now,
            )
        )
        _record(actor, record, now, {"version_begun": newest.version + 1})


def discard(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Give up the version that is being written. The one in force stays."""
    with transaction():
        record = _open(actor, key)
        newest = _unpublished(record)
        _record(actor, record, now, {"version_discarded": newest.version})
        db.session.delete(newest)


def publish(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Put the new version in force. Drafts move when every difference is safe; their holders are told.

    Raises Blocked with what is wrong, with what may not change any more, or if nothing changed.
    """
    with transaction():
        record = _open(actor, key)
        newest = _unpublished(record)
        fund = from_document(newest.content)
        before = definitions.in_force(record)
        if newest.sha256 == before.sha256:
            raise Blocked(Reason("Nothing has changed in this version."))
        _refuse(fund, between(from_document(before.content), fund))
        newest.is_published = True
        record.definition_id = newest.id
        moved, held = _move_drafts(record, newest, fund, now)
        _record(
            actor,
            record,
            now,
            {"version": newest.version, "definition": newest.sha256, "moved": moved, "held": held},
        )


def _refuse(fund: Fund, changes: tuple[Change, ...]) -> None:
    reasons = [Reason(f"{fault.key}: {fault.sentence}.", fault.part) for fault in faults(fund)]
    reasons += [
        Reason(f"{change.sentence} That can't be once the round is open.", change.part)
        for change in changes
        if change.weight == Weight.REFUSED
    ]
    if reasons:
        raise Blocked(*reasons)


def _move_drafts(
    record: Round, newest: RoundDefinition, fund: Fund, now: dt.datetime
) -> tuple[int, int]:
    """(moved, held). Each draft is compared with the version that it was begun on."""
    rows = db.session.execute(
        sa.select(Application, RoundDefinition)
        .join(RoundDefinition, RoundDefinition.id == Application.definition_id)
        .where(Application.round_id == record.id, Application.state == ApplicationState.DRAFT)
        .order_by(Application.id)
        .with_for_update(of=Application)
    ).all()
    known: dict[int, tuple[Change, ...]] = {}
    moved = 0
    for application, definition in rows:
        if definition.id not in known:
            known[definition.id] = between(from_document(definition.content), fund)
        changes = known[definition.id]
        if is_safe(changes):
            application.definition_id = newest.id
            moved += 1
        _tell(record, application, newest.version, changes, now)
    return moved, len(rows) - moved


def _tell(
    record: Round,
    application: Application,
    version: int,
    changes: tuple[Change, ...],
    now: dt.datetime,
) -> None:
    kind = "form_changed" if is_safe(changes) else "form_held"
    listed = [f"- {change.sentence}" for change in changes if change.part == "form"]
    more = [f"- and {len(listed) - MOST_TOLD} more"] if len(listed) > MOST_TOLD else []
    told = [*listed[:MOST_TOLD], *more] or ["- guidance, letters or what is asked afterwards"]
    for person in telling.members(application.organisation_id, APPLICANTS, record.fund, now):
        outbox.queue(
            kind,
            person.email,
            now=now,
            values={
                "name": person.name,
                "reference": application.reference,
                "round_title": record.title,
                "changes": "\n".join(told),
            },
            once=f"{kind}:{record.id}:{version}:{application.id}:{person.id}",
            round_id=record.id,
        )


def _open(actor: Actor, key: uuid.UUID) -> Round:
    record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
    if record.state != RoundState.OPEN:
        raise MoveNotAllowed("New versions are for rounds that are open.")
    return record


def _unpublished(record: Round) -> RoundDefinition:
    newest = definitions.working(record)
    if newest.is_published:
        raise MoveNotAllowed("There is no new version.")
    return newest


def _record(actor: Actor, record: Round, now: dt.datetime, after: dict[str, object]) -> None:
    audit.record(
        actor,
        Action.SET_UP_ROUND,
        ("round", record.id, record.reference),
        now=now,
        after=after,
    )
