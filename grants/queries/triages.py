"""The check before scoring, as staff read it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.person import Person
from grants.models.triage import Triage
from grants.queries.definitions import fund_of
from grants.queries.visible import Condition, applications_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import ApplicationState
from grants.rules.triage import Finding, Point, points

_later = sa.orm.aliased(Triage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The check that stands for the version which was sent last."""

    passes: bool
    findings: tuple[Finding, ...]
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageDesk:
    """One application and its check."""

    key: uuid.UUID
    fund: Fund
    may_decide: bool
    verdict: Verdict | None

    @property
    def points(self) -> tuple[Point, ...]:
        """What is checked."""
        return points(self.fund)


def stands() -> Condition:
    """A check of the present version after which none came. Joined with Application."""
    return sa.and_(
        Triage.application_id == Application.id,
        Triage.number == Application.number,
        ~sa.exists()
        .where(_later.application_id == Triage.application_id, _later.id > Triage.id)
        .correlate(Triage),
    )


def of_application(actor: Actor, key: uuid.UUID) -> TriageDesk | None:
    """The check of this application; None where the round has no such step or it is not theirs."""
    row: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.definition_id,
            Application.state,
            visible(actor, Action.TRIAGE).label("may_decide"),
            Triage,
            Person.name,
        )
        .outerjoin(Triage, stands())
        .outerjoin(Person, Person.id == Triage.decided_by)
        .where(Application.key == key, visible(actor, Action.READ_CHECKS))
    ).one_or_none()
    if row is None:
        return None
    fund = fund_of(actor, row.definition_id)
    if not fund.stages.triage:
        return None
    made: Triage | None = row.Triage
    return TriageDesk(
        key=row.key,
        fund=fund,
        may_decide=row.may_decide and row.state == ApplicationState.SUBMITTED,
        verdict=None
        if made is None
        else Verdict(
            passes=made.passes,
            findings=tuple(Finding(*finding) for finding in made.findings),
            decided_by=row.name,
            decided_at=made.decided_at,
        ),
    )
