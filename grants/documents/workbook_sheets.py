"""The sheets of the offline workbook: their looks, their cells, and what each cell lets in."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from grants.documents.question_set import limits
from grants.documents.workbook_cells import CHOICES, ELSEWHERE, cell_of, labels_of
from grants.documents.workbook_plan import (
    ANSWER,
    COUNT,
    KEYS,
    LIMIT,
    LISTS,
    QUESTION,
    SECTION_FIRST,
    SECTION_HEAD,
    SECTION_WORDS,
    SPARE_ROWS,
    TABLE_FIRST,
    TABLE_HEAD,
    TABLE_HINTS,
    TOTALS,
    Identity,
    Place,
    Sheet,
    letter,
    place_of,
    spare_key,
)
from grants.funds.definition import Fund, Question, QuestionKind
from grants.rules.answers import LARGEST_NUMBER, count_words, parse
from grants.rules.eligibility import filled_rows
from grants.rules.money import LARGEST, POUND

FIGURES = frozenset({QuestionKind.MONEY, QuestionKind.NUMBER})
WRITING = frozenset({QuestionKind.LONG_TEXT, QuestionKind.MANY})
FONT, LINE, TALLEST = "Arial", 17, 400  # a line's height and a row's, in points
A4 = 9
INK, PALE, RULE = "#002d54", "#ebf1f7", "#727272"


class Values(Protocol):
    """What a sheet needs of the whole."""

    @property
    def identity(self) -> Identity: ...
    @property
    def answers(self) -> Mapping[Place, str]: ...
    @property
    def versions(self) -> Mapping[Place, int]: ...
    @property
    def made_at(self) -> dt.datetime: ...


class Looks:
    """The looks of cells, made once for a workbook. Cells that may be written are not locked."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": FONT, "font_size": 12, "valign": "top", "text_wrap": True}
        boxed = {**plain, "border": 1, "border_color": RULE}
        shaded = {**boxed, "bg_color": PALE}
        self.title = book.add_format({**plain, "bold": True, "font_size": 16, "font_color": INK})
        self.run_on_title = book.add_format(
            {"font_name": FONT, "font_size": 16, "bold": True, "font_color": INK}
        )
        self.run_on = book.add_format({"font_name": FONT, "font_size": 12})
        self.heading = book.add_format({**plain, "bold": True, "font_color": INK})
        self.words = book.add_format(plain)
        self.link = book.add_format({**plain, "font_color": "#0065bd", "underline": 1})
        self.head = book.add_format({**boxed, "bold": True, "bg_color": INK, "font_color": "white"})
        self.asked = book.add_format(shaded)
        self.strong = book.add_format({**shaded, "bold": True})
        self.key = book.add_format({"font_name": FONT, "font_size": 8})
        open_ = {**boxed, "locked": False}
        self.text = book.add_format({**open_, "num_format": "@", "quote_prefix": True})
        self.by_kind = {
            QuestionKind.MONEY: book.add_format({**open_, "num_format": "£#,##0.00"}),
            QuestionKind.NUMBER: book.add_format({**open_, "num_format": "#,##0"}),
            QuestionKind.DATE: book.add_format({**open_, "num_format": "d mmmm yyyy"}),
        }
        self.sums = {
            QuestionKind.MONEY: book.add_format(
                {**shaded, "bold": True, "num_format": "£#,##0.00"}
            ),
            QuestionKind.NUMBER: book.add_format({**shaded, "bold": True, "num_format": "#,##0"}),
        }

    def lay_out(self, worksheet: Any, *, landscape: bool) -> None:
        """A4, one page wide, with page numbers."""
        worksheet.set_paper(A4)
        worksheet.set_margins(0.5, 0.5, 0.6, 0.6)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_footer("&L&A&RPage &P of &N")
        if landscape:
            worksheet.set_landscape()


