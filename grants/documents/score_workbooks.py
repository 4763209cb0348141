"""The score workbook: a sheet for each application that one assessor is scoring, to fill in offline.

What it holds is read back by ``score_workbook_reading.py``; both take the places from here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from grants.documents.workbook_cells import same_ends
from grants.documents.workbook_plan import (
    LONGEST_SHEET_NAME,
    NOT_IN_NAMES,
    READ_ME,
    RECORD,
)
from grants.documents.workbook_sheets import Looks
from grants.funds.definition import Criterion, QuestionKind, Scoring
from grants.rules import score_sheet
from grants.rules.money import POUND, parse_pounds, pounds
from grants.rules.refusals import Blocked
from grants.rules.score_sheet import FULL, NO, PART, Line, Sheet

FORMAT = "community-fund-grants score workbook 1"
KEYS, WHAT, MEANING, MARK, AMOUNT, REASON = 1, 2, 3, 4, 5, 6  # columns, counted from 1
HEAD, FIRST = 3, 4  # rows
HEADS = {
    WHAT: "What to score",
    MEANING: "What each score means",
    MARK: "Your score or advice",
    AMOUNT: "Amount, if in part",
    REASON: "Your reason",
}
WIDTHS = {KEYS: 4, WHAT: 34, MEANING: 56, MARK: 14, AMOUNT: 14, REASON: 70}
ADVICE = {FULL: "In full", PART: "In part", NO: "No"}
COMMENT = "comment"
LINE_HEIGHT, MOST_HEIGHT = 16, 400
HOW = (
    "There is a sheet for each application that you are scoring. Fill in the white cells.",
    "Load the file back on the web page where you downloaded it. You see what will change first.",
    "Nothing is saved if there is a cell that can't be read. You are told which.",
    "Loading saves your scores as drafts. You submit each application on its own page.",
    "Keep the sheets, headings and columns as they are, and don't merge cells.",
    "These applications are for you alone. Keep the file safe, and delete it when you have loaded it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """One application to score, with what is written so far."""

    key: str  # of the assessment
    reference: str
    title: str
    scoring: Scoring
    lines: tuple[Line, ...]
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWorkbook:
    """Whose workbook it is, and what it holds."""

    round_key: str
    round_title: str
    person_key: str
    person: str
    bids: tuple[Bid, ...]
    made_at: dt.datetime


def sheet_name(reference: str) -> str:
    """The sheet of one application: the end of a long reference, which tells it from its like."""
    name = NOT_IN_NAMES.sub(" ", reference)
    if len(name) <= LONGEST_SHEET_NAME:
        return name
    end = name[-LONGEST_SHEET_NAME:]
    return end.partition("-")[2] or end


def texts_of(bid: Bid) -> dict[str, str]:
    """What is written so far, by the names of the page."""
    return score_sheet.texts_of(bid.sheet, bid.scoring, bid.lines)


def mark_of(name: str, text: str) -> str:
    """The fingerprint of what is written, the same for all spellings of one amount."""
    said = same_ends(text).strip()
    if name.startswith("amount.") and said:
        with contextlib.suppress(Blocked):  # then it is no amount, and stands for itself
            said = str(parse_pounds(said))
    return hashlib.sha256(said.encode("utf8", "surrogatepass")).hexdigest()[:32]


def score_workbook(values: ScoreWorkbook) -> bytes:
    """The workbook as XLSX. The same values make the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    try:
        created = values.made_at.astimezone(dt.UTC).replace(tzinfo=None)
        book.set_properties({"title": f"Scores: {values.round_title}"[:250], "created": created})
        looks = Looks(book)
        _read_me(book.add_worksheet(READ_ME), looks, values)
        for bid in values.bids:
            _write(book.add_worksheet(sheet_name(bid.reference)), looks, bid)
        _record(book.add_worksheet(RECORD), values)
    finally:
        book.close()
    return out.getvalue()


def rows_of(bid: Bid) -> Iterator[tuple[str, str, dict[int, str]]]:
    """Each line of a sheet: its key, the row's own name, and which column holds what."""
    for criterion in bid.scoring.criteria:
        key = criterion.key
        yield (
            f"criterion.{key}",
            criterion.title,
            {MARK: f"mark.{key}", REASON: f"reason.{key}"},
        )
    for line in bid.lines:
        columns = {
            MARK: f"line.{line.key}",
            AMOUNT: f"amount.{line.key}",
            REASON: f"why.{line.key}",
        }
        yield f"line.{line.key}", f"{line.title}: {pounds(line.asked)} asked", columns
    yield COMMENT, "Overall comment", {REASON: COMMENT}


