"""Scores that come on paper: one assessor's sheet for who types or checks it, and what waits."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment
from grants.models.paper_scores import PaperHand, PaperScan, PaperScores
from grants.models.person import Person
from grants.models.round import Round
from grants.queries.calibration_gate import owes_samples
from grants.queries.definitions import fund_of
from grants.queries.sheets import written
from grants.queries.visible import applications_of, visible
from grants.rules import paper, score_sheet
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.paper import Checker
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Line, Sheet
from grants.rules.states import AssessmentState, ScanState

NO_SUCH = "There is no such page."
_begun, _finished, _confirmed = (sa.orm.aliased(Person) for _ in range(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """That scores came on paper, who typed them, and who held them against the sheets."""

    received_on: dt.date
    checker: Checker
    begun_by: str
    begun_at: dt.datetime
    finished_by: str | None
    finished_at: dt.datetime | None
    confirmed_by: str | None
    """The colleague who sent them; None where the assessor did, or nobody has yet."""
    confirmed_at: dt.datetime | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """One scanned file."""

    key: uuid.UUID
    name: str
    size: int
    scan: ScanState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """One assessor's scores for who types or checks them.

    What stands in them is there for those alone who said that they take part.
    """

    application_key: uuid.UUID
    person_key: uuid.UUID
    key: uuid.UUID  # of the assessment
    reference: str
    title: str
    round_key: uuid.UUID
    round_reference: str
    name: str
    state: AssessmentState
    number: int
    """The version of the application that the assessor reads."""
    fund: Fund
    typed: Typed | None
    is_own_hand: bool
    owes_samples: bool
    """Whether the samples of the round come first, and the assessor has not scored them all."""
    is_hand: bool
    is_typist: bool
    scans: tuple[ScanRow, ...] = ()
    lines: tuple[Line, ...] = ()
    sheet: Sheet = field(default_factory=Sheet)
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    seal: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something may still be typed for this assessor."""
        may_score = self.state == AssessmentState.SCORING and not self.owes_samples
        return may_score and not self.is_own_hand

    @property
    def may_type(self) -> bool:
        """Whether this person types now."""
        is_typing = self.typed is not None and self.typed.finished_at is None
        return self.is_open and self.is_hand and is_typing

    @property
    def may_check(self) -> bool:
        """Whether this person, who did not type, may hold it against the sheets and send it."""
        is_waiting = self.typed is not None and self.typed.finished_at is not None
        by_colleague = self.typed is not None and self.typed.checker == Checker.COLLEAGUE
        return self.is_open and is_waiting and by_colleague and not self.is_typist


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """Scores on paper that are not in yet."""

    key: uuid.UUID  # of the application
    reference: str
    person_key: uuid.UUID
    name: str
    checker: Checker
    finished_at: dt.datetime | None
    begun_by: str
    finished_by: str | None
    is_sent_back: bool


