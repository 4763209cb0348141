"""The samples that this person is to score before the real applications of a round."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.calibration import CalibrationReading, CalibrationSample, CalibrationSet
from grants.models.round import Round
from grants.queries.calibration_gate import is_of_panel, is_open, is_owed, samples_of
from grants.queries.calibration_readings import (
    SampleWords,
    SpreadRow,
    read_of,
    sent_of,
    sheet_of,
    spreads,
)
from grants.queries.definitions import fund_of
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Line, Sheet

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """A round whose samples are open to this person."""

    round_key: uuid.UUID
    round_title: str
    samples: int
    sent: int
    is_required: bool

    @property
    def is_done(self) -> bool:
        """Whether all of their scores are in."""
        return self.sent >= self.samples


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDuty:
    """One sample, and how far this person is with it."""

    key: uuid.UUID
    number: int
    title: str
    begun: bool
    sent_at: dt.datetime | None
    total: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The samples of one round."""

    round_key: uuid.UUID
    round_title: str
    is_required: bool
    closed_at: dt.datetime | None
    samples: tuple[SampleDuty, ...]

    @property
    def sent(self) -> int:
        """How many this person has sent their scores of."""
        return sum(one.sent_at is not None for one in self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSample:
    """One sample to read and score; once one's own scores are in, how far all of them are spread.

    ``lines`` is always empty: a sample is scored by criterion alone.
    """

    key: uuid.UUID
    number: int
    title: str
    applicant: str
    round_key: uuid.UUID
    round_title: str
    round_reference: str
    fund: Fund
    text: SampleWords
    sheet: Sheet
    sent_at: dt.datetime | None
    total: Decimal | None
    may_score: bool
    is_closed: bool
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    rows: tuple[SpreadRow, ...] = ()
    others: int = 0
    next_key: uuid.UUID | None = None
    lines: tuple[Line, ...] = ()


def asked(actor: Actor) -> tuple[AskedRow, ...]:
    """The open sets of the rounds that this person may be given applications of. One statement."""
    is_sent = CalibrationReading.sent_at.is_not(None)
    rows = db.session.execute(
        samples_of(
            Round.key.label("round_key"),
            Round.title.label("round_title"),
            sa.func.count(CalibrationSample.id).label("samples"),
            sa.func.count(CalibrationReading.id).filter(is_sent).label("sent"),
            CalibrationSet.is_required,
        )
        .outerjoin(CalibrationReading, _own(actor))
        .where(is_open(), visible(actor, Action.CALIBRATE), is_of_panel(actor))
        .group_by(Round.id, Round.key, Round.title, CalibrationSet.is_required)
        .order_by(Round.id)
    ).mappings()
    return tuple(AskedRow(**row) for row in rows)


def duties(actor: Actor, key: uuid.UUID) -> Duties:
    """The samples of one round, once its set is open. One statement. Raises NotFound."""
    rows: Any = db.session.execute(
        _samples(actor)
        .where(Round.key == key, visible(actor, Action.CALIBRATE))
        .order_by(CalibrationSample.number)
    ).all()
    if not rows:
        raise NotFound(NO_SUCH)
    _, of, record, _ = rows[0]
    return Duties(
        round_key=record.key,
        round_title=record.title,
        is_required=of.is_required,
        closed_at=of.closed_at,
        samples=tuple(_duty(sample, reading) for sample, _, _, reading in rows),
    )


def sample(actor: Actor, key: uuid.UUID) -> ScoredSample:
    """One sample to score. The others' scores come with it only when one's own are in, or when
    nobody may score any more. Raises NotFound."""
    found: Any = db.session.execute(
        _samples(actor).where(CalibrationSample.key == key, visible(actor, Action.CALIBRATE))
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    record, of, round_, reading = found
    fund = fund_of(actor, of.definition_id or 0)
    sheet = sheet_of(None if reading is None else reading.content)
    sent_at = None if reading is None else reading.sent_at
    is_shown = sent_at is not None or of.closed_at is not None
    readings = sent_of(CalibrationReading.sample_id == record.id) if is_shown else ()
    own = sheet.marks if sent_at is not None else {}
    return ScoredSample(
        key=record.key,
        number=record.number,
        title=record.title,
        applicant="" if fund.stages.blind else record.applicant,
        round_key=round_.key,
        round_title=round_.title,
        round_reference=round_.reference,
        fund=fund,
        text=read_of(fund, record.answers),
        sheet=sheet,
        sent_at=sent_at,
        total=None if reading is None else reading.total,
        may_score=not is_shown,
        is_closed=of.closed_at is not None,
        versions=_versions(reading),
        rows=spreads(fund, readings, record.agreed, own) if is_shown else (),
        others=sum(one.person_id != actor.person_id for one in readings),
        next_key=_next(actor, of.id),
    )


def _own(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(
        CalibrationReading.sample_id == CalibrationSample.id,
        CalibrationReading.person_id == actor.person_id,
    )


def _samples(actor: Actor) -> sa.Select[Any]:
    columns = (CalibrationSample, CalibrationSet, Round, CalibrationReading)
    return (
        samples_of(*columns)
        .outerjoin(CalibrationReading, _own(actor))
        .where(CalibrationSet.opened_at.is_not(None))
    )


def _duty(record: CalibrationSample, reading: CalibrationReading | None) -> SampleDuty:
    return SampleDuty(
        key=record.key,
        number=record.number,
        title=record.title,
        begun=reading is not None,
        sent_at=None if reading is None else reading.sent_at,
        total=None if reading is None else reading.total,
    )


def _versions(reading: CalibrationReading | None) -> dict[tuple[str, str], int]:
    kept = {} if reading is None else reading.content.get("versions", {})
    return {(name.partition(".")[0], name.partition(".")[2]): kept[name] for name in kept}


def _next(actor: Actor, set_id: int) -> uuid.UUID | None:
    """The first sample whose scores this person has not sent."""
    return db.session.scalar(
        sa.select(CalibrationSample.key)
        .where(CalibrationSample.set_id == set_id, is_owed(actor))
        .order_by(CalibrationSample.number)
        .limit(1)
    )