@dataclass(slots=True)
class Lists:
    """The sheet of code lists: a column for each list, from which cells choose."""

    fund: Fund
    worksheet: Any
    looks: Looks
    ranges: dict[tuple[str, ...], str] = field(default_factory=dict)

    def range_of(self, question: Question) -> str:
        """Where the labels of this question's choices stand."""
        listed = self.fund.code_lists[question.choices or ""]
        labels = tuple(labels_of(self.fund, question).values())
        if labels not in self.ranges:
            column = len(self.ranges)
            self.worksheet.set_column(column, column, 40)
            self.worksheet.write_string(0, column, listed.words, self.looks.head)
            for row, label in enumerate(labels, 1):
                self.worksheet.write_string(row, column, label, self.looks.asked)
            name = letter(column + 1)
            self.ranges[labels] = f"={LISTS}!${name}$2:${name}${max(len(labels), 1) + 1}"
        return self.ranges[labels]

    def close(self) -> None:
        """Once every list that is used stands on it."""
        if not self.ranges:
            self.worksheet.write_string(0, 0, "This form has no lists.", self.looks.words)
        self.worksheet.freeze_panes(1, 0)
        self.looks.lay_out(self.worksheet, landscape=True)
        self.worksheet.protect()


def write_section(
    worksheet: Any, sheet: Sheet, fund: Fund, values: Values, looks: Looks, lists: Lists
) -> None:
    """Question, answer, how to answer, and a running count of words: one line each."""
    _top(worksheet, sheet, looks, sheet.section.intro)
    for column, width in ((KEYS, 4), (QUESTION, 44), (ANSWER, 60), (LIMIT, 24), (COUNT, 9)):
        worksheet.set_column(column - 1, column - 1, width, None, {"hidden": column == KEYS})
    for column, words in SECTION_WORDS.items():
        worksheet.write_string(SECTION_HEAD - 1, column - 1, words, looks.head)
    for row, question in enumerate(sheet.questions, SECTION_FIRST):
        worksheet.write_string(row - 1, KEYS - 1, question.key, looks.key)
        text = values.answers.get((question.key, ""), "")
        words = _words(fund, question)
        worksheet.write_string(row - 1, QUESTION - 1, words, looks.asked)
        worksheet.write_string(row - 1, LIMIT - 1, limits(question), looks.asked)
        shown = _answer(worksheet, (row, ANSWER), fund, question, text, looks, lists)
        _count(worksheet, row, question, text, looks)
        least = 5 if question.kind == QuestionKind.LONG_TEXT else 1
        worksheet.set_row(row - 1, _height((words, 42), (shown, 58), least=least))
    worksheet.repeat_rows(SECTION_HEAD - 1)
    worksheet.freeze_panes(SECTION_HEAD, 0)
    _protect(worksheet, looks)


def _count(worksheet: Any, row: int, question: Question, text: str, looks: Looks) -> None:
    if question.max_words is None:
        worksheet.write_blank(row - 1, COUNT - 1, None, looks.asked)
        return
    cell = f'TRIM(SUBSTITUTE({letter(ANSWER)}{row},CHAR(10)," "))'
    formula = f'=IF({cell}="",0,LEN({cell})-LEN(SUBSTITUTE({cell}," ",""))+1)'
    look = looks.sums[QuestionKind.NUMBER]
    worksheet.write_formula(row - 1, COUNT - 1, formula, look, count_words(text))


