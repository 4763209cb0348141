"""What follows an accepted award of a local round: one project, its ledger line and its returns."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.project import Project, ProjectCode
from grants.queries.definitions import fund_of
from grants.rules.funding_line import FUNDED
from grants.rules.people import Actor
from grants.rules.refusals import Blocked
from grants.services import ledger, obligations
from grants.services.access import Found


def make(actor: Actor, found: Found[Award], now: dt.datetime) -> None:
    """The group's one project, with the whole of its award. Inside ``transaction()``.

    Raises Blocked where the award that is the round's pot does not hold so much any more.
    """
    application = found.application
    lines = _funded(application)
    project = _project(found, application, lines, now)
    db.session.add(project)
    db.session.flush()
    pairs = dict.fromkeys((str(kind), str(code)) for line in lines for kind, code in line.codes)
    db.session.add_all(
        ProjectCode(project_id=project.id, kind=kind, code=code) for kind, code in pairs
    )
    reasons = ledger.pass_on(project, actor, now=now)
    if reasons:
        raise Blocked(*reasons)
    form = fund_of(actor, application.definition_id).return_form
    obligations.make([project], form, definition_id=application.definition_id, now=now)


def _funded(application: Application) -> list[ProposedProject]:
    return list(
        db.session.scalars(
            sa.select(ProposedProject)
            .where(
                ProposedProject.application_id == application.id,
                ProposedProject.decision.in_(sorted(FUNDED)),
            )
            .order_by(ProposedProject.line, ProposedProject.id)
        )
    )


def _project(
    found: Found[Award], application: Application, lines: list[ProposedProject], now: dt.datetime
) -> Project:
    award, parent_id = found.thing, found.round.parent_award_id
    if parent_id is None or not lines:
        raise Blocked("This award funds no project.")
    first = lines[0]
    return Project(
        key=uuid.uuid4(),
        reference=f"{application.reference}-P01",
        award_id=parent_id,
        round_id=award.round_id,
        allocation_area_id=award.allocation_area_id,
        local_award_id=award.id,
        organisation_id=application.organisation_id,
        title=first.title,
        summary=first.summary,
        activity_type=first.activity_type,
        main_group=first.main_group,
        people_expected=sum(line.people or 0 for line in lines) or None,
        amount=award.amount,
        recorded_at=now,
    )
