"""The figures of a return, read from its answers as they were typed. A blank is never nought."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from grants.funds.definition import Question, QuestionKind, ReturnForm, RowSource
from grants.rules.answers import parse
from grants.rules.eligibility import Answers, filled_rows
from grants.rules.money import Pence
from grants.rules.outcomes import Breakdown, Change, Money, Reported

# The keys that every fund's return uses for these figures; anything else is a count of its own.
PEOPLE, FAMILY, OUTCOMES, SPENDING, UNSPENT = (
    "unique_people",
    "family_members",
    "outcomes",
    "spending",
    "unspent",
)
COUNTED, SPENT = "people", "spent"  # columns: of a breakdown, and of spending
STEPS = ("n_started", "n_baseline", "n_paired", "n_improved", "n_same", "n_worse")


def reported(
    form: ReturnForm,
    answers: Answers,
    *,
    received: Pence | None,
    overlapping: Collection[str] = (),
    differing: Collection[str] = (),
) -> Reported:
    """What a return says, ready to be checked.

    ``overlapping`` tables count a person once for each row they belong to; ``differing`` ones need
    not add up to the total. Spending is by the budget line's key.
    """
    asked = {question.key: question for part in form.sections for question in part.questions}
    spending = asked.get(SPENDING)
    return Reported(
        people=_number(asked.get(PEOPLE), PEOPLE, "", answers),
        family=_number(asked.get(FAMILY), FAMILY, "", answers),
        breakdowns=[
            Breakdown(
                question=table.key,
                label=table.label,
                counts=_column(table, COUNTED, answers),
                may_overlap=table.key in overlapping,
                may_differ=table.key in differing,
            )
            for table in breakdowns(form)
        ],
        changes=list(_changes(asked.get(OUTCOMES), answers)),
        money=None
        if spending is None or received is None
        else Money(
            received=received,
            spent=_given(_column(spending, SPENT, answers)),
            unspent=_number(asked.get(UNSPENT), UNSPENT, "", answers),
        ),
        counts={
            question.key: _number(question, question.key, "", answers)
            for question in asked.values()
            if question.kind == QuestionKind.NUMBER and question.key not in {PEOPLE, FAMILY}
        },
    )


def breakdowns(form: ReturnForm) -> tuple[Question, ...]:
    """The tables of the form that count people by a code list."""
    return tuple(
        question
        for section in form.sections
        for question in section.questions
        if question.row_source == RowSource.CODE_LIST
        and any(column.key == COUNTED for column in question.columns)
    )


def _changes(table: Question | None, answers: Answers) -> Iterator[Change]:
    for row in filled_rows(table, answers) if table else ():
        columns = {column.key: column for column in table.columns} if table else {}
        started, baseline, paired, improved, same, worse = (
            _number(columns.get(key), f"{OUTCOMES}.{key}", row, answers) for key in STEPS
        )
        yield Change(
            key=row,
            label=row,
            started=started,
            baseline=baseline,
            paired=paired,
            improved=improved,
            same=same,
            worse=worse,
        )


def _column(table: Question, key: str, answers: Answers) -> dict[str, int | None]:
    """One column's figures by row, as far as they can be read."""
    column = next((column for column in table.columns if column.key == key), None)
    place = f"{table.key}.{key}"
    return {row: _number(column, place, row, answers) for row in filled_rows(table, answers)}


def _given(figures: Mapping[str, int | None]) -> dict[str, int]:
    return {row: figure for row, figure in figures.items() if figure is not None}


def _number(question: Question | None, place: str, row: str, answers: Answers) -> int | None:
    value = parse(question, answers.get((place, row), "")).value if question else None
    return value if isinstance(value, int) else None


def total(figures: Iterable[int | None]) -> int | None:
    """The sum of what was collected; None where nothing was."""
    given = [figure for figure in figures if figure is not None]
    return sum(given) if given else None
