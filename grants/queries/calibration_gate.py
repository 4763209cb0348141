"""Which samples somebody still owes their scores of, and what that keeps from them, as SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.calibration import CalibrationReading, CalibrationSample, CalibrationSet
from grants.models.panel import PanelReader
from grants.models.round import Round
from grants.rules.people import Actor

Condition = sa.ColumnElement[bool]


def is_open() -> Condition:
    """Of a set: its samples are scored now."""
    return sa.and_(CalibrationSet.opened_at.is_not(None), CalibrationSet.closed_at.is_(None))


def is_owed(actor: Actor) -> Condition:
    """Of a sample: this person has not sent their scores of it."""
    sent = sa.exists().where(
        CalibrationReading.sample_id == CalibrationSample.id,
        CalibrationReading.person_id == actor.person_id,
        CalibrationReading.sent_at.is_not(None),
    )
    return ~sent.correlate(CalibrationSample)


def calibrated(actor: Actor) -> Condition:
    """No open set of the round that must come first has a sample whose scores this person owes."""
    return Round.id.not_in(
        sa.select(CalibrationSet.round_id)
        .join(CalibrationSample, CalibrationSample.set_id == CalibrationSet.id)
        .where(CalibrationSet.is_required, is_open(), is_owed(actor))
    )


def owes_samples(round_id: int, reader: Actor) -> bool:
    """Whether the samples of this round must come first, and this person owes their scores of one."""
    through = sa.select(Round.id).where(Round.id == round_id, calibrated(reader))
    return db.session.scalar(through) is None


def is_of_panel(actor: Actor) -> Condition:
    """Of a round: this person has not stood down from it."""
    return Round.id.not_in(
        sa.select(PanelReader.round_id).where(
            PanelReader.person_id == actor.person_id, PanelReader.stood_down_at.is_not(None)
        )
    )


def samples_of(*columns: Any) -> sa.Select[Any]:
    """Samples with their set and round."""
    return (
        sa.select(*columns)
        .select_from(CalibrationSample)
        .join(CalibrationSet, CalibrationSet.id == CalibrationSample.set_id)
        .join(Round, Round.id == CalibrationSet.round_id)
    )
