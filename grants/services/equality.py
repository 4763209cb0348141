"""Equality monitoring: asked of who applied, apart from the application, and shown as counts alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from grants.documents.charts import BarChart, Unit, bar_chart
from grants.extensions import db
from grants.funds.reference import equality_questions
from grants.models.equality import EqualityAsked, EqualityCount
from grants.queries import equality as queries
from grants.queries import evaluation
from grants.queries.definitions import fund_of
from grants.queries.evaluation import RoundRow
from grants.rules import equality as rules
from grants.rules.actions import Action
from grants.rules.disclosure import Cell, Hidden, percentage
from grants.rules.people import Actor
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.services import access
from grants.services.transaction import transaction

LATE = "The equality questions of this round are closed. Nothing about your application changes."
COUNTS: Any = EqualityCount.__table__


@dataclass(frozen=True, slots=True)
class Line:
    """One answer with its count and its share; hidden ones are blank and say so."""

    label: str
    people: int | None
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualityTable:
    """One question in figures, with its chart."""

    key: str
    title: str
    source: str
    status: str
    lines: tuple[Line, ...]
    total: int | None
    chart: BarChart

    @property
    def is_hidden(self) -> bool:
        """Whether too few answered for anything to be shown."""
        return self.total is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualityFigures:
    """A round's counts; none before the questions are closed."""

    round: RoundRow
    from_when: dt.datetime
    small: int
    is_out: bool
    tables: tuple[EqualityTable, ...] = ()


def answer(actor: Actor, key: uuid.UUID, answers: Mapping[str, str], *, now: dt.datetime) -> None:
    """Count what was answered, once for an application. The answers are kept as counts alone.

    Nothing of it is audited, mailed or dated: the counts say what was answered, the other table that
    somebody was asked, and nothing joins the two. Sent twice, it is counted once.
    """
    with transaction():
        found = access.application(actor, key, Action.ANSWER_EQUALITY, lock=True)
        if not fund_of(actor, found.thing.definition_id).stages.equality:
            raise NotFound(access.NO_SUCH)
        if not rules.is_asked(found.round.closes_at, now):
            raise MoveNotAllowed(LATE)
        if db.session.get(EqualityAsked, found.thing.id) is not None:
            return
        db.session.add(EqualityAsked(application_id=found.thing.id))
        db.session.flush()
        given = rules.counted(equality_questions(), answers)
        _add(found.round.id, sorted(given))


def _add(round_id: int, given: list[tuple[str, str]]) -> None:
    """One more of each, in one statement and in one order: two at once wait for each other."""
    if not given:
        return
    maker: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = maker(COUNTS)
    statement = statement.on_conflict_do_update(
        index_elements=["round_id", "question", "code"],
        set_={"people": COUNTS.c.people + 1},
    )
    rows = [
        {"round_id": round_id, "question": question, "code": code, "people": 1}
        for question, code in given
    ]
    db.session.execute(statement, rows)


def figures(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> EqualityFigures:
    """A round's counts, protected, once nobody can answer any more. Raises NotFound."""
    record, small, base = _round(actor, key)
    is_out = not rules.is_asked(record.closes_at, now)
    shown = (
        rules.published(equality_questions(), queries.counts(actor, record.id), small=small)
        if is_out
        else ()
    )
    return EqualityFigures(
        round=record,
        from_when=record.closes_at + rules.OPEN_FOR,
        small=small,
        is_out=is_out,
        tables=tuple(_table(found, base) for found in shown),
    )


def _round(actor: Actor, key: uuid.UUID) -> tuple[RoundRow, int, int]:
    """The round, the largest count that is hidden, and the least base of a percentage."""
    record = evaluation.round_of(actor, key, Action.READ_EQUALITY)
    if record.definition_id is None:
        raise NotFound(access.NO_SUCH)
    fund = fund_of(actor, record.definition_id)
    if not fund.stages.equality:
        raise NotFound(access.NO_SUCH)
    return record, fund.settings.small_count, fund.settings.percent_base


def _table(found: rules.Published, base: int) -> EqualityTable:
    lines = tuple(
        Line(label, _number(found.counts[code]), _percent(found.counts[code], found.total, base))
        for code, label in found.labels.items()
    )
    return EqualityTable(
        key=found.question.key,
        title=found.question.label,
        source=found.question.source,
        status=found.question.status,
        lines=lines,
        total=_number(found.total),
        chart=bar_chart(
            found.question.label, [(line.label, line.people) for line in lines], Unit.PEOPLE
        ),
    )


def _number(cell: Cell) -> int | None:
    return None if isinstance(cell, Hidden) else cell


def _percent(part: Cell, whole: Cell, base: int) -> str:
    share = percentage(part, whole, least=base)
    return "" if isinstance(share, Hidden) else f"{share}%"
