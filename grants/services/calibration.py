"""Holding a calibration: the set is opened, what was agreed is kept, it is closed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.calibration import CalibrationSample, CalibrationSet
from grants.models.round import Round
from grants.notifications import outbox
from grants.queries import assessors
from grants.queries.calibration_readings import sent_counts
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.score_sheet import LONGEST
from grants.services import access, samples
from grants.services.transaction import transaction

FIRST = " Real applications open to you once your scores of all of them are in."


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The mark that was agreed for one criterion, and why. No mark: none was."""

    mark: str
    reason: str = ""


def require_first(actor: Actor, key: uuid.UUID, *, is_required: bool, now: dt.datetime) -> None:
    """Whether an assessor scores every sample before real applications open to them."""
    with transaction():
        record = samples.round_of(actor, key)
        of = samples.set_of(record)
        if of.is_required == is_required:
            return
        of.is_required = is_required
        samples.note(actor, "set-calibration-gate", record, now, {"required": is_required})


def open_set(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Open the set to the round's assessors, and write to each of them, once. Its text is fixed now."""
    with transaction():
        record = samples.round_of(actor, key)
        of = samples.set_of(record)
        if of.opened_at is not None:
            return
        count = _samples(of)
        if not count:
            raise Blocked(Reason("Add at least one sample first."))
        of.opened_at, of.opened_by, of.definition_id = now, actor.person_id, record.definition_id
        samples.note(actor, "open-calibration", record, now, {"samples": count})
        _tell(record, of, count, now)


def remind(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> int:
    """Write once more to those who have not sent all their scores; each at most once a day.

    Returns how many have not.
    """
    with transaction():
        record = samples.round_of(actor, key)
        of = samples.set_of(record)
        if of.opened_at is None or of.closed_at is not None:
            raise MoveNotAllowed("The set is not open.")
        return _tell(record, of, _samples(of), now, is_again=True)


def agree(
    actor: Actor,
    key: uuid.UUID,
    marks: Mapping[str, Agreed],
    *,
    seen: int,
    now: dt.datetime,
) -> None:
    """Keep the marks that were agreed for a sample, each with its reason. Raises Blocked.

    They are for learning: nothing that is scored in earnest is changed by them.
    """
    with transaction():
        sample, of, record = access.sample(actor, key, Action.HOLD_CALIBRATION, lock=True)
        if of.opened_at is None:
            raise MoveNotAllowed("The set is not open yet.")
        agreed = _agreed(actor, of, marks)
        if agreed == sample.agreed:
            return
        if sample.version != seen:
            raise Blocked(Reason(samples.CHANGED))
        before = {"sample": sample.title, "agreed": sample.agreed}
        sample.agreed = agreed
        after = {"sample": sample.title, "agreed": agreed}
        samples.note(actor, "agree-calibration-marks", record, now, after, before)


def close(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Close the set: nobody scores a sample any more, and nobody is kept waiting by it."""
    with transaction():
        record = samples.round_of(actor, key)
        of = samples.set_of(record)
        if of.closed_at is not None:
            return
        if of.opened_at is None:
            raise MoveNotAllowed("The set is not open yet.")
        of.closed_at, of.closed_by = now, actor.person_id
        samples.note(actor, "close-calibration", record, now, {"samples": _samples(of)})


def _agreed(
    actor: Actor, of: CalibrationSet, marks: Mapping[str, Agreed]
) -> dict[str, list[object]]:
    """What is to be kept, by criterion. A mark needs its reason."""
    scoring = fund_of(actor, of.definition_id or 0).scoring
    allowed = {str(mark): mark for mark in range(scoring.lowest, scoring.highest + 1)}
    kept: dict[str, list[object]] = {}
    reasons = []
    for criterion in scoring.criteria:
        one = marks.get(criterion.key, Agreed(mark=""))
        reason = one.reason.strip()
        if one.mark and one.mark not in allowed:
            said = f"Choose a score from {scoring.lowest} to {scoring.highest}."
            reasons.append(Reason(said, f"mark.{criterion.key}"))
        elif one.mark and not reason:
            said = f"Give the reason for the agreed score of “{criterion.title}”."
            reasons.append(Reason(said, f"reason.{criterion.key}"))
        elif reason and not one.mark:
            said = f"Choose the score that was agreed for “{criterion.title}”."
            reasons.append(Reason(said, f"mark.{criterion.key}"))
        elif len(reason) > LONGEST:
            said = f"Write this in {LONGEST:,} characters or fewer."
            reasons.append(Reason(said, f"reason.{criterion.key}"))
        elif one.mark:
            kept[criterion.key] = [allowed[one.mark], reason]
    if reasons:
        raise Blocked(*reasons)
    return kept


def _samples(of: CalibrationSet) -> int:
    counted = sa.select(sa.func.count()).where(CalibrationSample.set_id == of.id)
    return db.session.scalar(counted) or 0


def _tell(
    record: Round, of: CalibrationSet, count: int, now: dt.datetime, *, is_again: bool = False
) -> int:
    """Write to everybody who may be given applications and has not sent all their scores."""
    sent = sent_counts(of.id)
    owing = [one for one in assessors.free(record, now) if sent.get(one.id, 0) < count]
    kind = "calibration_waits" if is_again else "calibration_opened"
    day = f":{dates.today(now)}" if is_again else ""
    for one in owing:
        outbox.queue(
            kind,
            one.email,
            now=now,
            values={
                "name": one.name,
                "round_title": record.title,
                "count": "1 sample" if count == 1 else f"{count} samples",
                "first": FIRST if of.is_required else "",
            },
            once=f"{kind}:{of.id}:{one.id}{day}",
            round_id=record.id,
        )
    return len(owing)
