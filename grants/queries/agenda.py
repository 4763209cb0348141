"""What the order of business of a meeting is made from: where the line falls, spread, rank and area."""

from __future__ import annotations

import uuid
from typing import Any

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import Application
from grants.models.assessment import Assessment, Score
from grants.queries import workbench
from grants.queries.visible import applications_seen
from grants.queries.workbench import Wanted
from grants.rules import scoring
from grants.rules.actions import Action
from grants.rules.meetings import Standing
from grants.rules.people import Actor
from grants.rules.states import ApplicationState, AssessmentState, AwardState

UNDECIDED = frozenset({AwardState.NONE, AwardState.RECOMMENDED})


def of_round(actor: Actor, key: uuid.UUID) -> tuple[Standing, ...]:
    """Each application in moderation that is not decided, scored or not, as far as this person may see them."""
    found = workbench.of_round(actor, key, Wanted(scenario=None))
    at_line = {row.candidate.id for row in found.rows if row.is_grey or row.straddles}
    apart = _apart(actor, found.round.id, found.fund.scoring)
    waiting = {
        row.candidate.id: row.candidate
        for row in found.rows
        if row.candidate.state == ApplicationState.MODERATION and row.candidate.award in UNDECIDED
    }
    return tuple(
        Standing(
            id=one.id,
            reference=one.reference,
            area=one.area,
            rank=one.rank,
            at_line=one.id in at_line,
            is_apart=one.id in apart,
        )
        for one in waiting.values()
    )


def _apart(actor: Actor, round_id: int, rules: Scoring) -> frozenset[int]:
    """Those whose readers are far apart. One statement."""
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
            Application.round_id == round_id,
            Application.state == ApplicationState.MODERATION,
            Assessment.state == AssessmentState.SUBMITTED,
            Score.mark.is_not(None),
        )
        .order_by(Application.id)
    )
    readings: dict[int, dict[int, dict[str, int]]] = {}
    for row in rows:
        given = readings.setdefault(row.id, {}).setdefault(row.reading, {})
        given[row.criterion] = row.mark
    return frozenset(
        key
        for key, given in readings.items()
        if scoring.spread_flags(tuple(given.values()), rules).is_flagged
    )
