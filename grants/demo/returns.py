"""Returns: what is owed for each project, and what was reported so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from grants.demo.bids import money
from grants.demo.kit import Kit, Row, add, put, share
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.demo.running import Running
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
from grants.rules.return_check import GRANT, Checked
from grants.rules.return_figures import COUNTED, OUTCOMES, PEOPLE, SPENDING, SPENT
from grants.rules.states import ReturnState
from grants.services import return_rows
from grants.services.return_rows import Frozen

SHARE_OF_PEOPLE = {"people_16_24": 20, "people_25_26": 3, "family_members": 15, "new_people": 60}
OVERLAPPING = frozenset({"reach_by_group", "presenting_issues"})
MOST_OUTCOMES = 2
"""How many outcomes one project reports on."""
Plan = Callable[[int, int], ReturnState]
"""The state of a return by the places of its project and its period."""


Answers = dict[tuple[str, str], str]


def make(
    kit: Kit, made: Made, cast: Cast, projects: Sequence[Running], plan: Plan, at: dt.datetime
) -> None:
    """Every obligation and its return, reported as far as the plan says."""
    periods = made.fund.return_form.periods
    owed = [(project, period) for project in projects for period in periods]
    states = [plan(*divmod(place, len(periods))) for place in range(len(owed))]
    obligations = add(ReturnObligation, [_obligation(made, *pair) for pair in owed])
    reports = [
        _report(kit, made.fund, project, period) if state != ReturnState.OPEN else {}
        for (project, period), state in zip(owed, states, strict=True)
    ]
    sent = [
        return_rows.freeze(made.fund, answers, Checked(), None) if answers else None
        for answers in reports
    ]
    rows = [
        _return(kit, made, cast, obligation, project, state, frozen, at)
        for obligation, (project, _), state, frozen in zip(
            obligations, owed, states, sent, strict=True
        )
    ]
    ids = add(OutcomeReturn, rows)
    put(
        ReturnAnswer,
        [
            entry
            for key, row, answers in zip(ids, rows, reports, strict=True)
            for entry in _answer_rows(key, row, answers)
        ],
    )
    told = [(key, frozen) for key, frozen in zip(ids, sent, strict=True) if frozen]
    put(ReturnFigure, [{**row, "return_id": key} for key, one in told for row in one.figures])
    put(OutcomeResult, [{**row, "return_id": key} for key, one in told for row in one.results])
    put(ReturnSpend, [{**row, "return_id": key} for key, one in told for row in one.spends])
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
    frozen: Frozen | None,
    at: dt.datetime,
) -> Row:
    is_sent, is_accepted = state != ReturnState.OPEN, state == ReturnState.ACCEPTED
    return {
        "key": kit.key(),
        "obligation_id": obligation,
        "definition_id": made.definition_id,
        "state": state,
        "changed_at": at,
        "submitted_at": at if is_sent else None,
        "submitted_by": project.given.course.sent.bid.lead.people["officer"] if is_sent else None,
        "sha256": frozen.sha256 if frozen else None,
        "content": frozen.content if frozen else None,
        "accepted_at": at + dt.timedelta(days=5) if is_accepted else None,
        "accepted_by": cast.staff["manager"] if is_accepted else None,
    }


def _report(kit: Kit, fund: Fund, project: Running, period: Period) -> Answers:
    """A whole return: every question answered, and figures that agree with one another."""
    answers: Answers = {}
    people = max(8, project.people * kit.dice.randint(60, 130) // 100)
    asked = {q.key: q for section in fund.return_form.sections for q in section.questions}
    for question in asked.values():
        if not is_shown(question, asked, answers):
            continue
        if question.row_source == RowSource.BUDGET:
            answers[f"{SPENDING}.{SPENT}", GRANT] = money(_spent(fund, project, period))
        elif question.kind == QuestionKind.ROWS:
            answers |= _table(kit, fund, project, question, people)
        else:
            answers[question.key, ""] = _single(kit, fund, project, question, people)
    return answers


def _single(kit: Kit, fund: Fund, project: Running, question: Question, people: int) -> str:
    lead = project.given.course.sent.bid.lead
    match question.kind:
        case QuestionKind.NUMBER:
            return str(_count(kit, question, people))
        case QuestionKind.SINGLE:
            codes = fund.code_lists[question.choices or ""].codes
            return codes[0 if question.required else -1].code
        case QuestionKind.LONG_TEXT:
            return kit.world.text(question.key, area=lead.area.name)
        case QuestionKind.DECLARATION:
            return "yes"
        case QuestionKind.TEXT:
            return "Officer" if question.key.endswith("role") else lead.names["officer"]
        case _:
            return ""


def _count(kit: Kit, question: Question, people: int) -> int:
    if question.key == PEOPLE:
        return people
    if question.key in SHARE_OF_PEOPLE:
        return people * SHARE_OF_PEOPLE[question.key] // 100
    return people // 4 if question.people else people * kit.dice.randint(2, 6)


def _table(kit: Kit, fund: Fund, project: Running, table: Question, people: int) -> Answers:
    codes = [code.code for code in fund.code_lists[table.row_list or ""].codes]
    if table.key == OUTCOMES:
        chosen = kit.several(codes, MOST_OUTCOMES)
        return {
            place: text
            for code in chosen
            for place, text in _outcome(kit, table, code, people).items()
        }
    if table.key in OVERLAPPING:
        mine = project.groups if project.groups[0] in codes else kit.several(codes, 3)
        counted = {code: people * kit.dice.randint(20, 70) // 100 for code in mine}
    else:
        weights = [kit.dice.randint(1, 9) for _ in codes]
        counted = dict(zip(codes, share(people, weights), strict=True))
    return {(f"{table.key}.{COUNTED}", code): str(number) for code, number in counted.items()}


def _outcome(kit: Kit, table: Question, code: str, people: int) -> Answers:
    paired = people * kit.dice.randint(4, 7) // 10
    improved = paired * kit.dice.randint(50, 80) // 100
    same = (paired - improved) * 3 // 4
    counted = {
        "started": people,
        "baseline": people * 9 // 10,
        "paired": paired,
        "improved": improved,
        "same": same,
        "worse": paired - improved - same,
    }
    return {(f"{table.key}.n_{name}", code): str(number) for name, number in counted.items()}


def _spent(fund: Fund, project: Running, period: Period) -> int:
    """The grant in equal parts over the periods; the last takes what is left."""
    count = len(fund.return_form.periods)
    part = project.amount // count
    return project.amount - part * (count - 1) if period.final else part


def _answer_rows(key: int, row: Row, answers: Answers) -> Iterator[Row]:
    for (question, place), text in answers.items():
        yield {
            "return_id": key,
            "question": question,
            "row": place,
            "text": text,
            "changed_at": row["changed_at"],
            "changed_by": row["submitted_by"],
        }


def _queries(kit: Kit, cast: Cast, ids: Sequence[int], rows: Sequence[Row]) -> Iterator[Row]:
    for key, row in zip(ids, rows, strict=True):
        if row["state"] == ReturnState.QUERIED:
            yield {
                "return_id": key,
                "question": PEOPLE,
                "text": kit.world.text("query"),
                "asked_by": cast.staff["manager"],
                "asked_at": row["changed_at"] + dt.timedelta(days=2),
            }
