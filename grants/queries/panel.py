"""The terms on which each assessor sits in one round: their load, the areas they know, their seat."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.panel import PanelReader, PanelReaderArea
from grants.models.round import AllocationArea, Round
from grants.queries.assessors import RoundHead, assessors_of, head_of, in_round
from grants.queries.visible import applications_of, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import AssessmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one assessor brings to a round. The usual ones where nothing was said."""

    most: int | None = None
    is_lived: bool = False
    stood_down_at: dt.datetime | None = None
    areas: frozenset[int] = frozenset()


USUAL = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPage:
    """One assessor's terms, the areas there are, and what they hold that is not done."""

    round: RoundHead
    person_key: uuid.UUID
    name: str
    terms: Terms
    areas: tuple[tuple[int, str], ...]
    to_declare: int
    to_score: int
    done: int


def terms_of(actor: Actor, head: RoundHead) -> dict[int, Terms]:
    """By person, the terms that were set in this round. Two statements."""
    mine = sa.and_(PanelReader.round_id == head.id, visible(actor, Action.SET_UP_ROUND))
    areas: dict[int, set[int]] = defaultdict(set)
    known = (
        rounds_of(PanelReader.person_id, PanelReaderArea.allocation_area_id)
        .join(PanelReader, PanelReader.round_id == Round.id)
        .join(PanelReaderArea, PanelReaderArea.panel_reader_id == PanelReader.id)
        .where(mine)
    )
    found: Any = db.session.execute(known)
    for person, area in found:
        areas[person].add(area)
    rows = db.session.execute(
        rounds_of(PanelReader).join(PanelReader, PanelReader.round_id == Round.id).where(mine)
    ).scalars()
    return {
        row.person_id: Terms(
            most=row.most,
            is_lived=row.in_lived_seat,
            stood_down_at=row.stood_down_at,
            areas=frozenset(areas[row.person_id]),
        )
        for row in rows
    }


def page(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> TermsPage:
    """The terms of one assessor of the round's fund. Raises NotFound."""
    head = head_of(actor, key)
    people = assessors_of(head, now)
    person = next((one for one, row in people.items() if row.key == person_key), None)
    if person is None:
        raise NotFound("There is no such page.")
    held = _held(actor, head, person)
    areas = db.session.execute(
        sa.select(AllocationArea.id, AllocationArea.name)
        .where(AllocationArea.round_id == head.id)
        .order_by(AllocationArea.name)
    )
    return TermsPage(
        round=head,
        person_key=person_key,
        name=people[person].name,
        terms=terms_of(actor, head).get(person, USUAL),
        areas=tuple((row.id, row.name) for row in areas),
        to_declare=held.get(AssessmentState.ASSIGNED, 0),
        to_score=held.get(AssessmentState.SCORING, 0),
        done=held.get(AssessmentState.SUBMITTED, 0),
    )


def _held(actor: Actor, head: RoundHead, person: int) -> dict[AssessmentState, int]:
    rows: Any = db.session.execute(
        applications_of(Assessment.state, sa.func.count())
        .join(Assessment, Assessment.application_id == Application.id)
        .where(in_round(actor, head), Assessment.person_id == person)
        .group_by(Assessment.state)
    )
    return {row[0]: row[1] for row in rows}
