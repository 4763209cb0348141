"""An assessor's scores that came on paper, held for who types or checks them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.assessment import Assessment, ScoreField
from grants.models.paper_scores import PaperHand, PaperScan, PaperScores
from grants.models.person import Person
from grants.queries.calibration_gate import owes_samples
from grants.rules import paper, score_sheet
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.rules.states import AssessmentState, ScanState
from grants.services import access, moving, score_fields
from grants.services.access import NO_SUCH, Found
from grants.services.score_desk import Desk, desk_of

NOT_NOW = {
    AssessmentState.ASSIGNED: "{name} has not declared yet, so nothing can be typed for them.",
    AssessmentState.SUBMITTED: "These scores are sent already.",
    AssessmentState.CONFLICTED: "{name} has declared an interest, so nothing is typed for them.",
}
FINISHED = "Typing is finished: these scores wait to be checked."


@dataclass(frozen=True, slots=True)
class Held:
    """An assessor's scores, held for who types or checks them."""

    found: Found[Assessment]
    reader: str
    paper: PaperScores | None


def hold(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    action: Action,
    *,
    sent_too: bool = False,
) -> Held:
    """An assessor's scores that this person may type, locked. Raises MoveNotAllowed.

    The application is not locked: its assessor writes without that too, and locks nothing before this.
    """
    found = access.application(actor, key, action)
    row = db.session.execute(
        sa.select(Assessment, Person.name)
        .join(Person, Person.id == Assessment.person_id)
        .where(Assessment.application_id == found.thing.id, Person.key == person_key)
        .with_for_update(of=Assessment)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, reader = row
    kept = db.session.scalar(  # once the assessment is held: in one statement it could be older
        sa.select(PaperScores)
        .where(PaperScores.assessment_id == record.id)
        .execution_options(populate_existing=True)
    )
    held = Held(
        Found(record, found.round, found.application, found.award, found.case), reader, kept
    )
    if not sent_too:
        refuse_sent(held)
    if owes_samples(found.round.id, Actor(record.person_id, reader)):
        raise MoveNotAllowed(paper.OWES_SAMPLES.format(name=reader))
    return held


def refuse_sent(held: Held) -> None:
    why_not = NOT_NOW.get(held.found.thing.state, "")
    if why_not:
        raise MoveNotAllowed(why_not.format(name=held.reader))


def begun(held: Held) -> PaperScores:
    if held.paper is None:
        raise NotFound(NO_SUCH)
    return held.paper


def typing(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> tuple[Held, Desk]:
    held = hold(actor, key, person_key, Action.TYPE_SCORES)
    if begun(held).finished_at is not None:
        raise MoveNotAllowed(FINISHED)
    refuse_stranger(actor, held)
    desk = desk_of(actor, held.found, None)
    refuse_own_hand(held, desk)
    return held, desk


def refuse_stranger(actor: Actor, held: Held) -> None:
    """Nobody writes to what they did not say that they see."""
    if not is_hand(actor, held.found.thing):
        raise NotFound(NO_SUCH)


def refuse_own_hand(held: Held, desk: Desk) -> None:
    typed = {
        score_fields.name_of((row.question, row.row))
        for row in db.session.execute(
            sa.select(ScoreField.question, ScoreField.row).where(
                ScoreField.assessment_id == held.found.thing.id, ScoreField.typed_by.is_not(None)
            )
        )
    }
    if paper.is_own_hand(texts(desk), typed):
        raise MoveNotAllowed(paper.ON_THE_PAGE.format(name=held.reader))


def texts(desk: Desk) -> dict[str, str]:
    return score_sheet.texts_of(desk.sheet, desk.scoring, desk.lines)


def typists(held: Held) -> set[int | None]:
    """Everybody of whose typing something stands there, and who began and finished it."""
    record = begun(held)
    fields = sa.select(ScoreField.typed_by).where(
        ScoreField.assessment_id == held.found.thing.id, ScoreField.typed_by.is_not(None)
    )
    return {record.begun_by, record.finished_by, *db.session.scalars(fields)}


def scans(held: Held) -> tuple[ScanState, ...]:
    """How the scanned sheets stand that are there and were not refused."""
    return tuple(
        db.session.scalars(
            sa.select(PaperScan.scan).where(
                PaperScan.assessment_id == held.found.thing.id,
                PaperScan.removed_at.is_(None),
                PaperScan.scan != ScanState.INFECTED,
            )
        )
    )


def is_hand(actor: Actor, record: Assessment) -> bool:
    """Whether this person types or checks these scores, and so sees them."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    PaperHand.application_id == record.application_id,
                    PaperHand.reader_id == record.person_id,
                    PaperHand.person_id == actor.person_id,
                )
            )
        )
    )


def take_part(actor: Actor, found: Found[Assessment], now: dt.datetime) -> bool:
    """Remember who sees this; whether they are new to it."""
    if is_hand(actor, found.thing):
        return False
    db.session.add(
        PaperHand(
            application_id=found.application.id,
            reader_id=found.thing.person_id,
            person_id=actor.person_id,
            since=now,
        )
    )
    return True


def note(
    actor: Actor,
    action: Action | str,
    held: Held,
    now: dt.datetime,
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    record = held.found.thing
    audit.record(
        actor,
        action,
        ("assessment", record.id, moving.name_of(record)),
        now=now,
        after={
            "application": held.found.application.reference,
            "assessor": held.reader,
            **(after or {}),
        },
        reason=reason,
    )
