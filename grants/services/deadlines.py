"""Later deadlines: for everybody, told to all who hold a draft, or for one draft. Each with its reason."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.round import DeadlineChange, Round
from grants.notifications import outbox
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import APPLICANTS, Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import ApplicationState, RoundState
from grants.services import access, telling
from grants.services.transaction import transaction

HOLDS_DRAFT = (ApplicationState.DRAFT, ApplicationState.RETURNED)


def extend(
    actor: Actor, key: uuid.UUID, closes_at: dt.datetime, reason: str, *, now: dt.datetime
) -> int:
    """Move an open round's deadline to a later time, and tell all who hold drafts. Gives how many.

    Raises Blocked for an earlier time, one that has passed, or without a reason.
    """
    with transaction():
        record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        if record.state != RoundState.OPEN:
            raise MoveNotAllowed("Only an open round can be extended.")
        _refuse(closes_at, reason, later_than=record.closes_at, now=now)
        before = record.closes_at
        record.closes_at = closes_at
        _keep(actor, record, None, (before, closes_at), reason, now)
        return _tell_all(record, now)


def allow_late(
    actor: Actor,
    key: uuid.UUID,
    reference: str,
    until: dt.datetime,
    reason: str,
    *,
    now: dt.datetime,
) -> None:
    """Let one draft, named by its reference, be sent after the deadline. What it says stays unseen."""
    with transaction():
        record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
        if record.state == RoundState.DRAFT:
            raise MoveNotAllowed("The round is not open yet.")
        _refuse(until, reason, later_than=record.closes_at, now=now)
        application = db.session.scalar(
            sa.select(Application)
            .where(
                Application.round_id == record.id,
                Application.reference == reference.strip(),
                Application.state == ApplicationState.DRAFT,
            )
            .with_for_update()
        )
        if application is None:
            sentence = "There is no draft with this reference in this round."
            raise Blocked(Reason(sentence, "reference"))
        before = application.late_until or record.closes_at
        application.late_until = until
        _keep(actor, record, application, (before, until), reason, now)
        _tell(record, application, until, now)


def _refuse(until: dt.datetime, reason: str, *, later_than: dt.datetime, now: dt.datetime) -> None:
    reasons = []
    if until <= max(later_than, now):
        reasons.append(Reason("Enter a time that is later than the deadline and now.", "closes"))
    if not reason.strip():
        reasons.append(Reason("Give a reason.", "reason"))
    if reasons:
        raise Blocked(*reasons)


def _keep(
    actor: Actor,
    record: Round,
    application: Application | None,
    times: tuple[dt.datetime, dt.datetime],
    reason: str,
    now: dt.datetime,
) -> None:
    db.session.add(
        DeadlineChange(
            round_id=record.id,
            application_id=application.id if application else None,
            at=now,
            person_id=actor.person_id,
            before=times[0],
            after=times[1],
            reason=reason.strip(),
        )
    )
    thing = ("application", application.id, application.reference) if application else None
    audit.record(
        actor,
        Action.SET_UP_ROUND,
        thing or ("round", record.id, record.reference),
        now=now,
        before={"closes_at": times[0].isoformat()},
        after={"closes_at": times[1].isoformat()},
        reason=reason.strip(),
    )


def _tell_all(record: Round, now: dt.datetime) -> int:
    drafts = db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == record.id, Application.state.in_(HOLDS_DRAFT))
        .order_by(Application.id)
    ).all()
    for application in drafts:
        _tell(record, application, record.closes_at, now)
    return len(drafts)


def _tell(record: Round, application: Application, until: dt.datetime, now: dt.datetime) -> None:
    for person in telling.members(application.organisation_id, APPLICANTS, record.fund, now):
        outbox.queue(
            "extended",
            person.email,
            now=now,
            values={
                "name": person.name,
                "reference": application.reference,
                "round_title": record.title,
                "deadline": dates.describe_deadline(until, now),
            },
            once=f"extended:{application.id}:{until.isoformat()}:{person.id}",
            round_id=record.id,
        )
