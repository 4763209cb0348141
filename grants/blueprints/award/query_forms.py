"""The form with which the fund asks about named answers: a box beside every answer and every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grants.funds.definition import Question, QuestionKind, RowSource
from grants.queries.applications import ApplicationText
from grants.rules.opening import Place
from grants.web.forms import DateField, Form, LongTextField, SelectField

ASK, PART = "ask", "part"


@dataclass(frozen=True, slots=True)
class Box:
    """Where one thing can be asked: a question, a table, or a row of it."""

    question: str
    row: str
    label: str
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What the box is called in the form."""
        return key_of((self.question, self.row))


def key_of(place: Place) -> str:
    """The name of the box in which something is asked about this place."""
    return ".".join(part for part in (ASK, place[0].partition(".")[0], place[1]) if part)


def boxes(text: ApplicationText) -> Iterator[Box]:
    """A box for every answer of this version, and for every row that its people can add to."""
    for section in text.sections:
        for answer in section.answers:
            asked = text.fund.question(answer.key)
            yield Box(answer.key, "", answer.label)
            if asked is None or not has_rows(asked):
                continue
            columns = tuple((column.key, column.label) for column in asked.columns)
            for number, row in enumerate(answer.rows, start=1):
                name = row.cells[0].strip() or f"row {number}"
                yield Box(answer.key, row.key, name, columns)


def has_rows(question: Question) -> bool:
    """Whether single rows of it can be asked about: those of the form's own lists go together."""
    return question.kind == QuestionKind.ROWS and question.row_source == RowSource.FREE


def query_form(text: ApplicationText) -> Form:
    """One box for each place, the words for all of it and the day."""
    fields: dict[str, object] = {}
    for box in boxes(text):
        fields[box.key] = LongTextField(
            f"What do you ask about “{box.label}”?", name=box.key, optional=True
        )
        if box.columns:
            name = f"{PART}{box.key.removeprefix(ASK)}"
            options = [("", "The whole row"), *box.columns]
            fields[name] = SelectField("Which part of it?", name=name, options=options)
    fields["words"] = LongTextField(
        "Anything to say about all of it",
        hint="They read these words above what you ask about each answer.",
        optional=True,
    )
    fields["answer_by"] = DateField(
        "When do you ask them to answer by?", hint="Nothing closes on this day."
    )
    made: Form = type("QueryForm", (Form,), fields)()
    return made


def points_of(form: Form, text: ApplicationText) -> dict[Place, str]:
    """What was typed, by the place it is about."""
    found: dict[Place, str] = {}
    for box in boxes(text):
        typed = str(form[box.key].data)
        if not typed.strip():
            continue
        part = f"{PART}{box.key.removeprefix(ASK)}"
        column = str(form[part].data) if part in form else ""
        found[(f"{box.question}.{column}" if column else box.question, box.row)] = typed
    return found
