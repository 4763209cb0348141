"""A filled-in workbook, read back: what was changed in it, or everything that is wrong with it.

Nothing here believes the file: it was looked over for size by ``storage/inspect.py``, and is read
cell by cell, never run. Where a cell holds a formula its last result is taken; one without a result
is a fault, for an empty answer would be a lost one.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from grants.documents.workbook_cells import (
    ELSEWHERE,
    TOO_LONG,
    mark_of,
    text_of,
    wrong_with,
)
from grants.documents.workbook_plan import (
    ANSWER,
    KEYS,
    LIMIT,
    MOST_ROWS,
    QUESTION,
    RECORD,
    SECTION_FIRST,
    SECTION_HEAD,
    SECTION_WORDS,
    TABLE_FIRST,
    TABLE_HEAD,
    Identity,
    Place,
    Sheet,
    letter,
    place_of,
    sheets,
    spare_key,
)
from grants.documents.workbooks import FORMAT
from grants.funds.definition import Fund, Question, QuestionKind
from grants.rules.answers import is_blank
from grants.rules.refusals import Blocked, Reason

BROKEN = (
    "This workbook can't be opened. Save it again as an Excel workbook (XLSX) and send the copy."
)
NOT_OURS = (
    "This isn't a workbook from here, or its hidden sheet is gone. Download the workbook again and "
    "copy your answers into it."
)
# What openpyxl raises on files that are bent; it has no error of its own for them.
BENT = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RecursionError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
MOST_COLUMNS = 60
MOST_FAULTS = 200
HEAD_ROWS = 5  # of the record
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")
FILLED_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*\br=\"[A-Z]{1,3}(\d{1,7})\"[^>]*[^/]>")
ROW_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
Grid = list[list[object]]


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that the workbook changes, with the version it was made from."""

    place: Place
    text: str
    version: int


class Faults(Protocol):
    """Takes note of what is wrong, with the place it stands."""

    def fault(self, sheet: str, where: str, sentence: str) -> None: ...


@dataclass(slots=True)
class _Reading:
    """What is found on the way: changes, and every fault with the place it stands."""

    fund: Fund
    seed: str
    before: Mapping[Place, tuple[int, str]]
    changed: dict[Place, Changed] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, sheet: str, where: str, sentence: str) -> None:
        """ "Sheet ‘Projects’, cell D7: type an amount in pounds"."""
        place = f"Sheet ‘{sheet}’, {where}" if where else f"Sheet ‘{sheet}’"
        self.faults.append(f"{place}: {sentence}.")

    def take(self, sheet: str, where: str, question: Question, place: Place, value: object) -> None:
        """One cell: left alone, changed, or wrong."""
        version, mark = self.before.get(place, (0, mark_of(self.fund, question, "")))
        text = text_of(self.fund, question, value)
        if mark_of(self.fund, question, text) == mark or text == TOO_LONG:
            return
        if isinstance(value, NoResult):
            self.fault(sheet, where, value.sentence)
            return
        wrong = "" if is_blank(text) else wrong_with(self.fund, question, text)
        if wrong:
            self.fault(sheet, where, wrong)
        self.changed[place] = Changed(place, "" if is_blank(text) else text, version)


@dataclass(frozen=True, slots=True)
class NoResult:
    """A formula whose result is not in the file, or is an error."""

    sentence: str