def write_table(
    worksheet: Any, sheet: Sheet, fund: Fund, values: Values, looks: Looks, lists: Lists
) -> None:
    """One line for each row with its key in a hidden column, spare lines below, totals above."""
    table = sheet.table
    if table is None:
        raise ValueError(sheet.name)
    _top(worksheet, sheet, looks, " ".join(t for t in (table.hint, table.guidance) if t))
    worksheet.set_column(KEYS - 1, KEYS - 1, 4, None, {"hidden": True})
    rows = _rows(sheet, fund, values)
    last = TABLE_FIRST + len(rows) - 1
    if sheet.is_fixed:
        worksheet.set_column(KEYS, KEYS, 30)
        worksheet.write_string(TABLE_HEAD - 1, KEYS, "Row", looks.head)
        worksheet.write_blank(TABLE_HINTS - 1, KEYS, None, looks.asked)
    for column, question in enumerate(table.columns, sheet.first):
        width = _width(question)
        worksheet.set_column(column - 1, column - 1, width)
        worksheet.write_string(TABLE_HEAD - 1, column - 1, question.label, looks.head)
        hint = _hint(question)
        worksheet.write_string(TABLE_HINTS - 1, column - 1, hint, looks.asked)
        _total(worksheet, (column, last), question, _figures(sheet, question, rows, values), looks)
    heads = [(question.label, _width(question) - 2) for question in table.columns]
    worksheet.set_row(TABLE_HEAD - 1, _height(*heads))
    hints = [(_hint(question), _width(question) - 2) for question in table.columns]
    worksheet.set_row(TABLE_HINTS - 1, _height(*hints))
    for number, (key, label) in enumerate(rows, TABLE_FIRST):
        _row(worksheet, number, sheet, (key, label), fund, values, looks, lists)
    worksheet.repeat_rows(TABLE_HEAD - 1)
    worksheet.freeze_panes(TABLE_HINTS, 0)
    _protect(worksheet, looks)


def _row(
    worksheet: Any,
    number: int,
    sheet: Sheet,
    row: tuple[str, str],
    fund: Fund,
    values: Values,
    looks: Looks,
    lists: Lists,
) -> None:
    key, label = row
    worksheet.write_string(number - 1, KEYS - 1, key, looks.key)
    if sheet.is_fixed:
        worksheet.write_string(number - 1, KEYS, label, looks.strong)
    columns = sheet.table.columns if sheet.table else ()
    shown = []
    for column, question in enumerate(columns, sheet.first):
        text = values.answers.get(place_of(sheet, question, key), "")
        cell = _answer(worksheet, (number, column), fund, question, text, looks, lists)
        shown.append((cell, _width(question) - 2))
    worksheet.set_row(number - 1, _height((label, 28), *shown, least=2))


def _rows(sheet: Sheet, fund: Fund, values: Values) -> list[tuple[str, str]]:
    """(key, label) of each line: what is there, and lines to fill in."""
    table = sheet.table
    if table is None:
        return []
    if sheet.is_fixed:
        return [(code.code, code.label) for code in fund.code_lists[table.row_list or ""].codes]
    keys = filled_rows(table, values.answers)
    most = max(table.max_rows or len(keys) + SPARE_ROWS, len(keys))
    spare = min(SPARE_ROWS, most - len(keys))
    known = [row for question, row in values.versions if question.startswith(f"{table.key}.")]
    highest = max((int(row[:4]) for row in (*keys, *known) if row[:4].isdecimal()), default=0)
    seed = f"{values.identity.application}/{values.made_at.isoformat()}/{table.key}"
    return [(key, "") for key in keys] + [
        (spare_key(highest, number, seed), "") for number in range(1, spare + 1)
    ]


def _figures(
    sheet: Sheet, question: Question, rows: Iterable[tuple[str, str]], values: Values
) -> list[str]:
    return [values.answers.get(place_of(sheet, question, key), "") for key, _ in rows]


def _total(
    worksheet: Any, at: tuple[int, int], question: Question, texts: list[str], looks: Looks
) -> None:
    column, last = at
    if question.kind not in FIGURES:
        worksheet.write_blank(TOTALS - 1, column - 1, None, looks.asked)
        return
    name = letter(column)
    formula = f"=SUM({name}{TABLE_FIRST}:{name}{max(last, TABLE_FIRST)})"
    cells = [cell_of_figure(question, text) for text in texts]
    worksheet.write_formula(
        TOTALS - 1, column - 1, formula, looks.sums[question.kind], math.fsum(cells)
    )


def cell_of_figure(question: Question, text: str) -> float:
    """What a sum makes of this answer: nothing, where it is no figure."""
    value = parse(question, text).value
    if not isinstance(value, int):
        return 0.0
    return value / POUND if question.kind == QuestionKind.MONEY else float(value)


