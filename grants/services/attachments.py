"""Files: take them in, take them out, scan them, hand them over."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import BinaryIO

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import QuestionKind
from grants.models.application import Application, ApplicationVersion
from grants.models.attachment import Attachment
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.blind import blind_name
from grants.rules.helping import EVIDENCE
from grants.rules.opening import LOCKED
from grants.rules.people import APPLICANTS, CLOCK, Actor, Right
from grants.rules.permissions import may
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.rules.states import ScanState
from grants.services import access, asking
from grants.services.access import Found
from grants.services.answers import refuse_late
from grants.services.transaction import transaction
from grants.storage import inspect
from grants.storage.scanner import ScannerSilent, scanner
from grants.storage.scrub import scrubbed
from grants.storage.store import files
from grants.storage.unsigned import unsigned

MOST_FILES = 10  # for one question
NOT_SCANNED = "not scanned: no scanner is set"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrives: the question it answers, the sender's name for it, its bytes."""

    question: str
    name: str
    stream: BinaryIO
    most: int
    """The largest size taken, in bytes."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it is handed over."""

    name: str
    media_type: str
    data: bytes


def add(actor: Actor, key: uuid.UUID, upload: Upload, *, now: dt.datetime) -> None:
    """Take a file in, without its active parts. Raises Blocked with one sentence for what is not taken.

    With a scanner set nobody may open it until the scanner has answered. Without one it is taken
    as it is, and the audit trail says that it was not scanned. The same file twice is one file.
    """
    _editable(actor, key, upload.question, now)
    sent = inspect.read_at_most(upload.stream, upload.most)
    kind = inspect.examine(sent)
    data = scrubbed(sent, kind)
    storage_key = f"attachments/{key}/{uuid.uuid4()}"
    files.write(storage_key, data)
    try:
        with transaction():
            found = _editable(actor, key, upload.question, now, lock=True)
            name, sha256 = inspect.safe_name(upload.name, kind), hashlib.sha256(sent).hexdigest()
            if _is_here(found.thing, upload.question, name, sha256):
                files.delete(storage_key)
                return
            _refuse_too_many(found.thing, upload.question)
            record = Attachment(
                application_id=found.thing.id,
                question=upload.question,
                name=name,
                media_type=kind.media_type,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                sent_sha256=sha256,
                storage_key=storage_key,
                scan=ScanState.WAITING if scanner.is_set else ScanState.CLEAN,
                uploaded_by=actor.person_id,
                uploaded_at=now,
            )
            db.session.add(record)
            db.session.flush()
            found.thing.changed_at = now
            note = {"scan": ScanState.WAITING.value if scanner.is_set else NOT_SCANNED}
            hashes = {"sha256": record.sha256, "sent_sha256": record.sent_sha256 or ""}
            _audit(actor, "add-file", record, found.thing, now, {**hashes, **note})
    except BaseException:
        files.delete(storage_key)
        raise


