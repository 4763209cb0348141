"""The forms of the form editor. Each kind of question shows the fields that mean something to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from grants.funds.checks import CHOICES, NOT_IN_TABLES, TEXTS
from grants.funds.definition import Fund, Question, QuestionKind, RowSource, ShowWhen
from grants.funds.rule_checks import answers_to_wait_for
from grants.rules.answers import is_blank
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked
from grants.web.forms import (
    Form,
    LongTextField,
    MoneyField,
    NumberField,
    RadiosField,
    SelectField,
    TextField,
    TickField,
    TicksField,
)
from grants.web.shared_forms import SharedForm

KIND_WORDS = {
    QuestionKind.TEXT: "Text, one line",
    QuestionKind.LONG_TEXT: "Text, several lines",
    QuestionKind.NUMBER: "Number",
    QuestionKind.MONEY: "Money",
    QuestionKind.DATE: "Date",
    QuestionKind.YES_NO: "Yes or no",
    QuestionKind.SINGLE: "One choice from a list",
    QuestionKind.MANY: "Several choices from a list",
    QuestionKind.POSTCODE: "Postcode",
    QuestionKind.EMAIL: "E-mail address",
    QuestionKind.PHONE: "Phone number",
    QuestionKind.LINK: "Web address",
    QuestionKind.UPLOAD: "File",
    QuestionKind.DECLARATION: "Declaration to tick",
    QuestionKind.ROWS: "Table with rows",
}


class SectionForm(SharedForm):
    """A section's words."""

    title = TextField("Title of the section")
    intro = LongTextField(
        "Introduction", hint="What the section is about, in a sentence or two.", optional=True
    )


class NewQuestionForm(Form):
    """What a question needs to be there at all."""

    label = TextField("The question", hint="As the person who answers will read it.")
    kind = RadiosField(
        "Kind of answer", options=[(kind.value, words) for kind, words in KIND_WORDS.items()]
    )


class NewColumnForm(Form):
    """What a column needs to be there at all."""

    label = TextField("The column", hint="As the person who answers will read it.")
    kind = RadiosField(
        "Kind of answer",
        options=[
            (kind.value, words) for kind, words in KIND_WORDS.items() if kind not in NOT_IN_TABLES
        ],
    )


def kind_of(form: NewQuestionForm | NewColumnForm) -> QuestionKind | None:
    """The kind chosen, or None after saying all that is wrong: with the words too, in one go."""
    try:
        return QuestionKind(form.kind.data)
    except ValueError:
        if is_blank(form.label.data):
            what = form.label.label.text.lower()
            form.add_problem("label", f"Enter the words of {what}.")
        form.add_problem("kind", "Choose the kind of answer.")
        return None


def question_form(fund: Fund, question: Question, *, is_column: bool = False) -> type[Form]:
    """The form of one question, or of one column of a table."""
    fields: dict[str, Any] = {
        "label": TextField("The column" if is_column else "The question", default=question.label),
        "hint": TextField("Hint below it", default=question.hint, optional=True),
    }
    if not is_column:
        fields["guidance"] = LongTextField(
            "Guidance to open", default=question.guidance, optional=True
        )
        fields["example"] = LongTextField(
            "Example to open", default=question.example, optional=True
        )
    fields |= _limits(question) | _choices(fund, question)
    if question.kind == QuestionKind.ROWS:
        fields |= _rows(fund, question)
    fields["required"] = TickField("It must be answered", default=question.required)
    if question.kind == QuestionKind.NUMBER:
        fields["people"] = TickField(
            "It counts people: small numbers are hidden when published", default=question.people
        )
    fields["identifies"] = TickField(
        "It tells who applies: hidden from assessors in a blind round", default=question.identifies
    )
    return type("QuestionForm", (SharedForm,), fields)


def _limits(question: Question) -> dict[str, Any]:
    if question.kind in TEXTS:
        words = NumberField("Most words", default=_figure(question.max_words), optional=True)
        return {"max_words": words}
    if question.kind == QuestionKind.NUMBER:
        return {
            "minimum": NumberField("Least", default=_figure(question.minimum), optional=True),
            "maximum": NumberField("Most", default=_figure(question.maximum), optional=True),
        }
    if question.kind == QuestionKind.MONEY:
        return {
            "minimum": MoneyField("Least", default=_pounds(question.minimum), optional=True),
            "maximum": MoneyField("Most", default=_pounds(question.maximum), optional=True),
        }
    return {}


def _choices(fund: Fund, question: Question) -> dict[str, Any]:
    if question.kind not in CHOICES:
        return {}
    return {
        "choices": SelectField(
            "List of answers", options=list_options(fund), default=question.choices or ""
        )
    }


