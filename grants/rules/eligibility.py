"""Whether the answers are complete, within limits and in step with one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from grants.funds.definition import (
    CodeList,
    Fills,
    Fund,
    Question,
    QuestionKind,
    RowSource,
    Rule,
    RuleKind,
    Section,
)
from grants.rules.answers import Value, fault, is_blank, parse, split_codes
from grants.rules.cross_rules import is_broken
from grants.rules.grant_sizes import too_much
from grants.rules.money import Pence, pounds

Answers = Mapping[tuple[str, str], str]  # by question key (or "table.column") and row key

MISSING = {
    QuestionKind.SINGLE: "Choose an answer.",
    QuestionKind.MANY: "Choose at least one answer.",
    QuestionKind.YES_NO: "Choose yes or no.",
    QuestionKind.DECLARATION: "Tick the box to confirm.",
    QuestionKind.UPLOAD: "Add a file.",
    QuestionKind.MONEY: "Enter an amount.",
    QuestionKind.NUMBER: "Enter a number.",
    QuestionKind.DATE: "Enter a date.",
    QuestionKind.ROWS: "Add at least one row.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in the way. ``question`` is "table.column" inside a table; ``label`` says it in words."""

    section: str
    question: str
    row: str
    text: str
    label: str = ""

    @property
    def sentence(self) -> str:
        """The problem with the question it is about, for a list away from the field."""
        if self.label.endswith(("?", ".")):
            return f"{self.label} {self.text}"
        return f"{self.label}: {self.text}" if self.label else self.text


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an answer stands."""

    section: str
    question: str
    row: str
    label: str

    def problem(self, text: str) -> Problem:
        return Problem(self.section, self.question, self.row, text, self.label)


class SectionStatus(StrEnum):
    """How far one section of the task list is."""

    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Given:
    """All that was given for one form: answers, how many files, and rows that come from elsewhere."""

    answers: Answers
    attachments: Mapping[str, int] = field(default_factory=dict)  # by question key
    rows: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # by table key, of budget tables

    def text(self, question: str, row: str = "") -> str:
        """What was typed, or nothing."""
        return self.answers.get((question, row), "")


@dataclass(frozen=True, slots=True)
class Totals:
    """What an application asks for, in pence, as far as it can be read."""

    projects: Pence = 0  # the sum of the proposed projects' amounts
    onward: Pence = 0  # the budget's lines for projects
    own_costs: Pence = 0  # the budget's other lines

    @property
    def asked(self) -> Pence:
        """The whole of the budget."""
        return self.onward + self.own_costs


def problems(
    fund: Fund,
    answers: Answers,
    *,
    attachments: Mapping[str, int],
    most: Pence | None = None,
) -> tuple[Problem, ...]:
    """All that keeps an application from being sent. ``most`` is what its area may ask for."""
    given = Given(answers, attachments)
    found = form_problems(fund.sections, fund.code_lists, given)
    told = {(problem.question, problem.row) for problem in found}
    across = (*_cross_checks(fund, given, most), *_sizes(fund, given), *_own_rules(fund, given))
    return found + tuple(
        problem for problem in across if (problem.question, problem.row) not in told
    )


def form_problems(
    sections: Sequence[Section], code_lists: Mapping[str, CodeList], given: Given
) -> tuple[Problem, ...]:
    """What is missing or out of bounds, question by question; for a return's form as well."""
    asked = {question.key: question for section in sections for question in section.questions}
    return tuple(
        problem
        for section in sections
        for question in section.questions
        if is_shown(question, asked, given.answers)
        for problem in _question(section, question, code_lists, given)
    )


def section_statuses(
    sections: Sequence[Section], found: Sequence[Problem], given: Given
) -> dict[str, SectionStatus]:
    """How far each section is, by its key, given the problems found."""
    asked = {question.key: question for section in sections for question in section.questions}
    troubled = {problem.section for problem in found}
    return {section.key: _status(section, asked, given, troubled) for section in sections}


def _status(
    section: Section, asked: Mapping[str, Question], given: Given, troubled: set[str]
) -> SectionStatus:
    is_clear = section.key not in troubled
    shown = [question for question in section.questions if is_shown(question, asked, given.answers)]
    if not any(_is_begun(question, given) for question in shown):
        nothing_asked = is_clear and not shown
        return SectionStatus.COMPLETE if nothing_asked else SectionStatus.NOT_STARTED
    return SectionStatus.COMPLETE if is_clear else SectionStatus.IN_PROGRESS