def page(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> PaperPage:
    """Raises NotFound where this person may type nothing for that assessor."""
    row = _row(actor, key, person_key)
    fund = fund_of(actor, row.definition_id)
    found = written(row.id, row.application_id, row.comment)
    lines, typed = lines_shown(fund, found.lines), typed_of(row)
    texts = score_sheet.texts_of(found.sheet, fund.scoring, lines)
    head: dict[str, Any] = {
        "application_key": row.application_key,
        "person_key": person_key,
        "key": row.key,
        "reference": row.reference,
        "title": row.title,
        "round_key": row.round_key,
        "round_reference": row.round_reference,
        "name": row.name,
        "state": row.state,
        "number": row.number,
        "fund": fund,
        "typed": typed,
        "is_own_hand": paper.is_own_hand(texts, found.typists.keys()),
        "owes_samples": owes_samples(row.round_id, Actor(row.person_id, row.name)),
        "is_hand": row.is_hand,
        "is_typist": actor.person_id in {row.begun_id, row.finished_id, *found.typists.values()},
    }
    if typed is None or not row.is_hand or row.state != AssessmentState.SCORING:
        return PaperPage(**head)
    return PaperPage(
        **head,
        scans=_scans(row.id),
        lines=lines,
        sheet=found.sheet,
        versions=found.versions,
        seal=paper.seal(texts, typed.finished_at),
    )


def waiting(actor: Actor, round_key: uuid.UUID) -> tuple[PaperRow, ...]:
    """What came on paper in this round and is not in, of what this actor may type. One statement."""
    rows: Any = db.session.execute(
        _applications(
            Application.key,
            Application.reference,
            Person.key.label("person_key"),
            Person.name,
            PaperScores.checker,
            PaperScores.finished_at,
            _begun.name.label("begun_by"),
            _finished.name.label("finished_by"),
            (PaperScores.note != "").label("is_sent_back"),
        )
        .where(
            Round.key == round_key,
            PaperScores.id.is_not(None),
            Assessment.state == AssessmentState.SCORING,
            visible(actor, Action.TYPE_SCORES),
        )
        .order_by(PaperScores.begun_at, PaperScores.id)
    ).mappings()
    return tuple(PaperRow(**row) for row in rows)


def is_paper() -> sa.ColumnElement[bool]:
    """Whether an assessment of the statement was typed from paper."""
    return sa.exists().where(PaperScores.assessment_id == Assessment.id).correlate(Assessment)


def typed_columns() -> tuple[Any, ...]:
    """What ``typed_of`` reads, for a statement that ``with_paper`` joined."""
    return (
        PaperScores.received_on,
        PaperScores.checker,
        PaperScores.begun_at,
        PaperScores.finished_at,
        PaperScores.confirmed_at,
        PaperScores.note,
        _begun.name.label("begun_by"),
        _finished.name.label("finished_by"),
        _confirmed.name.label("confirmed_by"),
    )


def with_paper(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The same assessments, with how they came on paper where they did."""
    return (
        statement.outerjoin(PaperScores, PaperScores.assessment_id == Assessment.id)
        .outerjoin(_begun, _begun.id == PaperScores.begun_by)
        .outerjoin(_finished, _finished.id == PaperScores.finished_by)
        .outerjoin(_confirmed, _confirmed.id == PaperScores.confirmed_by)
    )


def typed_of(row: Any) -> Typed | None:
    """How this assessment came on paper; None where it did not."""
    if row.received_on is None:
        return None
    return Typed(**{name: getattr(row, name) for name in Typed.__dataclass_fields__})


def _applications(*columns: Any) -> Any:
    return with_paper(
        applications_of(*columns)
        .join(Assessment, Assessment.application_id == Application.id)
        .join(Person, Person.id == Assessment.person_id)
    )


def _row(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> Any:
    is_hand = sa.exists().where(
        PaperHand.application_id == Assessment.application_id,
        PaperHand.reader_id == Assessment.person_id,
        PaperHand.person_id == actor.person_id,
    )
    row = db.session.execute(
        _applications(
            Assessment.id,
            Assessment.key,
            Assessment.state,
            Assessment.comment,
            Application.id.label("application_id"),
            Application.key.label("application_key"),
            Application.reference,
            Application.title,
            Application.definition_id,
            Application.round_id,
            Assessment.person_id,
            ApplicationVersion.number,
            Round.key.label("round_key"),
            Round.reference.label("round_reference"),
            Person.name,
            PaperScores.begun_by.label("begun_id"),
            PaperScores.finished_by.label("finished_id"),
            is_hand.correlate(Assessment).label("is_hand"),
            *typed_columns(),
        )
        .join(ApplicationVersion, ApplicationVersion.id == Assessment.version_id)
        .where(
            Application.key == key,
            Person.key == person_key,
            visible(actor, Action.TYPE_SCORES),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _scans(assessment_id: int) -> tuple[ScanRow, ...]:
    rows = db.session.execute(
        sa.select(PaperScan.key, PaperScan.name, PaperScan.size, PaperScan.scan)
        .where(PaperScan.assessment_id == assessment_id, PaperScan.removed_at.is_(None))
        .order_by(PaperScan.id)
    ).mappings()
    return tuple(ScanRow(**row) for row in rows)
