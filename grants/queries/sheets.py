"""What stands in one assessor's sheet: for pages that have asked already whether it may be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.assessment import LineRecommendation, Score, ScoreField
from grants.rules.score_sheet import Advice, Line, Sheet

SCORE = "score"  # no field of a sheet is called so

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet as it stands, and the projects it advises on."""

    sheet: Sheet
    lines: tuple[Line, ...]
    versions: Mapping[Place, int]
    """Of the fields that were typed in, by kind and row."""
    typists: Mapping[str, int]
    """Who typed a field from paper, by its name; the others are in the assessor's own hand."""


def written(assessment_id: int, application_id: int, comment: str) -> Written:
    """What is written so far. Two statements."""
    scores, fields = _scores_and_fields(assessment_id)
    rows = _lines(assessment_id, application_id)
    sheet = Sheet(
        marks={row.row: row.number for row in scores},
        reasons={row.row: row.text for row in scores},
        advice={
            str(row.key): Advice(row.recommendation or "", row.amount, row.reason or "")
            for row in rows
        },
        comment=comment,
    )
    return Written(
        sheet,
        tuple(Line(str(row.key), row.title, row.asked) for row in rows),
        {(row.kind, row.row): row.number for row in fields},
        {_name(row): row.typed_by for row in fields if row.typed_by is not None},
    )


def _name(field: Any) -> str:
    return f"{field.kind}.{field.row}" if field.row else str(field.kind)


def _scores_and_fields(assessment_id: int) -> tuple[list[Any], list[Any]]:
    """Marks with their reasons, and the versions of the fields, asked for at once."""
    scores = sa.select(
        sa.literal(SCORE).label("kind"),
        Score.criterion.label("row"),
        Score.mark.label("number"),
        Score.reason.label("text"),
        sa.cast(sa.null(), sa.Integer).label("typed_by"),
    ).where(Score.assessment_id == assessment_id)
    fields = sa.select(
        ScoreField.question, ScoreField.row, ScoreField.version, sa.literal(""), ScoreField.typed_by
    ).where(ScoreField.assessment_id == assessment_id)
    rows: Any = db.session.execute(sa.union_all(scores, fields)).all()
    return [row for row in rows if row.kind == SCORE], [row for row in rows if row.kind != SCORE]


def _lines(assessment_id: int, application_id: int) -> list[Any]:
    mine = sa.and_(
        LineRecommendation.proposed_project_id == ProposedProject.id,
        LineRecommendation.assessment_id == assessment_id,
    )
    return list(
        db.session.execute(
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
        )
    )
