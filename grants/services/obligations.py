"""What is owed after an award: a return for each project and each period of the fund's form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from grants.extensions import db
from grants.funds.definition import Period, ReturnForm
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.project import Project
from grants.rules.states import ReturnState


def make(
    projects: Iterable[Project], form: ReturnForm, *, definition_id: int, now: dt.datetime
) -> int:
    """Make every obligation that projects of their size owe, and its open return. Inside ``transaction()``.

    The projects must have their ids. Returns how many returns there are.
    """
    owed = [
        _obligation(project, period)
        for project in projects
        for period in form.asked_of(project.amount)
    ]
    db.session.add_all(owed)
    db.session.flush()
    db.session.add_all(
        OutcomeReturn(
            obligation_id=obligation.id,
            definition_id=definition_id,
            state=ReturnState.OPEN,
            changed_at=now,
        )
        for obligation in owed
    )
    return len(owed)


def _obligation(project: Project, period: Period) -> ReturnObligation:
    starts, ends, due = (
        dt.date.fromisoformat(day) for day in (period.starts, period.ends, period.due)
    )
    return ReturnObligation(
        project_id=project.id,
        round_id=project.round_id,
        period=period.key,
        label=period.label,
        starts_on=starts,
        ends_on=ends,
        due_on=due,
    )
