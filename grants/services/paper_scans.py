"""The scanned sheets of scores that came on paper: taken in, looked at, taken out."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import BinaryIO

import sqlalchemy as sa

from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.paper_scores import PaperScan
from grants.models.person import Person
from grants.rules import paper
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound
from grants.rules.states import ScanState
from grants.services import access, paper_desk
from grants.services.attachments import NOT_SCANNED, Download
from grants.services.paper_desk import Held
from grants.services.transaction import transaction
from grants.storage import inspect
from grants.storage.scanner import ScannerSilent, scanner
from grants.storage.scrub import scrubbed
from grants.storage.store import files

KINDS = "Send the scanned sheets as a PDF, a JPEG or a PNG."


def add(
    actor: Actor,
    key: uuid.UUID,
    person_key: uuid.UUID,
    name: str,
    stream: BinaryIO,
    *,
    most: int,
    now: dt.datetime,
) -> None:
    """Take a scan in, without its active parts. Raises Blocked. The same file twice is one file."""
    _typing(actor, key, person_key)
    sent = inspect.read_at_most(stream, most)
    kind = inspect.examine(sent)
    if kind.media_type != inspect.PDF and not kind.media_type.startswith("image/"):
        raise Blocked(KINDS)
    data, place = scrubbed(sent, kind), f"paper-scores/{uuid.uuid4()}"
    files.write(place, data)
    try:
        with transaction():
            held = _typing(actor, key, person_key)
            sha256 = hashlib.sha256(sent).hexdigest()
            if _is_taken(held, sha256):
                files.delete(place)
                return
            record = PaperScan(
                assessment_id=held.found.thing.id,
                name=inspect.safe_name(name, kind),
                media_type=kind.media_type,
                size=len(data),
                sha256=sha256,
                storage_key=place,
                scan=ScanState.WAITING if scanner.is_set else ScanState.CLEAN,
                uploaded_by=actor.person_id,
                uploaded_at=now,
            )
            db.session.add(record)
            said = ScanState.WAITING.value if scanner.is_set else NOT_SCANNED
            after: dict[str, object] = {"name": record.name, "sha256": sha256, "scan": said}
            paper_desk.note(actor, "add-scanned-scores", held, now, after)
    except BaseException:
        files.delete(place)
        raise


def remove(
    actor: Actor, key: uuid.UUID, person_key: uuid.UUID, scan_key: uuid.UUID, *, now: dt.datetime
) -> None:
    """Take a scan out, while the scores are being typed. A second time nothing happens."""
    with transaction():
        held = _typing(actor, key, person_key)
        record = db.session.scalar(
            sa.select(PaperScan).where(
                PaperScan.key == scan_key, PaperScan.assessment_id == held.found.thing.id
            )
        )
        if record is None:
            raise NotFound(access.NO_SUCH)
        if record.removed_at is None:
            record.removed_at = now
            after: dict[str, object] = {"name": record.name, "sha256": record.sha256}
            paper_desk.note(actor, "remove-scanned-scores", held, now, after)


def open_scan(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, scan_key: uuid.UUID) -> Download:
    """A scan, for who types or checks these scores. Raises NotFound for everybody and all else."""
    found = access.application(actor, key, Action.TYPE_SCORES)
    row = db.session.execute(
        sa.select(PaperScan, Assessment)
        .join(Assessment, Assessment.id == PaperScan.assessment_id)
        .join(Person, Person.id == Assessment.person_id)
        .where(
            Assessment.application_id == found.thing.id,
            Person.key == person_key,
            PaperScan.key == scan_key,
            PaperScan.removed_at.is_(None),
            PaperScan.scan == ScanState.CLEAN,
        )
    ).one_or_none()
    if row is None or not paper_desk.is_hand(actor, row.Assessment):
        raise NotFound(access.NO_SUCH)
    record = row.PaperScan
    return Download(record.name, record.media_type, files.read(record.storage_key))


def scan_waiting(*, now: dt.datetime) -> int:
    """Ask the scanner about every scan that waits. Returns how many were answered."""
    del now
    waiting = db.session.execute(
        sa.select(PaperScan.id, PaperScan.storage_key)
        .where(PaperScan.scan == ScanState.WAITING, PaperScan.removed_at.is_(None))
        .order_by(PaperScan.id)
        .limit(100)
    ).all()
    done = 0
    for scan_id, place in waiting:
        try:
            is_clean = not scanner.is_set or scanner.is_clean(files.read(place))
        except ScannerSilent:
            break
        with transaction():
            record = db.session.get_one(PaperScan, scan_id)
            record.scan = ScanState.CLEAN if is_clean else ScanState.INFECTED
        done += 1
    return done


def _typing(actor: Actor, key: uuid.UUID, person_key: uuid.UUID) -> Held:
    """The scores while they are typed: sheets are not exchanged under who checks against them."""
    held = paper_desk.hold(actor, key, person_key, Action.TYPE_SCORES)
    record = paper_desk.begun(held)
    paper_desk.refuse_stranger(actor, held)
    if record.finished_at is not None:
        raise MoveNotAllowed(paper_desk.FINISHED)
    return held


def _is_taken(held: Held, sha256: str) -> bool:
    """Whether the same file is here already. Raises Blocked where there are too many."""
    there = db.session.scalars(
        sa.select(PaperScan.sha256).where(
            PaperScan.assessment_id == held.found.thing.id, PaperScan.removed_at.is_(None)
        )
    ).all()
    if sha256 in there:
        return True
    if len(there) >= paper.MOST_SCANS:
        raise Blocked(f"There are {paper.MOST_SCANS} files here already. Remove one first.")
    return False
