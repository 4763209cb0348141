"""A filled-in score workbook, read back: what it changes, or everything that is wrong with it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from grants.documents.score_workbooks import (
    ADVICE,
    AMOUNT,
    FIRST,
    FORMAT,
    HEAD,
    HEADS,
    KEYS,
    MARK,
    REASON,
    Bid,
    mark_of,
    rows_of,
)
from grants.documents.workbook_cells import pounds_typed, same_ends
from grants.documents.workbook_plan import MOST_ROWS, RECORD, letter
from grants.documents.workbook_reading import (
    BENT,
    BROKEN,
    NOT_OURS,
    Grid,
    NoResult,
    cell_at,
    grid_of,
    listed,
    refuse_merged,
    says,
)
from grants.funds.definition import Scoring
from grants.rules.answers import unfit
from grants.rules.money import parse_pounds
from grants.rules.refusals import Blocked, Reason
from grants.rules.score_sheet import LONGEST

GONE = "you can't score this application any more; take its sheet out of the workbook"


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A cell that differs from what was downloaded, with the fingerprint it had then."""

    assessment: str
    name: str
    text: str
    before: str


@dataclass(slots=True)
class _Reading:
    changed: list[ScoreChange] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, sheet: str, where: str, sentence: str) -> None:
        """ "Sheet ‘ADULT-2026-0042’, cell D7: choose a score from 0 to 5"."""
        place = f"Sheet ‘{sheet}’, {where}" if where else f"Sheet ‘{sheet}’"
        self.faults.append(f"{place}: {sentence}.")


@dataclass(frozen=True, slots=True)
class _Record:
    round_key: str
    person_key: str
    sheets: Mapping[str, str]  # by assessment
    marks: Mapping[tuple[str, str], str]


def whose(data: bytes) -> tuple[str, str]:
    """The keys of the round and the person it was made for. Raises Blocked for another file."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        record = _record(book)
    except BENT as error:
        raise Blocked(Reason(BROKEN, "file")) from error
    return record.round_key, record.person_key


def changes(data: bytes, bids: Mapping[str, Bid]) -> tuple[ScoreChange, ...]:
    """Every cell that differs from what was downloaded. All of it or none: raises Blocked with a
    sentence for each sheet and cell that is wrong. ``bids`` are those that may be scored now."""
    reading = _Reading()
    try:
        values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        refuse_merged(data, formulas, reading)
        record = _record(values)
        for assessment, name in record.sheets.items():
            if name not in values.sheetnames:
                continue
            if assessment not in bids:
                reading.fault(name, "", GONE)
                continue
            grid = grid_of(values[name], formulas[name])
            _read(name, grid, bids[assessment], record.marks, reading)
    except BENT as error:
        raise Blocked(Reason(BROKEN, "file")) from error
    if reading.faults:
        raise Blocked(*(Reason(sentence, "file") for sentence in listed(reading.faults)))
    return tuple(reading.changed)


def _record(book: Any) -> _Record:
    if RECORD not in book.sheetnames:
        raise Blocked(Reason(NOT_OURS, "file"))
    rows = [
        [str(cell or "") for cell in row]
        for row in book[RECORD].iter_rows(max_col=3, max_row=50 * MOST_ROWS, values_only=True)
    ]
    if not rows or len(rows[0]) < 3 or rows[0][0] != FORMAT:  # noqa: PLR2004 (columns)
        raise Blocked(Reason(NOT_OURS, "file"))
    return _Record(
        round_key=_key(rows[0][1]),
        person_key=_key(rows[0][2]),
        sheets={key: said for key, name, said in rows[1:] if not name and said},
        marks={(key, name): said for key, name, said in rows[1:] if name},
    )


def _key(text: str) -> str:
    return str(uuid.UUID(text))  # ValueError is among what a bent file raises


def _read(
    sheet: str, grid: Grid, bid: Bid, marks: Mapping[tuple[str, str], str], reading: _Reading
) -> None:
    for column, words in HEADS.items():
        if says(cell_at(grid, HEAD, column)) != words:
            where = f"cell {letter(column)}{HEAD}"
            reading.fault(sheet, where, f"the heading here should be ‘{words}’; put it back")
            return
    asked = {key: columns for key, _, columns in rows_of(bid)}
    found: set[str] = set()
    for row in range(FIRST, len(grid) + 1):
        key = says(cell_at(grid, row, KEYS))
        if key in found:
            reading.fault(sheet, f"row {row}", "this line is there twice; take one of them out")
            continue
        columns = asked.get(key, {})
        found |= {key} & asked.keys()
        for column in (MARK, AMOUNT, REASON):
            where, value = f"cell {letter(column)}{row}", cell_at(grid, row, column)
            if column in columns:
                _take(sheet, where, (bid, columns[column]), value, marks, reading)
            elif says(value):
                reading.fault(sheet, where, "nothing is asked here; clear this cell")
    for key, words, _ in rows_of(bid):
        if key not in found:
            reading.fault(sheet, "", f"the line of ‘{words}’ is missing; put it back")


def _take(
    sheet: str,
    where: str,
    place: tuple[Bid, str],
    value: object,
    marks: Mapping[tuple[str, str], str],
    reading: _Reading,
) -> None:
    bid, name = place
    if isinstance(value, NoResult):
        reading.fault(sheet, where, value.sentence)
        return
    text, wrong = _text(name, value, bid.scoring)
    if wrong:
        reading.fault(sheet, where, wrong)
        return
    before = marks.get((bid.key, name), mark_of(name, ""))
    if mark_of(name, text) != before:
        reading.changed.append(ScoreChange(bid.key, name, text, before))


def _text(name: str, value: object, scoring: Scoring) -> tuple[str, str]:
    """What the cell says as the page would send it, and what is wrong with it."""
    part = name.partition(".")[0]
    if part == "amount" and isinstance(value, int | float):
        text = pounds_typed(float(value))
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = same_ends("" if value is None else str(value)).strip()
    if not text:
        return "", ""
    if part == "mark":
        fits = text.isdecimal() and scoring.lowest <= int(text[:6]) <= scoring.highest
        return text, "" if fits else f"choose a score from {scoring.lowest} to {scoring.highest}"
    if part == "line":
        choices = {words.casefold(): choice for choice, words in ADVICE.items()}
        choice = choices.get(" ".join(text.split()).casefold(), "")
        return choice, "" if choice else "choose In full, In part or No"
    if part == "amount":
        return text, _wrong_amount(text)
    if len(text) > LONGEST:
        return text, f"write this in {LONGEST:,} characters or fewer"
    problem = unfit(text)
    return text, problem[:1].lower() + problem[1:].rstrip(".")


def _wrong_amount(text: str) -> str:
    try:
        parse_pounds(text)
    except Blocked:
        return "type an amount in pounds, such as 2,500"
    return ""
