"""The terms of an assessor in one round; standing down from it, and coming back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, LineRecommendation, Score, ScoreField
from grants.models.earlier_text import EarlierText
from grants.models.panel import PanelReader, PanelReaderArea
from grants.models.paper_scores import PaperScan, PaperScores
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries import assessors
from grants.queries.visible import applications_of
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.rules.states import AssessmentState
from grants.services import access
from grants.services.transaction import transaction
from grants.storage.store import files

MOST_LOAD = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is set for an assessor. ``most`` is empty for as many as anybody."""

    most: int | None
    is_lived: bool
    areas: frozenset[int]


def settle(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, terms: Terms, *, now: dt.datetime
) -> None:
    """Say on what terms an assessor sits in this round. Raises Blocked for a load out of range."""
    if terms.most is not None and not 0 <= terms.most <= MOST_LOAD:
        raise Blocked(Reason("Enter a whole number, or leave it empty.", "most"))
    with transaction():
        record, person = _pair(actor, key, person_key, now)
        areas = _areas(record, terms.areas)
        row = _row(record, person)
        db.session.flush()
        if _stands(row, terms):
            return
        row.most, row.in_lived_seat = terms.most, terms.is_lived
        db.session.execute(
            sa.delete(PanelReaderArea).where(PanelReaderArea.panel_reader_id == row.id)
        )
        db.session.add_all(
            PanelReaderArea(panel_reader_id=row.id, allocation_area_id=area) for area in areas
        )
        _record(
            actor,
            "set-panel-terms",
            record,
            now,
            {
                "assessor": person.name,
                "most": terms.most,
                "lived_seat": terms.is_lived,
                "areas": sorted(areas.values()),
            },
        )


def stand_down(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    *,
    with_begun: bool = False,
    now: dt.datetime,
) -> int:
    """Take back what an assessor has not begun, and give them nothing more in this round.

    ``with_begun`` takes back what they have begun to score too; its marks stay in the trail. What
    they have submitted stays and counts. Returns how many applications were taken back.
    """
    with transaction():
        record, person = _pair(actor, key, person_key, now)
        row = _row(record, person)
        taken = _unfinished(actor, record, person, with_begun=with_begun)
        if row.stood_down_at is not None and not taken:
            return 0
        row.stood_down_at = row.stood_down_at or now
        marks = _marks([assessment.id for assessment, _ in taken])
        for assessment, reference in taken:
            audit.record(
                actor,
                "unassign",
                ("application", assessment.application_id, reference),
                now=now,
                before={"assessor": person.name, "marks": marks.get(assessment.id, {})},
            )
        scans = _forget([assessment.id for assessment, _ in taken])
        after = {"assessor": person.name, "taken_back": len(taken)}
        _record(actor, "stand-down", record, now, after)
    for place in scans:
        files.delete(place)
    return len(taken)


def come_back(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let an assessor who stood down take applications in this round again."""
    with transaction():
        record, person = _pair(actor, key, person_key, now)
        row = _row(record, person)
        if row.stood_down_at is None:
            return
        row.stood_down_at = None
        _record(actor, "come-back", record, now, {"assessor": person.name})


def _pair(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, now: dt.datetime
) -> tuple[Round, Person]:
    record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
    people = assessors.assessors_of(assessors.head_of(actor, key), now)
    person = db.session.scalar(sa.select(Person).where(Person.key == person_key))
    if person is None or person.id not in people:
        raise NotFound("There is no such page.")
    return record, person


def _row(record: Round, person: Person) -> PanelReader:
    row = db.session.scalar(
        sa.select(PanelReader).where(
            PanelReader.round_id == record.id, PanelReader.person_id == person.id
        )
    )
    if row is None:
        row = PanelReader(round_id=record.id, person_id=person.id)
        db.session.add(row)
    return row


def _stands(row: PanelReader, terms: Terms) -> bool:
    """Whether these terms are kept already."""
    known = frozenset(
        db.session.scalars(
            sa.select(PanelReaderArea.allocation_area_id).where(
                PanelReaderArea.panel_reader_id == row.id
            )
        )
    )
    return (row.most, row.in_lived_seat, known) == (terms.most, terms.is_lived, terms.areas)


def _areas(record: Round, wanted: frozenset[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(AllocationArea.id, AllocationArea.name).where(
            AllocationArea.round_id == record.id, AllocationArea.id.in_(wanted)
        )
    )
    found = {row.id: row.name for row in rows}
    if len(found) < len(wanted):
        raise Blocked(Reason("Choose areas of this round.", "areas"))
    return found


def _unfinished(
    actor: Actor, record: Round, person: Person, *, with_begun: bool
) -> list[tuple[Assessment, str]]:
    """What the assessor holds and has not submitted, of applications that this actor hands out."""
    states = [AssessmentState.ASSIGNED, *([AssessmentState.SCORING] if with_begun else [])]
    head = assessors.head_of(actor, record.key)
    rows = db.session.execute(
        applications_of(Assessment, Application.reference)
        .join(Assessment, Assessment.application_id == Application.id)
        .where(
            assessors.in_round(actor, head),
            Assessment.person_id == person.id,
            Assessment.state.in_(states),
        )
        .order_by(Application.reference)
    )
    return [(row[0], row.reference) for row in rows]


def _marks(ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = db.session.execute(
        sa.select(Score.assessment_id, Score.criterion, Score.mark).where(
            Score.assessment_id.in_(ids), Score.mark.is_not(None)
        )
    )
    for assessment, criterion, mark in rows:
        found.setdefault(assessment, {})[criterion] = mark or 0
    return found


def _forget(ids: list[int]) -> list[str]:
    """Take them and all that hangs on them out; gives where their scanned sheets are kept."""
    scans = db.session.scalars(
        sa.select(PaperScan.storage_key).where(PaperScan.assessment_id.in_(ids))
    ).all()
    for kind in (Score, LineRecommendation, ScoreField, EarlierText, PaperScores, PaperScan):
        db.session.execute(sa.delete(kind).where(kind.assessment_id.in_(ids)))
    db.session.execute(sa.delete(Assessment).where(Assessment.id.in_(ids)))
    return list(scans)


def _record(
    actor: Actor, action: str, record: Round, now: dt.datetime, after: dict[str, object]
) -> None:
    audit.record(actor, action, ("round", record.id, record.reference), now=now, after=after)
