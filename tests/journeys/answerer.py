"""Right answers to any form, from its definition alone: every kind, every limit, every rule."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grants.funds.definition import Fills, Fund, Question, QuestionKind, RowSource, Rule, RuleKind
from grants.rules.eligibility import is_shown
from grants.rules.money import parse_pounds, pounds
from grants.rules.return_check import GRANT
from grants.rules.return_figures import OUTCOMES, PEOPLE, SPENDING

Answers = dict[tuple[str, str], str]
SENTENCE = "Sgioba a’ ghlinne meets weekly – “all welcome” ☕"
TEXTS = {
    QuestionKind.TEXT: SENTENCE,
    QuestionKind.LONG_TEXT: f"{SENTENCE}\n\nIt began with {SENTENCE}",
    QuestionKind.DATE: "2027-03-31",
    QuestionKind.YES_NO: "yes",
    QuestionKind.POSTCODE: "ZE1 0AA",
    QuestionKind.EMAIL: "contact@example.org",
    QuestionKind.PHONE: "01595 496000",
    QuestionKind.LINK: "https://example.org/plan",
    QuestionKind.DECLARATION: "yes",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A proposed project. Money in pence; ``kind`` and ``group`` are places in the fund's lists."""

    title: str
    group_name: str
    asked: int
    minimum: int
    people: int = 20
    kind: int = 0
    group: int = 0


@dataclass(frozen=True, kw_only=True)
class Answerer:
    """Answers the questions of ``fund.sections``. ``given`` are answers that must be so."""

    fund: Fund
    lines: Sequence[Line] = ()
    own_costs: int = 0
    given: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def answers(self) -> Answers:
        """An answer to every question that is asked, and none to the others."""
        asked = {question.key: question for question in self.fund.questions()}
        found: Answers = {}
        for question in asked.values():
            if is_shown(question, asked, found):
                found |= self._answers(question)
        for rule in self.fund.rules:
            found |= dict(self._mended(rule, found))
        return found

    def files(self) -> tuple[str, ...]:
        """The questions that want a file."""
        return tuple(
            question.key
            for question in self.fund.questions()
            if question.kind == QuestionKind.UPLOAD and question.required
        )

    def text(self, question: Question) -> str:
        """One answer that is right for its question."""
        if question.choices is not None:
            codes = self.codes(question.choices)
            return "\n".join(codes[:2]) if question.kind == QuestionKind.MANY else codes[0]
        if question.kind == QuestionKind.NUMBER:
            return str(within(question, 12))
        if question.kind == QuestionKind.MONEY:
            return typed(within(question, 10_000))
        words = TEXTS[question.kind]
        return words if question.max_words is None else shortened(words, question.max_words)

    def codes(self, name: str) -> list[str]:
        """The codes of a list of this fund."""
        return [code.code for code in self.fund.code_lists[name].codes]

    def _answers(self, question: Question) -> Answers:
        if question.kind == QuestionKind.ROWS:
            return {
                (f"{question.key}.{column}", row): text
                for row, cells in self._rows(question).items()
                for column, text in cells.items()
            }
        if question.kind == QuestionKind.UPLOAD:
            return {}
        return {(question.key, ""): self.given.get((question.key, ""), self.text(question))}

    def _rows(self, table: Question) -> dict[str, dict[str, str]]:
        if table.fills == Fills.PROJECTS:
            rows = [self._project(table, line) for line in self.lines]
        elif table.fills == Fills.BUDGET:
            rows = self._budget(table)
        elif table.row_source == RowSource.CODE_LIST:
            codes = self.codes(table.row_list or "")
            return {code: self._cells(table) for code in (codes if table.required else codes[:1])}
        elif table.row_source == RowSource.BUDGET:
            return {GRANT: self._cells(table)}
        else:
            rows = [self._cells(table) for _ in range(max(table.min_rows, 2))]
            rows = rows[: table.max_rows or len(rows)]
        return {f"{place:04d}": cells for place, cells in enumerate(rows, start=1)}

    def _cells(self, table: Question) -> dict[str, str]:
        return {column.key: self.text(column) for column in table.columns}

    def _project(self, table: Question, line: Line) -> dict[str, str]:
        columns = {column.key: column for column in table.columns}
        return self._cells(table) | {
            "title": line.title,
            "group_name": line.group_name,
            "activity_type": self.codes(columns["activity_type"].choices or "")[line.kind],
            "main_group": self.codes(columns["main_group"].choices or "")[line.group],
            "people": str(line.people),
            "asked": typed(line.asked),
            "minimum": typed(line.minimum),
            "local_round": "no",
        }

    def _budget(self, table: Question) -> list[dict[str, str]]:
        columns = {column.key: column for column in table.columns}
        codes = self.codes(columns["category"].choices or "")
        own = next(code for code in codes if code != self.fund.onward_category)
        onward = sum(line.asked for line in self.lines)
        return [
            self._cells(table) | {"category": category, "amount": typed(amount)}
            for category, amount in ((self.fund.onward_category, onward), (own, self.own_costs))
            if amount
        ]

    def _mended(self, rule: Rule, found: Answers) -> Iterator[tuple[tuple[str, str], str]]:
        """What must change for sums to agree. Dates are all one day, and nothing is left empty."""
        asked = self.fund.asked(rule.questions[0])
        if rule.kind not in {RuleKind.SUM_EQUALS, RuleKind.LESS_OR_EQUAL} or asked is None:
            return
        if asked.kind == QuestionKind.DATE:
            return
        left = [place for place in found if place[0] in rule.questions]
        if rule.than:
            whole = sum(figure(asked, found[place]) for place in left)
            yield (rule.than, ""), shown(asked, whole)
            return
        least = [asked.minimum or 0] * len(left)
        least[0] = (rule.amount or 0) - sum(least[1:])
        yield from ((place, shown(asked, part)) for place, part in zip(left, least, strict=True))