def _rows(fund: Fund, question: Question) -> dict[str, Any]:
    return {
        "row_source": RadiosField(
            "Rows",
            options=[
                (RowSource.FREE.value, "People add rows"),
                (RowSource.CODE_LIST.value, "One row for each answer of a list"),
            ],
            default=question.row_source.value,
        ),
        "row_list": SelectField(
            "List whose answers are the rows",
            options=[("", "None"), *list_options(fund)],
            default=question.row_list or "",
        ),
        "min_rows": NumberField(
            "Fewest rows", default=_figure(question.min_rows or None), optional=True
        ),
        "max_rows": NumberField("Most rows", default=_figure(question.max_rows), optional=True),
    }


def list_options(fund: Fund) -> list[tuple[str, str]]:
    """Every code list by the words it is called."""
    named = [
        (name, f"{listed.words} ({len(listed.codes)})") for name, listed in fund.code_lists.items()
    ]
    return sorted(named, key=lambda option: option[1].casefold())


def typed_question(form: Form, question: Question) -> Question | None:
    """The question as typed, or None after putting a sentence at each field that cannot be read."""
    changes: dict[str, Any] = {
        name: form[name].data.strip()
        for name in ("label", "hint", "guidance", "example", "choices")
        if name in form
    }
    changes |= {
        name: form[name].data == "yes"
        for name in ("required", "people", "identifies")
        if name in form
    }
    for name in ("max_words", "minimum", "maximum", "max_rows", "min_rows"):
        if name in form:
            changes[name] = _number(form, name)
    if "row_source" in form:
        changes |= _typed_rows(form, changes)
    return None if form.errors else replace(question, **changes)


def _typed_rows(form: Form, changes: dict[str, Any]) -> dict[str, Any]:
    by_list = form["row_source"].data == RowSource.CODE_LIST
    return {
        "row_source": RowSource.CODE_LIST if by_list else RowSource.FREE,
        "row_list": (form["row_list"].data or None) if by_list else None,
        "min_rows": changes["min_rows"] or 0,
    }


def _number(form: Form, name: str) -> int | None:
    text = form[name].data.strip()
    if not text:
        return None
    if isinstance(form[name], MoneyField):
        try:
            return parse_pounds(text)
        except Blocked as error:
            form.add_problem(name, str(error))
            return None
    plain = text.replace(",", "")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > len("999999999999"):
        form.add_problem(name, "Enter a whole number, such as 200, or leave it empty.")
        return None
    return int(plain)


def _figure(number: int | None) -> str:
    return "" if number is None else str(number)


def _pounds(pence: int | None) -> str:
    return "" if pence is None else pounds(pence).removeprefix("£")


class WaitForForm(SharedForm):
    """Which earlier question this one waits for."""

    question = SelectField("Ask it after an answer to")


def wait_for_options(fund: Fund, earlier: Iterable[Question]) -> list[tuple[str, str]]:
    """The earlier questions that have choices."""
    asked = [(q.key, q.label) for q in earlier if answers_to_wait_for(fund, q)]
    return [("", "Nothing: always ask it"), *asked]


def answers_form(fund: Fund, question: Question, chosen: Sequence[str]) -> type[Form]:
    """Which of its answers bring the later question into sight."""
    options = [
        (value, answer_words(fund, question, value))
        for value in answers_to_wait_for(fund, question)
    ]
    values = TicksField(
        f"Ask it when the answer to “{question.label}” is one of",
        options=options,
        default=list(chosen),
    )
    return type("AnswersForm", (SharedForm,), {"values": values})


def answer_words(fund: Fund, question: Question, value: str) -> str:
    """What an answer is called."""
    listed = fund.code_lists.get(question.choices or "")
    if listed is not None:
        return listed.label(value)
    if question.kind == QuestionKind.DECLARATION:
        return "Ticked"
    return value.capitalize()


def condition_words(fund: Fund, condition: ShowWhen | None) -> str:
    """When a question is asked, in words; nothing where it always is."""
    if condition is None:
        return ""
    asked = fund_question(fund, condition.question)
    if asked is None:
        return f"an earlier answer that is gone ({condition.question})"
    answers = " or ".join(f"“{answer_words(fund, asked, value)}”" for value in condition.values)
    return f"“{asked.label}” is {answers}"


def fund_question(fund: Fund, key: str) -> Question | None:
    """The question of either form with this key."""
    returned = (q for section in fund.return_form.sections for q in section.questions)
    return fund.question(key) or next((q for q in returned if q.key == key), None)
