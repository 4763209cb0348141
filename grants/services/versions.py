"""What is read and what is kept in the moment an application is sent: few statements, all or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import (
    Answer,
    Application,
    ApplicationPartner,
    ApplicationVersion,
    BudgetLine,
    ProposedProject,
)
from grants.models.assessment import LineRecommendation
from grants.models.attachment import Attachment
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.models.search import SearchText
from grants.rules import eligibility
from grants.rules.frozen import asked_answers
from grants.rules.helping import EVIDENCE
from grants.rules.people import Actor
from grants.rules.refusals import Reason
from grants.rules.states import ScanState
from grants.services.typed_rows import Frozen

# Rows are written as values, many in one statement.
VERSIONS: Any = ApplicationVersion.__table__
PARTNERS: Any = ApplicationPartner.__table__
PROJECTS: Any = ProposedProject.__table__
LINES: Any = BudgetLine.__table__
SEARCH: Any = SearchText.__table__
ADVICE: Any = LineRecommendation.__table__


@dataclass(frozen=True, slots=True)
class Sources:
    """All that goes into a version."""

    area: str
    most: int
    """What the area has, in pence."""
    organisation: str
    answers: Mapping[tuple[str, str], str]
    files: tuple[tuple[str, str, str], ...]
    unsafe: tuple[tuple[str, str], ...]
    """(question, name) of files that the scanner refused."""


def read(record: Application) -> Sources:
    """The live answers, the files and the place, in one statement."""
    rows = db.session.execute(sa.union_all(_answers(record), _files(record), _place(record))).all()
    place = next(row for row in rows if row.kind == "place")
    files = [row for row in rows if row.kind == "file"]
    return Sources(
        area=place.first,
        organisation=place.second,
        most=int(place.third),
        answers={(row.first, row.second): row.third for row in rows if row.kind == "answer"},
        files=tuple((row.first, row.second, row.third) for row in files),
        unsafe=tuple((row.first, row.second) for row in files if row.fourth == ScanState.INFECTED),
    )


def missing(fund: Fund, sources: Sources) -> Sequence[Reason]:
    """Everything that keeps it from being sent, each with the question it is about."""
    counts: dict[str, int] = {}
    for question, _, _ in sources.files:
        counts[question] = counts.get(question, 0) + 1
    answers = asked_answers(fund, sources.answers)
    found = eligibility.problems(fund, answers, attachments=counts, most=sources.most)
    unsafe = [
        Reason(f"The file {name} is not safe. Remove it.", question)
        for question, name in sources.unsafe
    ]
    return (*(Reason(problem.sentence, problem.question) for problem in found), *unsafe)


def keep(
    record: Application,
    fund: Fund,
    frozen: Frozen,
    actor: Actor,
    now: dt.datetime,
    confirmed: list[dict[str, Any]],
) -> None:
    """The frozen version, its typed rows and what it is found by. Statements grow with no count.

    ``confirmed`` says who confirmed it before it was sent.
    """
    record.number = (record.number or 0) + 1
    record.asked = frozen.totals.asked
    record.projects_count = len(frozen.projects)
    record.submitted_at = record.changed_at = now
    record.submitted_by = actor.person_id
    record.returned_reason = ""
    version = {
        "application_id": record.id,
        "number": record.number,
        "content": frozen.content,
        "sha256": frozen.sha256,
        "submitted_at": now,
        "submitted_by": actor.person_id,
        "confirmed": confirmed,
    }
    db.session.execute(sa.insert(VERSIONS), [version])
    if frozen.content["attachments"]:
        _mark_files(record, fund)
    for table, rows in (
        (PARTNERS, frozen.partners),
        (PROJECTS, frozen.projects),
        (LINES, frozen.lines),
    ):
        if record.number > 1:
            _drop(table, record.id, [row["row"] for row in rows])
        _put(table, ("application_id", "row"), [{"application_id": record.id, **r} for r in rows])
    found_by = {
        "application_id": record.id,
        "round_id": record.round_id,
        "organisation_id": record.organisation_id,
        "text": frozen.search,
    }
    _put(SEARCH, ("application_id",), [found_by])


def _mark_files(record: Application, fund: Fund) -> None:
    """Which of the files tell who applies. One whose question is not known is taken to."""
    silent = [question.key for question in fund.questions() if not question.identifies]
    db.session.execute(
        sa.update(Attachment)
        .where(Attachment.application_id == record.id)
        .values(is_identifying=Attachment.question.not_in(silent))
        .execution_options(synchronize_session=False)
    )


def _put(table: Any, unique: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
    """Insert, or change what is there: a row that stays keeps its id, for assessors wrote about it."""
    if not rows:
        return
    maker: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = maker(table)
    statement = statement.on_conflict_do_update(
        index_elements=list(unique),
        set_={name: statement.excluded[name] for name in rows[0] if name not in unique},
    )
    db.session.execute(statement, list(rows))


def _drop(table: Any, application_id: int, kept: Sequence[str]) -> None:
    """The rows that this version no longer has, and the advice about them."""
    gone = sa.and_(table.c.application_id == application_id, table.c.row.not_in(kept))
    if table is PROJECTS:
        db.session.execute(
            sa.delete(ADVICE).where(
                ADVICE.c.proposed_project_id.in_(sa.select(table.c.id).where(gone))
            )
        )
    db.session.execute(sa.delete(table).where(gone))


def _answers(record: Application) -> sa.Select[Any]:
    return _row("answer", Answer.question, Answer.row, Answer.text).where(
        Answer.application_id == record.id
    )


def _files(record: Application) -> sa.Select[Any]:
    scan = sa.type_coerce(Attachment.scan, sa.String)
    return _row("file", Attachment.question, Attachment.name, Attachment.sha256, scan).where(
        Attachment.application_id == record.id,
        Attachment.removed_at.is_(None),
        Attachment.question != EVIDENCE,
    )


def _place(record: Application) -> sa.Select[Any]:
    most = sa.cast(AllocationArea.amount, sa.String)
    return (
        _row("place", AllocationArea.name, Organisation.name, most)
        .select_from(Application)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.id == record.id)
    )


def _row(kind: str, first: Any, second: Any, third: Any, fourth: Any = None) -> sa.Select[Any]:
    return sa.select(
        sa.literal(kind).label("kind"),
        first.label("first"),
        second.label("second"),
        third.label("third"),
        (sa.literal("") if fourth is None else fourth).label("fourth"),
    )
