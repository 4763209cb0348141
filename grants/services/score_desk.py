"""An assessor's score sheet, held open for writing: read, held against the page, written."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import ProposedProject
from grants.models.assessment import Assessment, LineRecommendation, Recommendation, Score
from grants.queries.definitions import fund_of
from grants.rules import score_sheet
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.people import Actor
from grants.rules.refusals import MoveNotAllowed, Reason
from grants.rules.score_sheet import Advice, Line, Sheet, Typed
from grants.rules.states import AssessmentState
from grants.services import access, score_fields
from grants.services.access import Found
from grants.services.answer_sheet import Saved, Sent, put

OF_LINES = frozenset({"line", "amount", "why"})


@dataclass(frozen=True, slots=True)
class Kept:
    """How far the sheet is after saving; ``saved`` tells what of it was not kept, and why."""

    total: Decimal | None
    marked: int
    criteria: int
    saved: Saved


@dataclass(slots=True)
class Desk:
    """An assessment, held open for writing, with what is already written."""

    found: Found[Assessment]
    scoring: Scoring
    sheet: Sheet
    lines: tuple[Line, ...]
    line_ids: Mapping[str, int]  # proposed projects, by key


def open_desk(actor: Actor, key: uuid.UUID, action: Action, sent: Sent | None) -> Desk:
    """What a saving of one's own needs. ``sent`` says which of it; None asks for everything."""
    found = access.assessment(actor, key, action, lock=True)
    if found.thing.state != AssessmentState.SCORING:
        raise MoveNotAllowed("You have submitted these scores, so they can't be changed.")
    return desk_of(actor, found, sent)


def submitted(actor: Actor, key: uuid.UUID, sent: Sent) -> Kept | None:
    """One's own scores where they are submitted already, just as they are sent."""
    found = access.assessment(actor, key, Action.READ_OWN_SCORE)
    if found.thing.state != AssessmentState.SUBMITTED:
        return None
    desk = desk_of(actor, found, None)
    after, faults = score_sheet.amended(
        desk.sheet, score_fields.named(sent), desk.scoring, desk.lines
    )
    return None if faults or after != desk.sheet else _kept(desk, Saved())


def desk_of(actor: Actor, found: Found[Assessment], sent: Sent | None) -> Desk:
    """The desk of an assessment that is held already."""
    fund = fund_of(actor, found.application.definition_id)
    wants_lines = sent is None or any(kind in OF_LINES for kind, _ in sent.texts)
    scores = _scores(found.thing.id)
    lines = _lines(found.thing) if wants_lines else []
    return Desk(
        found=found,
        scoring=fund.scoring,
        sheet=Sheet(
            marks={row.criterion: row.mark for row in scores},
            reasons={row.criterion: row.reason for row in scores},
            advice={
                str(row.key): Advice(row.recommendation or "", row.amount, row.reason or "")
                for row in lines
            },
            comment=found.thing.comment,
        ),
        lines=lines_shown(fund, [Line(str(row.key), row.title, row.asked) for row in lines]),
        line_ids={str(row.key): row.id for row in lines},
    )


def faults_of(desk: Desk, saved: Saved) -> tuple[Reason, ...]:
    """What could not be kept and what is missing, each field once."""
    unkept = {reason.key: reason for reason in score_fields.reasons(saved)}
    missing = score_sheet.incomplete(desk.sheet, desk.scoring, desk.lines)
    return (*unkept.values(), *(one for one in missing if one.key not in unkept))


def _scores(assessment_id: int) -> list[Any]:
    return list(
        db.session.execute(
            sa.select(Score.criterion, Score.mark, Score.reason).where(
                Score.assessment_id == assessment_id
            )
        )
    )


def _lines(record: Assessment) -> list[Any]:
    mine = sa.and_(
        LineRecommendation.proposed_project_id == ProposedProject.id,
        LineRecommendation.assessment_id == record.id,
    )
    return list(
        db.session.execute(
            sa.select(
                ProposedProject.id,
                ProposedProject.key,
                ProposedProject.title,
                ProposedProject.asked,
                LineRecommendation.recommendation,
                LineRecommendation.amount,
                LineRecommendation.reason,
            )
            .outerjoin(LineRecommendation, mine)
            .where(ProposedProject.application_id == record.application_id)
            .order_by(ProposedProject.line)
        )
    )


def keep(desk: Desk, sent: Sent, actor: Actor, now: dt.datetime) -> Kept:
    """Write what is fit and not changed in another window meanwhile; tell the rest apart."""
    before, typed = desk.sheet, score_fields.named(sent)
    saved, fresh = _weigh(desk, typed, sent, actor, now)
    written = {name: text for name, text in typed.items() if name in fresh}
    desk.sheet, _ = score_sheet.amended(before, written, desk.scoring, desk.lines)
    _keep_scores(desk, before)
    _keep_advice(desk, before)
    if desk.sheet.comment != before.comment:
        desk.found.thing.comment = desk.sheet.comment
    return _kept(desk, saved)


def _kept(desk: Desk, saved: Saved) -> Kept:
    return Kept(
        total=desk.sheet.total(desk.scoring),
        marked=desk.sheet.marked(desk.scoring),
        criteria=len(desk.scoring.criteria),
        saved=saved,
    )


def _weigh(
    desk: Desk, typed: Typed, sent: Sent, actor: Actor, now: dt.datetime
) -> tuple[Saved, frozenset[str]]:
    """What came of each field that the sheet has; and the names of those that are new."""
    wanted, faults = score_sheet.amended(desk.sheet, typed, desk.scoring, desk.lines)
    there = score_sheet.texts_of(desk.sheet, desk.scoring, desk.lines)
    after = score_sheet.texts_of(wanted, desk.scoring, desk.lines)
    return score_fields.keep(
        desk.found.thing,
        {name: there[name] for name in typed if name in there},
        {name: after[name] for name in typed if name in after},
        {fault.key: fault.text for fault in faults},
        sent,
        actor,
        now,
    )


def _keep_scores(desk: Desk, before: Sheet) -> None:
    changed = [
        {
            "assessment_id": desk.found.thing.id,
            "criterion": criterion.key,
            "mark": desk.sheet.marks.get(criterion.key),
            "reason": desk.sheet.reasons.get(criterion.key, ""),
        }
        for criterion in desk.scoring.criteria
        if desk.sheet.marks.get(criterion.key) != before.marks.get(criterion.key)
        or desk.sheet.reasons.get(criterion.key, "") != before.reasons.get(criterion.key, "")
    ]
    put(Score, ("assessment_id", "criterion"), changed)


def _keep_advice(desk: Desk, before: Sheet) -> None:
    changed = [
        {
            "assessment_id": desk.found.thing.id,
            "proposed_project_id": desk.line_ids[key],
            "recommendation": Recommendation(advice.choice) if advice.choice else None,
            "amount": advice.amount,
            "reason": advice.reason,
        }
        for key, advice in desk.sheet.advice.items()
        if advice != before.advice.get(key, Advice())
    ]
    put(LineRecommendation, ("assessment_id", "proposed_project_id"), changed)
