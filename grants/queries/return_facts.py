"""What is known of one return before it is read: its project, its period, what came before it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.outcome_return import (
    OutcomeReturn,
    ReturnAnswer,
    ReturnFigure,
    ReturnObligation,
    ReturnQuery,
    ReturnSpend,
)
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries.visible import Condition, Statement, above_id, returns_of, visible
from grants.rules.actions import Action
from grants.rules.eligibility import Answers
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.permissions import Case
from grants.rules.refusals import NotFound
from grants.rules.return_figures import PEOPLE
from grants.rules.states import ReturnState, Tier

NO_SUCH = "There is no such page."
_runner = sa.orm.aliased(Organisation)
_lead = sa.orm.aliased(Organisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """A question of the fund about one answer (about the whole, where ``question`` is empty)."""

    question: str
    text: str
    by: str
    asked_at: dt.datetime
    reply: str
    answered_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.answered_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a return before anything is written: its project, its period, its round."""

    id: int
    key: uuid.UUID
    state: ReturnState
    version: int
    changed_at: dt.datetime
    submitted_at: dt.datetime | None
    sha256: str | None
    accepted_at: dt.datetime | None
    definition_id: int
    project_id: int
    period: str
    label: str
    starts_on: dt.date
    ends_on: dt.date
    due_on: dt.date
    reference: str
    title: str
    summary: str
    activity_type: str
    main_group: str
    people_expected: int | None
    amount: Pence
    organisation: str
    organisation_id: int
    lead: str
    lead_id: int
    application_id: int
    application_number: int | None
    area: str
    fund_slug: str
    round_id: int
    round_key: uuid.UUID
    round_title: str
    round_reference: str
    funder_id: int
    tier: Tier
    above_id: int | None

    @property
    def case(self) -> Case:
        """What the table of permissions asks about."""
        return Case(
            fund=self.fund_slug,
            funder_id=self.funder_id,
            is_local=self.tier == Tier.LOCAL,
            above_id=self.above_id or 0,
            applicant_id=self.lead_id,
            runner_id=self.organisation_id,
            outcome_return=self.state,
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What was reported before this period, and how it was last told."""

    spent: Pence = 0
    people: int = 0
    label: str = ""
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)


def facts_of(actor: Actor, key: uuid.UUID, condition: Condition) -> Facts:
    """The return with this key among those that one reads and that meet the condition."""
    row = (
        db.session.execute(
            returns_of(*_FACTS)
            .join(_runner, _runner.id == Project.organisation_id)
            .join(_lead, _lead.id == Application.organisation_id)
            .join(AllocationArea, AllocationArea.id == Project.allocation_area_id)
            .where(OutcomeReturn.key == key, visible(actor, Action.READ_RETURN), condition)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return Facts(**row)


def live_answers(
    return_id: int,
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], int]]:
    """Texts and versions as they stand now, in the order of the rows."""
    rows = db.session.execute(
        sa.select(
            ReturnAnswer.question, ReturnAnswer.row, ReturnAnswer.text, ReturnAnswer.version
        ).where(ReturnAnswer.return_id == return_id)
    )
    kept = sorted(rows, key=lambda found: (found.row, found.question))
    texts = {(found.question, found.row): found.text for found in kept}
    return texts, {(found.question, found.row): found.version for found in kept}


def before_of(project_id: int, starts_on: dt.date) -> Before:
    """What this project reported for the periods before this day. One statement."""
    row: Any = db.session.execute(
        sa.select(
            OutcomeReturn.content,
            ReturnObligation.label,
            _spent_before(project_id, starts_on),
            _people_before(project_id, starts_on),
        )
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .where(*_earlier(project_id, starts_on))
        .order_by(ReturnObligation.starts_on.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return Before()
    content, label, spent, people = row
    return Before(int(spent), int(people), label, sent_answers(content or {}))


def told(return_id: int, project_id: int, starts_on: dt.date) -> tuple[Answers, Before]:
    """What is written, and the sums of what was reported before: one statement, for sending it."""
    rows: Any = db.session.execute(
        sa.select(
            ReturnAnswer.question,
            ReturnAnswer.row,
            ReturnAnswer.text,
            _spent_before(project_id, starts_on).label("spent"),
            _people_before(project_id, starts_on).label("people"),
        ).where(ReturnAnswer.return_id == return_id)
    ).all()
    kept = sorted(rows, key=lambda found: (found.row, found.question))
    before = Before(int(rows[0].spent), int(rows[0].people)) if rows else Before()
    return {(found.question, found.row): found.text for found in kept}, before


def is_final(fund: Fund, period: str) -> bool:
    """Whether this period is the last one of the fund's return."""
    return any(entry.key == period and entry.final for entry in fund.return_form.periods)


def queries_of(return_id: int) -> tuple[QueryRow, ...]:
    """What the fund asked about this return, the first first."""
    rows = db.session.execute(
        sa.select(
            ReturnQuery.question,
            ReturnQuery.text,
            Person.name.label("by"),
            ReturnQuery.asked_at,
            ReturnQuery.reply,
            ReturnQuery.answered_at,
        )
        .join(Person, Person.id == ReturnQuery.asked_by)
        .where(ReturnQuery.return_id == return_id)
        .order_by(ReturnQuery.asked_at, ReturnQuery.id)
    )
    return tuple(QueryRow(**row) for row in rows.mappings())


def sent_content(facts: Facts) -> dict[str, Any]:
    """What was sent last; empty while nothing was. Where no copy was kept, the answers of that day."""
    if facts.submitted_at is None:
        return {}
    content: dict[str, Any] | None = db.session.scalar(
        sa.select(OutcomeReturn.content).where(OutcomeReturn.id == facts.id)
    )
    return content if content is not None else content_of_then(facts.id, facts.submitted_at)


def content_of_then(return_id: int, submitted_at: dt.datetime) -> dict[str, Any]:
    """The answers that nobody changed since this instant."""
    rows = db.session.execute(
        sa.select(ReturnAnswer.question, ReturnAnswer.row, ReturnAnswer.text).where(
            ReturnAnswer.return_id == return_id, ReturnAnswer.changed_at <= submitted_at
        )
    )
    return {"answers": [[row.question, row.row, row.text] for row in rows]}


def sent_answers(content: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The answers of something that was sent, by their places."""
    return {(question, row): text for question, row, text in content.get("answers", ())}


_FACTS: Sequence[Any] = (
    OutcomeReturn.id,
    OutcomeReturn.key,
    OutcomeReturn.state,
    OutcomeReturn.version,
    OutcomeReturn.changed_at,
    OutcomeReturn.submitted_at,
    OutcomeReturn.sha256,
    OutcomeReturn.accepted_at,
    OutcomeReturn.definition_id,
    Project.id.label("project_id"),
    ReturnObligation.period,
    ReturnObligation.label,
    ReturnObligation.starts_on,
    ReturnObligation.ends_on,
    ReturnObligation.due_on,
    Project.reference,
    Project.title,
    Project.summary,
    Project.activity_type,
    Project.main_group,
    Project.people_expected,
    Project.amount,
    _runner.name.label("organisation"),
    Project.organisation_id,
    _lead.name.label("lead"),
    Application.organisation_id.label("lead_id"),
    Application.id.label("application_id"),
    Application.number.label("application_number"),
    AllocationArea.name.label("area"),
    Round.fund.label("fund_slug"),
    Round.id.label("round_id"),
    Round.key.label("round_key"),
    Round.title.label("round_title"),
    Round.reference.label("round_reference"),
    Round.organisation_id.label("funder_id"),
    Round.tier,
    above_id().label("above_id"),
)


def _earlier(project_id: int, starts_on: dt.date) -> tuple[Condition, ...]:
    return (
        ReturnObligation.project_id == project_id,
        ReturnObligation.starts_on < starts_on,
        OutcomeReturn.submitted_at.is_not(None),
    )


def _spent_before(project_id: int, starts_on: dt.date) -> Any:
    statement: Statement = (
        sa.select(sa.func.coalesce(sa.func.sum(ReturnSpend.spent), 0))
        .select_from(ReturnSpend)
        .where(ReturnSpend.return_id.in_(_earlier_ids(project_id, starts_on)))
    )
    return statement.scalar_subquery()


def _people_before(project_id: int, starts_on: dt.date) -> Any:
    statement: Statement = (
        sa.select(sa.func.coalesce(sa.func.sum(ReturnFigure.number), 0))
        .select_from(ReturnFigure)
        .where(
            ReturnFigure.return_id.in_(_earlier_ids(project_id, starts_on)),
            ReturnFigure.question == PEOPLE,
            ReturnFigure.code == "",
        )
    )
    return statement.scalar_subquery()


def _earlier_ids(project_id: int, starts_on: dt.date) -> Statement:
    owed, told = sa.orm.aliased(ReturnObligation), sa.orm.aliased(OutcomeReturn)
    return (
        sa.select(told.id)
        .join(owed, owed.id == told.obligation_id)
        .where(owed.project_id == project_id, owed.starts_on < starts_on)
    )
