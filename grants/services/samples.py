"""Writing the samples of a calibration: made-up applications on a round's own form, until it opens."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.calibration import CalibrationSample, CalibrationSet
from grants.models.round import Round
from grants.queries import sample_sources
from grants.queries.calibration_readings import answers_of
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.answers import LONGEST_TEXT, is_blank
from grants.rules.calibration import MOST_SAMPLES
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import RoundState
from grants.services import access
from grants.services.access import NO_SUCH
from grants.services.answer_sheet import TOO_LONG, Place, asked_texts
from grants.services.transaction import transaction

LONGEST_NAME = 300
OPEN_ALREADY = "The set is open, so its samples can't be changed."
FULL = f"A set has at most {MOST_SAMPLES} samples: assessors are volunteers."
CHANGED = "Somebody else changed this sample meanwhile. What you typed is still here: save it again to keep yours."


def add_sample(
    actor: Actor,
    key: uuid.UUID,
    source: str,
    *,
    seen: uuid.UUID | None = None,
    now: dt.datetime,
) -> uuid.UUID:
    """Add a sample: blank, from those of the fund, or copied from another round's set.

    ``source`` is as ``queries.sample_sources.offered`` gives it; ``seen`` is made with the page, so
    that the same form sent twice adds one. Answers that this round's form does not ask are left out.
    Gives the key of the sample. Raises Blocked where the set is full.
    """
    with transaction():
        record = round_of(actor, key)
        of = set_of(record)
        wanted = uuid.uuid4() if seen is None else uuid.uuid5(seen, source)
        there = db.session.execute(
            sa.select(CalibrationSample.key, CalibrationSample.number).where(
                CalibrationSample.set_id == of.id
            )
        ).all()
        if wanted in {row.key for row in there}:
            return wanted
        _require_unopened(of)
        text = sample_sources.text_of(actor, record, source)
        if text is None:
            raise Blocked(Reason("Choose what to begin with.", "source"))
        if len(there) >= MOST_SAMPLES:
            raise Blocked(Reason(FULL, "source"))
        number = max((row.number for row in there), default=0) + 1
        fund = fund_of(actor, record.definition_id or 0)
        made = CalibrationSample(
            key=wanted,
            set_id=of.id,
            number=number,
            title=text.title or f"Sample {number}",
            applicant=text.applicant,
            answers=_kept(asked_texts(fund, text.answers)),
            agreed={},
        )
        db.session.add(made)
        db.session.flush()
        note(actor, "add-calibration-sample", record, now, {"sample": made.title})
        return made.key


def name_sample(
    actor: Actor, key: uuid.UUID, title: str, applicant: str, *, seen: int, now: dt.datetime
) -> None:
    """Say what a sample is called, and who is said to apply."""
    title, applicant = title.strip(), applicant.strip()
    reasons = []
    if not title:
        reasons.append(Reason("Give the sample a title.", "title"))
    for field, text in (("title", title), ("applicant", applicant)):
        if len(text) > LONGEST_NAME:
            reasons.append(Reason(f"Use {LONGEST_NAME} characters or fewer.", field))
    if reasons:
        raise Blocked(*reasons)
    with transaction():
        sample, record = _unopened(actor, key)
        if (sample.title, sample.applicant) == (title, applicant):
            return
        _require_seen(sample, seen)
        sample.title, sample.applicant = title, applicant
        note(actor, "write-calibration-sample", record, now, {"sample": title})


def write_section(
    actor: Actor,
    key: uuid.UUID,
    texts: Mapping[Place, str],
    *,
    rows: Mapping[str, Collection[str]],
    seen: int,
    now: dt.datetime,
) -> None:
    """Keep what was typed in a section of a sample. Nothing is required of it: gaps may be meant.

    ``rows`` are the rows that are left, by table; others of these tables are taken out.
    """
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise Blocked(Reason(TOO_LONG))
    with transaction():
        sample, record = _unopened(actor, key)
        before = answers_of(sample.answers)
        stays = {
            place: text
            for place, text in before.items()
            if place[0].partition(".")[0] not in rows
            or place[1] in rows[place[0].partition(".")[0]]
        }
        fund = fund_of(actor, record.definition_id or 0)
        after = _kept({**stays, **asked_texts(fund, texts)})
        if after == sample.answers:
            return
        _require_seen(sample, seen)
        sample.answers = after
        note(actor, "write-calibration-sample", record, now, {"sample": sample.title})


def take_out_sample(
    actor: Actor, key: uuid.UUID, sample_key: uuid.UUID, *, now: dt.datetime
) -> None:
    """Take a sample out of a round's set that is not open yet. One that is gone is gone."""
    with transaction():
        record = round_of(actor, key)
        of = set_of(record)
        sample = db.session.scalar(
            sa.select(CalibrationSample).where(
                CalibrationSample.key == sample_key, CalibrationSample.set_id == of.id
            )
        )
        if sample is None:
            return
        _require_unopened(of)
        db.session.delete(sample)
        note(actor, "take-out-calibration-sample", record, now, {"sample": sample.title})


def round_of(actor: Actor, key: uuid.UUID) -> Round:
    """The round, locked, for those who hold its calibration. One that has no form yet has none."""
    record = access.round_(actor, key, Action.HOLD_CALIBRATION, lock=True)
    if record.state == RoundState.DRAFT:
        raise NotFound(NO_SUCH)
    return record


def set_of(record: Round) -> CalibrationSet:
    """The round's set; a new one where it has none."""
    found = db.session.scalar(
        sa.select(CalibrationSet)
        .where(CalibrationSet.round_id == record.id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        found = CalibrationSet(round_id=record.id, is_required=False)
        db.session.add(found)
        db.session.flush()
    return found


def note(
    actor: Actor,
    verb: str,
    record: Round,
    now: dt.datetime,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    """Remember what was done with a round's calibration."""
    thing = ("round", record.id, record.reference)
    audit.record(actor, verb, thing, now=now, before=before, after=after)


def _unopened(actor: Actor, key: uuid.UUID) -> tuple[CalibrationSample, Round]:
    sample, of, record = access.sample(actor, key, Action.HOLD_CALIBRATION, lock=True)
    _require_unopened(of)
    return sample, record


def _require_seen(sample: CalibrationSample, seen: int) -> None:
    """Only what differs is asked about: the same form sent twice says nothing new."""
    if sample.version != seen:
        raise Blocked(Reason(CHANGED))


def _require_unopened(of: CalibrationSet) -> None:
    if of.opened_at is not None:
        raise MoveNotAllowed(OPEN_ALREADY)


def _kept(texts: Mapping[Place, str]) -> list[list[str]]:
    return [
        [question, row, text]
        for (question, row), text in sorted(texts.items())
        if not is_blank(text)
    ]