def is_shown(question: Question, asked: Mapping[str, Question], answers: Answers) -> bool:
    """Whether a question is asked at all, given the earlier answers it depends on."""
    if question.show_when is None:
        return True
    other = asked.get(question.show_when.question)
    if other is None or not is_shown(other, asked, answers):
        return False
    return bool(set(split_codes(answers.get((other.key, ""), ""))) & set(question.show_when.values))


def filled_rows(table: Question, answers: Answers) -> tuple[str, ...]:
    """The keys of a table's rows with anything in them, in the order their answers stand."""
    columns = {f"{table.key}.{column.key}" for column in table.columns}
    return tuple(
        dict.fromkeys(
            row
            for (question, row), text in answers.items()
            if question in columns and not is_blank(text)
        )
    )


def totals(fund: Fund, answers: Answers) -> Totals:
    """What is asked for; amounts that cannot be read count as nothing."""
    given = Given(answers)
    projects, budget = fund.table(Fills.PROJECTS), fund.table(Fills.BUDGET)
    onward = own = 0
    for row in filled_rows(budget, answers) if budget else ():
        amount = _amount(budget, "amount", row, given)
        is_onward = (
            budget is not None and given.text(f"{budget.key}.category", row) == fund.onward_category
        )
        onward, own = (onward + amount, own) if is_onward else (onward, own + amount)
    rows = filled_rows(projects, answers) if projects else ()
    return Totals(sum(_amount(projects, "asked", row, given) for row in rows), onward, own)


def _question(
    section: Section, question: Question, code_lists: Mapping[str, CodeList], given: Given
) -> Iterable[Problem]:
    place = _Place(section.key, question.key, "", question.label)
    if question.kind == QuestionKind.ROWS:
        yield from _table(place, question, code_lists, given)
    elif question.kind == QuestionKind.UPLOAD:
        if question.required and not given.attachments.get(question.key):
            yield place.problem(MISSING[QuestionKind.UPLOAD])
    else:
        yield from _cell(place, question, code_lists, given)


def _cell(
    place: _Place, question: Question, code_lists: Mapping[str, CodeList], given: Given
) -> Iterable[Problem]:
    text = given.text(place.question, place.row)
    if is_blank(text):
        if question.required:
            yield place.problem(MISSING.get(question.kind, "Enter an answer."))
        return
    listed = code_lists.get(question.choices or "")
    codes = {entry.code for entry in listed.codes} if listed else set()
    wrong = fault(question, text, codes if question.choices else None)
    if wrong:
        yield place.problem(wrong)


def _table(
    place: _Place, table: Question, code_lists: Mapping[str, CodeList], given: Given
) -> Iterable[Problem]:
    filled = filled_rows(table, given.answers)
    if table.row_source == RowSource.FREE:
        wrong = _row_count(table, len(filled))
        if wrong:
            yield place.problem(wrong)
    for row, name in _rows(table, filled, code_lists, given):
        for column in table.columns:
            key = f"{table.key}.{column.key}"
            label = f"{table.label}, {name}, {column.label}"
            yield from _cell(_Place(place.section, key, row, label), column, code_lists, given)


def _row_count(table: Question, count: int) -> str:
    least = max(table.min_rows, 1) if table.required else table.min_rows if count else 0
    if count < least:
        return MISSING[QuestionKind.ROWS] if least == 1 else f"Add at least {least} rows."
    if table.max_rows is not None and count > table.max_rows:
        return f"Keep to {table.max_rows} rows or fewer: there are {count}."
    return ""


def _rows(
    table: Question, filled: Sequence[str], code_lists: Mapping[str, CodeList], given: Given
) -> Iterable[tuple[str, str]]:
    """The rows to look at and what to call them. Fixed rows of a required table must all be given."""
    if table.row_source == RowSource.FREE:
        return [(row, f"row {place}") for place, row in enumerate(filled, start=1)]
    if table.row_source == RowSource.CODE_LIST:
        listed = code_lists.get(table.row_list or "")
        fixed = [(entry.code, entry.label) for entry in listed.codes] if listed else []
    else:
        rows = given.rows.get(table.key, filled)
        fixed = [(row, f"row {place}") for place, row in enumerate(rows, start=1)]
    return fixed if table.required else [(row, name) for row, name in fixed if row in filled]


def _is_begun(question: Question, given: Given) -> bool:
    if question.kind == QuestionKind.ROWS:
        return bool(filled_rows(question, given.answers))
    if question.kind == QuestionKind.UPLOAD:
        return bool(given.attachments.get(question.key))
    return not is_blank(given.text(question.key))


