"""Opening submitted scores again: an assessor asks, the fund or the chair opens with a reason."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment, LineRecommendation, Score
from grants.models.paper_scores import PaperScores
from grants.models.person import Person
from grants.models.rescoring import ReopenRequest, ScoreHistory
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.rules.score_sheet import LONGEST
from grants.rules.states import AssessmentState
from grants.services import access, moving
from grants.services.access import NO_SUCH, Found
from grants.services.transaction import transaction

SAY_WHY = "Give a reason."


def ask(actor: Actor, key: uuid.UUID, reason: str, *, now: dt.datetime) -> None:
    """Ask the fund to open one's own submitted scores again. Asked anew, the new reason stands."""
    reason = _given(reason)
    with transaction():
        found = access.assessment(actor, key, Action.ASK_TO_REOPEN, lock=True)
        request = _request(found.application.id, actor.person_id)
        if request is None:
            request = ReopenRequest(
                application_id=found.application.id, person_id=actor.person_id, asked_at=now
            )
            db.session.add(request)
        elif request.reason == reason and request.answered_at is None:
            return
        request.asked_at, request.reason = now, reason
        request.answered_at = request.answered_by = None
        request.answer = ""
        audit.record(
            actor,
            Action.ASK_TO_REOPEN,
            ("assessment", found.thing.id, moving.name_of(found.thing)),
            now=now,
            after={"application": found.application.reference},
            reason=reason,
        )


def reopen(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, reason: str, *, now: dt.datetime
) -> None:
    """Open an assessor's submitted scores again. What was submitted is kept beside the reason.

    A second time nothing happens.
    """
    reason = _given(reason)
    with transaction():
        found, record = _pair(actor, key, person_key)
        number = _history(record) + 1
        if record.state == AssessmentState.SCORING and number > 1:
            return
        if record.state != AssessmentState.SUBMITTED:
            raise MoveNotAllowed("These scores are not submitted, so there is nothing to open.")
        request = _request(record.application_id, record.person_id)
        was = {"total": str(record.total), "earlier": number}
        db.session.add(_keep(record, number, actor, reason, request, now))
        if request is not None:
            db.session.delete(request)
        db.session.flush()
        _open_typing(record)
        record.submitted_at = record.total = None
        moving.move(
            record,
            Action.REOPEN_SCORES,
            actor=actor,
            case=found.case,
            now=now,
            reason=reason,
            after={**was, "application": found.application.reference},
            about=found.application,
        )


def leave_locked(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, answer: str, *, now: dt.datetime
) -> None:
    """Answer an assessor that their scores stay as they are. Without a request nothing happens."""
    answer = _given(answer)
    with transaction():
        found, record = _pair(actor, key, person_key)
        request = _request(record.application_id, record.person_id)
        if request is None or request.answered_at is not None:
            return
        request.answered_at, request.answered_by, request.answer = now, actor.person_id, answer
        audit.record(
            actor,
            "leave-scores-locked",
            ("assessment", record.id, moving.name_of(record)),
            now=now,
            after={"application": found.application.reference},
            reason=answer,
        )


def _open_typing(record: Assessment) -> None:
    """Of scores that came on paper: they are typed and checked once more."""
    again = {"finished_at": None, "finished_by": None, "confirmed_at": None, "confirmed_by": None}
    db.session.execute(
        sa.update(PaperScores).where(PaperScores.assessment_id == record.id).values(**again)
    )


def _given(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Blocked(Reason(SAY_WHY, "reason"))
    if len(text) > LONGEST:
        raise Blocked(Reason(f"Write this in {LONGEST:,} characters or fewer.", "reason"))
    return text


def _pair(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID
) -> tuple[Found[Application], Assessment]:
    found = access.application(actor, key, Action.REOPEN_SCORES, lock=True)
    record = db.session.scalar(
        sa.select(Assessment)
        .join(Person, Person.id == Assessment.person_id)
        .where(Assessment.application_id == found.thing.id, Person.key == person_key)
        .with_for_update(of=Assessment)
        .execution_options(populate_existing=True)
    )
    if record is None:
        raise NotFound(NO_SUCH)
    if record.person_id == actor.person_id:
        raise Forbidden("Ask the fund: nobody opens their own scores again.")
    return found, record


def _request(application_id: int, person_id: int) -> ReopenRequest | None:
    found: ReopenRequest | None = db.session.scalar(
        sa.select(ReopenRequest).where(
            ReopenRequest.application_id == application_id, ReopenRequest.person_id == person_id
        )
    )
    return found


def _history(record: Assessment) -> int:
    """How often these scores were opened before."""
    return (
        db.session.scalar(
            sa.select(sa.func.max(ScoreHistory.number)).where(
                ScoreHistory.application_id == record.application_id,
                ScoreHistory.person_id == record.person_id,
            )
        )
        or 0
    )


def _keep(
    record: Assessment,
    number: int,
    actor: Actor,
    reason: str,
    request: ReopenRequest | None,
    now: dt.datetime,
) -> ScoreHistory:
    return ScoreHistory(
        application_id=record.application_id,
        person_id=record.person_id,
        number=number,
        version_id=record.version_id,
        submitted_at=record.submitted_at,
        total=record.total,
        content=_content(record),
        reopened_at=now,
        reopened_by=actor.person_id,
        reason=reason,
        asked="" if request is None else request.reason,
    )


def _content(record: Assessment) -> dict[str, Any]:
    scores = db.session.execute(
        sa.select(Score.criterion, Score.mark, Score.reason).where(Score.assessment_id == record.id)
    ).all()
    advice = db.session.execute(
        sa.select(
            ProposedProject.key,
            LineRecommendation.recommendation,
            LineRecommendation.amount,
            LineRecommendation.reason,
        )
        .join(ProposedProject, ProposedProject.id == LineRecommendation.proposed_project_id)
        .where(LineRecommendation.assessment_id == record.id)
    ).all()
    return {
        "marks": {row.criterion: row.mark for row in scores},
        "reasons": {row.criterion: row.reason for row in scores},
        "advice": {
            str(row.key): [row.recommendation or "", row.amount, row.reason] for row in advice
        },
        "comment": record.comment,
        "paper": _paper(record),
    }


def _paper(record: Assessment) -> dict[str, str]:
    """Who typed these scores from paper, and the colleague who confirmed them; empty where nobody did."""
    typist, confirmer = sa.orm.aliased(Person), sa.orm.aliased(Person)
    row = db.session.execute(
        sa.select(typist.name, confirmer.name)
        .select_from(PaperScores)
        .join(typist, typist.id == sa.func.coalesce(PaperScores.finished_by, PaperScores.begun_by))
        .outerjoin(confirmer, confirmer.id == PaperScores.confirmed_by)
        .where(PaperScores.assessment_id == record.id)
    ).one_or_none()
    return {} if row is None else {"typed_by": row[0], "confirmed_by": row[1] or ""}