def _read_me(worksheet: Any, looks: Looks, values: ScoreWorkbook) -> None:
    worksheet.set_column(0, 0, 90)
    worksheet.hide_gridlines(2)
    lines = (
        ("Your scores", looks.title),
        (f"{values.round_title}. For {values.person} alone.", looks.words),
        ("How to fill it in", looks.heading),
        *((line, looks.words) for line in HOW),
        ("The applications", looks.heading),
    )
    for row, (text, look) in enumerate(lines):
        worksheet.write_string(row, 0, text, look)
    for row, bid in enumerate(values.bids, len(lines)):
        quoted = sheet_name(bid.reference).replace("'", "''")
        said = f"{bid.reference}: {bid.title}"[:250]
        worksheet.write_url(row, 0, f"internal:'{quoted}'!A1", looks.link, said)
    looks.lay_out(worksheet, landscape=False)
    worksheet.protect("", {"select_locked_cells": True})


def _write(worksheet: Any, looks: Looks, bid: Bid) -> None:
    worksheet.hide_gridlines(2)
    for column, width in WIDTHS.items():
        worksheet.set_column(column - 1, column - 1, width, None, {"hidden": column == KEYS})
    worksheet.write_string(0, WHAT - 1, f"{bid.reference}: {bid.title}", looks.run_on_title)
    for column, words in HEADS.items():
        worksheet.write_string(HEAD - 1, column - 1, words, looks.head)
    texts = texts_of(bid)
    criteria = {f"criterion.{one.key}": one for one in bid.scoring.criteria}
    for row, (key, words, columns) in enumerate(rows_of(bid), FIRST):
        worksheet.write_string(row - 1, KEYS - 1, key, looks.key)
        worksheet.write_string(row - 1, WHAT - 1, words, looks.asked)
        meaning = _meaning(criteria.get(key), key)
        worksheet.write_string(row - 1, MEANING - 1, meaning, looks.asked)
        for column in (MARK, AMOUNT, REASON):
            name = columns.get(column, "")
            _cell(worksheet, (row - 1, column - 1), name, texts.get(name, ""), looks, bid.scoring)
        _set_height(worksheet, row - 1, meaning, texts[columns[REASON]])
    worksheet.repeat_rows(HEAD - 1)
    worksheet.freeze_panes(HEAD, WHAT)
    looks.lay_out(worksheet, landscape=True)
    worksheet.protect("", {"format_columns": True, "format_rows": True})


def _meaning(criterion: Criterion | None, key: str) -> str:
    if criterion is None:
        return (
            "" if key == COMMENT else "In full, in part or no. Give a reason unless it is in full."
        )
    anchors = [f"{anchor.score}: {anchor.text}" for anchor in criterion.anchors]
    return "\n".join((f"{criterion.guidance} ({criterion.weight}%)", *anchors))


def _cell(
    worksheet: Any, at: tuple[int, int], name: str, text: str, looks: Looks, scoring: Scoring
) -> None:
    if not name:
        worksheet.write_blank(*at, None, looks.asked)
        return
    part = name.partition(".")[0]
    money, number = looks.by_kind[QuestionKind.MONEY], looks.by_kind[QuestionKind.NUMBER]
    look = {"amount": money, "mark": number}.get(part, looks.text)
    shown = ADVICE.get(text, text) if part == "line" else text
    if not shown:
        worksheet.write_blank(*at, None, look)
    elif part == "mark":
        worksheet.write_number(*at, int(shown), look)
    elif part == "amount":
        worksheet.write_number(*at, parse_pounds(shown) / POUND, look)
    else:
        worksheet.write_string(*at, shown, look)
    allowed = _allowed(part, scoring)
    if allowed:
        worksheet.data_validation(*at, *at, allowed)


def _allowed(part: str, scoring: Scoring) -> dict[str, Any]:
    """What the spreadsheet itself refuses, with our sentence."""
    title = {"error_title": "This can't be read"}
    if part == "mark":
        marks = [str(mark) for mark in range(scoring.lowest, scoring.highest + 1)]
        said = f"Choose a score from {scoring.lowest} to {scoring.highest}."
        return {**title, "validate": "list", "source": marks, "error_message": said}
    if part == "line":
        source = list(ADVICE.values())
        return {
            **title,
            "validate": "list",
            "source": source,
            "error_message": "Choose from the list.",
        }
    return {}


def _set_height(worksheet: Any, row: int, meaning: str, reason: str) -> None:
    lines = max(
        sum(1 + len(line) // (WIDTHS[column] - 4) for line in text.split("\n"))
        for column, text in ((MEANING, meaning), (REASON, reason))
    )
    worksheet.set_row(row, min(MOST_HEIGHT, LINE_HEIGHT * max(lines, 3)))


def _record(worksheet: Any, values: ScoreWorkbook) -> None:
    """Very hidden: whose it is, and of each cell the fingerprint it had when this was made."""
    rows = [[FORMAT, values.round_key, values.person_key]]
    for bid in values.bids:
        rows.extend([bid.key, name, mark_of(name, text)] for name, text in texts_of(bid).items())
        rows.append([bid.key, "", sheet_name(bid.reference)])
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            worksheet.write_string(row, column, text)
    worksheet.very_hidden()
    worksheet.protect()