def identity(data: bytes) -> Identity:
    """Whose workbook this is, as it says itself. Raises Blocked for anybody else's spreadsheet."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = _record_rows(book, HEAD_ROWS)
    except BENT as error:
        raise Blocked(BROKEN) from error
    head = [str(row[0]) for row in rows]
    if len(head) < HEAD_ROWS or head[0] != FORMAT or not head[4].isdecimal():
        raise Blocked(NOT_OURS)
    return Identity(head[1], head[2][:60], head[3][:300], int(head[4][:6]))


def changes(data: bytes, fund: Fund) -> tuple[Changed, ...]:
    """Every answer that differs from the one that was downloaded. All of it or none: raises Blocked
    with a sentence for each sheet and cell that is wrong."""
    try:
        values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        reading = _Reading(fund, _seed(data), _before(values))
        refuse_merged(data, formulas, reading)
        for sheet in sheets(fund):
            _read(sheet, values, formulas, reading)
    except BENT as error:
        raise Blocked(BROKEN) from error
    if reading.faults:
        raise Blocked(*(Reason(sentence, "file") for sentence in listed(reading.faults)))
    return tuple(reading.changed.values())


def listed(faults: list[str]) -> list[str]:
    rest = len(faults) - MOST_FAULTS
    return faults if rest <= 0 else [*faults[:MOST_FAULTS], f"And {rest:,} more like these."]


def _seed(data: bytes) -> str:
    """The same file loaded twice makes the same rows."""
    return f"{len(data)}/{zlib.crc32(data)}"


def _record_rows(book: Any, most: int) -> list[tuple[Any, ...]]:
    if RECORD not in book.sheetnames:
        raise Blocked(NOT_OURS)
    return list(book[RECORD].iter_rows(max_col=4, max_row=most, values_only=True))


def _before(book: Any) -> dict[Place, tuple[int, str]]:
    """Of each answer the version and the mark it had when the workbook was made."""
    rows = _record_rows(book, 50 * MOST_ROWS)[HEAD_ROWS:]
    return {
        (str(question), str(row or "")): (int(version), str(mark))
        for question, row, version, mark in rows
        if question
    }


def refuse_merged(data: bytes, book: Any, reading: Faults) -> None:
    """Also writing far below the last row, which would go unread."""
    names = {book[name]._worksheet_path: name for name in book.sheetnames}  # noqa: SLF001
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path, name in names.items():
            part = archive.read(path)
            if MERGED.search(part):
                reading.fault(name, "", "cells are merged; split them again")
            lowest = max((int(found[1]) for found in FILLED_CELL.finditer(part)), default=0)
            if name != RECORD and lowest > MOST_ROWS:
                reading.fault(name, f"row {lowest}", "there is writing far below the last line")


def _read(sheet: Sheet, values: Any, formulas: Any, reading: _Reading) -> None:
    if sheet.name not in values.sheetnames:
        reading.fault(sheet.name, "", "this sheet is missing; put it back, or download it again")
        return
    grid = grid_of(values[sheet.name], formulas[sheet.name])
    if sheet.table is None:
        _read_section(sheet, grid, reading)
    else:
        _read_table(sheet, sheet.table, grid, reading)


def grid_of(values: Any, formulas: Any) -> Grid:
    """The cells as values; where a formula has none, what to say about it."""
    values.reset_dimensions()
    formulas.reset_dimensions()
    pairs = zip(
        values.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS),
        formulas.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS),
        strict=False,
    )
    return [[_value(*cells) for cells in zip(*rows, strict=False)] for rows in pairs]


def _value(cell: Any, source: Any) -> object:
    kind = getattr(source, "data_type", "n")
    if getattr(cell, "data_type", "n") == "e":
        return NoResult(f"this shows the error {str(cell.value)[:20]}; type the answer itself")
    if kind == "f" and cell.value is None:
        return NoResult("this is a formula without a result; type the answer itself")
    return cell.value


def cell_at(grid: Grid, row: int, column: int) -> object:
    """Counted from 1; nothing where the sheet ends."""
    if row > len(grid) or column > len(grid[row - 1]):
        return None
    return grid[row - 1][column - 1]


def says(value: object) -> str:
    return " ".join(str(value if value is not None else "").split())


def _read_section(sheet: Sheet, grid: Grid, reading: _Reading) -> None:
    heads = {column: SECTION_WORDS[column] for column in (QUESTION, ANSWER, LIMIT)}
    if not _same_heads(sheet, grid, SECTION_HEAD, heads, reading):
        return
    _refuse_extra(sheet, grid, max(SECTION_WORDS), SECTION_HEAD, reading)
    asked = {question.key: question for question in sheet.questions}
    found: set[str] = set()
    for row in range(SECTION_FIRST, len(grid) + 1):
        key, value = says(cell_at(grid, row, KEYS)), cell_at(grid, row, ANSWER)
        where = f"cell {letter(ANSWER)}{row}"
        if key not in asked or key in found:
            if value is not None and not is_blank(str(value)):
                reading.fault(sheet.name, where, "this line belongs to no question; clear it")
            continue
        found.add(key)
        question = asked[key]
        if question.kind != QuestionKind.UPLOAD:
            reading.take(sheet.name, where, question, (key, ""), value)
        elif says(value) not in {"", ELSEWHERE}:
            reading.fault(sheet.name, where, "files are sent on the web page; clear this cell")
    for key in asked.keys() - found:
        reading.fault(sheet.name, "", f"the line of the question ‘{asked[key].label}’ is missing")


def _read_table(sheet: Sheet, table: Question, grid: Grid, reading: _Reading) -> None:
    heads = {column: question.label for column, question in enumerate(table.columns, sheet.first)}
    if not _same_heads(sheet, grid, TABLE_HEAD, heads, reading):
        return
    _refuse_extra(sheet, grid, max(heads), TABLE_HEAD, reading)
    kept: dict[str, int] = {}
    for row, key in _keyed_rows(sheet, grid, reading):
        kept[key] = row
        for column, question in enumerate(table.columns, sheet.first):
            where = f"cell {letter(column)}{row}"
            place = place_of(sheet, question, key)
            reading.take(sheet.name, where, question, place, cell_at(grid, row, column))
    _empty_the_rest(sheet, table, kept, reading)
    filled = [row for row in kept.values() if _is_filled(sheet, grid, row)]
    if table.max_rows is not None and len(filled) > table.max_rows and reading.changed:
        sentence = f"there are {len(filled)} rows; keep {table.max_rows} or fewer"
        reading.fault(sheet.name, "", sentence)


def _keyed_rows(sheet: Sheet, grid: Grid, reading: _Reading) -> Iterator[tuple[int, str]]:
    """Each line with its row's key. A line that was typed below or copied gets a key of its own."""
    known = [says(cell_at(grid, row, KEYS)) for row in range(TABLE_FIRST, len(grid) + 1)]
    highest = max((int(key[:4]) for key in known if key[:4].isdecimal()), default=0)
    seen: set[str] = set()
    for row, key in enumerate(known, TABLE_FIRST):
        fresh = ROW_KEY.fullmatch(key) is not None and key not in seen
        if fresh and (not sheet.is_fixed or key in _fixed_keys(sheet, reading.fund)):
            seen.add(key)
            yield row, key
        elif _is_filled(sheet, grid, row):
            if sheet.is_fixed:
                where = f"row {row}"
                reading.fault(sheet.name, where, "this line belongs to no row of the table")
            else:
                yield row, spare_key(highest, row, reading.seed)


