"""The check before scoring: made, made again, and acted on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.triage import Triage
from grants.queries.definitions import fund_of
from grants.queries.triages import stands
from grants.rules import triage as rule
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ApplicationState
from grants.rules.triage import Finding
from grants.services import access, recommended
from grants.services.moving import move
from grants.services.transaction import transaction

UNCHECKED = "Check whether it is complete and may be funded before it is scored."
FAILED = "The check before scoring found that it can't go on."


def check(actor: Actor, key: uuid.UUID, findings: Sequence[Finding], *, now: dt.datetime) -> bool:
    """Keep what was found of an application that waits. Returns whether it passes.

    The same check sent twice is kept once. Raises Blocked with every answer or reason that is
    missing, MoveNotAllowed once the application has gone on.
    """
    with transaction():
        found = access.application(actor, key, Action.TRIAGE, lock=True)
        record = found.thing
        fund = fund_of(actor, record.definition_id)
        if not fund.stages.triage:
            raise NotFound("There is no such page.")
        if record.state != ApplicationState.SUBMITTED:
            raise MoveNotAllowed("This has moved on since you opened it.")
        if reasons := rule.faults(fund, findings):
            raise Blocked(*reasons)
        rows = [[found.key, found.answer, found.reason.strip()] for found in findings]
        passes = rule.passes(fund, findings)
        last = latest(record)
        if last is not None and (last.findings, last.decided_by) == (rows, actor.person_id):
            return passes
        db.session.add(
            Triage(
                application_id=record.id,
                number=record.number,
                passes=passes,
                findings=rows,
                decided_at=now,
                decided_by=actor.person_id,
            )
        )
        audit.record(
            actor,
            Action.TRIAGE,
            ("application", record.id, record.reference),
            after={"passes": passes, "version": record.number},
            now=now,
        )
        return passes


def set_aside(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> uuid.UUID:
    """Take an application that did not pass to its refusal, unscored.

    Returns the award's key: a refusal is recommended and confirmed there like any other.
    """
    with transaction():
        found = access.application(actor, key, Action.SET_ASIDE, lock=True)
        if found.award is not None:
            return found.award.key
        fund = fund_of(actor, found.thing.definition_id)
        move(
            found.thing,
            Action.SET_ASIDE,
            actor=actor,
            case=found.case,
            now=now,
            checks={"check_not_failed": lambda: not_failed(fund, found.thing)},
        )
        return recommended.undecided(found.thing).key


def latest(record: Application) -> Triage | None:
    """The check that stands for the version which was sent last."""
    return db.session.scalar(
        sa.select(Triage).join(Application, stands()).where(Application.id == record.id)
    )


def in_the_way(fund: Fund, record: Application) -> tuple[Reason, ...]:
    """What keeps an application from being scored: no check, or one that it did not pass."""
    if not fund.stages.triage:
        return ()
    made = latest(record)
    if made is None:
        return (Reason(UNCHECKED),)
    return () if made.passes else (Reason(FAILED),)


def not_failed(fund: Fund, record: Application) -> tuple[Reason, ...]:
    """What keeps an application from going to a refusal without being scored."""
    made = latest(record) if fund.stages.triage else None
    if made is None or made.passes:
        return (Reason("The check before scoring has not found anything against it."),)
    return ()


def against_award(fund: Fund, record: Application) -> tuple[Reason, ...]:
    """What keeps an award from being recommended: the check was not passed."""
    made = latest(record) if fund.stages.triage else None
    return (Reason(FAILED),) if made is not None and not made.passes else ()
