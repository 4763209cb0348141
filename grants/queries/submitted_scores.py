"""Whose submitted scores of a round may be opened again: for its chair and managers. Never what they say."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.models.rescoring import ReopenRequest
from grants.models.round import Round
from grants.queries.rescoring import is_theirs
from grants.queries.visible import applications_of, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."
PAGE = 60


@dataclass(frozen=True, slots=True)
class SubmittedRow:
    """One assessor's submitted scores of one application."""

    key: uuid.UUID  # of the application
    reference: str
    person_key: uuid.UUID
    name: str
    submitted_at: dt.datetime
    asks: bool  # for theirs to be opened, and nobody has answered


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedPage:
    """One page of them, those first who ask."""

    round_key: uuid.UUID
    reference: str
    title: str
    hands_out: bool  # may open the pages of the assignments
    rows: tuple[SubmittedRow, ...]
    total: int
    asking: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


def page(actor: Actor, round_key: uuid.UUID, *, page: int = 1) -> SubmittedPage:
    """Of what this actor may open again, one's own left out. Raises NotFound. Three statements."""
    head: Any = db.session.execute(
        rounds_of(
            Round.id,
            Round.key,
            Round.reference,
            Round.title,
            visible(actor, Action.SET_UP_ROUND).label("hands_out"),
        ).where(Round.key == round_key, visible(actor, Action.READ_INTERESTS))
    ).one_or_none()
    if head is None:
        raise NotFound(NO_SUCH)
    asks = sa.and_(ReopenRequest.id.is_not(None), ReopenRequest.answered_at.is_(None))
    total, asking = db.session.execute(
        _rows(actor, head.id, sa.func.count(), sa.func.count().filter(asks))
    ).one()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows: Any = db.session.execute(
        _rows(
            actor,
            head.id,
            Application.key,
            Application.reference,
            Person.key.label("person_key"),
            Person.name,
            Assessment.submitted_at,
            asks.label("asks"),
        )
        .order_by(~asks, Application.reference, Person.name, Assessment.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return SubmittedPage(
        round_key=head.key,
        reference=head.reference,
        title=head.title,
        hands_out=bool(head.hands_out),
        rows=tuple(SubmittedRow(*row) for row in rows),
        total=total,
        asking=asking,
        page=page,
    )


def _rows(actor: Actor, round_id: int, *columns: Any) -> Any:
    return (
        applications_of(*columns)
        .join(Assessment, Assessment.application_id == Application.id)
        .join(Person, Person.id == Assessment.person_id)
        .outerjoin(ReopenRequest, is_theirs())
        .where(
            Round.id == round_id,
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.person_id != actor.person_id,
            visible(actor, Action.REOPEN_SCORES),
        )
    )
