"""Totals of a round with the marks that its panel agreed, for those who may read all scores."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import Application
from grants.models.assessment import Assessment, Score
from grants.models.meeting import ModeratedScore
from grants.queries.visible import applications_seen
from grants.rules import scoring
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import AssessmentState


def totals_of(actor: Actor, round_id: int, rules: Scoring) -> dict[int, Decimal]:
    """By application id, where the panel agreed a mark. One statement while it agreed none, or two."""
    agreed: dict[int, dict[str, int]] = {}
    rows: Any = db.session.execute(
        applications_seen(
            actor,
            Action.READ_ALL_SCORES,
            ModeratedScore.application_id,
            ModeratedScore.criterion,
            ModeratedScore.mark,
        )
        .join(ModeratedScore, ModeratedScore.application_id == Application.id)
        .where(Application.round_id == round_id)
    )
    for application, criterion, mark in rows:
        agreed.setdefault(application, {})[criterion] = mark
    if not agreed:
        return {}
    given = _readings(actor, list(agreed))
    found = {
        key: scoring.moderated_total(given.get(key, []), marks, rules)
        for key, marks in agreed.items()
    }
    return {key: total for key, total in found.items() if total is not None}


def _readings(actor: Actor, ids: list[int]) -> dict[int, list[dict[str, int]]]:
    rows: Any = db.session.execute(
        applications_seen(
            actor,
            Action.READ_ALL_SCORES,
            Application.id,
            Assessment.id.label("reading"),
            Score.criterion,
            Score.mark,
        )
        .join(Assessment, Assessment.application_id == Application.id)
        .join(Score, Score.assessment_id == Assessment.id)
        .where(
            Application.id.in_(ids),
            Assessment.state == AssessmentState.SUBMITTED,
            Score.mark.is_not(None),
        )
    )
    marks: dict[int, dict[int, dict[str, int]]] = {}
    for row in rows:
        marks.setdefault(row.id, {}).setdefault(row.reading, {})[row.criterion] = row.mark
    return {key: list(given.values()) for key, given in marks.items()}
