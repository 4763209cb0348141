"""The proposed projects of ranked applications, in rank by what assessors advise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.assessment import Assessment, LineRecommendation
from grants.rules.funding_line import DecidedLine
from grants.rules.people import Actor
from grants.rules.recommendation import mean_advice
from grants.rules.states import AssessmentState, LineDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLine:
    """A proposed project inside its application, in rank. Pence."""

    row: str
    line: int
    title: str
    group: str
    asked: int
    minimum: int
    advice: float | None  # of the assessors: 2 is full, 0 is no
    decision: LineDecision
    amount: int
    suggested: DecidedLine | None
    left: int | None  # of the area after this line, as suggested


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """A proposed project as it stands. Pence."""

    row: str
    line: int
    title: str
    group: str
    asked: int
    minimum: int
    decision: LineDecision
    amount: int
    advice: float | None
    codes: tuple[tuple[str, str], ...] = ()  # (kind, code)


def lines_of(actor: Actor, ids: list[int]) -> dict[int, list[FoundLine]]:
    """Lines by application, the best advised first, then in the application's own order.

    The applications were shown before to be this person's to decide on. Two statements.
    """
    del actor
    advice = _advice(ids)
    rows: Any = db.session.execute(
        sa.select(
            ProposedProject.id,
            ProposedProject.application_id,
            ProposedProject.row.label("cell_row"),
            ProposedProject.line,
            ProposedProject.title,
            ProposedProject.group_name,
            ProposedProject.asked,
            ProposedProject.minimum,
            ProposedProject.decision,
            ProposedProject.amount,
            ProposedProject.codes,
        )
        .where(ProposedProject.application_id.in_(ids))
        .order_by(ProposedProject.line, ProposedProject.id)
    )
    lines: dict[int, list[FoundLine]] = {}
    for row in rows:
        lines.setdefault(row.application_id, []).append(
            FoundLine(
                row=row.cell_row,
                line=row.line,
                title=row.title,
                group=row.group_name,
                asked=row.asked,
                minimum=row.minimum,
                decision=row.decision,
                amount=row.amount,
                advice=mean_advice(advice.get(row.id, ())),
                codes=tuple((kind, code) for kind, code in row.codes),
            )
        )
    for listed in lines.values():
        listed.sort(key=lambda line: (-(1.0 if line.advice is None else line.advice), line.line))
    return lines


def _advice(ids: list[int]) -> dict[int, list[str]]:
    rows: Any = db.session.execute(
        sa.select(LineRecommendation.proposed_project_id, LineRecommendation.recommendation)
        .join(Assessment, Assessment.id == LineRecommendation.assessment_id)
        .where(
            Assessment.application_id.in_(ids),
            Assessment.state == AssessmentState.SUBMITTED,
            LineRecommendation.recommendation.is_not(None),
        )
    )
    advice: dict[int, list[str]] = {}
    for project_id, word in rows:
        advice.setdefault(project_id, []).append(str(word))
    return advice
