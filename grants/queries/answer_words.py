"""Answers in words: what was typed, as a person reads it, question by question."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grants.funds.definition import Fund, Question, QuestionKind, RowSource, Section
from grants.rules.answers import MONTHS, Value, parse
from grants.rules.eligibility import Answers, filled_rows, is_shown
from grants.rules.money import pounds
from grants.rules.states import ScanState

FIGURES = frozenset({QuestionKind.MONEY, QuestionKind.NUMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileText:
    """A file that answers a question. ``key`` is None where it can no longer be opened."""

    key: uuid.UUID | None
    question: str
    name: str
    sha256: str
    media_type: str = ""
    size: int = 0
    scan: ScanState = ScanState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """One row of a table of answers."""

    key: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """One question with its answer in words: a text, or a table, or files. Blank means unanswered."""

    key: str
    label: str
    kind: QuestionKind
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[RowText, ...] = ()
    figures: tuple[int, ...] = ()  # columns that are numbers or money
    files: tuple[FileText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionText:
    """One section of the form with every question that was asked."""

    key: str
    title: str
    answers: tuple[AnswerText, ...]


def sections_in_words(
    fund: Fund,
    answers: Answers,
    files: Sequence[FileText] = (),
    *,
    hide_identifying: bool = False,
) -> tuple[SectionText, ...]:
    """A form with its answers. Questions that were not asked are left out, and on demand every
    question and column that says who applies."""
    asked = {question.key: question for question in fund.questions()}
    return tuple(
        _section(fund, section, answers, files, asked, hide=hide_identifying)
        for section in fund.sections
    )


def in_words(fund: Fund, question: Question, text: str) -> str:
    """One answer as a person reads it; what cannot be read stays as it was typed."""
    value = parse(question, text).value
    if value is None:
        return text
    if question.choices is not None:
        codes = value if isinstance(value, tuple) else (str(value),)
        listed = fund.code_lists[question.choices]
        return "; ".join(listed.label(code) for code in codes)
    say = WORDS.get(question.kind)
    return say(value) if say else text


def _section(
    fund: Fund,
    section: Section,
    answers: Answers,
    files: Sequence[FileText],
    asked: Mapping[str, Question],
    *,
    hide: bool,
) -> SectionText:
    return SectionText(
        key=section.key,
        title=section.title,
        answers=tuple(
            _answer(fund, question, answers, files, hide=hide)
            for question in section.questions
            if is_shown(question, asked, answers) and not (hide and _is_all_hidden(question))
        ),
    )


def _is_all_hidden(question: Question) -> bool:
    """A table is hidden column by column where its columns say which of them tell."""
    return question.identifies and not any(column.identifies for column in question.columns)


def _answer(
    fund: Fund, question: Question, answers: Answers, files: Sequence[FileText], *, hide: bool
) -> AnswerText:
    if question.kind == QuestionKind.ROWS:
        return _table(fund, question, answers, hide=hide)
    return AnswerText(
        key=question.key,
        label=question.label,
        kind=question.kind,
        text=in_words(fund, question, answers.get((question.key, ""), "")),
        files=tuple(file for file in files if file.question == question.key),
    )


def _table(fund: Fund, table: Question, answers: Answers, *, hide: bool) -> AnswerText:
    columns = [column for column in table.columns if not (hide and column.identifies)]
    names = _names(fund, table)
    first = ("",) if names else ()
    keys = tuple(names) if names else filled_rows(table, answers)
    return AnswerText(
        key=table.key,
        label=table.label,
        kind=table.kind,
        columns=first + tuple(column.label for column in columns),
        rows=tuple(
            RowText(
                key=row,
                cells=((names[row],) if names else ())
                + tuple(
                    in_words(fund, column, answers.get((f"{table.key}.{column.key}", row), ""))
                    for column in columns
                ),
            )
            for row in keys
        ),
        figures=tuple(
            place for place, column in enumerate(columns, len(first)) if column.kind in FIGURES
        ),
    )


def _names(fund: Fund, table: Question) -> dict[str, str]:
    """The rows of a table whose rows are the codes of a list."""
    if table.row_source != RowSource.CODE_LIST:
        return {}
    return {code.code: code.label for code in fund.code_lists[table.row_list or ""].codes}


def _money(value: Value) -> str:
    return pounds(value) if isinstance(value, int) else str(value)


def _count(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _day(value: Value) -> str:
    if not isinstance(value, dt.date):
        return str(value)
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


WORDS: Mapping[QuestionKind, Callable[[Value], str]] = {
    QuestionKind.MONEY: _money,
    QuestionKind.NUMBER: _count,
    QuestionKind.DATE: _day,
    QuestionKind.YES_NO: lambda value: {"yes": "Yes", "no": "No"}[str(value)],
    QuestionKind.DECLARATION: lambda _value: "Agreed",
    QuestionKind.POSTCODE: str,
}
