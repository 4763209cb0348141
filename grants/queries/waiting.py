"""What waits for a funder's people and for assessors, each kind of thing a row: one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, ScoreField
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.paper_scores import PaperScores
from grants.models.rescoring import ReopenRequest
from grants.models.round import Round
from grants.queries import visible as v
from grants.queries.calibration_gate import is_of_panel, is_open, is_owed, samples_of
from grants.queries.rescoring import is_theirs
from grants.queries.visible import Condition, visible
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.paper import Checker
from grants.rules.people import Actor
from grants.rules.permissions import could
from grants.rules.states import (
    KNOWN,
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    ReturnState,
    RoundState,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things of one kind wait in one round. ``due`` is the earliest day, where there is one."""

    kind: str
    round_key: uuid.UUID
    round_reference: str
    count: int
    due: dt.date | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that may wait: what one must be able to do with it, and what makes it wait."""

    word: str
    action: Action
    joined: Any  # (actor, action, *columns) -> the things with which one may do it
    waits: tuple[Condition, ...]
    due: Any = None  # the column of its day


def of_person(actor: Actor, *, now: dt.datetime) -> tuple[Waiting, ...]:
    """What waits for a funder's people and for assessors, by kind and round: one statement."""
    statement = _everything(actor)
    if statement is None:
        return ()
    instants = {"now": now, "today": dates.today(now)}
    return tuple(Waiting(*row) for row in db.session.execute(statement, instants))


@lru_cache(maxsize=256)
def _everything(actor: Actor) -> Any:
    """All that could wait for this person, as they are now: the same select each time."""
    kinds = (
        *_of_rounds(),
        *_of_readers(actor),
        *_of_sheets(actor),
        *_of_awards(),
        *_of_returns(),
    )
    branches = [_branch(actor, kind) for kind in kinds if could(actor, kind.action)]
    return sa.union_all(*branches) if branches else None


def _branch(actor: Actor, kind: Kind) -> sa.Select[Any]:
    due = sa.cast(sa.null(), sa.Date) if kind.due is None else sa.func.min(kind.due)
    columns = (
        sa.literal(kind.word).label("kind"),
        Round.key,
        Round.reference,
        sa.func.count().label("count"),
        due.label("due"),
    )
    return kind.joined(actor, kind.action, *columns).where(*kind.waits).group_by(Round.id)  # type: ignore[no-any-return]  # a select


def _seen(joins: Any) -> Any:
    """Things, with what they are joined to, with which somebody may do something."""
    return lambda actor, action, *columns: joins(*columns).where(visible(actor, action))


def _of_rounds() -> Iterator[Kind]:
    """Rounds to open, and applications on their way to a decision."""
    is_over = Round.closes_at <= sa.bindparam("now", type_=Round.closes_at.type)
    state = Application.state
    undecided = sa.or_(Award.id.is_(None), Award.state == AwardState.NONE)
    with_award = partial(v.applications_seen, with_award=True)
    yield Kind("open", Action.OPEN_ROUND, _seen(v.rounds_of), (Round.state == RoundState.DRAFT,))
    yield Kind(
        "begin-assessing",
        Action.OPEN_ASSESSING,
        v.applications_seen,
        (state == ApplicationState.SUBMITTED, is_over),
    )
    yield Kind(
        "moderate",
        Action.OPEN_MODERATION,
        v.applications_seen,
        (state == ApplicationState.ASSESSING, v.scores_in()),
    )
    yield Kind(
        "recommend",
        Action.RECOMMEND,
        with_award,
        (state == ApplicationState.MODERATION, undecided),
    )


def _of_readers(actor: Actor) -> Iterator[Kind]:
    """Samples to score, and one's own assessments."""
    mine, joined = Assessment.person_id == actor.person_id, _seen(v.assessments_of)
    owed = (is_open(), is_owed(actor), is_of_panel(actor))
    yield Kind("calibrate", Action.CALIBRATE, _seen(samples_of), owed)
    assigned = Assessment.state == AssessmentState.ASSIGNED
    yield Kind("declare", Action.DECLARE, joined, (mine, assigned))
    scoring = Assessment.state == AssessmentState.SCORING
    yield Kind("score", Action.SCORE, joined, (mine, scoring))


def _of_sheets(actor: Actor) -> Iterator[Kind]:
    """Others' score sheets: asked to be opened again, or typed by a colleague."""
    others = Assessment.person_id != actor.person_id
    submitted = Assessment.state == AssessmentState.SUBMITTED
    asked = (others, submitted, ReopenRequest.answered_at.is_(None))
    yield Kind("reopen", Action.REOPEN_SCORES, _seen(_requests_of), asked)
    typed = sa.exists().where(
        ScoreField.assessment_id == Assessment.id, ScoreField.typed_by == actor.person_id
    )
    finished = (
        Assessment.state == AssessmentState.SCORING,
        PaperScores.checker == Checker.COLLEAGUE,
        PaperScores.finished_by != actor.person_id,
        PaperScores.begun_by != actor.person_id,
        ~typed.correlate(Assessment),
    )
    yield Kind("confirm-scores", Action.CONFIRM_SCORES, _seen(_papers_of), finished)


def _requests_of(*columns: Any) -> sa.Select[Any]:
    return v.assessments_of(*columns).join(ReopenRequest, is_theirs())


def _papers_of(*columns: Any) -> sa.Select[Any]:
    return v.assessments_of(*columns).join(PaperScores, PaperScores.assessment_id == Assessment.id)


def _of_awards() -> Iterator[Kind]:
    """Awards from the recommendation to the letter."""
    awards, state = _seen(v.awards_of), Award.state
    decided = state.in_([AwardState.APPROVED, AwardState.REFUSED])
    told = state.in_([AwardState.RELEASED, AwardState.DECLINED])
    lettered = (
        sa.exists()
        .where(Letter.award_id == Award.id, Letter.state != LetterState.SUPERSEDED)
        .correlate(Award)
    )
    yield Kind("approve", Action.APPROVE, awards, (state == AwardState.RECOMMENDED,))
    yield Kind("release", Action.RELEASE, awards, (decided,))
    yield Kind("draft-letter", Action.DRAFT_LETTER, awards, (told, ~lettered))
    drafted = (Letter.state == LetterState.DRAFTED, state.in_(sorted(KNOWN)))
    yield Kind("issue", Action.ISSUE_LETTER, _seen(v.letters_of), drafted)


def _of_returns() -> Iterator[Kind]:
    """Returns to read, and those that are late."""
    returns, state = _seen(v.returns_of), OutcomeReturn.state
    due_on = ReturnObligation.due_on
    is_late = due_on < sa.bindparam("today", type_=sa.Date())
    owed = state.in_([ReturnState.OPEN, ReturnState.QUERIED])
    yield Kind("read-return", Action.ACCEPT_RETURN, returns, (state == ReturnState.SUBMITTED,))
    yield Kind("overdue-return", Action.QUERY_RETURN, returns, (owed, is_late), due_on)
