"""Returns: what is owed for each project, and what was reported so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from grants.demo.decisions import Running
from grants.demo.kit import Kit, Row, add, put, share
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.funds.definition import Fund, Period, Question, QuestionKind, RowSource
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnAnswer,
    ReturnFigure,
    ReturnObligation,
    ReturnQuery,
    ReturnSpend,
)
from grants.rules.eligibility import is_shown
from grants.rules.states import ReturnState
from grants.services.typed_rows import fingerprint

COUNTED, OUTCOMES, SPENDING = "people", "outcomes", "spending"
SHARE_OF_PEOPLE = {"people_16_24": 20, "people_25_26": 3, "family_members": 15, "new_people": 60}
OVERLAPPING = frozenset({"reach_by_group", "presenting_issues"})
MOST_OUTCOMES = 2
"""How many outcomes one project reports on."""
Plan = Callable[[int, int], ReturnState]
"""The state of a return by the places of its project and its period."""


@dataclass(slots=True)
class Report:
    """One return's figures before they are rows."""

    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    figures: list[tuple[str, str, int]] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    spend: list[tuple[str, int]] = field(default_factory=list)


def make(
    kit: Kit, made: Made, cast: Cast, projects: Sequence[Running], plan: Plan, at: dt.datetime
) -> None:
    """Every obligation and its return, reported as far as the plan says."""
    periods = made.fund.return_form.periods
    owed = [(project, period) for project in projects for period in periods]
    states = [plan(*divmod(place, len(periods))) for place in range(len(owed))]
    obligations = add(ReturnObligation, [_obligation(made, *pair) for pair in owed])
    reports = [
        _report(kit, made.fund, project) if state != ReturnState.OPEN else None
        for (project, _), state in zip(owed, states, strict=True)
    ]
    rows = [
        _return(kit, made, cast, obligation, project, state, report, at)
        for obligation, (project, _), state, report in zip(
            obligations, owed, states, reports, strict=True
        )
    ]
    ids = add(OutcomeReturn, rows)
    told = [
        (key, row, report) for key, row, report in zip(ids, rows, reports, strict=True) if report
    ]
    put(ReturnAnswer, [entry for one in told for entry in _answer_rows(*one)])
    put(ReturnFigure, [entry for key, _, report in told for entry in _figure_rows(key, report)])
    put(OutcomeResult, [{**each, "return_id": key} for key, _, r in told for each in r.results])
    put(
        ReturnSpend,
        [
            {"return_id": key, "heading": heading, "spent": pence, "reason": ""}
            for key, _, report in told
            for heading, pence in report.spend
        ],
    )
    put(ReturnQuery, list(_queries(kit, cast, ids, rows)))


def _obligation(made: Made, project: Running, period: Period) -> Row:
    return {
        "project_id": project.id,
        "award_id": None,
        "round_id": made.id,
        "period": period.key,
        "label": period.label,
        "starts_on": dt.date.fromisoformat(period.starts),
        "ends_on": dt.date.fromisoformat(period.ends),
        "due_on": dt.date.fromisoformat(period.due),
    }


def _return(
    kit: Kit,
    made: Made,
    cast: Cast,
    obligation: int,
    project: Running,
    state: ReturnState,
    report: Report | None,
    at: dt.datetime,
) -> Row:
    is_sent, is_accepted = state != ReturnState.OPEN, state == ReturnState.ACCEPTED
    content = sorted([*place, text] for place, text in report.answers.items()) if report else []
    return {
        "key": kit.key(),
        "obligation_id": obligation,
        "definition_id": made.definition_id,
        "state": state,
        "changed_at": at,
        "submitted_at": at if is_sent else None,
        "submitted_by": project.given.course.sent.bid.lead.people["officer"] if is_sent else None,
        "sha256": fingerprint({"answers": content}) if is_sent else None,
        "accepted_at": at + dt.timedelta(days=5) if is_accepted else None,
        "accepted_by": cast.staff["manager"] if is_accepted else None,
    }


