"""The files of an extract: tables in a folder, rows streamed from one still picture of the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grants.documents import figure_tables
from grants.documents.extracts import (
    DICTIONARY,
    HIDDEN,
    ExtractTable,
    Sheet,
    data_dictionary,
    datapackage,
    write_csv,
    write_json,
    write_xlsx,
)
from grants.extensions import db
from grants.queries.evaluation import RoundRow
from grants.queries.snapshot import snapshot
from grants.rules.people import Actor
from grants.services import evaluate
from grants.services.evaluate import Evaluation
from grants.services.row_tables import Source

SEEN = 2_000  # rows between two signs of life
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """The files, and how many rows they hold."""

    paths: tuple[Path, ...]
    rows: int


def make(
    actor: Actor,
    record: RoundRow,
    tables: Sequence[ExtractTable],
    file_format: str,
    folder: Path,
    *,
    now: dt.datetime,
    progress: Report,
) -> Made:
    """Write the chosen tables into the folder, rows streamed from one still picture."""
    with snapshot(folder) as at:
        found = evaluate.of_round(actor, record, now=now, at=at)
        db.session.rollback()  # the rulebook was read; nothing may wait for this reader
        counter = _Counter(len(tables), progress)
        source = Source(actor, found, at)
        sheets = [
            Sheet(table, counter.counted(number, _rows(source, table)))
            for number, table in enumerate(tables)
        ]
        paths = _write(found, sheets, file_format, folder, now)
    return Made(tuple(paths), counter.rows)


def _rows(source: Source, table: ExtractTable) -> Iterable[Mapping[str, Any]]:
    """Figures as the page has them, or rows."""
    for made in source.found.every:
        if made.table.name == table.name:
            return made.rows
    return source.rows(table)


class _Counter:
    """Counts rows as they pass, and says how far the work is."""

    def __init__(self, tables: int, progress: Report) -> None:
        self.rows = 0
        self._tables = tables
        self._progress = progress

    def counted(
        self, number: int, rows: Iterable[Mapping[str, Any]]
    ) -> Iterator[Mapping[str, Any]]:
        self._progress(number, self._tables)
        for row in rows:
            self.rows += 1
            if self.rows % SEEN == 0:
                self._progress(number, self._tables)
            yield row


def _write(
    found: Evaluation, sheets: Sequence[Sheet], file_format: str, folder: Path, now: dt.datetime
) -> list[Path]:
    name, about = found.round.reference, _about(found, now)
    facts = Sheet(
        figure_tables.ABOUT, [{"fact": fact, "value": value} for fact, value in about.items()]
    )
    if file_format == "csv":
        return _write_csv([facts, *sheets], name, folder, now)
    path = folder / f"{name}.{file_format}"
    if file_format == "xlsx":
        write_xlsx(path, [facts, *sheets], made_at=now)
    else:
        with path.open("w", encoding="utf-8") as stream:
            write_json(stream, sheets, about)
    return [path]


def _write_csv(sheets: Sequence[Sheet], name: str, folder: Path, now: dt.datetime) -> list[Path]:
    tables = [sheet.table for sheet in sheets]
    dictionary = Sheet(DICTIONARY, data_dictionary(tables))
    paths = []
    for sheet in (*sheets, dictionary):
        paths.append(folder / f"{sheet.table.name}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, sheet.table.columns, sheet.rows)
    package = datapackage(name, f"Extract of {name}", [*tables, DICTIONARY], made_at=now)
    paths.append(folder / "datapackage.json")
    paths[-1].write_text(json.dumps(package, ensure_ascii=False, indent=1), encoding="utf-8")
    return paths


def _about(found: Evaluation, now: dt.datetime) -> dict[str, str]:
    record, fund = found.round, found.whose.fund
    return {
        "fund": fund.name,
        "round": record.reference,
        "title": record.title,
        "as at": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "status": "Illustrative: names and figures are fictional."
        if record.is_illustrative
        else "As recorded.",
        "note": record.note,
        "small numbers": f"Counts of people from 1 to {fund.settings.small_count}, and others that "
        f"would give them away, are shown as {HIDDEN}.",
        "returns": f"Only accepted returns count. {figure_tables.PEOPLE_NOTE}",
        "rulebook": fund.edition,
    }


def packed(paths: Sequence[Path], folder: Path, now: dt.datetime) -> Path:
    """All files in one archive, with the extract's own time on each."""
    target = folder / "extract.zip"
    when = now.astimezone(dt.UTC)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, when.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as file:
                shutil.copyfileobj(source, file)
            path.unlink()
    return target


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, read bit by bit."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
