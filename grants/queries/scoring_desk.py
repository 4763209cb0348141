"""All that one assessor is scoring in a round, with what is written: for working away from the page."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment, LineRecommendation, Score
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.queries.visible import assessments_of, unless_blind, visible
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Advice, Line, Sheet
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRow:
    """One application that is declared and not submitted."""

    key: uuid.UUID  # of the assessment
    application_key: uuid.UUID
    reference: str
    title: str
    scoring: Scoring
    is_blind: bool
    lines: tuple[Line, ...]
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringDesk:
    """One's own desk in one round."""

    round_id: int
    round_key: uuid.UUID
    round_title: str
    rows: tuple[ScoringRow, ...] = field(default=())


def desk(actor: Actor, round_key: uuid.UUID) -> ScoringDesk:
    """What is to score, in the order of the references. Undeclared and conflicted applications are
    never in it. Raises NotFound where this person assesses nothing. Four statements and rulebooks."""
    head: Any = db.session.execute(
        assessments_of(Round.id, Round.key, Round.title)
        .where(
            Round.key == round_key,
            Assessment.person_id == actor.person_id,
            visible(actor, Action.DECLARE),
        )
        .limit(1)
    ).one_or_none()
    if head is None:
        raise NotFound(NO_SUCH)
    found: Any = db.session.execute(
        assessments_of(
            Assessment.id,
            Assessment.key,
            Assessment.comment,
            Application.id.label("application_id"),
            Application.key.label("application_key"),
            Application.reference,
            unless_blind(Application.title, Application.reference).label("title"),
            Application.definition_id,
        )
        .where(
            Round.id == head.id,
            Assessment.person_id == actor.person_id,
            Assessment.state == AssessmentState.SCORING,
            visible(actor, Action.SCORE),
        )
        .order_by(Application.reference)
    ).all()
    marks, lines = _marks([row.id for row in found]), _lines([row.id for row in found])
    rows = tuple(_row(actor, row, marks[row.id], lines[row.id]) for row in found)
    return ScoringDesk(round_id=head.id, round_key=head.key, round_title=head.title, rows=rows)


def _row(actor: Actor, row: Any, marks: Sequence[Any], lines: Sequence[Any]) -> ScoringRow:
    fund = fund_of(actor, row.definition_id)
    return ScoringRow(
        key=row.key,
        application_key=row.application_key,
        reference=row.reference,
        title=row.title,
        scoring=fund.scoring,
        is_blind=fund.stages.blind,
        lines=lines_shown(fund, [Line(str(line.key), line.title, line.asked) for line in lines]),
        sheet=Sheet(
            marks={mark.criterion: mark.mark for mark in marks},
            reasons={mark.criterion: mark.reason for mark in marks},
            advice={
                str(line.key): Advice(line.recommendation or "", line.amount, line.reason or "")
                for line in lines
            },
            comment=row.comment,
        ),
    )


def _marks(ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(Score.assessment_id, Score.criterion, Score.mark, Score.reason).where(
            Score.assessment_id.in_(ids)
        )
    ):
        found[row.assessment_id].append(row)
    return found


def _lines(ids: Sequence[int]) -> dict[int, list[Any]]:
    mine = sa.and_(
        LineRecommendation.proposed_project_id == ProposedProject.id,
        LineRecommendation.assessment_id == Assessment.id,
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(
            Assessment.id,
            ProposedProject.key,
            ProposedProject.title,
            ProposedProject.asked,
            LineRecommendation.recommendation,
            LineRecommendation.amount,
            LineRecommendation.reason,
        )
        .join(ProposedProject, ProposedProject.application_id == Assessment.application_id)
        .outerjoin(LineRecommendation, mine)
        .where(Assessment.id.in_(ids))
        .order_by(ProposedProject.line)
    ):
        found[row.id].append(row)
    return found
