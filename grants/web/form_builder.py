"""A section of a fund becomes a form: typed text in, typed text out, nothing judged here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias, cast

from wtforms import Field
from wtforms.utils import unset_value

from grants.funds.definition import Code, Fund, Question, QuestionKind, RowSource, Section
from grants.web import forms
from grants.web.forms import Form, TypedField

# (question key, row key) -> what was typed; the row key is "" outside tables.
Answers: TypeAlias = Mapping[tuple[str, str], str]
# question key -> its rows, each with its key and its label, where people may not add their own.
Rows: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]

_ROW_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MOST_ROWS = 200  # where a table names no limit: far above any form, far below a request's limit

_FIELDS: dict[QuestionKind, Any] = {
    QuestionKind.TEXT: forms.TextField,
    QuestionKind.LONG_TEXT: forms.LongTextField,
    QuestionKind.NUMBER: forms.NumberField,
    QuestionKind.MONEY: forms.MoneyField,
    QuestionKind.DATE: forms.DateField,
    QuestionKind.POSTCODE: forms.PostcodeField,
    QuestionKind.EMAIL: forms.EmailField,
    QuestionKind.PHONE: forms.PhoneField,
    QuestionKind.LINK: forms.LinkField,
    QuestionKind.UPLOAD: partial(forms.FileField, many=True),
    QuestionKind.DECLARATION: forms.TickField,
    QuestionKind.YES_NO: partial(forms.RadiosField, options=(("yes", "Yes"), ("no", "No"))),
}


class Problem(Protocol):
    """A sentence about one answer, found by the rules."""

    @property
    def question(self) -> str: ...
    @property
    def row(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def sentence(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RowCommand:
    """A press of 'Add another' or 'Remove' in a table."""

    verb: str  # add or remove
    question: str
    row: str = ""


@dataclass(slots=True)
class Row:
    """One row of a table as a page shows it."""

    key: str
    label: str
    fields: dict[str, TypedField]


class RowsField(TypedField):
    """A table of answers. Every cell is a field of its own, named ``question.rowkey.column``."""

    kind = "rows"

    def __init__(self, question: Question, fund: Fund, **kwargs: Any) -> None:
        self.given: Sequence[tuple[str, str]] = kwargs.pop("rows", ())
        self.answers: Answers = kwargs.pop("answers", {})
        self.blank: bool = kwargs.pop("blank", False)
        super().__init__(question.label, **kwargs)
        self.question = question
        self.fund = fund
        self.free = question.row_source is RowSource.FREE
        self.rows: list[Row] = []
        self.row_keys_sent: tuple[str, ...] | None = None

    @property
    def columns(self) -> tuple[Question, ...]:
        """The questions of every row."""
        return self.question.columns

    @property
    def wide(self) -> bool:
        """Whether a row is too much for a line of a table, and is set as a card."""
        most = 5
        heavy = {QuestionKind.LONG_TEXT, QuestionKind.MANY, QuestionKind.DATE}
        return len(self.columns) > most or any(column.kind in heavy for column in self.columns)

    @property
    def full(self) -> bool:
        """Whether the table holds as many rows as it may."""
        return len(self.rows) >= (self.question.max_rows or _MOST_ROWS)

    @property
    def spare(self) -> Row:
        """An empty row for the page to copy; its key is the word ``__row__``."""
        return self._row("__row__", "", None)

    def process(
        self,
        formdata: Any,
        data: Any = unset_value,  # noqa: ARG002 - answers are given when the form is made
        extra_filters: Any = None,  # noqa: ARG002
    ) -> None:
        self.process_errors = []
        self.data = ""
        labels = dict(self.given)
        keys = self._sent_keys(formdata) if formdata else None
        shown = self._kept_keys() if keys is None else keys
        self.rows = [self._row(key, labels.get(key, ""), formdata) for key in shown]

    def cells(self) -> Iterator[tuple[str, TypedField]]:
        """Every cell with its row's key."""
        for row in self.rows:
            for cell in row.fields.values():
                yield row.key, cell

    def cell(self, column: str, row_key: str) -> TypedField | None:
        """The cell of a column in a row, or None."""
        found = next((row for row in self.rows if row.key == row_key), None)
        return found.fields.get(column) if found else None

    def _kept_keys(self) -> list[str]:
        if not self.free:
            return [key for key, _ in self.given]
        prefix = f"{self.question.key}."
        kept = sorted({row for key, row in self.answers if row and key.startswith(prefix)})
        keys = kept[: self.question.max_rows]
        while len(keys) < max(self.question.min_rows, 1):
            keys.append(f"{len(keys) + 1:04d}")
        if self.blank and len(keys) < (self.question.max_rows or _MOST_ROWS):
            keys.append(new_row_key(keys))
        return keys

    def _sent_keys(self, formdata: Any) -> list[str]:
        listed = formdata.getlist(f"{self.name}.rows")
        prefix = f"{self.name}."
        named = [name[len(prefix) :].split(".")[0] for name in formdata if name.startswith(prefix)]
        keys = list(dict.fromkeys(key for key in (*listed, *named) if key != "rows"))
        if self.free:
            limit = self.question.max_rows or _MOST_ROWS
            keys = [key for key in keys if _ROW_KEY.fullmatch(key)][:limit]
        else:
            keys = [key for key, _ in self.given]
        if listed:
            self.row_keys_sent = tuple(keys)
            self.raw_data = listed
        return keys

    def _row(self, key: str, label: str, formdata: Any) -> Row:
        cells: dict[str, TypedField] = {}
        for column in self.columns:
            made = _field(column, self.fund, name=f"{self.name}.{key}.{column.key}")
            cell = cast("TypedField", made.bind(form=None, name=made.name, _meta=self.meta))
            cell.process(formdata, self.answers.get((f"{self.question.key}.{column.key}", key), ""))
            cells[column.key] = cell
        return Row(key, label, cells)


