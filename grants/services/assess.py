"""Assessing: declare an interest, write scores, submit them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import ApplicationVersion, ProposedProject
from grants.models.assessment import (
    Assessment,
    Conflict,
    LineRecommendation,
    Recommendation,
    Score,
)
from grants.queries.definitions import fund_of
from grants.rules import score_sheet
from grants.rules.actions import Action
from grants.rules.conflicts import Interest
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.score_sheet import Advice, Line, Sheet, Typed
from grants.rules.states import AssessmentState
from grants.services import access, moving
from grants.services.access import Found
from grants.services.transaction import transaction

BEGUN = frozenset({AssessmentState.SCORING, AssessmentState.SUBMITTED})


@dataclass(frozen=True, slots=True)
class Saved:
    """How far the sheet is after saving, and what of it could not be kept."""

    total: Decimal | None
    marked: int
    criteria: int
    problems: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Desk:
    """One's own assessment, held open for writing, with what is already written."""

    found: Found[Assessment]
    scoring: Scoring
    sheet: Sheet
    lines: tuple[Line, ...]
    line_ids: Mapping[str, int]  # proposed projects, by key
    score_ids: Mapping[str, int]  # rows that are there, by criterion
    advice_ids: Mapping[str, int]  # rows that are there, by project


def declare_none(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Declare that there is no interest. From here on the application may be read in full."""
    with transaction():
        found = access.assessment(actor, key, Action.DECLARE, lock=True)
        if found.thing.state in BEGUN:
            return
        found.thing.declared_at = now
        moving.move(
            found.thing,
            Action.SCORE,
            actor=actor,
            case=replace(found.case, own_assessment=AssessmentState.SCORING),
            now=now,
            after={"interest": "none", "application": found.application.reference},
        )


def declare_conflict(
    actor: Actor, key: uuid.UUID, kind: str, detail: str, *, now: dt.datetime
) -> None:
    """Declare an interest, before or after scoring began. The application is gone at once.

    What was written stays in the database but counts no more. Raises Blocked for an unknown kind.
    """
    if kind not in set(Interest):
        raise Blocked(Reason("Choose what kind of interest it is.", "kind"))
    with transaction():
        found = access.assessment(actor, key, Action.DECLARE, lock=True)
        moving.move(
            found.thing,
            Action.DECLARE,
            actor=actor,
            case=found.case,
            now=now,
            after={"interest": kind, "application": found.application.reference},
        )
        found.thing.declared_at = now
        found.thing.submitted_at = found.thing.total = None
        db.session.add(
            Conflict(
                application_id=found.application.id,
                person_id=actor.person_id,
                kind=kind,
                detail=detail.strip(),
                declared_at=now,
            )
        )


def autosave(actor: Actor, key: uuid.UUID, typed: Typed, *, now: dt.datetime) -> Saved:
    """Keep what was typed so far. Not audited: it happens every few seconds."""
    del now
    with transaction():
        desk = _open_desk(actor, key, Action.SCORE, typed)
        return _keep(desk, typed)


def save(actor: Actor, key: uuid.UUID, typed: Typed, *, now: dt.datetime) -> Saved:
    """Keep what was typed, and remember that it was."""
    with transaction():
        desk = _open_desk(actor, key, Action.SCORE, typed)
        saved = _keep(desk, typed)
        record = desk.found.thing
        thing = ("assessment", record.id, moving.name_of(record))
        audit.record(actor, Action.SCORE, thing, now=now, after={"marked": saved.marked})
        return saved


def submit(actor: Actor, key: uuid.UUID, typed: Typed, *, now: dt.datetime) -> None:
    """Keep what was typed and submit it: locked from here on, with its weighted total.

    Raises Blocked with all that is missing, after what was typed has been kept.
    """
    with transaction():
        desk = _open_desk(actor, key, Action.SUBMIT_SCORE, None)
        saved = _keep(desk, typed)
        missing = score_sheet.incomplete(desk.sheet, desk.scoring, desk.lines)
        faults = tuple(dict.fromkeys((*saved.problems, *missing)))
        if not faults:
            _move_to_submitted(actor, desk, now)
    if faults:
        raise Blocked(*faults)


def take_newest(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Score the latest version instead of the one read so far; what is written stays."""
    with transaction():
        found = access.assessment(actor, key, Action.SCORE, lock=True)
        version = db.session.scalars(
            sa.select(ApplicationVersion)
            .where(ApplicationVersion.application_id == found.thing.application_id)
            .order_by(ApplicationVersion.number.desc())
            .limit(1)
        ).one()
        if found.thing.version_id == version.id:
            return
        found.thing.version_id = version.id
        audit.record(
            actor,
            "take-newest-version",
            ("assessment", found.thing.id, found.application.reference),
            now=now,
            after={"version": version.number},
        )


def _move_to_submitted(actor: Actor, desk: _Desk, now: dt.datetime) -> None:
    record, total = desk.found.thing, desk.sheet.total(desk.scoring)
    record.total, record.submitted_at = total, now
    moving.move(
        record,
        Action.SUBMIT_SCORE,
        actor=actor,
        case=desk.found.case,
        now=now,
        checks={
            "scores_incomplete": lambda: score_sheet.incomplete(
                desk.sheet, desk.scoring, desk.lines
            )
        },
        after={"total": str(total), "application": desk.found.application.reference},
    )


def _open_desk(actor: Actor, key: uuid.UUID, action: Action, typed: Typed | None) -> _Desk:
    """What a saving needs. ``typed`` says which of it; None asks for everything."""
    found = access.assessment(actor, key, action, lock=True)
    if found.thing.state != AssessmentState.SCORING:
        raise MoveNotAllowed("You have submitted these scores, so they can't be changed.")
    scoring = fund_of(actor, found.application.definition_id).scoring
    wants_lines = typed is None or any(
        name.startswith(("line.", "amount.", "why.")) for name in typed
    )
    scores = _scores(found.thing.id)
    lines = _lines(found.thing) if wants_lines else []
    return _Desk(
        found=found,
        scoring=scoring,
        sheet=Sheet(
            marks={row.criterion: row.mark for row in scores},
            reasons={row.criterion: row.reason for row in scores},
            advice={
                str(row.key): Advice(row.recommendation or "", row.amount, row.reason or "")
                for row in lines
            },
            comment=found.thing.comment,
        ),
        lines=tuple(Line(str(row.key), row.title, row.asked) for row in lines),
        line_ids={str(row.key): row.id for row in lines},
        score_ids={row.criterion: row.id for row in scores},
        advice_ids={str(row.key): row.advice_id for row in lines if row.advice_id is not None},
    )


def _scores(assessment_id: int) -> list[Any]:
    return list(
        db.session.execute(
            sa.select(Score.id, Score.criterion, Score.mark, Score.reason).where(
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
                LineRecommendation.id.label("advice_id"),
                LineRecommendation.recommendation,
                LineRecommendation.amount,
                LineRecommendation.reason,
            )
            .outerjoin(LineRecommendation, mine)
            .where(ProposedProject.application_id == record.application_id)
            .order_by(ProposedProject.line)
        )
    )


def _keep(desk: _Desk, typed: Typed) -> Saved:
    before = desk.sheet
    desk.sheet, problems = score_sheet.amended(before, typed, desk.scoring, desk.lines)
    _keep_scores(desk, before)
    _keep_advice(desk, before)
    if desk.sheet.comment != before.comment:
        desk.found.thing.comment = desk.sheet.comment
    return Saved(
        total=desk.sheet.total(desk.scoring),
        marked=desk.sheet.marked(desk.scoring),
        criteria=len(desk.scoring.criteria),
        problems=problems,
    )


def _keep_scores(desk: _Desk, before: Sheet) -> None:
    changed = [
        {
            "id": desk.score_ids.get(criterion.key),
            "assessment_id": desk.found.thing.id,
            "criterion": criterion.key,
            "mark": desk.sheet.marks.get(criterion.key),
            "reason": desk.sheet.reasons.get(criterion.key, ""),
        }
        for criterion in desk.scoring.criteria
        if desk.sheet.marks.get(criterion.key) != before.marks.get(criterion.key)
        or desk.sheet.reasons.get(criterion.key, "") != before.reasons.get(criterion.key, "")
    ]
    _write(Score, changed)


def _keep_advice(desk: _Desk, before: Sheet) -> None:
    changed = [
        {
            "id": desk.advice_ids.get(key),
            "assessment_id": desk.found.thing.id,
            "proposed_project_id": desk.line_ids[key],
            "recommendation": Recommendation(advice.choice) if advice.choice else None,
            "amount": advice.amount,
            "reason": advice.reason,
        }
        for key, advice in desk.sheet.advice.items()
        if advice != before.advice.get(key, Advice())
    ]
    _write(LineRecommendation, changed)


def _write(table: type[Score | LineRecommendation], rows: list[dict[str, Any]]) -> None:
    """New rows in one statement, changed ones in another."""
    known = [row for row in rows if row["id"] is not None]
    new = [{name: row[name] for name in row if name != "id"} for row in rows if row["id"] is None]
    if known:
        db.session.execute(sa.update(table), known)
    if new:
        db.session.execute(sa.insert(table), new)