def _is_here(application: Application, question: str, name: str, sha256: str) -> bool:
    """Whether a second click brought the same file under the same name."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Attachment.application_id == application.id,
                    Attachment.question == question,
                    Attachment.name == name,
                    Attachment.sent_sha256 == sha256,
                    Attachment.removed_at.is_(None),
                )
            )
        )
    )


def remove(actor: Actor, key: uuid.UUID, file_key: uuid.UUID, *, now: dt.datetime) -> None:
    """Take a file out of a draft. What was sent before keeps its own note of it."""
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        record = db.session.scalar(
            sa.select(Attachment).where(
                Attachment.application_id == found.thing.id,
                Attachment.key == file_key,
                Attachment.removed_at.is_(None),
            )
        )
        if record is None:
            raise NotFound(access.NO_SUCH)
        if record.question == EVIDENCE and not found.case.is_helper:
            raise NotFound(access.NO_SUCH)
        if record.question != EVIDENCE:
            _refuse_locked(actor, found.thing, record.question)
        record.removed_at = found.thing.changed_at = now
        _audit(actor, "remove-file", record, found.thing, now, {"sha256": record.sha256})


def open_file(actor: Actor, file_key: uuid.UUID) -> Download:
    """The bytes of a file that was found clean. Those who did not write it get what was sent alone.

    Raises NotFound for everybody and everything else.
    """
    found = access.attachment(actor, file_key, Action.READ_FILE)
    record = found.thing
    if record.question == EVIDENCE:
        readable = found.case.is_helper or may(actor, Action.READ_QUERIES, found.case)
    else:
        readable = _is_own(actor, found) or _was_sent(record, found.application)
    if not readable:
        raise NotFound(access.NO_SUCH)
    is_blind = found.case.is_blind and not may(actor, Action.READ_APPLICATION, found.case)
    data = files.read(record.storage_key)
    if is_blind:
        return Download(
            blind_name(record.name), record.media_type, unsigned(data, record.media_type)
        )
    return Download(record.name, record.media_type, data)


def scan_waiting(*, now: dt.datetime) -> int:
    """Ask the scanner about every file that waits. Returns how many were answered.

    Stops, and lets the rest wait, when the scanner is silent.
    """
    waiting = db.session.execute(
        sa.select(Attachment.id, Attachment.storage_key)
        .where(Attachment.scan == ScanState.WAITING, Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
        .limit(100)
    ).all()
    done = 0
    for file_id, storage_key in waiting:
        try:
            is_clean = not scanner.is_set or scanner.is_clean(files.read(storage_key))
        except ScannerSilent:
            break
        _answered(file_id, is_clean=is_clean, now=now)
        done += 1
    return done


def _answered(file_id: int, *, is_clean: bool, now: dt.datetime) -> None:
    with transaction():
        record = db.session.get_one(Attachment, file_id)
        application = db.session.get_one(Application, record.application_id)
        record.scan = ScanState.CLEAN if is_clean else ScanState.INFECTED
        said = record.scan.value if scanner.is_set else NOT_SCANNED
        _audit(CLOCK, "scan-file", record, application, now, {"scan": said})


def _editable(
    actor: Actor, key: uuid.UUID, question: str, now: dt.datetime, *, lock: bool = False
) -> Found[Application]:
    found = access.application(actor, key, Action.EDIT_APPLICATION, lock=lock)
    refuse_late(found.thing, found.round, now)
    if question == EVIDENCE and found.case.is_helper:
        return found
    asked = fund_of(actor, found.thing.definition_id).question(question)
    if asked is None or asked.kind != QuestionKind.UPLOAD:
        raise NotFound(access.NO_SUCH)
    _refuse_locked(actor, found.thing, question)
    return found


def _refuse_locked(actor: Actor, record: Application, question: str) -> None:
    """While the fund asks about named answers, the files of the others stay as they were sent."""
    if not asking.opening(record, fund_of(actor, record.definition_id)).takes((question, "")):
        raise Blocked(Reason(LOCKED, question))


def _refuse_too_many(record: Application, question: str) -> None:
    count = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Attachment)
        .where(
            Attachment.application_id == record.id,
            Attachment.question == question,
            Attachment.removed_at.is_(None),
        )
    )
    if (count or 0) >= MOST_FILES:
        raise Blocked(f"There are {MOST_FILES} files here already. Remove one first.")


def _is_own(actor: Actor, found: Found[Attachment]) -> bool:
    if found.application.id in actor.shared(*Right) or found.case.is_helper:
        return True
    return any(
        actor.holds(role, organisation_id=found.application.organisation_id, fund=found.round.fund)
        for role in APPLICANTS
    )


def _was_sent(record: Attachment, application: Application) -> bool:
    """Whether it stands in the latest version that was sent: drafts are for nobody else."""
    content = db.session.scalar(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == application.id,
            ApplicationVersion.number == application.number,
        )
    )
    listed = (content or {}).get("attachments", [])
    return [record.question, record.name, record.sha256] in listed


def _audit(
    actor: Actor,
    action: str,
    record: Attachment,
    application: Application,
    now: dt.datetime,
    after: dict[str, str],
) -> None:
    audit.record(
        actor,
        action,
        ("attachment", record.id, application.reference),
        now=now,
        after={"question": record.question, "name": record.name, **after},
    )