def _fixed_keys(sheet: Sheet, fund: Fund) -> set[str]:
    listed = fund.code_lists[(sheet.table.row_list if sheet.table else "") or ""]
    return {code.code for code in listed.codes}


def _is_filled(sheet: Sheet, grid: Grid, row: int) -> bool:
    width = len(sheet.table.columns) if sheet.table else 0
    cells = [cell_at(grid, row, column) for column in range(sheet.first, sheet.first + width)]
    return any(value is not None and not is_blank(str(value)) for value in cells)


def _empty_the_rest(
    sheet: Sheet, table: Question, kept: Mapping[str, int], reading: _Reading
) -> None:
    """Rows whose line was deleted are taken out, as those are whose cells were emptied."""
    for column in table.columns:
        for (question, row), (version, mark) in reading.before.items():
            place = place_of(sheet, column, row)
            gone = question == place[0] and row not in kept
            if gone and mark != mark_of(reading.fund, column, ""):
                reading.changed[place] = Changed(place, "", version)


def _same_heads(
    sheet: Sheet, grid: Grid, row: int, heads: Mapping[int, str], reading: _Reading
) -> bool:
    """Whether each column still stands where it was. A moved column would mix up answers."""
    before = len(reading.faults)
    for column, words in heads.items():
        if says(cell_at(grid, row, column)) != says(words):
            sentence = f"the heading here should be ‘{words}’; put it back"
            reading.fault(sheet.name, f"cell {letter(column)}{row}", sentence)
    return len(reading.faults) == before


def _refuse_extra(sheet: Sheet, grid: Grid, last: int, head: int, reading: _Reading) -> None:
    for column in range(last + 1, MOST_COLUMNS + 1):
        rows = [
            row
            for row in range(head, len(grid) + 1)
            if cell_at(grid, row, column) is not None
            and not is_blank(str(cell_at(grid, row, column)))
        ]
        if rows:
            sentence = "there is no such column; move what it says to another, or clear it"
            reading.fault(sheet.name, f"cell {letter(column)}{rows[0]}", sentence)
