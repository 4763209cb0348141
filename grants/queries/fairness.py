"""How a round's readers agree, and its totals put right for who read what.

Worked out from the scores that this person may read, once until one of them changes: what is kept
is thrown away as soon as a count or a sum of the scores differs.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import Application
from grants.models.assessment import Assessment, Score
from grants.models.person import Person
from grants.models.round import Round
from grants.queries import rounds, standings
from grants.queries.definitions import fund_of
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_seen
from grants.rules import agreement, severity
from grants.rules.actions import Action
from grants.rules.agreement import Agreement
from grants.rules.people import Actor
from grants.rules.permissions import could
from grants.rules.refusals import NotFound
from grants.rules.severity import Leaning, Mark, Merit, Severity
from grants.rules.states import AssessmentState

KEPT = 32  # rounds and readers of them for whom it is kept in this process
MANY = 997  # a prime: totals that change places change the sum in which they are weighted by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """What can be said of the scores of a round. ``alpha`` is None where nothing can."""

    readings: int = 0
    severity: Severity = field(default_factory=Severity)
    alpha: float | None = None
    criteria: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def meaning(self) -> Agreement | None:
        """What the agreement of the totals is taken to mean."""
        return None if self.alpha is None else agreement.meaning(self.alpha)

    @property
    def why_not(self) -> str:
        """Why no score is adjusted; nothing where they are."""
        return self.severity.why_not

    def merit(self, application_id: int) -> Merit | None:
        """One application's adjusted score, where there is one."""
        return self.severity.merits.get(application_id)

    def adjusted(self, application_id: int) -> Decimal | None:
        """The same with two decimals, to put applications in order by."""
        found = self.merit(application_id)
        return None if found is None else severity.two_places(found.adjusted)


NOTHING = Fairness()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderRow:
    """One reader of a round, and how harsh or lenient they are."""

    name: str
    leaning: Leaning | None
    is_thin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessPage:
    """The agreement of a round by criterion, and its readers."""

    round: RoundRow
    fairness: Fairness
    criteria: tuple[tuple[str, float | None], ...]  # titles
    readers: tuple[ReaderRow, ...]


_kept: OrderedDict[tuple[uuid.UUID, int], tuple[Any, Fairness]] = OrderedDict()
_lock = Lock()


def of_round(actor: Actor, round_id: int, key: uuid.UUID) -> Fairness:
    """The round's fairness from the scores that this person may read; nothing where they may not.

    One statement while no score has changed, three after that.
    """
    if not could(actor, Action.READ_ALL_SCORES):
        return NOTHING
    state = tuple(db.session.execute(_seen(actor, round_id, *_STATE)).one())
    place = (key, actor.person_id)
    with _lock:
        kept = _kept.get(place)
    if kept is not None and kept[0] == state:
        return kept[1]
    found = _worked_out(actor, round_id) if state[0] else NOTHING
    with _lock:
        _kept[place] = (state, found)
        _kept.move_to_end(place)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def of_application(actor: Actor, key: uuid.UUID) -> tuple[Fairness, Merit | None]:
    """The round's fairness and this application's part in it, where this person may read its scores.

    One statement more than that of the round.
    """
    row = db.session.execute(
        applications_seen(
            actor,
            Action.READ_ALL_SCORES,
            Application.id,
            Application.round_id,
            Round.key.label("round_key"),
        ).where(Application.key == key)
    ).one_or_none()
    if row is None:
        return NOTHING, None
    found = of_round(actor, row.round_id, row.round_key)
    return found, found.merit(row.id)


def page(actor: Actor, key: uuid.UUID) -> FairnessPage:
    """Everything, for those who may read the scores of the round. Raises NotFound."""
    record = rounds.one(actor, key)
    if not could(actor, Action.READ_ALL_SCORES):
        raise NotFound("There is no such page.")
    found = of_round(actor, record.id, record.key)
    scoring: Scoring = fund_of(actor, record.definition_id).scoring
    return FairnessPage(
        round=record,
        fairness=found,
        criteria=tuple(
            (criterion.title, found.criteria.get(criterion.key))
            for criterion in scoring.criteria
            if criterion.weight
        ),
        readers=_readers(actor, record, found.severity),
    )


_STATE = (
    sa.func.count(),
    sa.func.max(Assessment.submitted_at),
    sa.func.sum(Assessment.version),
    sa.func.sum(Assessment.id),
    sa.func.sum(Assessment.total),
    sa.func.sum(Assessment.total * (Assessment.id % MANY)),
)


def _seen(actor: Actor, round_id: int, *columns: Any) -> Any:
    """Submitted assessments of ranked applications whose scores this person may read."""
    return (
        applications_seen(actor, Action.READ_ALL_SCORES, *columns)
        .join(Assessment, Assessment.application_id == Application.id)
        .where(
            Round.id == round_id,
            Assessment.state == AssessmentState.SUBMITTED,
            *standings.is_ranked(),
        )
    )


def _worked_out(actor: Actor, round_id: int) -> Fairness:
    rows: Any = db.session.execute(
        _seen(
            actor, round_id, Assessment.application_id, Assessment.person_id, Assessment.total
        ).order_by(Assessment.id)
    ).all()
    marks = [Mark(application, person, float(total)) for application, person, total in rows]
    totals: dict[int, list[float]] = {}
    for mark in marks:
        totals.setdefault(mark.application, []).append(mark.value)
    return Fairness(
        readings=len(marks),
        severity=severity.adjust(marks),
        alpha=agreement.interval(totals.values()),
        criteria=_by_criterion(actor, round_id),
    )


def _by_criterion(actor: Actor, round_id: int) -> dict[str, float | None]:
    rows: Any = db.session.execute(
        _seen(actor, round_id, Score.criterion, Assessment.application_id, Score.mark)
        .join(Score, Score.assessment_id == Assessment.id)
        .where(Score.mark.is_not(None))
    )
    marks: dict[str, dict[int, list[float]]] = {}
    for criterion, application, mark in rows:
        marks.setdefault(criterion, {}).setdefault(application, []).append(mark)
    return {criterion: agreement.ordinal(units.values()) for criterion, units in marks.items()}


def _readers(actor: Actor, record: RoundRow, found: Severity) -> tuple[ReaderRow, ...]:
    rows: Any = db.session.execute(
        _seen(actor, record.id, Person.id, Person.name)
        .join(Person, Person.id == Assessment.person_id)
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return tuple(
        ReaderRow(name=name, leaning=found.readers.get(key), is_thin=key in found.thin)
        for key, name in rows
    )
