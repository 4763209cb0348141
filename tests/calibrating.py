"""Builders for a calibration: a round with its manager and assessors, samples, and scores of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.samples import samples_of
from grants.models.calibration import CalibrationSample, CalibrationSet
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Actor, Role
from grants.services import calibrating, calibration, samples
from grants.services.answer_sheet import Sent
from tests import build

FUND = "adult"


@dataclass
class Scene:
    """A round with a set of samples. Keys and values that outlive the context."""

    round_id: int
    round_key: uuid.UUID
    manager: Actor
    readers: list[Actor]
    samples: list[uuid.UUID] = field(default_factory=list)

    @property
    def criteria(self) -> list[str]:
        """The keys of what is scored. In a context."""
        record = db.session.get_one(Round, self.round_id)
        scoring = fund_of(NOBODY, record.definition_id or 0).scoring
        return [criterion.key for criterion in scoring.criteria]

    def open(self, *, is_required: bool = False) -> None:
        """Open the set to the assessors."""
        calibration.require_first(
            self.manager, self.round_key, is_required=is_required, now=build.NOW
        )
        calibration.open_set(self.manager, self.round_key, now=build.NOW)

    def score(self, reader: Actor, sample: uuid.UUID, mark: int, reason: str = "Because.") -> None:
        """The same mark for every criterion, sent."""
        calibrating.send(reader, sample, sheet(self.criteria, mark, reason), now=build.NOW)

    @property
    def set(self) -> CalibrationSet:
        """The row of the set. In a context."""
        return db.session.scalars(
            sa.select(CalibrationSet)
            .where(CalibrationSet.round_id == self.round_id)
            .execution_options(populate_existing=True)
        ).one()

    def sample(self, place: int = 0) -> CalibrationSample:
        """The row of a sample. In a context."""
        return db.session.scalars(
            sa.select(CalibrationSample)
            .where(CalibrationSample.key == self.samples[place])
            .execution_options(populate_existing=True)
        ).one()


def sheet(criteria: list[str], mark: int, reason: str = "Because.") -> Sent:
    """Every criterion with this mark and reason, as a page sends it."""
    texts: dict[tuple[str, str], str] = {("comment", ""): "Of all"}
    for key in criteria:
        texts["mark", key] = str(mark)
        texts["reason", key] = reason
    return Sent(texts=texts)


def scene(*, readers: int = 3, count: int = 2, is_blind: bool = False) -> Scene:
    """A round whose set has so many samples of its fund; not opened."""
    funder = build.programme()
    record = build.round_(FUND, funder, is_blind=is_blind)
    manager = build.person(Role.FUND_MANAGER, at=funder)
    people = [build.person(Role.ASSESSOR, at=funder) for _ in range(readers)]
    made = Scene(
        record.id,
        record.key,
        build.actor_of(manager),
        [build.actor_of(person) for person in people],
    )
    for one in samples_of(FUND)[:count]:
        made.samples.append(
            samples.add_sample(made.manager, record.key, f"fund:{one.key}", now=build.NOW)
        )
    return made


def scored(marks: Mapping[int, list[int]], *, is_required: bool = False) -> Scene:
    """An open set; ``marks`` by assessor: their mark of each sample in turn."""
    made = scene(readers=max(marks, default=0) + 1)
    made.open(is_required=is_required)
    for place, given in marks.items():
        for sample, mark in zip(made.samples, given, strict=False):
            made.score(made.readers[place], sample, mark)
    return made
