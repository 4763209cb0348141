"""Loading a register from a file: read line by line, all of it or none, in the place of the last."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.register import LoadedRegister, RegisteredBody, RegisterLine
from grants.queries.visible import visible
from grants.rules import registers as rules
from grants.rules.actions import Action
from grants.rules.answers import unfit
from grants.rules.people import CLOCK, Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.rules.registers import Register
from grants.services.transaction import transaction

BATCH = 5_000  # lines kept at once
MOST_FAULTS = 20
MOST_LINES = 2_000_000
LONGEST = {"number": 60, "name": 300, "status": 100}
COLUMNS = ("number", "name")
ANOTHER = "Another file was loaded at the same time. Load this one again."
BODIES: Any = RegisteredBody.__table__
LINES: Any = RegisterLine.__table__
NOT_TEXT = "This is not a CSV file in UTF-8."


@dataclass(frozen=True, slots=True)
class Source:
    """A file, which register it is of, where it came from and the day it speaks of."""

    register: Register
    stream: IO[bytes]
    words: str
    as_at: dt.date


def load(actor: Actor, source: Source, *, now: dt.datetime) -> int:
    """Put this file in the place of the register that is loaded, and say how many lines it has.

    It is read twice: first for its faults, then into a table that nobody looks at, in short
    transactions, so that people go on writing meanwhile; the last transaction puts it in place.
    Raises Blocked with the faults by line, and then nothing has changed.
    """
    _refuse_strangers(actor)
    _refuse_future(source, now)
    sha256 = _checked(source.stream)
    with _text(source.stream) as text:
        faults = list(islice(_faults(source.register, text), MOST_FAULTS + 1))
        if faults:
            raise Blocked(*_reasons(faults))
        load_key, entries = uuid.uuid4().hex, 0
        for batch in _batches(text):
            entries += _stage(load_key, batch)
    with transaction():
        _replace(source.register, load_key, entries)
        _remember(actor, source, entries, sha256, now)
    return entries


def _refuse_strangers(actor: Actor) -> None:
    """The command line stands for whoever holds the machine."""
    if actor != CLOCK and not db.session.scalar(
        sa.select(visible(actor, Action.MANAGE_ORGANISATIONS))
    ):
        raise NotFound("There is no such page.")


def _refuse_future(source: Source, now: dt.datetime) -> None:
    if not source.words.strip():
        raise Blocked(Reason("Say where the file comes from.", "source"))
    if source.as_at > now.date():
        raise Blocked(Reason("The day of the file lies in the future.", "as_at"))


def _checked(stream: IO[bytes]) -> str:
    """The fingerprint of the file."""
    stream.seek(0)
    found = hashlib.sha256()
    while piece := stream.read(1 << 20):
        found.update(piece)
    return found.hexdigest()


@contextmanager
def _text(stream: IO[bytes]) -> Iterator[IO[str]]:
    """The file as text; the file itself stays open."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        yield text
    finally:
        text.detach()


def _lines(text: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Each line with its number, from the first. Raises Blocked for what is no text."""
    text.seek(0)
    try:
        reader = csv.reader(text, strict=True)
        for cells in reader:
            yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise Blocked(Reason(NOT_TEXT, "file")) from error


def _bodies(text: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines below the heading as columns; blank lines are left out."""
    lines = _lines(text)
    heading = [cell.strip().casefold() for cell in next(lines, (1, []))[1]]
    missing = [column for column in COLUMNS if column not in heading]
    if missing:
        sentence = f"The first line must name the columns {' and '.join(COLUMNS)}."
        raise Blocked(Reason(f"{sentence} It has no {' and no '.join(missing)}.", "file"))
    for line, cells in lines:
        if any(cell.strip() for cell in cells):
            row = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
            yield line, {column: row.get(column, "") for column in LONGEST}


def _faults(register: Register, text: IO[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    line = 0
    for line, row in _bodies(text):
        number = rules.packed(row["number"])
        wrong = _wrong(register, row)
        if not wrong and number in seen:
            wrong = f"{number} stands in line {seen[number]} too."
        if line > MOST_LINES:
            yield f"The file has more than {MOST_LINES:,} lines."
            return
        if wrong:
            yield f"Line {line}: {wrong}"
        seen.setdefault(number, line)
    if not line:
        yield "The file has no lines below its heading."


def _wrong(register: Register, row: dict[str, str]) -> str:
    if not row["number"]:
        return "There is no number."
    if rules.fault(register, row["number"]):
        return f"“{row['number'][:60]}” cannot be a number of this register."
    if not row["name"]:
        return "There is no name."
    for column, longest in LONGEST.items():
        if len(row[column]) > longest:
            return f"The {column} is longer than {longest} characters."
        if unfit(row[column]):
            return f"The {column} holds a character that cannot be shown."
    return ""


def _reasons(faults: list[str]) -> Iterable[Reason]:
    reasons = [Reason(fault, "file") for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        reasons.append(Reason("There are more. Nothing was loaded.", "file"))
    return reasons


def _batches(text: IO[str]) -> Iterator[list[dict[str, str]]]:
    rows = ({**row, "number": rules.packed(row["number"])} for _, row in _bodies(text))
    while batch := list(islice(rows, BATCH)):
        yield batch


def _stage(load_key: str, batch: list[dict[str, str]]) -> int:
    """Put some lines where nobody looks yet."""
    with transaction():
        db.session.execute(sa.insert(LINES), [{"load": load_key, **row} for row in batch])
    return len(batch)


def _replace(register: Register, load_key: str, entries: int) -> None:
    """Put what was staged in the place of the register, and clear the stage of every load."""
    mine = LINES.c.load == load_key
    staged = db.session.scalar(sa.select(sa.func.count()).select_from(LINES).where(mine))
    if staged != entries:  # another load was put in place meanwhile
        raise Blocked(Reason(ANOTHER, "file"))
    db.session.execute(sa.delete(BODIES).where(BODIES.c.register == register))
    columns = ("number", "name", "status")
    kind = sa.literal(register, BODIES.c.register.type)
    lines = sa.select(kind, *(LINES.c[column] for column in columns)).where(mine)
    db.session.execute(
        sa.insert(BODIES).from_select(["register", *columns], lines.order_by(LINES.c.number))
    )
    db.session.execute(sa.delete(LINES))


def _remember(actor: Actor, source: Source, entries: int, sha256: str, now: dt.datetime) -> None:
    before = db.session.get(LoadedRegister, source.register)
    was = None if before is None else {"as_at": before.as_at.isoformat(), "entries": before.entries}
    record = before or LoadedRegister(register=source.register)
    record.source, record.as_at = source.words.strip(), source.as_at
    record.entries, record.sha256 = entries, sha256
    record.loaded_at = now
    record.loaded_by = actor.person_id if actor.is_signed_in else None
    db.session.add(record)
    after = {"as_at": source.as_at.isoformat(), "entries": entries, "sha256": sha256}
    thing = ("register", None, str(source.register))
    audit.record(actor, "load-register", thing, now=now, before=was, after=after)
