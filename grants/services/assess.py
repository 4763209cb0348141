"""Assessing: declare an interest, write scores, submit them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import ApplicationVersion
from grants.models.assessment import Assessment, Conflict
from grants.rules import score_sheet
from grants.rules.actions import Action
from grants.rules.conflicts import Interest
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import AssessmentState
from grants.services import access, moving
from grants.services.answer_sheet import Saved, Sent
from grants.services.score_desk import Desk, Kept, faults_of, keep, open_desk, submitted
from grants.services.transaction import transaction

BEGUN = frozenset({AssessmentState.SCORING, AssessmentState.SUBMITTED})


def declare_none(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Declare that there is no interest. From here on the application may be read in full."""
    with transaction():
        found = access.assessment(actor, key, Action.DECLARE, lock=True)
        if found.thing.state in BEGUN:
            return
        found.thing.declared_at = now
        moving.move(
            found.thing,
            Action.SCORE,
            actor=actor,
            # One may declare before one has scored the samples: reading comes after both.
            case=replace(found.case, own_assessment=AssessmentState.SCORING, is_calibrated=True),
            now=now,
            after={"interest": "none", "application": found.application.reference},
        )


def declare_conflict(
    actor: Actor, key: uuid.UUID, kind: str, detail: str, *, now: dt.datetime
) -> None:
    """Declare an interest, before or after scoring began. The application is gone at once.

    Sent twice, it is declared once. What was written stays in the database but counts no more. Raises Blocked for an unknown kind.
    """
    if kind not in set(Interest):
        raise Blocked(Reason("Choose what kind of interest it is.", "kind"))
    with transaction():
        if _is_declared(actor, key, kind, detail.strip()):
            return
        found = access.assessment(actor, key, Action.DECLARE, lock=True)
        moving.move(
            found.thing,
            Action.DECLARE,
            actor=actor,
            case=found.case,
            now=now,
            after={"interest": kind, "application": found.application.reference},
        )
        found.thing.declared_at = now
        found.thing.submitted_at = found.thing.total = None
        db.session.add(
            Conflict(
                application_id=found.application.id,
                person_id=actor.person_id,
                kind=kind,
                detail=detail.strip(),
                declared_at=now,
            )
        )


def _is_declared(actor: Actor, key: uuid.UUID, kind: str, detail: str) -> bool:
    """Whether this person declared just this of their own assessment with this key; which is locked."""
    mine = sa.select(Assessment.id).filter_by(key=key, person_id=actor.person_id)
    db.session.execute(mine.with_for_update())
    own = sa.and_(
        Assessment.application_id == Conflict.application_id,
        Assessment.person_id == Conflict.person_id,
    )
    said = sa.exists().where(
        own,
        Assessment.key == key,
        Assessment.state == AssessmentState.CONFLICTED,
        Conflict.person_id == actor.person_id,
        Conflict.kind == kind,
        Conflict.detail == detail,
    )
    return bool(db.session.scalar(sa.select(said)))


def autosave(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Kept:
    """Keep what was typed so far. Not audited: it happens every few seconds.

    What comes once more after it was submitted, and says the same, is kept already: a browser that
    was not told so would hold it for ever as unsaved.
    """
    with transaction():
        try:
            desk = open_desk(actor, key, Action.SCORE, sent)
        except MoveNotAllowed:
            if (kept := submitted(actor, key, sent)) is not None:
                return kept
            raise
        return keep(desk, sent, actor, now)


def save(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Kept:
    """Keep what was typed, and remember that it was. The rest is kept when one field clashes."""
    with transaction():
        desk = open_desk(actor, key, Action.SCORE, sent)
        kept = keep(desk, sent, actor, now)
        record = desk.found.thing
        thing = ("assessment", record.id, moving.name_of(record))
        if kept.saved.written:
            audit.record(actor, Action.SCORE, thing, now=now, after={"marked": kept.marked})
        return kept


def submit(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep what was typed and submit it: locked from here on, with its weighted total.

    Sent twice, it is submitted once. Where a field clashes nothing is submitted before a person has
    chosen. Raises Blocked with all that is missing, after what was typed has been kept.
    """
    with transaction():
        try:
            desk = open_desk(actor, key, Action.SUBMIT_SCORE, None)
        except MoveNotAllowed:
            if (kept := submitted(actor, key, sent)) is not None:
                return kept.saved
            raise
        saved = keep(desk, sent, actor, now).saved
        if saved.clashes:
            return saved
        faults = faults_of(desk, saved)
        if not faults:
            _move_to_submitted(actor, desk, now)
    if faults:
        raise Blocked(*faults)
    return saved


def take_newest(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Score the latest version instead of the one read so far; what is written stays."""
    with transaction():
        found = access.assessment(actor, key, Action.SCORE, lock=True)
        version = db.session.scalars(
            sa.select(ApplicationVersion)
            .where(ApplicationVersion.application_id == found.thing.application_id)
            .order_by(ApplicationVersion.number.desc())
            .limit(1)
        ).one()
        if found.thing.version_id == version.id:
            return
        found.thing.version_id = version.id
        audit.record(
            actor,
            "take-newest-version",
            ("assessment", found.thing.id, found.application.reference),
            now=now,
            after={"version": version.number},
        )


def _move_to_submitted(actor: Actor, desk: Desk, now: dt.datetime) -> None:
    record, total = desk.found.thing, desk.sheet.total(desk.scoring)
    record.total, record.submitted_at = total, now
    moving.move(
        record,
        Action.SUBMIT_SCORE,
        actor=actor,
        case=desk.found.case,
        now=now,
        checks={
            "scores_incomplete": lambda: score_sheet.incomplete(
                desk.sheet, desk.scoring, desk.lines
            )
        },
        after={"total": str(total), "application": desk.found.application.reference},
    )
