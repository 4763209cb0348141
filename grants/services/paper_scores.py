"""Typing what an assessor scored on paper; a second person holds it against the sheets and sends it.

The assessor has declared before: the pack is printed after that. Their own page shows what is typed,
to check and send; where they use no computer, a colleague who did not type confirms it.
"""

from __future__ import annotations

import datetime as dt
import uuid

from grants.extensions import db
from grants.models.paper_scores import PaperScores
from grants.rules import paper, score_sheet
from grants.rules.actions import Action
from grants.rules.paper import Checker
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason, Stale
from grants.rules.states import AssessmentState, ScanState
from grants.services import moving, paper_desk, score_fields, telling
from grants.services.answer_sheet import Saved, Sent
from grants.services.paper_desk import Held
from grants.services.score_desk import Desk, Kept, desk_of, faults_of, keep
from grants.services.transaction import transaction

MOVED_ON = "What was typed has changed since you read it. Read it again."
NOTHING_YET = "Nothing is typed yet."


def begin(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    checker: str,
    received_on: dt.date | None,
    *,
    now: dt.datetime,
) -> None:
    """Begin to type, or say anew how it came and who checks; typing is open again from here on."""
    with transaction():
        held = paper_desk.hold(actor, key, person_key, Action.TYPE_SCORES)
        faults = paper.begin_faults(checker, received_on, now)
        if faults or received_on is None:
            raise Blocked(*faults)
        paper_desk.refuse_own_hand(held, desk_of(actor, held.found, None))
        is_hand = paper_desk.is_hand(actor, held.found.thing)
        if is_hand and held.paper and _is_so(held.paper, checker, received_on):
            return
        record = held.paper or PaperScores(
            assessment_id=held.found.thing.id, begun_by=actor.person_id, begun_at=now
        )
        record.received_on, record.checker = received_on, Checker(checker)
        record.finished_at = record.finished_by = None
        db.session.add(record)
        paper_desk.take_part(actor, held.found, now)
        paper_desk.note(actor, "begin-to-type-scores", held, now, {"received_on": str(received_on)})


