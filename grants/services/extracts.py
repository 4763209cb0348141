"""Extracts: ask for one, make it in the background, fetch it; and the same files for the command line."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from grants import audit, queue
from grants.documents.columns import ExtractTable
from grants.extensions import db
from grants.models.extract import Extract
from grants.models.job import Job
from grants.models.round import Round
from grants.queries import evaluation as queries
from grants.queries.definitions import fund_of
from grants.queries.evaluation import RoundRow
from grants.rules.actions import Action
from grants.rules.people import CLOCK, Actor, Held, Role
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access, evaluate, extract_files
from grants.services.acting import actor_with_id
from grants.services.extract_files import Report
from grants.services.row_tables import NAMED, PSEUDONYMOUS
from grants.services.transaction import transaction
from grants.storage.store import files

KEPT = dt.timedelta(days=7)
LONGEST_WORK = dt.timedelta(days=1)
JOB = "make_extract"
LONGEST_REASON = 500
READS_NAMES = (Role.FUND_MANAGER, Role.AUDITOR)
FORMATS: Mapping[str, str] = {
    "csv": "CSV, one file for each table, in a ZIP archive",
    "xlsx": "XLSX, one workbook with a sheet for each table",
    "json": "JSON, one file",
}
_MEDIA = {
    "csv": ("zip", "application/zip"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("json", "application/json"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractRow:
    """An extract of one's own."""

    key: uuid.UUID
    job_key: uuid.UUID
    format: str
    reason: str
    asked_at: dt.datetime
    as_at: dt.datetime
    sha256: str | None
    rows: int | None
    expires_at: dt.datetime
    is_ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What somebody may take from a round, and what they took."""

    round: RoundRow
    tables: tuple[ExtractTable, ...]
    made: tuple[ExtractRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job of one's own is, and the extract that it makes."""

    kind: str
    state: str
    done: int
    total: int
    fault: str
    extract: ExtractRow | None
    round_key: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A made extract on its way out."""

    name: str
    media_type: str
    stream: BinaryIO


def tables_for(actor: Actor, record: RoundRow) -> tuple[ExtractTable, ...]:
    """Every table of a round that this person may take away."""
    if record.definition_id is None:
        return ()
    tables = (*evaluate.catalogue(fund_of(actor, record.definition_id)), *PSEUDONYMOUS)
    reads_names = any(
        actor.holds(role, organisation_id=record.organisation_id, fund=record.fund)
        for role in READS_NAMES
    )
    return (*tables, *NAMED) if reads_names else tables


def desk(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Desk:
    """The round's tables to choose from, and one's own latest extracts."""
    record = queries.round_of(actor, key, Action.EXTRACT)
    made = db.session.execute(
        _own(actor).where(Extract.round_id == record.id).order_by(Extract.id.desc()).limit(20)
    )
    rows = tuple(_row(extract, job_key, now) for extract, job_key in made)
    return Desk(round=record, tables=tables_for(actor, record), made=rows)


def _own(actor: Actor) -> Any:
    return (
        sa.select(Extract, Job.key)
        .join(Job, Job.id == Extract.job_id)
        .where(Extract.made_by == actor.person_id)
    )


def _row(extract: Extract, job_key: uuid.UUID, now: dt.datetime) -> ExtractRow:
    return ExtractRow(
        key=extract.key,
        job_key=job_key,
        format=extract.format,
        reason=extract.reason,
        asked_at=extract.asked_at,
        as_at=extract.as_at,
        sha256=extract.sha256,
        rows=extract.rows,
        expires_at=extract.expires_at,
        is_ready=extract.storage_key is not None and now < extract.expires_at,
    )


def ask(
    actor: Actor,
    key: uuid.UUID,
    tables: Sequence[str],
    file_format: str,
    reason: str,
    *,
    now: dt.datetime,
) -> uuid.UUID:
    """Ask for an extract; gives back the key of the job. Raises Blocked naming what is missing."""
    with transaction():
        record = queries.round_of(actor, key, Action.EXTRACT)
        chosen = [table.name for table in tables_for(actor, record) if table.name in tables]
        _require_whole(chosen, tables, file_format, reason)
        extract = Extract(
            round_id=record.id,
            format=file_format,
            reason=reason.strip(),
            made_by=actor.person_id,
            asked_at=now,
            as_at=now,
            expires_at=now + KEPT,
        )
        db.session.add(extract)
        db.session.flush()
        payload = {"extract": extract.id, "tables": chosen}
        job = queue.put(JOB, payload, actor=actor, now=now, total=len(chosen))
        extract.job_id = job.id
        audit.record(
            actor,
            Action.EXTRACT,
            ("extract", extract.id, record.reference),
            now=now,
            after={"format": file_format, "tables": chosen},
            reason=extract.reason,
        )
        return job.key


def _require_whole(
    chosen: Sequence[str], tables: Sequence[str], file_format: str, reason: str
) -> None:
    reasons = []
    if not chosen or set(tables) - set(chosen):
        reasons.append(Reason("Choose at least one of the tables.", "tables"))
    if file_format not in FORMATS:
        reasons.append(Reason("Choose a format.", "format"))
    if not reason.strip():
        reasons.append(Reason("Say what you need the extract for.", "reason"))
    if len(reason) > LONGEST_REASON:
        reasons.append(Reason(f"Use at most {LONGEST_REASON} letters.", "reason"))
    if reasons:
        raise Blocked(*reasons)


def progress_of(actor: Actor, job_key: uuid.UUID, *, now: dt.datetime) -> Progress:
    """How far one's own job is. Raises NotFound."""
    job = access.job(actor, job_key)
    found = db.session.execute(
        sa.select(Extract, Round.key)
        .join(Round, Round.id == Extract.round_id)
        .where(Extract.job_id == job.id)
    ).one_or_none()
    return Progress(
        kind=job.kind,
        state=job.state.value,
        done=job.done,
        total=job.total,
        fault=job.fault,
        extract=None if found is None else _row(found[0], job.key, now),
        round_key=None if found is None else found[1],
    )


