"""Where each question stands in the offline workbook: the same form gives the same places."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grants.funds.definition import Fund, Question, QuestionKind, RowSource, Section

Place = tuple[str, str]  # question key (or "table.column") and row key

READ_ME, LISTS, RECORD = "Read me", "Lists", "Record"
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
LONGEST_SHEET_NAME = 31
KEYS = 1  # the hidden column of keys, counted from 1 as spreadsheets do
QUESTION, ANSWER, LIMIT, COUNT = 2, 3, 4, 5  # columns of a section's sheet
SECTION_HEAD, SECTION_FIRST = 3, 4  # rows of a section's sheet
TOTALS, TABLE_HEAD, TABLE_HINTS, TABLE_FIRST = 3, 4, 5, 6  # rows of a table's sheet
SECTION_WORDS = {
    QUESTION: "Question",
    ANSWER: "Your answer",
    LIMIT: "How to answer",
    COUNT: "Words so far",
}
SPARE_ROWS = 20
MOST_ROWS = 1_000  # of one sheet that are read


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the questions of a section, or one table."""

    name: str
    section: Section
    questions: tuple[Question, ...] = ()
    table: Question | None = None

    @property
    def first(self) -> int:
        """The column of the first answer; a table of fixed rows names its rows before it."""
        return KEYS + (2 if self.is_fixed else 1)

    @property
    def is_fixed(self) -> bool:
        """Whether the rows of the table are given."""
        return self.table is not None and self.table.row_source == RowSource.CODE_LIST


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose workbook it is."""

    application: str  # the key in addresses
    reference: str
    round_title: str
    version: int  # of the form


def sheets(fund: Fund) -> tuple[Sheet, ...]:
    """Every sheet that asks something, in the order of the form."""
    taken = {name.casefold() for name in (READ_ME, LISTS, RECORD, "history")}
    return tuple(_sheets(fund, taken))


def _sheets(fund: Fund, taken: set[str]) -> Iterator[Sheet]:
    for section in fund.sections:
        tables = [question for question in section.questions if question.kind == QuestionKind.ROWS]
        others = tuple(question for question in section.questions if question not in tables)
        if others:
            yield Sheet(_name(section.title, taken), section, others)
        for table in tables:
            yield Sheet(_name(table.label, taken), section, table=table)


def _name(title: str, taken: set[str]) -> str:
    plain = " ".join(NOT_IN_NAMES.sub(" ", title).split()).strip("' ") or "Questions"
    short = name = _short(plain, LONGEST_SHEET_NAME)
    number = 1
    while name.casefold() in taken:
        number += 1
        tail = f" {number}"
        name = _short(short, LONGEST_SHEET_NAME - len(tail)) + tail
    taken.add(name.casefold())
    return name


def _short(text: str, most: int) -> str:
    """Spreadsheets count a character beyond the first plane as two."""
    whole = text
    while len(text.encode("utf-16-le")) // 2 > most:
        text = text[:-1]
    at_word = text.rpartition(" ")[0] if text != whole else ""
    return (at_word or text).rstrip("' ,")


def letter(column: int) -> str:
    """The letters of a column, counted from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def place_of(sheet: Sheet, column: Question, row: str) -> Place:
    """Where the answer of a table's cell is kept."""
    return (f"{sheet.table.key if sheet.table else ''}.{column.key}", row)


def spare_key(highest: int, number: int, seed: str) -> str:
    """The key of a row that nobody filled in yet: the same file always gives the same row."""
    tail = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:6]
    return f"{highest + number:04d}-{tail}"