def join(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> None:
    """Type on what a colleague began, or check it: from here on one sees it, and that is kept."""
    with transaction():
        held = paper_desk.hold(actor, key, person_key, Action.TYPE_SCORES)
        paper_desk.begun(held)
        if paper_desk.take_part(actor, held.found, now):
            paper_desk.note(actor, "look-at-typed-scores", held, now)


def autosave(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, sent: Sent, *, now: dt.datetime
) -> Kept:
    """Keep what was typed so far. Not audited: it happens every few seconds."""
    with transaction():
        _, desk = paper_desk.typing(actor, key, person_key)
        return keep(desk, sent, actor, now)


def save(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, sent: Sent, *, now: dt.datetime
) -> Kept:
    """Keep what was typed, and remember that it was."""
    with transaction():
        held, desk = paper_desk.typing(actor, key, person_key)
        kept = keep(desk, sent, actor, now)
        if kept.saved.written:
            paper_desk.note(actor, Action.TYPE_SCORES, held, now, {"marked": kept.marked})
        return kept


def finish(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, sent: Sent, *, now: dt.datetime
) -> Saved:
    """Keep what was typed and hand it on to be checked. A second time nothing happens.

    What an assessor left out they add themselves; a colleague can't, so there it must be whole.
    Raises Blocked with all that is missing, after what was typed has been kept.
    """
    with transaction():
        held = paper_desk.hold(actor, key, person_key, Action.TYPE_SCORES)
        if paper_desk.begun(held).finished_by == actor.person_id:
            return Saved()
        held, desk = paper_desk.typing(actor, key, person_key)
        saved = keep(desk, sent, actor, now).saved
        if saved.clashes:
            return saved
        faults = _unfinished(held, desk, saved)
        if not faults:
            _finish(actor, held, now)
    if faults:
        raise Blocked(*faults)
    return saved


def confirm(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, seal: str, *, now: dt.datetime
) -> None:
    """Send what a colleague typed: the second pair of eyes, against the scanned sheets.

    ``seal`` is the fingerprint of what was read. Raises Stale where it has changed since, Blocked for
    who typed. A second time nothing happens.
    """
    with transaction():
        held = paper_desk.hold(actor, key, person_key, Action.CONFIRM_SCORES, sent_too=True)
        record, sheet = paper_desk.begun(held), held.found.thing
        if sheet.state == AssessmentState.SUBMITTED and record.confirmed_by == actor.person_id:
            return
        paper_desk.refuse_sent(held)
        desk = desk_of(actor, held.found, None)
        paper_desk.refuse_own_hand(held, desk)
        if paper.seal(paper_desk.texts(desk), record.finished_at) != seal:
            raise Stale(MOVED_ON)
        faults = _not_second(actor, held)
        sheet.total, sheet.submitted_at = desk.sheet.total(desk.scoring), now
        record.confirmed_at, record.confirmed_by = now, actor.person_id
        moving.move(
            sheet,
            Action.CONFIRM_SCORES,
            actor=actor,
            case=held.found.case,
            now=now,
            checks={
                "not_a_second_pair_of_eyes": lambda: faults,
                "scores_incomplete": lambda: _missing(desk),
            },
            after={"total": str(sheet.total), "application": held.found.application.reference},
            about=held.found.application,
        )


def send_back(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, note: str, *, now: dt.datetime
) -> None:
    """Say what is otherwise on paper: typing is open again."""
    note = note.strip()
    if not note or len(note) > score_sheet.LONGEST:
        said = f"Write this in {score_sheet.LONGEST:,} characters or fewer."
        raise Blocked(Reason(said if note else "Say what is otherwise on paper.", "note"))
    with transaction():
        held = paper_desk.hold(actor, key, person_key, Action.CONFIRM_SCORES)
        record = paper_desk.begun(held)
        if record.finished_at is None:
            return
        paper_desk.refuse_stranger(actor, held)
        record.finished_at = record.finished_by = None
        record.note = note
        paper_desk.note(actor, "send-typed-scores-back", held, now, reason=note)


def _is_so(record: PaperScores, checker: str, received_on: dt.date) -> bool:
    """Whether a second click says what is there already."""
    is_same = record.received_on == received_on and record.checker == checker
    return record.finished_at is None and is_same


def _missing(desk: Desk) -> tuple[Reason, ...]:
    return score_sheet.incomplete(desk.sheet, desk.scoring, desk.lines)


def _unfinished(held: Held, desk: Desk, saved: Saved) -> tuple[Reason, ...]:
    if not any(paper_desk.texts(desk).values()) and not saved.refused:
        return (Reason(NOTHING_YET),)
    if paper_desk.begun(held).checker == Checker.ASSESSOR:
        return tuple(score_fields.reasons(saved))
    no_scan = () if paper_desk.scans(held) else (Reason(paper.NO_SCAN, "file"),)
    return (*faults_of(desk, saved), *no_scan)


def _not_second(actor: Actor, held: Held) -> list[Reason]:
    record, scans = paper_desk.begun(held), paper_desk.scans(held)
    faults = []
    if record.checker == Checker.ASSESSOR:
        faults.append(Reason(paper.ASSESSOR_CHECKS.format(name=held.reader)))
    is_typist = actor.person_id in paper_desk.typists(held)
    if is_typist or not paper_desk.is_hand(actor, held.found.thing):
        faults.append(Reason(paper.OWN_TYPING))
    if record.finished_at is None:
        faults.append(Reason(paper.NOT_TYPED_YET))
    if not scans:
        faults.append(Reason(paper.NO_SCAN))
    elif ScanState.WAITING in scans:
        faults.append(Reason(paper.SCAN_WAITS))
    return faults


def _finish(actor: Actor, held: Held, now: dt.datetime) -> None:
    record = paper_desk.begun(held)
    record.finished_at, record.finished_by, record.note = now, actor.person_id, ""
    paper_desk.note(actor, "finish-typing-scores", held, now, {"checker": record.checker})
    if record.checker == Checker.ASSESSOR:
        telling.tell("scores_typed", held.found.thing, held.found.application, now=now)
