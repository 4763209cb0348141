"""What follows an accepted award: its projects, with their groups, ledger lines and returns."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationAreaCouncil
from grants.queries.definitions import fund_of
from grants.rules.funding_line import FUNDED
from grants.rules.people import Actor
from grants.rules.refusals import Blocked
from grants.rules.states import Tier
from grants.services import ledger, local_projects, obligations
from grants.services.access import Found


def make(
    actor: Actor, found: Found[Award], lines: list[ProposedProject] | None, now: dt.datetime
) -> None:
    """One project for each of these lines, or of all that are in full or in part, with its group,
    ledger line and returns. Inside ``transaction()``."""
    award, application = found.thing, found.application
    if found.round.tier == Tier.LOCAL:
        local_projects.make(actor, found, now)
        return
    lines = [one for one in lines or _funded_lines(application) if not one.is_local_round]
    areas = _areas(award)
    runners = _groups(application, lines, areas)
    projects = [
        Project(
            key=uuid.uuid4(),
            reference=f"{application.reference}-P{line.line:02d}",
            award_id=award.id,
            round_id=award.round_id,
            allocation_area_id=award.allocation_area_id,
            proposed_project_id=line.id,
            organisation_id=runners[line.id],
            title=line.title,
            summary=line.summary,
            activity_type=line.activity_type,
            main_group=line.main_group,
            people_expected=line.people,
            amount=line.amount,
            recorded_at=now,
        )
        for line in lines
    ]
    db.session.add_all(projects)
    db.session.flush()
    for project, line in zip(projects, lines, strict=True):
        pairs = dict.fromkeys((str(kind), str(code)) for kind, code in line.codes)
        db.session.add_all(
            ProjectCode(project_id=project.id, kind=kind, code=code) for kind, code in pairs
        )
    reasons = ledger.record_projects(award, projects, actor, now=now)
    if reasons:
        raise Blocked(*reasons)
    form = fund_of(actor, application.definition_id).return_form
    obligations.make(projects, form, definition_id=application.definition_id, now=now)


def _funded_lines(application: Application) -> list[ProposedProject]:
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


def _areas(award: Award) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(AllocationAreaCouncil.area_code)
            .where(AllocationAreaCouncil.allocation_area_id == award.allocation_area_id)
            .order_by(AllocationAreaCouncil.area_code)
        )
    )


def _groups(
    application: Application, lines: list[ProposedProject], areas: list[str]
) -> dict[int, int]:
    """Who runs each line, by the line's id: a group of that name in the area, or a new one."""
    applicant = _applicant(application)
    known = _known_groups(areas, {line.group_name for line in lines}, applicant.rehearsal_id)
    made: dict[str, Organisation] = {}
    for line in lines:
        name = folded(line.group_name)
        if name not in known and name not in made:
            made[name] = Organisation(
                key=uuid.uuid4(),
                reference=f"GROUP-{application.reference}-{line.line:02d}",
                name=line.group_name,
                kind=OrganisationKind.GROUP,
                is_fictional=applicant.is_fictional,
                rehearsal_id=applicant.rehearsal_id,
            )
    db.session.add_all(made.values())
    db.session.flush()
    db.session.add_all(
        OrganisationArea(organisation_id=group.id, area_code=code)
        for group in made.values()
        for code in areas
    )
    ids: Mapping[str, int] = known | {name: group.id for name, group in made.items()}
    return {line.id: ids[folded(line.group_name)] for line in lines}


def _known_groups(
    areas: list[str], names: Iterable[str], rehearsal_id: int | None
) -> dict[str, int]:
    """Groups of a rehearsal are found in it alone, and never from outside."""
    rows: Any = db.session.execute(
        sa.select(Organisation.name, sa.func.min(Organisation.id))
        .join(OrganisationArea, OrganisationArea.organisation_id == Organisation.id)
        .where(
            Organisation.kind == OrganisationKind.GROUP,
            OrganisationArea.area_code.in_(areas),
            Organisation.name.in_(sorted(names)),
            sa.func.coalesce(Organisation.rehearsal_id, 0) == (rehearsal_id or 0),
        )
        .group_by(Organisation.name)
    )
    return {folded(name): key for name, key in rows}


def _applicant(application: Application) -> Organisation:
    return db.session.get_one(Organisation, application.organisation_id)


def folded(name: str) -> str:
    """A name for comparing: letter case, accents and spaces do not matter."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