def page_form(
    section: Section,
    fund: Fund,
    answers: Answers,
    rows: Rows | None = None,
    blank: str = "",
) -> type[Form]:
    """The form of one section. ``blank`` names a table that gets one more empty row."""
    fields: dict[str, Any] = {}
    for question in section.questions:
        if question.kind is QuestionKind.ROWS:
            given = _given_rows(question, fund, rows or {})
            made = _rows_field(question, fund, rows=given, answers=answers, blank=blank)
        else:
            made = _field(question, fund, default=answers.get((question.key, ""), ""))
        fields[f"asked_{question.key}"] = made
    return type("SectionForm", (Form,), fields)


def typed(form: Form) -> dict[tuple[str, str], str]:
    """What was sent, word for word. What was not sent is left out, so one rule serves autosave."""
    texts: dict[tuple[str, str], str] = {}
    for field in _asked(form):
        if isinstance(field, RowsField):
            for row, cell in field.cells():
                if cell.sent:
                    texts[field.question.key + "." + cell.name.rsplit(".", 1)[1], row] = cell.data
        elif field.sent and field.kind != "file":
            texts[field.name, ""] = field.data
    return texts


def row_keys(form: Form) -> dict[str, tuple[str, ...]]:
    """For each table that was sent as a whole, the rows that are left, in order."""
    tables = (field for field in _asked(form) if isinstance(field, RowsField))
    return {
        field.question.key: field.row_keys_sent
        for field in tables
        if field.row_keys_sent is not None
    }


def row_command(sent: Mapping[str, str]) -> RowCommand | None:
    """The row button that was pressed, if one was."""
    if sent.get("add_row"):
        return RowCommand("add", sent["add_row"])
    question, _, row = sent.get("remove_row", "").partition(".")
    return RowCommand("remove", question, row) if row else None


def attach(form: Form, problems: Iterable[Problem]) -> None:
    """Put each text at its field, and its sentence, which names the question, at the top."""
    for problem in problems:
        field = _find(form, problem.question, problem.row or "")
        if field is None:
            form.add_problem("", problem.sentence)
        else:
            field.errors = [*field.errors, problem.text]
            form.sentences[field.id, problem.text] = problem.sentence


def new_row_key(keys: Sequence[str]) -> str:
    """A key that sorts after these and that no other tab will think of."""
    highest = max((int(key[:4]) for key in keys if key[:4].isdigit()), default=0)
    return f"{highest + 1:04d}-{secrets.token_hex(3)}"


def _asked(form: Form) -> list[TypedField]:
    return [field for field in form if isinstance(field, TypedField)]


def _find(form: Form, question: str, row: str) -> Field | None:
    key, _, column = question.partition(".")
    field: Field | None = form._fields.get(f"asked_{key}")
    if not column or not isinstance(field, RowsField):
        return field
    return field.cell(column, row) or field


def _rows_field(question: Question, fund: Fund, *, blank: str, **kwargs: Any) -> Any:
    return RowsField(
        question, fund, blank=blank == question.key, name=question.key, **_words(question), **kwargs
    )


def _field(question: Question, fund: Fund, *, name: str = "", **kwargs: Any) -> Any:
    words = _words(question)
    kwargs = {"name": name or question.key, **words, **kwargs}
    if question.kind in {QuestionKind.SINGLE, QuestionKind.MANY}:
        options = [(code.code, code.label) for code in _codes(fund, question.choices)]
        many = question.kind is QuestionKind.MANY
        maker: Any = forms.TicksField if many else forms.one_of(options)
        maker = forms.SelectField if name and not many else maker  # a table's cell is small
        return maker(question.label, options=options, **kwargs)
    return _FIELDS[question.kind](question.label, **kwargs)


def _words(question: Question) -> dict[str, Any]:
    shown = question.show_when
    return {
        "hint": question.hint,
        "guidance": question.guidance,
        "example": question.example,
        "max_words": question.max_words,
        "optional": not question.required,
        "show_when": (shown.question, shown.values) if shown else None,
    }


def _given_rows(question: Question, fund: Fund, rows: Rows) -> Sequence[tuple[str, str]]:
    if question.row_source is RowSource.CODE_LIST:
        return [(code.code, code.label) for code in _codes(fund, question.row_list)]
    return rows.get(question.key, ())


def _codes(fund: Fund, name: str | None) -> tuple[Code, ...]:
    return fund.code_lists[name].codes if name else ()
