"""A return as it is sent: its frozen content, and the typed figures that are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund, Question, QuestionKind
from grants.models.outcome_return import OutcomeResult, OutcomeReturn, ReturnFigure, ReturnSpend
from grants.rules.answers import parse
from grants.rules.eligibility import Answers, filled_rows
from grants.rules.frozen import asked_answers, fingerprint
from grants.rules.outcomes import Change
from grants.rules.return_check import REASON, Checked, as_form, is_whole
from grants.rules.return_figures import COUNTED, OUTCOMES, SPENDING, SPENT, reported

COUNTS = frozenset({QuestionKind.NUMBER, QuestionKind.MONEY})
MEASURE, WHY = "measure", "reason"  # columns: of the outcomes, and of spending
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is kept of a return the moment it is sent."""

    content: dict[str, Any]
    sha256: str
    figures: tuple[Row, ...]
    results: tuple[Row, ...]
    spends: tuple[Row, ...]


def freeze(
    fund: Fund, answers: Answers, checked: Checked, before: Mapping[str, Any] | None
) -> Frozen:
    """Everything of it, from the answers that were asked and the reasons that were wanted.

    ``before`` is the content that was sent last, if any: what differs is kept beside the answers.
    """
    form = as_form(fund)
    kept = asked_answers(form, answers)
    for warning in checked.warnings:
        reason = answers.get((REASON + warning.question, warning.row), "")
        if reason.strip():
            kept[REASON + warning.question, warning.row] = reason
    listed = [[question, row, text] for (question, row), text in sorted(kept.items())]
    return Frozen(
        content={"answers": listed, "changed": _changed(before, kept)},
        sha256=fingerprint({"answers": listed}),
        figures=tuple(_figures(form, kept)),
        results=tuple(_results(fund, form.question(OUTCOMES), kept)),
        spends=tuple(_spends(form.question(SPENDING), kept)),
    )


def put(record: OutcomeReturn, frozen: Frozen, *, is_first: bool) -> None:
    """Write the typed figures in place of those that were sent before. Inside ``transaction()``."""
    tables = (
        (ReturnFigure, frozen.figures),
        (OutcomeResult, frozen.results),
        (ReturnSpend, frozen.spends),
    )
    for table, rows in tables:
        if not is_first:
            db.session.execute(sa.delete(table).where(table.return_id == record.id))
        if rows:
            db.session.execute(sa.insert(table), [{"return_id": record.id, **row} for row in rows])


def _changed(before: Mapping[str, Any] | None, kept: Answers) -> list[list[str]]:
    """What the answers that changed said before, and those that were not there: an empty text."""
    if before is None:
        return []
    told = {(question, row): text for question, row, text in before["answers"]}
    return [
        [*place, told.get(place, "")]
        for place in sorted({*told, *kept})
        if told.get(place, "") != kept.get(place, "")
    ]


def _figures(form: Fund, kept: Answers) -> Iterable[Row]:
    for question in form.questions():
        if question.kind in COUNTS:
            yield from _figure(question, question, question.key, "", kept)
        for column in question.columns:
            if column.key == COUNTED:
                for row in filled_rows(question, kept):
                    yield from _figure(question, column, f"{question.key}.{column.key}", row, kept)


def _figure(
    question: Question, cell: Question, place: str, row: str, kept: Answers
) -> Iterable[Row]:
    number = parse(cell, kept.get((place, row), "")).value
    if isinstance(number, int):
        yield {"question": question.key, "code": row, "number": number}


def _results(fund: Fund, table: Question | None, kept: Answers) -> Iterable[Row]:
    """Outcomes of which every figure is there: the others can't be added to those of others."""
    if table is None:
        return
    for change in reported(fund.return_form, kept, received=None).changes:
        if is_whole(change):
            yield {
                "outcome": change.key,
                "measure": kept.get((f"{table.key}.{MEASURE}", change.key), ""),
                **_steps(change),
            }


def _steps(change: Change) -> Row:
    names = ("started", "baseline", "paired", "improved", "same", "worse")
    return {name: getattr(change, name) for name in names}


def _spends(table: Question | None, kept: Answers) -> Iterable[Row]:
    columns = {column.key: column for column in table.columns} if table else {}
    for row in filled_rows(table, kept) if table else ():
        pence = parse(columns[SPENT], kept.get((f"{SPENDING}.{SPENT}", row), "")).value
        if isinstance(pence, int):
            reason = kept.get((f"{SPENDING}.{WHY}", row), "")
            yield {"heading": row, "spent": pence, "reason": reason}