def shortened(text: str, most: int) -> str:
    """The text, or its first words where it has too many."""
    words = text.split()
    return text if len(words) <= most else " ".join(words[:most])


def within(question: Question, wish: int) -> int:
    """The wish, or the nearest figure that the question takes."""
    most = wish if question.maximum is None else min(wish, question.maximum)
    return max(most, question.minimum or 0)


def typed(pence: int) -> str:
    """Money as a person would type it."""
    return pounds(pence).removeprefix("£")


def figure(question: Question, text: str) -> int:
    """The number, or the pence, that was typed."""
    return parse_pounds(text) if question.kind == QuestionKind.MONEY else int(text)


def shown(question: Question, number: int) -> str:
    """The figure as its question is answered."""
    return typed(number) if question.kind == QuestionKind.MONEY else str(number)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a return says of people: how many in all, and of them in the second part of each list."""

    people: int
    second: int
    paired: int
    improved: int
    worse: int = 0

    @property
    def steps(self) -> dict[str, int]:
        """The outcome's columns."""
        same = self.paired - self.improved - self.worse
        return {
            "n_started": self.people,
            "n_baseline": self.people,
            "n_paired": self.paired,
            "n_improved": self.improved,
            "n_same": same,
            "n_worse": self.worse,
        }


def return_answers(form: Fund, reach: Reach, spent: int) -> Answers:
    """Answers to a return, its figures in step. ``form`` is the fund with its return as its form."""
    answers = Answerer(fund=form).answers()
    for question in form.questions():
        if question.kind == QuestionKind.NUMBER and question.people:
            answers[question.key, ""] = str(
                reach.people if question.key == PEOPLE else reach.second
            )
        if question.row_source == RowSource.CODE_LIST:
            answers = {
                place: text
                for place, text in answers.items()
                if not place[0].startswith(f"{question.key}.")
            }
            answers |= _table(form, question, reach)
    answers[f"{SPENDING}.spent", GRANT] = typed(spent)
    return answers


def _table(form: Fund, table: Question, reach: Reach) -> Answers:
    codes = [code.code for code in form.code_lists[table.row_list or ""].codes]
    if table.key == OUTCOMES:
        return {(f"{OUTCOMES}.{key}", codes[0]): str(number) for key, number in reach.steps.items()}
    figures = itertools.chain((reach.people - reach.second, reach.second), itertools.repeat(0))
    counts = dict(zip(codes, figures, strict=False))
    return {
        (f"{table.key}.{column.key}", code): str(count)
        for code, count in counts.items()
        for column in table.columns
        if table.required or code in codes[:2]
    }
