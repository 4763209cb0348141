"""What assessors gave: side by side, for those who may see them all and for the panel."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Criterion, Scoring
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment, LineRecommendation, Score
from grants.models.meeting import ModeratedScore
from grants.models.person import Person
from grants.models.round import Round
from grants.queries import rescoring
from grants.queries.definitions import fund_of
from grants.queries.paper_scores import Typed, typed_columns, typed_of, with_paper
from grants.queries.rescoring import Earlier
from grants.queries.visible import applications_of, names_shown, visible
from grants.rules import score_sheet
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.people import Actor
from grants.rules.score_sheet import Advice, Line
from grants.rules.scoring import (
    Spread,
    below_minimum,
    mean_total,
    moderated_total,
    spread_flags,
)
from grants.rules.states import AssessmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One assessor's submitted scores of one application."""

    assessor: str
    is_own: bool
    total: Decimal
    submitted_at: dt.datetime
    comment: str
    marks: Mapping[str, int | None]
    reasons: Mapping[str, str]
    advice: Mapping[str, Advice]  # by the project's key
    below: tuple[str, ...]  # criteria below the lowest fundable mark
    earlier: tuple[Earlier, ...] = ()  # what was submitted before it was opened again
    typed: Typed | None = None  # where it came on paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The mark a panel agreed for one criterion, why, and who was in the room."""

    mark: int
    reason: str
    present: tuple[str, ...]
    agreed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresOfApplication:
    """All submitted scores of one application, and where they are far apart."""

    criteria: tuple[Criterion, ...]
    highest: int
    lines: tuple[Line, ...]
    readings: tuple[Reading, ...]
    waiting: int  # assessors who have not submitted
    wanted: int
    mean: Decimal | None
    spread: Spread
    moderated: Mapping[str, Agreed]
    moderated_total: Decimal | None

    def advised(self, reading: Reading, line: Line) -> int | None:
        """The amount that a reader's advice on one project comes to."""
        return score_sheet.advised(reading.advice.get(line.key, Advice()), line)


def of_application(actor: Actor, key: uuid.UUID) -> ScoresOfApplication | None:
    """Every reader's scores, for managers and approvers once the scores are open; otherwise None.

    Five statements.
    """
    return _scores(actor, key, Action.READ_ALL_SCORES)


def of_panel(actor: Actor, key: uuid.UUID) -> ScoresOfApplication | None:
    """The same for an assessor whose own scores are in, once moderation is open; otherwise None."""
    return _scores(actor, key, Action.READ_OTHER_SCORES)


def of_meeting(actor: Actor, key: uuid.UUID) -> ScoresOfApplication | None:
    """The same for whoever is of a meeting that takes it; otherwise None."""
    return _scores(actor, key, Action.READ_ITEM)


def totals_of_round(actor: Actor, round_id: int) -> dict[int, tuple[Decimal, ...]]:
    """The submitted totals by application id, where all scores may be read. One statement."""
    rows: Any = db.session.execute(
        applications_of(Assessment.application_id, Assessment.total)
        .join(Assessment, Assessment.application_id == Application.id)
        .where(
            Round.id == round_id,
            Assessment.state == AssessmentState.SUBMITTED,
            visible(actor, Action.READ_ALL_SCORES),
        )
        .order_by(Assessment.application_id, Assessment.id)
    )
    totals: dict[int, tuple[Decimal, ...]] = {}
    for application_id, total in rows:
        totals[application_id] = (*totals.get(application_id, ()), total)
    return totals


def _scores(actor: Actor, key: uuid.UUID, action: Action) -> ScoresOfApplication | None:
    readers = _readers(actor, key, action)
    if not readers:
        return None
    fund = fund_of(actor, readers[0].definition_id)
    scoring = fund.scoring
    is_in = [row for row in readers if row.state == AssessmentState.SUBMITTED]
    ids = [row.id for row in is_in]
    application_id = readers[0].application_id
    marks, lines, advice = _marks(ids), _lines(application_id), _advice(ids)
    if not readers[0].shows_names:
        lines = lines_shown(fund, lines)
    earlier = rescoring.earlier_of(application_id, [row.person_id for row in is_in])
    readings = tuple(
        replace(
            _reading(actor, row, scoring, marks, advice), earlier=earlier.get(row.person_id, ())
        )
        for row in is_in
    )
    agreed = _agreed(application_id)
    return ScoresOfApplication(
        criteria=scoring.criteria,
        highest=scoring.highest,
        lines=lines,
        readings=readings,
        waiting=sum(row.state in WAITING for row in readers),
        wanted=scoring.readers,
        mean=mean_total(reading.total for reading in readings),
        spread=spread_flags([reading.marks for reading in readings], scoring),
        moderated=agreed,
        moderated_total=moderated_total(
            [reading.marks for reading in readings],
            {key: one.mark for key, one in agreed.items()},
            scoring,
        ),
    )


