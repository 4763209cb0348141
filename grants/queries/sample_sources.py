"""What a sample can begin with: nothing, the fund's made-up ones, or one of an earlier calibration."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.samples import samples_of
from grants.models.calibration import CalibrationSample
from grants.models.round import Round
from grants.queries import calibration_gate
from grants.queries.assessors import RoundHead
from grants.queries.calibration_readings import answers_of
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor

BLANK, OF_FUND, COPY = "blank", "fund", "copy"
MOST = 60  # samples of other rounds that are offered, the newest first
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SampleText:
    """What a new sample begins with."""

    title: str = ""
    applicant: str = ""
    answers: Mapping[Place, str] = field(default_factory=dict)


def offered(actor: Actor, record: RoundHead) -> tuple[tuple[str, str], ...]:
    """(source, label) of all that a sample of this round can begin with. One statement."""
    own = [
        (f"{OF_FUND}:{one.key}", f"{one.title}: {one.note.lower()}")
        for one in samples_of(record.fund)
    ]
    rows = db.session.execute(
        _others(actor, record, CalibrationSample.key, CalibrationSample.title, Round.reference)
        .order_by(CalibrationSample.id.desc())
        .limit(MOST)
    )
    copies = [(f"{COPY}:{row.key}", f"{row.title}, from {row.reference}") for row in rows]
    return (*own, *copies, (BLANK, "An empty form"))


def text_of(actor: Actor, record: Round, source: str) -> SampleText | None:
    """The text of a source; None for what is no source of this person's. At most one statement."""
    kind, _, name = source.partition(":")
    if kind == BLANK:
        return SampleText()
    if kind == OF_FUND:
        found = next((one for one in samples_of(record.fund) if one.key == name), None)
        if found is None:
            return None
        answers = {(one.question, one.row): one.text for one in found.answers}
        return SampleText(found.title, found.applicant, answers)
    return _copied(actor, record, name) if kind == COPY else None


def _copied(actor: Actor, record: Round, name: str) -> SampleText | None:
    try:
        key = uuid.UUID(name)
    except ValueError:
        return None
    found = db.session.scalar(
        _others(actor, record, CalibrationSample).where(CalibrationSample.key == key)
    )
    if found is None:
        return None
    return SampleText(found.title, found.applicant, answers_of(found.answers))


def _others(actor: Actor, record: RoundHead | Round, *columns: Any) -> sa.Select[Any]:
    """Samples of other rounds of this fund whose calibration this person holds."""
    return calibration_gate.samples_of(*columns).where(
        visible(actor, Action.HOLD_CALIBRATION),
        Round.fund == record.fund,
        Round.id != record.id,
        Round.rehearsal_id.is_(None),
    )
