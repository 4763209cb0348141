"""Packs: what somebody sent, printed so that they can keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from grants.documents.paper import Block, Facts, Furniture, Grid, Heading, Words, render
from grants.documents.wording import plain_date
from grants.funds.definition import Fund, Question, QuestionKind, RowSource
from grants.rules.money import pounds

_LOCAL = ZoneInfo("Europe/London")
_LONG_KINDS = {QuestionKind.LONG_TEXT, QuestionKind.MANY}
_FIGURES = {QuestionKind.MONEY, QuestionKind.NUMBER}
_MOST_COLUMNS = 5  # a table with more is printed row by row

Answers = Mapping[
    str, Mapping[str, object]
]  # question key (or "<table>.<column>") -> row key -> value


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedAnswer:
    """One question with what was answered, in words."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """One table of answers, in words."""

    question: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...] = ()  # columns that are numbers or money
    total: bool = False  # the last row is a sum
    by_row: bool = False  # too wide or too wordy for a table: one block a row


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSection:
    title: str
    answers: tuple[PrintedAnswer | PrintedTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCopy:
    """What the copy of one application says."""

    fund_name: str
    funder: str
    round_reference: str
    reference: str  # of the application, as on the receipt
    organisation: str
    submitted_by: str
    submitted_at: datetime  # aware
    sha256: str  # of the answers as frozen
    sections: tuple[PrintedSection, ...]
    confirmed: tuple[tuple[str, str, datetime], ...] = ()  # what ("" is all of it), who, when
    notice: str = ""


def application_copy_pdf(values: ApplicationCopy) -> bytes:
    """The tagged copy of an application as it was sent."""
    furniture = Furniture(
        sender=values.fund_name,
        strapline=values.funder,
        running=f"{values.reference}: {values.organisation}",
        footer=f"Copy of application {values.reference}",
        notice=values.notice,
    )
    return render(f"Application {values.reference}", _blocks(values), furniture)


def printed_sections(fund: Fund, answers: Answers) -> tuple[PrintedSection, ...]:
    """A fund's form with its answers in words; questions that were not shown are left out."""
    return tuple(
        PrintedSection(
            title=section.title,
            answers=tuple(
                _printed(fund, question, answers)
                for question in section.questions
                if _is_shown(question, answers)
            ),
        )
        for section in fund.sections
    )


def answer_in_words(fund: Fund, question: Question, value: object) -> str:
    """One kept value as a person reads it: codes by their labels, pence as pounds."""
    if value is None or value in ("", [], ()):
        return "No file" if question.kind is QuestionKind.UPLOAD else "No answer"
    if isinstance(value, list | tuple):
        return "; ".join(_label(fund, question, code) for code in value)
    if question.choices:
        return _label(fund, question, value)
    return _IN_WORDS.get(question.kind, str)(value)


def _blocks(values: ApplicationCopy) -> Iterator[Block]:
    yield Heading(f"Application {values.reference}", 1)
    yield Facts(
        (
            ("Organisation", values.organisation),
            ("Round", values.round_reference),
            ("Receipt reference", values.reference),
            ("Sent by", values.submitted_by),
            ("Sent at", _instant(values.submitted_at)),
            *(_confirmation(*one) for one in values.confirmed),
            ("Fingerprint of the answers (SHA-256)", values.sha256),
        )
    )
    for section in values.sections:
        yield Heading(section.title)
        for answer in section.answers:
            if isinstance(answer, PrintedAnswer):
                yield Heading(answer.question, 3)
                yield Words(answer.answer)
            else:
                yield from _table(answer)


def _confirmation(what: str, who: str, when: datetime) -> tuple[str, str]:
    """Who signed the whole of it off, or which partner confirmed its part, and when."""
    return f"{what} confirmed by" if what else "Signed off by", f"{who}, {_instant(when)}"


def _table(table: PrintedTable) -> Iterator[Block]:
    yield Heading(table.question, 3)
    if not table.rows:
        yield Words("No rows", "quiet")
    elif not table.by_row:
        widths = tuple(
            1.0 if column in table.figures else 1.8 for column in range(len(table.columns))
        )
        yield Grid(table.columns, table.rows, widths, table.figures, total=table.total)
    else:
        for number, row in enumerate(table.rows, start=1):
            yield Heading(f"{number}. {row[0]}", 4)
            for column, value in zip(table.columns[1:], row[1:], strict=True):
                yield Words(f"{column}: {value}")


def _printed(fund: Fund, question: Question, answers: Answers) -> PrintedAnswer | PrintedTable:
    if question.kind is QuestionKind.ROWS:
        return _printed_table(fund, question, answers)
    value = answers.get(question.key, {}).get("")
    return PrintedAnswer(question=question.label, answer=answer_in_words(fund, question, value))


def _printed_table(fund: Fund, question: Question, answers: Answers) -> PrintedTable:
    columns = question.columns
    kept = [answers.get(f"{question.key}.{column.key}", {}) for column in columns]
    names = _row_names(fund, question)
    keys = list(names) or list(dict.fromkeys(key for cells in kept for key in cells))
    first = 1 if names else 0
    rows = [
        tuple(
            answer_in_words(fund, column, cells.get(key))
            for column, cells in zip(columns, kept, strict=True)
        )
        for key in keys
    ]
    return PrintedTable(
        question=question.label,
        columns=("",) * first + tuple(column.label for column in columns),
        rows=tuple(
            (names[key], *row) if names else row for key, row in zip(keys, rows, strict=True)
        ),
        figures=tuple(
            index for index, column in enumerate(columns, first) if column.kind in _FIGURES
        ),
        by_row=len(columns) > _MOST_COLUMNS or any(c.kind in _LONG_KINDS for c in columns),
    )


def _row_names(fund: Fund, question: Question) -> dict[str, str]:
    """Row keys with their labels, where the rows of a table are the codes of a list."""
    codes = fund.code_lists.get(question.row_list or "")
    if codes is None or question.row_source is not RowSource.CODE_LIST:
        return {}
    return {entry.code: entry.label for entry in codes.codes}


def _is_shown(question: Question, answers: Answers) -> bool:
    if question.show_when is None:
        return True
    earlier = answers.get(question.show_when.question, {}).get("")
    given = earlier if isinstance(earlier, list | tuple) else [earlier]
    return any(value in question.show_when.values for value in given)


def _label(fund: Fund, question: Question, code: object) -> str:
    codes = fund.code_lists.get(question.choices or "")
    return codes.label(str(code)) if codes else str(code)


def _instant(moment: datetime) -> str:
    local = moment.astimezone(_LOCAL)
    return f"{local:%H:%M:%S} on {plain_date(local.date())}, UK time"


def _money(value: object) -> str:
    return pounds(value) if isinstance(value, int) else str(value)


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _day(value: object) -> str:
    try:
        return plain_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


_IN_WORDS: dict[QuestionKind, Callable[[object], str]] = {
    QuestionKind.MONEY: _money,
    QuestionKind.NUMBER: _count,
    QuestionKind.DATE: _day,
    QuestionKind.YES_NO: lambda value: {"yes": "Yes", "no": "No"}.get(str(value), str(value)),
    QuestionKind.DECLARATION: lambda value: "Agreed" if value == "yes" else str(value),
}
