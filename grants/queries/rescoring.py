"""Earlier submitted scores with who opened them and why, and who asks for theirs to be opened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.models.rescoring import ReopenRequest, ScoreHistory
from grants.models.round import Round
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Advice, Sheet
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Scores as they stood before they were opened again."""

    number: int
    submitted_at: dt.datetime
    total: Decimal
    version: int  # of the application
    sheet: Sheet
    reopened_at: dt.datetime
    reopened_by: str
    reason: str
    asked: str  # what the assessor had asked; blank where nobody asked
    typed_by: str = ""  # from paper
    confirmed_by: str = ""  # the colleague who held it against the paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an assessor asked, and what came of it."""

    reason: str
    asked_at: dt.datetime
    answer: str = ""
    answered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPage:
    """One assessor's submitted scores, about to be opened again. Never what they say."""

    key: uuid.UUID
    reference: str
    title: str
    round_key: uuid.UUID
    round_reference: str
    person_key: uuid.UUID
    name: str
    submitted_at: dt.datetime
    version: int
    newest: int
    hands_out: bool  # may open the pages of the assignments
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class Place:
    """The round of an application, and whether one hands it out oneself."""

    round_key: uuid.UUID
    hands_out: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that nobody has answered yet."""

    key: uuid.UUID  # of the application
    reference: str
    person_key: uuid.UUID
    name: str
    asked_at: dt.datetime


def earlier_of(application_id: int, people: Sequence[int]) -> Mapping[int, tuple[Earlier, ...]]:
    """By person, what they had submitted before, first first. One statement.

    For callers that have asked already whether these people's scores may be seen.
    """
    by = sa.orm.aliased(Person)
    rows: Any = db.session.execute(
        sa.select(ScoreHistory, ApplicationVersion.number.label("version"), by.name)
        .join(ApplicationVersion, ApplicationVersion.id == ScoreHistory.version_id)
        .join(by, by.id == ScoreHistory.reopened_by)
        .where(ScoreHistory.application_id == application_id, ScoreHistory.person_id.in_(people))
        .order_by(ScoreHistory.person_id, ScoreHistory.number)
    )
    found: dict[int, tuple[Earlier, ...]] = {}
    for kept, version, name in rows:
        found[kept.person_id] = (*found.get(kept.person_id, ()), _earlier(kept, version, name))
    return found


def was_opened() -> sa.ColumnElement[bool]:
    """Whether an assessment of the statement was ever opened again."""
    return (
        sa.exists()
        .where(
            ScoreHistory.application_id == Assessment.application_id,
            ScoreHistory.person_id == Assessment.person_id,
        )
        .correlate(Assessment)
    )


def asked_by(application_id: int, person_id: int) -> Asked | None:
    """What this person asked about their own scores. One statement."""
    request = db.session.scalar(
        sa.select(ReopenRequest).where(
            ReopenRequest.application_id == application_id, ReopenRequest.person_id == person_id
        )
    )
    return None if request is None else _asked(request)


def waiting(actor: Actor, round_key: uuid.UUID) -> tuple[Waiting, ...]:
    """Who asks for their scores of this round to be opened, of what this actor may open."""
    rows: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Person.key.label("person_key"),
            Person.name,
            ReopenRequest.asked_at,
        )
        .join(ReopenRequest, ReopenRequest.application_id == Application.id)
        .join(Person, Person.id == ReopenRequest.person_id)
        .join(Assessment, is_theirs())
        .where(
            Round.key == round_key,
            ReopenRequest.answered_at.is_(None),
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.person_id != actor.person_id,
            visible(actor, Action.REOPEN_SCORES),
        )
        .order_by(ReopenRequest.asked_at, ReopenRequest.id)
    )
    return tuple(Waiting(*row) for row in rows)


def page(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> ReopenPage:
    """Raises NotFound where there are no submitted scores that this actor may open again."""
    row: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Application.title,
            Round.key.label("round_key"),
            Round.reference.label("round_reference"),
            Person.key.label("person_key"),
            Person.name,
            Assessment.submitted_at,
            ApplicationVersion.number.label("version"),
            Application.number.label("newest"),
            visible(actor, Action.ASSIGN).label("hands_out"),
            ReopenRequest,
        )
        .join(Assessment, Assessment.application_id == Application.id)
        .join(Person, Person.id == Assessment.person_id)
        .join(ApplicationVersion, ApplicationVersion.id == Assessment.version_id)
        .outerjoin(ReopenRequest, is_theirs())
        .where(
            Application.key == key,
            Person.key == person_key,
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.person_id != actor.person_id,
            visible(actor, Action.REOPEN_SCORES),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    *head, request = row
    names = [name for name in ReopenPage.__dataclass_fields__ if name != "asked"]
    asked = None if request is None else _asked(request)
    return ReopenPage(**dict(zip(names, head, strict=True)), asked=asked)


def place_of(actor: Actor, key: uuid.UUID) -> Place:
    """Where an application stands whose scores this actor may open again. Raises NotFound."""
    row: Any = db.session.execute(
        applications_of(Round.key, visible(actor, Action.ASSIGN).label("hands_out")).where(
            Application.key == key, visible(actor, Action.REOPEN_SCORES)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    return Place(*row)


def is_theirs() -> sa.ColumnElement[bool]:
    """A request stands for the assessment of the statement."""
    return sa.and_(
        ReopenRequest.application_id == Assessment.application_id,
        ReopenRequest.person_id == Assessment.person_id,
    )


def _asked(request: ReopenRequest) -> Asked:
    return Asked(
        reason=request.reason,
        asked_at=request.asked_at,
        answer=request.answer,
        answered_at=request.answered_at,
    )


def _earlier(kept: ScoreHistory, version: int, name: str) -> Earlier:
    content = kept.content
    return Earlier(
        number=kept.number,
        submitted_at=kept.submitted_at,
        total=kept.total,
        version=version,
        sheet=Sheet(
            marks=content["marks"],
            reasons=content["reasons"],
            advice={project: Advice(*given) for project, given in content["advice"].items()},
            comment=content["comment"],
        ),
        reopened_at=kept.reopened_at,
        reopened_by=name,
        reason=kept.reason,
        asked=kept.asked,
        **content.get("paper", {}),
    )
