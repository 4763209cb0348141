"""What the fund knows of an applicant beside its application: earlier awards, and due diligence."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Code
from grants.models.application import Application
from grants.models.award import Award
from grants.models.due_diligence import ApplicantCheck
from grants.models.organisation import Organisation
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.queries.visible import Condition, applications_of, conflicted, visible
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.states import KNOWN, AwardState, Finding, ReturnState

CHECKS = "due_diligence"  # the code list of what is looked at
ON_RECORD = (AwardState.RELEASED, AwardState.ACCEPTED, AwardState.CLOSED)  # anybody may know these
MOST = 20  # earlier awards shown, the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """One earlier application with a known outcome, and how its returns stand. Pence."""

    key: uuid.UUID
    reference: str
    round_title: str
    fund_year: str
    asked: Pence
    amount: Pence
    state: AwardState
    may_open: bool
    owed: int
    accepted: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Earlier applications of the same body to the same funder."""

    rows: tuple[PastRow, ...] = ()

    @property
    def overdue(self) -> int:
        """How many returns are late now."""
        return sum(row.overdue for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one thing."""

    finding: Finding
    note: str
    checked_on: dt.date
    checked_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One thing to look at, with every look at it, the latest first."""

    item: Code
    looks: tuple[Look, ...]

    @property
    def latest(self) -> Look | None:
        """What stands, or None while nobody looked."""
        return self.looks[0] if self.looks else None

    @property
    def is_concern(self) -> bool:
        """Whether the last look found something that is not put right."""
        return self.latest is not None and self.latest.finding == Finding.CONCERN


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The due-diligence record of one application."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    round_key: uuid.UUID
    round_reference: str
    may_record: bool
    rows: tuple[CheckRow, ...]

    @property
    def done(self) -> int:
        """How many things were looked at."""
        return sum(row.latest is not None for row in self.rows)

    @property
    def concerns(self) -> int:
        """How many of them are a concern as they stand."""
        return sum(row.is_concern for row in self.rows)


def past(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Past:
    """The applicant's earlier awards in the rounds of this funder: one statement.

    Not asked by assessors of a blind round: who applies is hidden there.
    """
    here = (
        applications_of(
            Application.id, Application.organisation_id, Round.organisation_id.label("funder_id")
        )
        .where(Application.key == key, visible(actor, Action.READ_HISTORY))
        .subquery()
    )
    found: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Round.title.label("round_title"),
            Round.fund_year,
            Application.asked,
            sa.case((Award.state.in_(ON_RECORD), Award.amount), else_=0).label("amount"),
            Award.state,
            visible(actor, Action.READ_APPLICATION).label("may_open"),
            _returns().label("owed"),
            _returns(OutcomeReturn.state == ReturnState.ACCEPTED).label("accepted"),
            _returns(
                OutcomeReturn.state.in_([ReturnState.OPEN, ReturnState.QUERIED]),
                ReturnObligation.due_on < dates.today(now),
            ).label("overdue"),
        )
        .join(
            here,
            sa.and_(
                here.c.organisation_id == Application.organisation_id,
                here.c.funder_id == Round.organisation_id,
                here.c.id != Application.id,
            ),
        )
        .where(
            Award.state.in_(sorted(KNOWN)),
            sa.or_(Award.state.in_(ON_RECORD), visible(actor, Action.READ_DECISION)),
            ~conflicted(actor),
        )
        .order_by(Round.fund_year.desc(), Application.id.desc())
        .limit(MOST)
    )
    return Past(rows=tuple(PastRow(**row) for row in found.mappings()))


def _returns(*conditions: Condition) -> Any:
    """How many returns of the award's projects are so."""
    return (
        sa.select(sa.func.count())
        .select_from(ReturnObligation)
        .join(OutcomeReturn, OutcomeReturn.obligation_id == ReturnObligation.id)
        .join(Project, Project.id == ReturnObligation.project_id)
        .where(
            Project.round_id == Application.round_id,
            sa.or_(Project.award_id == Award.id, Project.local_award_id == Award.id),
            *conditions,
        )
        .correlate(Application, Award)
        .scalar_subquery()
    )


def checks(actor: Actor, key: uuid.UUID) -> Checks | None:
    """The due-diligence record, or None where it is not this person's to read: two statements."""
    here = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Application.definition_id,
            Organisation.name.label("organisation"),
            Round.key.label("round_key"),
            Round.reference.label("round_reference"),
            visible(actor, Action.RECORD_CHECK).label("may_record"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.key == key, visible(actor, Action.READ_CHECKS))
    ).one_or_none()
    if here is None:
        return None
    looks: dict[str, list[Look]] = {}
    for item, look in _looks(here.id):
        looks.setdefault(item, []).append(look)
    listed = fund_of(actor, here.definition_id).code_lists.get(CHECKS)
    return Checks(
        key=here.key,
        reference=here.reference,
        title=here.title,
        organisation=here.organisation,
        round_key=here.round_key,
        round_reference=here.round_reference,
        may_record=here.may_record,
        rows=tuple(
            CheckRow(item=code, looks=tuple(looks.get(code.code, ())))
            for code in (listed.codes if listed else ())
        ),
    )


def _looks(application_id: int) -> list[tuple[str, Look]]:
    rows = db.session.execute(
        sa.select(ApplicantCheck, Person.name)
        .join(Person, Person.id == ApplicantCheck.checked_by)
        .where(ApplicantCheck.application_id == application_id)
        .order_by(ApplicantCheck.id.desc())
    )
    return [
        (
            row.item,
            Look(
                finding=row.finding,
                note=row.note,
                checked_on=row.checked_on,
                checked_by=name,
                recorded_at=row.recorded_at,
            ),
        )
        for row, name in rows
    ]
