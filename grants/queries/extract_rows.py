"""Rows of extracts, streamed: plain rows from a cursor, a thousand at a time, never all of them.

Nothing is hidden here: counts of people pass ``rules/row_disclosure.py`` on their way into a file.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
    ReturnSpend,
)
from grants.models.project import Project, ProjectCode
from grants.models.round import Round
from grants.queries.evaluation import PUBLISHED
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import AwardState, ReturnState

BATCH = 1_000
Found = Mapping[str, Any]


def _mine(actor: Actor, round_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Round.id == round_id, visible(actor, Action.EXTRACT))


def _batches(at: Session, statement: Any) -> Iterator[Sequence[Any]]:
    result = at.execute(statement.execution_options(yield_per=BATCH))
    yield from result.mappings().partitions(BATCH)


def _stream(at: Session, statement: Any) -> Iterator[Found]:
    for part in _batches(at, statement):
        yield from part


def awards(actor: Actor, round_id: int, *, at: Session) -> Iterator[Found]:
    """Awards that are released, in the order of their references."""
    projects = (
        sa.select(sa.func.count())
        .where(Project.award_id == Award.id)
        .correlate(Award)
        .scalar_subquery()
    )
    answered = sa.case(
        (Award.state.in_((AwardState.ACCEPTED, AwardState.CLOSED)), Award.answered_at)
    )
    statement = (
        sa.select(
            Award.reference.label("award_reference"),
            Application.reference.label("application_reference"),
            Organisation.name.label("organisation"),
            Award.allocation_area_id.label("area_id"),
            Award.state,
            Application.asked,
            Award.amount.label("awarded"),
            Award.own_costs,
            projects.label("projects"),
            Award.decided_at,
            Award.released_at,
            answered.label("answered_at"),
        )
        .join(Application, Application.id == Award.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Round, Round.id == Award.round_id)
        .where(_mine(actor, round_id), Award.state.in_(PUBLISHED), Award.is_award)
        .order_by(Award.id)
    )
    return _stream(at, statement)


def projects(actor: Actor, round_id: int, *, at: Session) -> Iterator[Found]:
    """Funded projects, each with all of its codes."""
    statement = (
        sa.select(
            Project.id,
            Award.reference.label("award_reference"),
            Project.reference.label("project_reference"),
            Project.title,
            Organisation.name.label("group"),
            Project.allocation_area_id.label("area_id"),
            Project.activity_type,
            Project.main_group,
            ProposedProject.decision,
            ProposedProject.asked,
            Project.amount.label("awarded"),
            Project.people_expected,
        )
        .join(Award, Award.id == Project.award_id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(ProposedProject, ProposedProject.id == Project.proposed_project_id)
        .join(Round, Round.id == Project.round_id)
        .where(_mine(actor, round_id))
        .order_by(Project.id)
    )
    for part in _batches(at, statement):
        codes = _codes(at, [row["id"] for row in part])
        for row in part:
            yield {**row, "codes": codes.get(row["id"], {})}


def _codes(at: Session, ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = {}
    rows = at.execute(
        sa.select(ProjectCode.project_id, ProjectCode.kind, ProjectCode.code)
        .where(ProjectCode.project_id.in_(ids))
        .order_by(ProjectCode.project_id, ProjectCode.kind, ProjectCode.code)
    )
    for project_id, kind, code in rows:
        found.setdefault(project_id, {}).setdefault(kind, []).append(code)
    return found


def organisations(actor: Actor, round_id: int, *, at: Session) -> Iterator[Found]:
    """Organisations with a project, by name."""
    statement = (
        sa.select(
            Organisation.name.label("organisation"),
            Organisation.legal_form.label("organisation_type"),
            Organisation.charity_number,
            sa.func.count().label("projects"),
            sa.func.sum(Project.amount).label("awarded"),
        )
        .select_from(Project)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Round, Round.id == Project.round_id)
        .where(_mine(actor, round_id))
        .group_by(Organisation.id)
        .order_by(Organisation.name, Organisation.id)
    )
    return _stream(at, statement)


def _accepted(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(ReturnObligation)
        .join(OutcomeReturn, OutcomeReturn.obligation_id == ReturnObligation.id)
        .outerjoin(Project, Project.id == ReturnObligation.project_id)
        .outerjoin(Award, Award.id == ReturnObligation.award_id)
        .join(Round, Round.id == ReturnObligation.round_id)
        .where(OutcomeReturn.state == ReturnState.ACCEPTED)
    )


_AREA = sa.func.coalesce(Project.allocation_area_id, Award.allocation_area_id)
_KEY = sa.func.coalesce(Project.key, Award.key, type_=sa.Uuid())


def counts(actor: Actor, round_id: int, question: str, *, at: Session) -> Iterator[Found]:
    """What accepted returns say to one question that counts people."""
    statement = (
        _accepted(OutcomeReturn.id, _AREA.label("area_id"), ReturnFigure.number)
        .join(ReturnFigure, ReturnFigure.return_id == OutcomeReturn.id)
        .where(_mine(actor, round_id), ReturnFigure.question == question, ReturnFigure.code == "")
    )
    return _stream(at, statement)


def planned(actor: Actor, round_id: int, *, at: Session) -> Iterator[Found]:
    """How many people each project means to reach."""
    statement = (
        sa.select(Project.id, Project.people_expected.label("number"))
        .join(Round, Round.id == Project.round_id)
        .where(_mine(actor, round_id), Project.people_expected.is_not(None))
    )
    return _stream(at, statement)


def returns(
    actor: Actor, round_id: int, questions: Sequence[str], *, at: Session
) -> Iterator[Found]:
    """Accepted returns under a pseudonym, with their answers to these questions and what was spent."""
    statement = (
        _accepted(
            OutcomeReturn.id,
            _KEY.label("key"),
            _AREA.label("area_id"),
            ReturnObligation.label.label("period"),
            ReturnObligation.due_on,
            OutcomeReturn.submitted_at,
        )
        .where(_mine(actor, round_id))
        .order_by(_KEY, ReturnObligation.starts_on, OutcomeReturn.id)
    )
    for part in _batches(at, statement):
        ids = [row["id"] for row in part]
        figures, spent = _figures(at, ids, questions), _spent(at, ids)
        for row in part:
            yield {
                **row,
                "project": pseudonym(row["key"]),
                "figures": figures.get(row["id"], {}),
                "spent": spent.get(row["id"]),
            }


def _figures(
    at: Session, ids: Sequence[int], questions: Sequence[str]
) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = at.execute(
        sa.select(ReturnFigure.return_id, ReturnFigure.question, ReturnFigure.number).where(
            ReturnFigure.return_id.in_(ids),
            ReturnFigure.question.in_(list(questions)),
            ReturnFigure.code == "",
        )
    )
    for return_id, question, number in rows:
        found.setdefault(return_id, {})[question] = number
    return found


def _spent(at: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = at.execute(
        sa.select(ReturnSpend.return_id, sa.func.sum(ReturnSpend.spent))
        .where(ReturnSpend.return_id.in_(ids))
        .group_by(ReturnSpend.return_id)
    )
    return {return_id: int(spent) for return_id, spent in rows}


def outcomes(actor: Actor, round_id: int, *, at: Session) -> Iterator[Found]:
    """Results of accepted returns under a pseudonym."""
    result = OutcomeResult
    statement = (
        _accepted(
            result.id,
            _KEY.label("key"),
            _AREA.label("area_id"),
            ReturnObligation.label.label("period"),
            result.outcome,
            result.measure,
            *(result.paired, result.improved, result.same, result.worse),
        )
        .join(result, result.return_id == OutcomeReturn.id)
        .where(_mine(actor, round_id))
        .order_by(_KEY, ReturnObligation.starts_on, result.id)
    )
    return ({**row, "project": pseudonym(row["key"])} for row in _stream(at, statement))


def pseudonym(key: uuid.UUID | None) -> str:
    """The same for one project in every extract. A key is random and not in any extract."""
    return hashlib.sha256(f"pseudonym:{key}".encode()).hexdigest()[:12]