def _report(kit: Kit, fund: Fund, project: Running) -> Report:
    """A whole return: every question answered, and figures that agree with one another."""
    report = Report()
    people = max(8, project.people * kit.dice.randint(60, 130) // 100)
    asked = {q.key: q for section in fund.return_form.sections for q in section.questions}
    for question in asked.values():
        if not is_shown(question, asked, report.answers):
            continue
        if question.kind == QuestionKind.ROWS:
            _table(kit, fund, project, question, people, report)
        else:
            _single(kit, fund, project, question, people, report)
    return report


def _single(
    kit: Kit, fund: Fund, project: Running, question: Question, people: int, report: Report
) -> None:
    place = (question.key, "")
    lead = project.given.course.sent.bid.lead
    match question.kind:
        case QuestionKind.NUMBER:
            number = _count(kit, question, people)
            report.answers[place] = str(number)
            report.figures.append((*place, number))
        case QuestionKind.SINGLE:
            codes = fund.code_lists[question.choices or ""].codes
            report.answers[place] = codes[0 if question.required else -1].code
        case QuestionKind.LONG_TEXT:
            report.answers[place] = kit.world.text(question.key, area=lead.area.name)
        case QuestionKind.DECLARATION:
            report.answers[place] = "yes"
        case QuestionKind.TEXT:
            is_role = question.key.endswith("role")
            report.answers[place] = "Officer" if is_role else lead.names["officer"]
        case _:
            return


def _count(kit: Kit, question: Question, people: int) -> int:
    if question.key == "unique_people":
        return people
    if question.key in SHARE_OF_PEOPLE:
        return people * SHARE_OF_PEOPLE[question.key] // 100
    return people // 4 if question.people else people * kit.dice.randint(2, 6)


def _table(
    kit: Kit, fund: Fund, project: Running, table: Question, people: int, report: Report
) -> None:
    if table.row_source == RowSource.BUDGET:
        _spending(project, table, report)
        return
    codes = [code.code for code in fund.code_lists[table.row_list or ""].codes]
    if table.key == OUTCOMES:
        for code in kit.several(codes, MOST_OUTCOMES):
            _outcome(kit, table, code, people, report)
    elif table.key in OVERLAPPING:
        chosen = project.groups if project.groups[0] in codes else kit.several(codes, 3)
        for code in chosen:
            _cell(table, code, people * kit.dice.randint(20, 70) // 100, report)
    else:
        weights = [kit.dice.randint(1, 9) for _ in codes]
        for code, number in zip(codes, share(people, weights), strict=True):
            _cell(table, code, number, report)


def _cell(table: Question, code: str, number: int, report: Report) -> None:
    report.answers[f"{table.key}.{COUNTED}", code] = str(number)
    report.figures.append((table.key, code, number))


def _outcome(kit: Kit, table: Question, code: str, people: int, report: Report) -> None:
    baseline = people * 9 // 10
    paired = people * kit.dice.randint(4, 7) // 10
    improved = paired * kit.dice.randint(50, 80) // 100
    same = (paired - improved) * 3 // 4
    counted = {
        "started": people,
        "baseline": baseline,
        "paired": paired,
        "improved": improved,
        "same": same,
        "worse": paired - improved - same,
    }
    for name, number in counted.items():
        report.answers[f"{table.key}.n_{name}", code] = str(number)
    report.results.append({"outcome": code, "measure": "", **counted})


def _spending(project: Running, table: Question, report: Report) -> None:
    """All of the project's money, on the lines that go on to projects."""
    onward = [row for row, _, _, is_onward in project.given.course.sent.budget if is_onward]
    for row, pence in zip(onward, share(project.amount, [1] * len(onward)), strict=True):
        report.answers[f"{table.key}.spent", row] = f"{pence // 100}.{pence % 100:02d}"
        report.spend.append((row, pence))


def _answer_rows(key: int, row: Row, report: Report) -> Iterator[Row]:
    for (question, place), text in report.answers.items():
        yield {
            "return_id": key,
            "question": question,
            "row": place,
            "text": text,
            "changed_at": row["changed_at"],
            "changed_by": row["submitted_by"],
        }


def _figure_rows(key: int, report: Report) -> Iterator[Row]:
    for question, code, number in report.figures:
        yield {"return_id": key, "question": question, "code": code, "number": number}


def _queries(kit: Kit, cast: Cast, ids: Sequence[int], rows: Sequence[Row]) -> Iterator[Row]:
    for key, row in zip(ids, rows, strict=True):
        if row["state"] == ReturnState.QUERIED:
            yield {
                "return_id": key,
                "question": "unique_people",
                "text": kit.world.text("query"),
                "asked_by": cast.staff["manager"],
                "asked_at": row["changed_at"] + dt.timedelta(days=2),
            }