WAITING = frozenset({AssessmentState.ASSIGNED, AssessmentState.SCORING})


def _readers(actor: Actor, key: uuid.UUID, action: Action) -> Sequence[Any]:
    """Every assessment of the application, one's own first; none where the scores are closed."""
    return db.session.execute(
        with_paper(
            applications_of(
                Application.id.label("application_id"),
                Application.definition_id,
                Assessment.id,
                Assessment.person_id,
                Assessment.state,
                Assessment.total,
                Assessment.submitted_at,
                Assessment.comment,
                Person.name,
                names_shown(actor).label("shows_names"),
                *typed_columns(),
            )
            .join(Assessment, Assessment.application_id == Application.id)
            .join(Person, Person.id == Assessment.person_id)
        )
        .where(Application.key == key, visible(actor, action))
        .order_by(Assessment.person_id != actor.person_id, Assessment.submitted_at, Assessment.id)
    ).all()


def _reading(
    actor: Actor,
    row: Any,
    scoring: Scoring,
    marks: Mapping[int, Mapping[str, tuple[int | None, str]]],
    advice: Mapping[int, Mapping[str, Advice]],
) -> Reading:
    given = marks.get(row.id, {})
    numbers = {criterion: mark for criterion, (mark, _) in given.items()}
    return Reading(
        assessor=row.name,
        is_own=row.person_id == actor.person_id,
        total=row.total,
        submitted_at=row.submitted_at,
        comment=row.comment,
        marks=numbers,
        reasons={criterion: reason for criterion, (_, reason) in given.items()},
        advice=advice.get(row.id, {}),
        below=below_minimum(numbers, scoring),
        typed=typed_of(row),
    )


def _marks(ids: Sequence[int]) -> dict[int, dict[str, tuple[int | None, str]]]:
    rows = db.session.execute(
        sa.select(Score.assessment_id, Score.criterion, Score.mark, Score.reason).where(
            Score.assessment_id.in_(ids)
        )
    )
    found: dict[int, dict[str, tuple[int | None, str]]] = {}
    for row in rows:
        found.setdefault(row.assessment_id, {})[row.criterion] = (row.mark, row.reason)
    return found


def _agreed(application_id: int) -> dict[str, Agreed]:
    rows = db.session.scalars(
        sa.select(ModeratedScore).where(ModeratedScore.application_id == application_id)
    )
    return {
        row.criterion: Agreed(
            mark=row.mark,
            reason=row.reason,
            present=tuple(row.present),
            agreed_at=row.agreed_at,
        )
        for row in rows
    }


def _lines(application_id: int) -> tuple[Line, ...]:
    rows = db.session.execute(
        sa.select(ProposedProject.key, ProposedProject.title, ProposedProject.asked)
        .where(ProposedProject.application_id == application_id)
        .order_by(ProposedProject.line)
    )
    return tuple(Line(str(row.key), row.title, row.asked) for row in rows)


def _advice(ids: Sequence[int]) -> dict[int, dict[str, Advice]]:
    rows = db.session.execute(
        sa.select(
            LineRecommendation.assessment_id,
            ProposedProject.key,
            LineRecommendation.recommendation,
            LineRecommendation.amount,
            LineRecommendation.reason,
        )
        .join(ProposedProject, ProposedProject.id == LineRecommendation.proposed_project_id)
        .where(LineRecommendation.assessment_id.in_(ids))
    )
    found: dict[int, dict[str, Advice]] = {}
    for row in rows:
        advice = Advice(row.recommendation or "", row.amount, row.reason)
        found.setdefault(row.assessment_id, {})[str(row.key)] = advice
    return found