def _answer(
    worksheet: Any,
    at: tuple[int, int],
    fund: Fund,
    question: Question,
    text: str,
    looks: Looks,
    lists: Lists,
) -> str:
    """Write the answer as its kind is typed, say what the cell lets in, and give what it shows."""
    row, column = at[0] - 1, at[1] - 1
    if question.kind == QuestionKind.UPLOAD:
        worksheet.write_string(row, column, ELSEWHERE, looks.asked)
        return ELSEWHERE
    value = cell_of(fund, question, text)
    look = looks.by_kind.get(question.kind, looks.text)
    if isinstance(value, str):
        # What was typed and is no figure or date stays as it was typed.
        write = worksheet.write_string if value else worksheet.write_blank
        write(row, column, value or None, look)
    elif isinstance(value, dt.date):
        worksheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), look)
    elif value is not None:
        worksheet.write_number(row, column, value, look)
    allowed = _allowed(question, lists)
    if allowed:
        worksheet.data_validation(row, column, row, column, allowed)
    return str(value or "")


def _allowed(question: Question, lists: Lists) -> dict[str, Any]:
    """What the spreadsheet itself refuses, with our sentence."""
    if question.kind == QuestionKind.SINGLE:
        return _stop(
            "list", "Choose one of the answers in the list.", source=lists.range_of(question)
        )
    if question.kind == QuestionKind.MANY:
        lists.range_of(question)
        return {}
    if question.kind in CHOICES:
        words = "Choose from the list."
        return _stop("list", words, source=list(CHOICES[question.kind]))
    if question.kind == QuestionKind.NUMBER:
        words = "Type a whole number in figures, such as 40."
        return _stop("integer", words, criteria="between", minimum=0, maximum=LARGEST_NUMBER)
    if question.kind == QuestionKind.MONEY:
        words = "Type an amount in pounds, such as 2,500."
        most = LARGEST / POUND
        return _stop("decimal", words, criteria="between", minimum=0, maximum=most)
    if question.kind == QuestionKind.DATE:
        words = "Type a date with day, month and year, such as 27/3/2026."
        first, last = dt.date(1900, 3, 1), dt.date(2199, 12, 31)
        return _stop("date", words, criteria="between", minimum=first, maximum=last)
    return {}


def _stop(kind: str, words: str, **more: Any) -> dict[str, Any]:
    return {"validate": kind, "error_title": "This can't be read", "error_message": words, **more}


def _top(worksheet: Any, sheet: Sheet, looks: Looks, words: str) -> None:
    title = sheet.table.label if sheet.table is not None else sheet.section.title
    worksheet.hide_gridlines(2)
    # Not wrapped into their narrow column: they run on over the empty cells beside them.
    worksheet.write_string(0, 1, title, looks.run_on_title)
    if words:
        worksheet.write_string(1, 1, " ".join(words.split()), looks.run_on)


def _protect(worksheet: Any, looks: Looks) -> None:
    looks.lay_out(worksheet, landscape=True)
    worksheet.protect("", {"format_columns": True, "format_rows": True, "sort": True})


def _words(fund: Fund, question: Question) -> str:
    """The question, its hint and guidance, and when it is asked."""
    lines = [question.label, question.hint, question.guidance]
    if question.show_when is not None:
        before = fund.question(question.show_when.question)
        lines.append(
            f"Asked only after some answers to: {before.label}" if before is not None else ""
        )
    return "\n".join(line for line in lines if line)


def _hint(question: Question) -> str:
    return "\n".join(text for text in (limits(question), question.hint) if text)


def _width(question: Question) -> int:
    if question.kind in WRITING:
        return 40
    return 16 if question.kind in FIGURES | {QuestionKind.DATE} else 26


def _height(*cells: tuple[str, int], least: int = 1) -> int:
    """How tall a row must be to show these texts in columns so wide."""
    lines = least
    for text, width in cells:
        lines = max(lines, sum(max(1, math.ceil(len(line) / width)) for line in text.split("\n")))
    return min(lines * LINE + 4, TALLEST)
