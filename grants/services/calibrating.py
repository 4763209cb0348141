"""Scoring a sample: saved as it is written, sent once, and for practice alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.calibration import CalibrationReading, CalibrationSample
from grants.models.round import Round
from grants.queries.calibration_readings import sheet_of
from grants.queries.definitions import fund_of
from grants.rules import score_sheet
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.score_sheet import Sheet
from grants.services import access, samples, score_fields
from grants.services.answer_sheet import Refused, Saved, Sent, Standing, weigh
from grants.services.score_desk import Kept
from grants.services.transaction import transaction

CLOSED = "This set of samples is closed, so nothing more is scored in it."
SENT = "You have sent these scores, so they can't be changed."


@dataclass(slots=True)
class Desk:
    """One's own scores of one sample, held for writing. ``locked`` says why nothing is written now."""

    sample: CalibrationSample
    round: Round
    reading: CalibrationReading
    scoring: Scoring
    sheet: Sheet
    locked: str


def autosave(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Kept:
    """Keep what was typed so far. What comes once more after the scores were sent, and says the same
    as they do, is kept already; what differs is refused."""
    with transaction():
        desk = _open(actor, key, now)
        return _held_against(desk, sent) if desk.locked else _keep(desk, sent, actor, now)


def save(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Kept:
    """Keep what was typed. Not audited: it is practice."""
    with transaction():
        desk = _open(actor, key, now)
        _require_unlocked(desk)
        return _keep(desk, sent, actor, now)


def send(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep what was typed and send it: locked from here on, and the others' scores are shown.

    Where a field clashes nothing is sent before a person has chosen. Raises Blocked with all that is
    missing, after what was typed has been kept. The same scores sent twice are sent once.
    """
    with transaction():
        desk = _open(actor, key, now)
        if (
            desk.reading.sent_at is not None
            and not (saved := _held_against(desk, sent).saved).refused
        ):
            return saved
        _require_unlocked(desk)
        saved = _keep(desk, sent, actor, now).saved
        if saved.clashes:
            return saved
        missing = score_sheet.incomplete(desk.sheet, desk.scoring, ())
        faults = tuple(dict.fromkeys((*_reasons(saved), *missing)))
        if not faults:
            desk.reading.sent_at = now
            desk.reading.total = desk.sheet.total(desk.scoring)
            after = {"sample": desk.sample.title}
            samples.note(actor, "send-calibration-scores", desk.round, now, after)
    if faults:
        raise Blocked(*faults)
    return saved


def _require_unlocked(desk: Desk) -> None:
    if desk.locked:
        raise MoveNotAllowed(desk.locked)


def _open(actor: Actor, key: uuid.UUID, now: dt.datetime) -> Desk:
    sample, of, record = access.sample(actor, key, Action.CALIBRATE, lock=True)
    reading = db.session.scalar(
        sa.select(CalibrationReading)
        .where(
            CalibrationReading.sample_id == sample.id,
            CalibrationReading.person_id == actor.person_id,
        )
        .execution_options(populate_existing=True)
    )
    if reading is None:
        reading = CalibrationReading(
            sample_id=sample.id, person_id=actor.person_id, content={}, changed_at=now
        )
        if of.closed_at is None:
            db.session.add(reading)
    locked = SENT if reading.sent_at is not None else CLOSED if of.closed_at is not None else ""
    scoring = fund_of(actor, of.definition_id or 0).scoring
    return Desk(sample, record, reading, scoring, sheet_of(reading.content), locked)


def _held_against(desk: Desk, sent: Sent) -> Kept:
    """What is kept already of what was sent, and why the rest is not."""
    there = score_sheet.texts_of(desk.sheet, desk.scoring, ())
    versions = desk.reading.content.get("versions", {})
    typed = {name: text for name, text in score_fields.named(sent).items() if name in there}
    same = {name for name, text in typed.items() if there[name] == text}
    return _kept(
        desk,
        Saved(
            versions={score_fields.place_of(name): versions.get(name, 0) for name in same},
            refused=tuple(
                Refused(*score_fields.place_of(name), desk.locked)
                for name in typed
                if name not in same
            ),
        ),
    )


def _keep(desk: Desk, sent: Sent, actor: Actor, now: dt.datetime) -> Kept:
    """Write what is fit and not changed in another window meanwhile; tell the rest apart."""
    typed = score_fields.named(sent)
    wanted, faults = score_sheet.amended(desk.sheet, typed, desk.scoring, ())
    there = score_sheet.texts_of(desk.sheet, desk.scoring, ())
    after = score_sheet.texts_of(wanted, desk.scoring, ())
    versions: Mapping[str, int] = desk.reading.content.get("versions", {})
    before = {
        score_fields.place_of(name): Standing(
            text, versions.get(name, 0), actor.person_id, desk.reading.changed_at
        )
        for name, text in there.items()
    }
    texts = {score_fields.place_of(name): after[name] for name in typed if name in after}
    refused = tuple(Refused(*score_fields.place_of(one.key), one.text) for one in faults)
    weighed = weigh(texts, before, sent, actor, refused)
    fresh = {score_fields.name_of(place): text for place, text in weighed.fresh.items()}
    desk.sheet, _ = score_sheet.amended(desk.sheet, fresh, desk.scoring, ())
    if fresh:
        desk.reading.content = {
            "marks": dict(desk.sheet.marks),
            "reasons": dict(desk.sheet.reasons),
            "comment": desk.sheet.comment,
            "versions": {**versions, **{name: versions.get(name, 0) + 1 for name in fresh}},
        }
        desk.reading.changed_at = now
    return _kept(desk, weighed.saved)


def _kept(desk: Desk, saved: Saved) -> Kept:
    return Kept(
        total=desk.sheet.total(desk.scoring),
        marked=desk.sheet.marked(desk.scoring),
        criteria=len(desk.scoring.criteria),
        saved=saved,
    )


def _reasons(saved: Saved) -> list[Reason]:
    """Why fields could not be kept, by their names."""
    return [
        Reason(entry.text, score_fields.name_of((entry.question, entry.row)))
        for entry in saved.refused
    ]