def _cross_checks(fund: Fund, given: Given, most: Pence | None) -> tuple[Problem, ...]:
    sections = {
        question.key: section.key for section in fund.sections for question in section.questions
    }
    projects, budget = fund.table(Fills.PROJECTS), fund.table(Fills.BUDGET)
    found: list[Problem] = []
    if projects:
        found.extend(_projects(sections[projects.key], projects, given))
    if budget:
        found.extend(_budget(fund, sections[budget.key], budget, given, most))
    return tuple(found)


def _projects(section: str, table: Question, given: Given) -> Iterable[Problem]:
    for place, row in enumerate(filled_rows(table, given.answers), start=1):
        name = f"{table.label}, row {place}"
        asked, least = _value(table, "asked", row, given), _value(table, "minimum", row, given)
        if isinstance(asked, int) and isinstance(least, int) and least > asked:
            text = f"The smallest workable amount, {pounds(least)}, is more than the {pounds(asked)} asked for."
            yield Problem(section, f"{table.key}.minimum", row, text, name)


def _budget(
    fund: Fund, section: str, table: Question, given: Given, most: Pence | None
) -> Iterable[Problem]:
    sums = totals(fund, given.answers)
    projects = fund.table(Fills.PROJECTS)
    if projects and sums.onward != sums.projects:
        text = (
            f"The budget sets aside {pounds(sums.onward)} for projects, but the proposed projects "
            f"ask for {pounds(sums.projects)} in all. Make the two the same."
        )
        yield Problem(section, table.key, "", text, table.label)
    if most is not None and sums.asked > most:
        text = f"The budget comes to {pounds(sums.asked)}. The most that can be asked for is {pounds(most)}."
        yield Problem(section, table.key, "", text, table.label)


def _sizes(fund: Fund, given: Given) -> Iterable[Problem]:
    """Beside the budget, where there is one: an amount that no level or a cap does not allow."""
    sums = totals(fund, given.answers)
    table = fund.table(Fills.BUDGET) or fund.table(Fills.PROJECTS)
    section = next((s for s in fund.sections if table and table in s.questions), None)
    if table is None or section is None:
        return
    asked = {question.key: question for question in fund.questions()}
    shown = {key for key, entry in asked.items() if is_shown(entry, asked, given.answers)}
    for sentence in too_much(fund, given.answers, shown, sums.asked or sums.projects):
        yield Problem(section.key, table.key, "", sentence, table.label)


def _own_rules(fund: Fund, given: Given) -> Iterable[Problem]:
    """The rules that the fund wrote itself, each beside a question that is asked here."""
    asked = {question.key: question for question in fund.questions()}
    shown = {key for key, entry in asked.items() if is_shown(entry, asked, given.answers)}
    places = {place for rule in fund.rules for place in rule.places}
    seen = {
        place: _seen(fund, place, given) for place in places if place.partition(".")[0] in shown
    }
    sections = {entry.key: section.key for section in fund.sections for entry in section.questions}
    for rule in fund.rules:
        at = _stands_at(rule, shown)
        if at and is_broken(rule, seen):
            yield Problem(sections[at], at, "", rule.sentence, asked[at].label)


def _stands_at(rule: Rule, shown: set[str]) -> str:
    """Where the sentence stands: its own question while that is asked, else another of the rule."""
    if rule.at in shown or rule.kind == RuleKind.IF_THEN_REQUIRED:
        return rule.at if rule.at in shown else ""
    keys = (place.partition(".")[0] for place in rule.places)
    return next((key for key in keys if key in shown), "")


def _seen(fund: Fund, place: str, given: Given) -> tuple[Value, ...]:
    """What was answered there, row by row; None for what cannot be read."""
    question = fund.asked(place)
    key = place.partition(".")[0]
    if question is None:
        return ()
    if question.kind == QuestionKind.UPLOAD:
        return ("file",) * given.attachments.get(key, 0)
    if question.kind == QuestionKind.ROWS:
        return filled_rows(question, given.answers)
    table = fund.question(key) if "." in place else None
    rows = filled_rows(table, given.answers) if table else ("",)
    texts = (given.text(place, row) for row in rows)
    return tuple(parse(question, text).value for text in texts if not is_blank(text))


def _value(table: Question, key: str, row: str, given: Given) -> Value:
    """A readable cell's value; None where there is no such column or it cannot be read."""
    column = next((column for column in table.columns if column.key == key), None)
    return parse(column, given.text(f"{table.key}.{key}", row)).value if column else None


def _amount(table: Question | None, key: str, row: str, given: Given) -> Pence:
    value = _value(table, key, row, given) if table else None
    return value if isinstance(value, int) else 0
