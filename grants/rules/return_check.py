"""Everything there is to say about one return: what is missing, what does not add up, what wants a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from grants.funds.definition import Fills, Fund, Question, RowSource
from grants.rules.eligibility import (
    Answers,
    Given,
    Problem,
    SectionStatus,
    form_problems,
    section_statuses,
)
from grants.rules.money import Pence, pounds
from grants.rules.outcomes import (
    Change,
    Comparison,
    Finding,
    Severity,
    errors,
    far_from_promise,
    findings,
    unexplained,
)
from grants.rules.return_figures import OUTCOMES as CHANGES
from grants.rules.return_figures import PEOPLE, SPENDING, SPENT, breakdowns, reported

GRANT = "grant"  # the one line of a project's spending: what it was given
PERIOD = "period"  # what is said of the period itself
REASON, REPLY = "_reason.", "_reply."  # kept beside the answers: never questions of a form
THE_WHOLE = "the-whole"  # where a reply stands that is about no one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a return is held against."""

    amount: Pence
    people: int | None
    ends_on: dt.date
    is_final: bool
    outcomes: tuple[str, ...] = ()
    spent_before: Pence = 0
    people_before: int = 0
    """The most that can have been reached before: each period counts a person once."""

    @property
    def left(self) -> Pence:
        """What was not yet spent when this period began."""
        return max(self.amount - self.spent_before, 0)


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands in the way of sending, what wants a reason first, and what is merely said."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """The warnings that have no reason yet."""
        return unexplained(self.warnings, self.reasons)


def as_form(fund: Fund) -> Fund:
    """The fund with its return in the place of its form, for whatever reads or shows a form."""
    return replace(fund, sections=fund.return_form.sections)


def check(fund: Fund, answers: Answers, promise: Promise, today: dt.date) -> Checked:
    """Every check on these answers. ``fund`` is as its round froze it."""
    form = as_form(fund)
    found = (*_early(promise, today), *_figures(fund, answers, promise))
    return Checked(
        problems=(
            *form_problems(form.sections, fund.code_lists, _given(form, answers)),
            *(_problem(form, finding) for finding in errors(found)),
        ),
        warnings=tuple(entry for entry in found if entry.severity == Severity.WARNING),
        notes=tuple(entry for entry in found if entry.severity == Severity.NOTE),
        reasons=reasons_in(answers),
    )


def statuses(
    fund: Fund, answers: Answers, problems: tuple[Problem, ...]
) -> dict[str, SectionStatus]:
    """How far each section of the return is."""
    form = as_form(fund)
    return section_statuses(form.sections, problems, _given(form, answers))


def reasons_in(answers: Answers) -> dict[tuple[str, str], str]:
    """The reasons given for warnings, by the question and row that they are about."""
    return {
        (question.removeprefix(REASON), row): text
        for (question, row), text in answers.items()
        if question.startswith(REASON)
    }


def reply_place(question: str) -> tuple[str, str]:
    """Where the reply to a query about this question is kept ('' is the whole)."""
    return REPLY + (question or THE_WHOLE), ""


def is_there(form: Fund, place: tuple[str, str]) -> bool:
    """Whether a table of the return has this row: its rows are given, people add none."""
    asked = form.question(place[0].partition(".")[0])
    if asked is None or asked.row_source == RowSource.FREE:
        return asked is not None
    if asked.row_source == RowSource.BUDGET:
        return place[1] == GRANT
    listed = form.code_lists.get(asked.row_list or "")
    return listed is not None and place[1] in {entry.code for entry in listed.codes}


def place_of(form: Fund, question: str, row: str) -> tuple[str, str]:
    """Where a finding stands on the page: a row of a table is shown at its first figure."""
    asked = form.question(question)
    if not row or asked is None or not asked.columns:
        return question, row
    figure = next((c for c in asked.columns if c.people or c.key == SPENT), asked.columns[0])
    return f"{question}.{figure.key}", row


def label_of(form: Fund, question: str, row: str = "") -> str:
    """What a finding is about, in words."""
    if question == PERIOD:
        return "The period"
    asked = form.question(question)
    if asked is None:
        return question
    listed = form.code_lists.get(asked.row_list or "")
    return f"{asked.label}, {listed.label(row)}" if row and listed else asked.label


def _given(form: Fund, answers: Answers) -> Given:
    rows = {
        question.key: (GRANT,)
        for question in form.questions()
        if question.row_source == RowSource.BUDGET
    }
    return Given(answers, rows=rows)


def _figures(fund: Fund, answers: Answers, promise: Promise) -> Iterator[Finding]:
    form = as_form(fund)
    read = reported(
        fund.return_form,
        answers,
        received=promise.left,
        overlapping=_overlapping(fund),
        differing={question.key for question in form.questions() if question.may_differ},
    )
    labels = fund.code_lists.get(_row_list(form.question(CHANGES)))
    changes = [
        replace(change, label=labels.label(change.key) if labels else change.key)
        for change in read.changes
    ]
    yield from (_of_the_rest(entry, promise) for entry in findings(replace(read, changes=changes)))
    yield from (_left_out(change) for change in changes if not is_whole(change))
    yield from _against_promise(read.people, promise)
    spent = sum(read.money.spent.values()) if read.money else 0
    if promise.is_final and read.money and read.money.spent and spent < promise.left:
        text = f"{pounds(promise.left - spent)} of the {pounds(promise.amount)} grant is not spent."
        yield Finding(Severity.WARNING, SPENDING, text)


def _of_the_rest(finding: Finding, promise: Promise) -> Finding:
    """Later periods have what was left of the grant, not what was received at its start."""
    if finding.question != SPENDING or not promise.spent_before:
        return finding
    return replace(finding, text=finding.text.replace(" received.", " that was left of the grant."))


def is_whole(change: Change) -> bool:
    """Whether every figure of an outcome was given, so that it can be added to others."""
    figures = (change.started, change.baseline, change.paired)
    return None not in (*figures, change.improved, change.same, change.worse)


def _left_out(change: Change) -> Finding:
    text = f"{change.label}: not every figure is given, so it is not added to the fund's totals."
    return Finding(Severity.NOTE, CHANGES, text, change.key)


def _early(promise: Promise, today: dt.date) -> Iterator[Finding]:
    if today < promise.ends_on:
        text = "The period is not over yet. What happens after today is in no return."
        yield Finding(Severity.WARNING, PERIOD, text)


def _against_promise(people: int | None, promise: Promise) -> Iterable[Finding]:
    """Too many is told at any time; too few at the end, of all periods together."""
    if people is None or promise.people is None:
        return ()
    whole = max(people, min(people + promise.people_before, promise.people))
    if whole < promise.people and not promise.is_final:
        return ()
    return far_from_promise((Comparison(PEOPLE, promise.people, whole),))


def _overlapping(fund: Fund) -> frozenset[str]:
    """Tables in which one person may stand in several rows: those that stand apart from the count of
    people, and those of the groups of which a project may name several."""
    groups = fund.column_list(Fills.PROJECTS, "groups")
    home = next(
        (
            section
            for section in fund.return_form.sections
            if any(question.key == PEOPLE for question in section.questions)
        ),
        None,
    )
    return frozenset(
        table.key
        for table in breakdowns(fund.return_form)
        if home is None
        or table not in home.questions
        or (groups is not None and groups.name == table.row_list)
    )


def _row_list(table: Question | None) -> str:
    return (table.row_list or "") if table else ""


def _problem(form: Fund, finding: Finding) -> Problem:
    section = next(
        (
            section.key
            for section in form.sections
            if any(question.key == finding.question for question in section.questions)
        ),
        "",
    )
    question, row = place_of(form, finding.question, finding.row)
    label = label_of(form, finding.question, finding.row)
    return Problem(section, question, row, finding.text, label)