def fetch(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> File:
    """The file, for its maker, until it expires. Raises NotFound. The caller closes the stream."""
    extract = access.extract(actor, key)
    if extract.storage_key is None or now >= extract.expires_at:
        raise NotFound("This extract is not there any more. Ask for it again.")
    ending, media_type = _MEDIA[extract.format]
    reference = db.session.scalar(sa.select(Round.reference).where(Round.id == extract.round_id))
    day = extract.as_at.strftime("%Y-%m-%d")
    return File(
        name=f"{reference}-{day}.{ending}",
        media_type=media_type,
        stream=files.open(extract.storage_key),
    )


def make(payload: dict[str, Any], *, now: dt.datetime, progress: Report) -> dict[str, Any]:
    """The job: makes the file from one still picture of the database. Safe to run again."""
    extract = db.session.get_one(Extract, payload["extract"])
    record = db.session.get_one(Round, extract.round_id)
    actor = actor_with_id(extract.made_by, now=now)
    row = queries.round_of(actor, record.key, Action.EXTRACT)
    extract_id, key, file_format = extract.id, extract.key, extract.format
    allowed = tables_for(actor, row)
    chosen = tuple(table for table in allowed if table.name in payload["tables"])
    place = f"extracts/{key}.{_MEDIA[file_format][0]}"
    with files.workroom() as folder:
        made = extract_files.make(
            actor, row, chosen, file_format, folder, now=now, progress=progress
        )
        path = (
            extract_files.packed(made.paths, folder, now) if file_format == "csv" else made.paths[0]
        )
        sha256 = extract_files.fingerprint(path)
        files.take(place, path)
    with transaction():
        db.session.execute(
            sa.update(Extract)
            .where(Extract.id == extract_id)
            .values(storage_key=place, sha256=sha256, rows=made.rows, as_at=now)
        )
    return {"extract": str(key)}


def write(reference: str, file_format: str, folder: Path, *, now: dt.datetime) -> list[Path]:
    """All tables of a round as files in this folder: all of them, or none. For the command line.

    Raises NotFound for an unknown round, OSError when there is no room.
    """
    if file_format not in FORMATS:
        raise Blocked(f"There is no format {file_format}: choose csv, xlsx or json.")
    actor = _shell(reference)
    row = queries.round_of(actor, reference, Action.EXTRACT)
    tables = tables_for(actor, row)
    with _together(folder) as draft:
        made = extract_files.make(
            actor, row, tables, file_format, draft, now=now, progress=lambda *_: None
        )
        names = [path.name for path in made.paths]
    with transaction():
        audit.record(
            CLOCK,
            Action.EXTRACT,
            ("round", row.id, reference),
            now=now,
            after={"format": file_format, "rows": made.rows},
            reason="From the command line",
        )
    return [folder / name for name in names]


def _shell(reference: str) -> Actor:
    """Whoever has the machine's shell sees what the round's fund manager sees."""
    round_ = db.session.execute(
        sa.select(Round.organisation_id, Round.fund).where(Round.reference == reference)
    ).one_or_none()
    if round_ is None:
        raise NotFound(
            f"There is no round {reference}. 'flask --app wsgi rounds' lists those there are."
        )
    held = Held(Role.FUND_MANAGER, round_.organisation_id, round_.fund)
    return Actor(CLOCK.person_id, "The command line", held=(held,))


@contextmanager
def _together(folder: Path) -> Iterator[Path]:
    """Files made in the draft stand in the folder at the end, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".extract-{secrets.token_hex(6)}"
    draft.mkdir()
    try:
        yield draft
        for path in sorted(draft.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def clear_expired(*, now: dt.datetime) -> int:
    """Forget the files of extracts past their time, and what killed workers left. Returns how many."""
    files.clear_workrooms(before=(now - LONGEST_WORK).timestamp())
    found = db.session.execute(
        sa.select(Extract.id, Extract.storage_key).where(
            Extract.storage_key.is_not(None), Extract.expires_at <= now
        )
    ).all()
    for _, place in found:
        files.delete(str(place))
    if found:
        with transaction():
            db.session.execute(
                sa.update(Extract)
                .where(Extract.id.in_([extract_id for extract_id, _ in found]))
                .values(storage_key=None)
            )
    return len(found)
