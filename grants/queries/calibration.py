"""A calibration as whoever holds it sees it: its samples, who has scored them, how far apart they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.calibration import CalibrationReading, CalibrationSample, CalibrationSet
from grants.models.round import Round
from grants.queries import assessors, sample_sources
from grants.queries.assessors import Reader, RoundHead
from grants.queries.calibration_gate import samples_of
from grants.queries.calibration_readings import (
    SampleWords,
    SentReading,
    SpreadRow,
    answers_of,
    sent_of,
    spreads,
    words_of,
)
from grants.queries.definitions import fund_of
from grants.queries.visible import visible
from grants.rules import calibration as rules
from grants.rules.actions import Action
from grants.rules.calibration import MOST_SAMPLES, Lean, Marks
from grants.rules.people import Actor
from grants.rules.refusals import NotFound

NO_SUCH = "There is no such page."
PAGE = 20  # assessors whose reasons are on one page
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHead:
    """How far a round's set is. All is empty before its first sample."""

    is_required: bool = False
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether assessors score it now."""
        return self.opened_at is not None and self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One sample in the list. ``rows`` is empty while its spread may not be seen."""

    key: uuid.UUID
    number: int
    title: str
    applicant: str
    sent: int
    agreed: int  # criteria with an agreed mark
    is_hidden: bool  # one scores it oneself, and has not yet
    apart: tuple[str, ...]  # criteria that are far apart


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderRow:
    """One assessor: how far they are, and whether they stand apart."""

    name: str
    sent: int
    begun: int
    lean: Lean | None
    difference: Decimal | None
    is_gone: bool  # may no longer be given applications, but has sent scores


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPage:
    """The set of one round."""

    round: RoundHead
    set: SetHead
    criteria: int
    samples: tuple[SampleRow, ...]
    readers: tuple[ReaderRow, ...]
    sources: tuple[tuple[str, str], ...]
    has_hidden: bool

    @property
    def is_full(self) -> bool:
        """Whether it takes no more samples."""
        return len(self.samples) >= MOST_SAMPLES

    @property
    def done(self) -> int:
        """How many of those who may be given applications have sent all their scores."""
        return sum(one.sent >= len(self.samples) and not one.is_gone for one in self.readers)

    @property
    def asked(self) -> int:
        """How many are asked."""
        return sum(not one.is_gone for one in self.readers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePage:
    """One sample, for whoever holds the calibration."""

    round: RoundHead
    set: SetHead
    key: uuid.UUID
    number: int
    title: str
    applicant: str
    version: int
    fund: Fund
    text: SampleWords
    answers: Mapping[tuple[str, str], str]
    agreed: Mapping[str, tuple[int, str]]
    is_hidden: bool
    rows: tuple[SpreadRow, ...] = ()
    readings: tuple[SentReading, ...] = ()
    count: int = 0
    page: int = 1
    sent: int = 0
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages of reasons there are."""
        return max(1, -(-self.sent // PAGE))


def page(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> SetPage:
    """The set of a round. Raises NotFound. Seven statements, however many assessors there are."""
    head = assessors.head_of(actor, key)
    of, samples = _set(head.id)
    people = assessors.free(head, now)
    ids = [one.id for one in samples]
    readings = sent_of(CalibrationReading.sample_id.in_(ids)) if ids else ()
    hidden = _hidden(actor, of, people, ids, readings)
    fund = fund_of(actor, _definition_id(of, head))
    by_sample: dict[int, list[SentReading]] = defaultdict(list)
    for one in readings:
        by_sample[one.sample_id].append(one)
    return SetPage(
        round=head,
        set=_head(of),
        criteria=len(fund.scoring.criteria),
        samples=tuple(
            _row(fund, one, by_sample[one.id], is_hidden=one.id in hidden) for one in samples
        ),
        readers=_readers(fund, people, readings, _begun(ids), hidden),
        sources=() if _head(of).opened_at else sample_sources.offered(actor, head),
        has_hidden=bool(hidden),
    )


def sample(actor: Actor, key: uuid.UUID, *, now: dt.datetime, number: int = 1) -> SamplePage:
    """One sample with its spread, and a page of the reasons. Raises NotFound."""
    found: Any = db.session.execute(
        samples_of(CalibrationSample, CalibrationSet, Round.key.label("round_key")).where(
            CalibrationSample.key == key, visible(actor, Action.HOLD_CALIBRATION)
        )
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    record, of, round_key = found
    head = assessors.head_of(actor, round_key)
    readings = sent_of(CalibrationReading.sample_id == record.id)
    people = assessors.free(head, now)
    is_hidden = record.id in _hidden(actor, of, people, [record.id], readings)
    shown = () if is_hidden else readings
    fund = fund_of(actor, _definition_id(of, head))
    number = min(max(number, 1), max(1, -(-len(shown) // PAGE)))
    own = next((one.sheet.marks for one in shown if one.person_id == actor.person_id), {})
    return SamplePage(
        round=head,
        set=_head(of),
        key=record.key,
        number=record.number,
        title=record.title,
        applicant=record.applicant,
        version=record.version,
        fund=fund,
        text=words_of(fund, record.answers),
        answers=answers_of(record.answers),
        agreed={name: (said[0], said[1]) for name, said in record.agreed.items()},
        is_hidden=is_hidden,
        rows=spreads(fund, shown, record.agreed, own) if shown else (),
        readings=shown[(number - 1) * PAGE : number * PAGE],
        page=number,
        sent=len(shown),
    )


def _set(round_id: int) -> tuple[CalibrationSet | None, list[CalibrationSample]]:
    rows: Any = db.session.execute(
        sa.select(CalibrationSet, CalibrationSample)
        .outerjoin(CalibrationSample, CalibrationSample.set_id == CalibrationSet.id)
        .where(CalibrationSet.round_id == round_id)
        .order_by(CalibrationSample.number)
    ).all()
    return (rows[0][0] if rows else None), [row[1] for row in rows if row[1] is not None]


def _head(of: CalibrationSet | None) -> SetHead:
    if of is None:
        return SetHead()
    return SetHead(is_required=of.is_required, opened_at=of.opened_at, closed_at=of.closed_at)


def _definition_id(of: CalibrationSet | None, head: RoundHead) -> int:
    """The rulebook that the set was opened with; before that the one in force."""
    return (of.definition_id if of is not None else None) or head.definition_id


def _hidden(
    actor: Actor,
    of: CalibrationSet | None,
    people: Iterable[Reader],
    samples: Iterable[int],
    readings: Iterable[SentReading],
) -> frozenset[int]:
    """Samples that this person is to score too, and has not: the others' scores stay unseen."""
    if not _head(of).is_open or actor.person_id not in {one.id for one in people}:
        return frozenset()
    own = {one.sample_id for one in readings if one.person_id == actor.person_id}
    return frozenset(samples) - own


def _row(
    fund: Fund, record: CalibrationSample, readings: list[SentReading], *, is_hidden: bool
) -> SampleRow:
    rows = () if is_hidden else spreads(fund, readings, record.agreed, {})
    return SampleRow(
        key=record.key,
        number=record.number,
        title=record.title,
        applicant=record.applicant,
        sent=len(readings),
        agreed=len(record.agreed),
        is_hidden=is_hidden,
        apart=tuple(row.title for row in rows if row.is_apart),
    )


def _begun(samples: Collection[int]) -> Mapping[int, int]:
    """How many samples each person has begun and not sent."""
    if not samples:
        return {}
    rows = db.session.execute(
        sa.select(CalibrationReading.person_id, sa.func.count())
        .where(CalibrationReading.sample_id.in_(samples), CalibrationReading.sent_at.is_(None))
        .group_by(CalibrationReading.person_id)
    )
    return {row[0]: row[1] for row in rows}


def _readers(
    fund: Fund,
    people: tuple[Reader, ...],
    readings: tuple[SentReading, ...],
    begun: Mapping[int, int],
    hidden: frozenset[int],
) -> tuple[ReaderRow, ...]:
    """Everybody who is asked, and who has sent scores and is asked no more."""
    sent = Counter(one.person_id for one in readings)
    leans = _leanings(fund, [one for one in readings if one.sample_id not in hidden])
    names = {one.id: one.name for one in people}
    gone = {one.person_id: one.name for one in readings if one.person_id not in names}
    return tuple(
        ReaderRow(
            name=name,
            sent=sent[person],
            begun=begun.get(person, 0),
            lean=leans.get(person),
            difference=_tenths(leans.get(person)),
            is_gone=person in gone,
        )
        for person, name in (*names.items(), *gone.items())
    )


def _leanings(fund: Fund, readings: Iterable[SentReading]) -> dict[int, Lean]:
    given: dict[int, dict[int, Marks]] = defaultdict(dict)
    for one in readings:
        given[one.sample_id][one.person_id] = one.sheet.marks
    keys = [criterion.key for criterion in fund.scoring.criteria]
    # Half of what makes a criterion worth talking about, on average over all of them.
    return rules.leanings(given, keys, Fraction(fund.scoring.criterion_spread, 2))


def _tenths(lean: Lean | None) -> Decimal | None:
    if lean is None or lean.difference is None:
        return None
    exact = Decimal(lean.difference.numerator) / Decimal(lean.difference.denominator)
    return exact.quantize(TENTH)
