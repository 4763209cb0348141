"""The scores of samples as they are kept: one's own sheet, and how far those of all are spread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund, QuestionKind
from grants.models.calibration import CalibrationReading, CalibrationSample
from grants.models.person import Person
from grants.queries.answer_words import SectionText, sections_in_words
from grants.rules.calibration import Marks, Spread, spread
from grants.rules.score_sheet import Sheet

Place = tuple[str, str]
WRITTEN = frozenset({QuestionKind.LONG_TEXT, QuestionKind.ROWS})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedMark:
    """What was agreed for one criterion."""

    mark: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadRow:
    """One criterion of one sample: one's own score, all that were given, what was agreed."""

    key: str
    title: str
    own: int | None
    spread: Spread | None
    agreed: AgreedMark | None
    is_apart: bool = False  # far enough to talk about


@dataclass(frozen=True, slots=True)
class SampleWords:
    """A sample as it is read: its sections in words."""

    sections: tuple[SectionText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReading:
    """One assessor's scores of a sample, sent."""

    sample_id: int
    person_id: int
    name: str
    sheet: Sheet
    sent_at: dt.datetime


def answers_of(kept: Iterable[Sequence[str]]) -> dict[Place, str]:
    """The answers of a sample, by question and row."""
    return {(question, row): text for question, row, text in kept}


def words_of(fund: Fund, kept: Iterable[Sequence[str]]) -> SampleWords:
    """A sample in words; in a round that is read without names, without what tells who applies."""
    hide = fund.stages.blind
    return SampleWords(sections_in_words(fund, answers_of(kept), hide_identifying=hide))


def read_of(fund: Fund, kept: Iterable[Sequence[str]]) -> SampleWords:
    """A sample as an assessor reads it: without sections of contacts or ticks that are blank.

    Gaps in what is written stay in sight: they may be what the sample is about.
    """
    written = {
        section.key
        for section in fund.sections
        if any(
            question.kind in WRITTEN and not question.identifies for question in section.questions
        )
    }
    sections = words_of(fund, kept).sections
    return SampleWords(
        tuple(
            one
            for one in sections
            if one.key in written or any(answer.text or answer.rows for answer in one.answers)
        )
    )


def sheet_of(content: Mapping[str, Any] | None) -> Sheet:
    """What somebody has written of a sample so far."""
    found = content or {}
    return Sheet(
        marks=found.get("marks", {}),
        reasons=found.get("reasons", {}),
        comment=found.get("comment", ""),
    )


def sent_counts(set_id: int) -> dict[int, int]:
    """How many samples of a set each person has sent their scores of. One statement."""
    rows = db.session.execute(
        sa.select(CalibrationReading.person_id, sa.func.count())
        .join(CalibrationSample, CalibrationSample.id == CalibrationReading.sample_id)
        .where(CalibrationSample.set_id == set_id, CalibrationReading.sent_at.is_not(None))
        .group_by(CalibrationReading.person_id)
    )
    return {person: count for person, count in rows}  # noqa: C416 (a row is no pair to the checker)


def sent_of(*where: sa.ColumnElement[bool]) -> tuple[SentReading, ...]:
    """Scores that were sent, of the samples asked for; in the order of the names. One statement."""
    rows = db.session.execute(
        sa.select(
            CalibrationReading.sample_id,
            CalibrationReading.person_id,
            Person.name,
            CalibrationReading.content,
            CalibrationReading.sent_at,
        )
        .join(CalibrationSample, CalibrationSample.id == CalibrationReading.sample_id)
        .join(Person, Person.id == CalibrationReading.person_id)
        .where(CalibrationReading.sent_at.is_not(None), *where)
        .order_by(Person.name, Person.id)
    )
    return tuple(
        SentReading(
            sample_id=row.sample_id,
            person_id=row.person_id,
            name=row.name,
            sheet=sheet_of(row.content),
            sent_at=row.sent_at,
        )
        for row in rows
    )


def spreads(
    fund: Fund, readings: Iterable[SentReading], agreed: Mapping[str, Sequence[Any]], own: Marks
) -> tuple[SpreadRow, ...]:
    """How far the scores of one sample are spread, criterion by criterion."""
    given = [reading.sheet.marks for reading in readings]
    rows = []
    for criterion in fund.scoring.criteria:
        marks = [mark for one in given if (mark := one.get(criterion.key)) is not None]
        found, said = spread(marks), agreed.get(criterion.key)
        rows.append(
            SpreadRow(
                key=criterion.key,
                title=criterion.title,
                own=own.get(criterion.key),
                spread=found,
                agreed=None if said is None else AgreedMark(mark=said[0], reason=said[1]),
                is_apart=found is not None and found.gap >= fund.scoring.criterion_spread,
            )
        )
    return tuple(rows)
