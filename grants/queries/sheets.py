"""What stands in one assessor's sheet: for pages that have asked already whether it may be seen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.assessment import LineRecommendation, Score
from grants.rules.score_sheet import Advice, Line, Sheet


def sheet_of(
    assessment_id: int, application_id: int, comment: str
) -> tuple[Sheet, tuple[Line, ...]]:
    """What is written so far, and the projects to advise on. Two statements."""
    given = db.session.execute(
        sa.select(Score.criterion, Score.mark, Score.reason).where(
            Score.assessment_id == assessment_id
        )
    ).all()
    mine = sa.and_(
        LineRecommendation.proposed_project_id == ProposedProject.id,
        LineRecommendation.assessment_id == assessment_id,
    )
    rows: Any = db.session.execute(
        sa.select(
            ProposedProject.key,
            ProposedProject.title,
            ProposedProject.asked,
            LineRecommendation.recommendation,
            LineRecommendation.amount,
            LineRecommendation.reason,
        )
        .outerjoin(LineRecommendation, mine)
        .where(ProposedProject.application_id == application_id)
        .order_by(ProposedProject.line)
    ).all()
    sheet = Sheet(
        marks={row.criterion: row.mark for row in given},
        reasons={row.criterion: row.reason for row in given},
        advice={
            str(row.key): Advice(row.recommendation or "", row.amount, row.reason or "")
            for row in rows
        },
        comment=comment,
    )
    return sheet, tuple(Line(str(row.key), row.title, row.asked) for row in rows)
