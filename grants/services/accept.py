"""What follows an offer: the signatory accepts it or turns it down, or its time runs out."""

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
from grants.models.letter import Letter
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationAreaCouncil
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.funding_line import FUNDED
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import AwardState, LetterState, ReturnState, Tier
from grants.services import access, ledger, local_projects, obligations
from grants.services.access import Found
from grants.services.moving import move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]


def accept(
    actor: Actor, key: uuid.UUID, *, typed_name: str, agrees: bool, now: dt.datetime
) -> None:
    """Accept the offer, once, in time, in one's own name: its projects and returns begin to exist.

    Accepting twice is accepting once. Raises Blocked without a name, a declaration or a letter, and
    when the day to accept by is over.
    """
    with transaction():
        found = access.award(actor, key, Action.ACCEPT, lock=True)
        award = found.thing
        if award.state == AwardState.ACCEPTED and award.answered_by == actor.person_id:
            return
        _check_signature(actor, typed_name, agrees=agrees)
        move(
            award,
            Action.ACCEPT,
            actor=actor,
            case=found.case,
            now=now,
            checks={
                "letter_not_issued": lambda: _letter_not_issued(award),
                "offer_expired": lambda: _offer_expired(award, now),
            },
            after={"amount": award.amount, "signed": typed_name.strip(), "declared": True},
            about=found.application,
        )
        award.answered_by, award.answered_at = actor.person_id, now
        _make_projects(actor, found, now)


def decline(
    actor: Actor, key: uuid.UUID, *, reason: str, typed_name: str, now: dt.datetime
) -> None:
    """Turn the offer down: its money is free for others. Doing it twice is doing it once."""
    with transaction():
        found = access.award(actor, key, Action.DECLINE_OFFER, lock=True)
        award = found.thing
        if award.state == AwardState.OFFER_DECLINED and award.answered_by == actor.person_id:
            return
        _check_signature(actor, typed_name, agrees=True)
        move(
            award,
            Action.DECLINE_OFFER,
            actor=actor,
            case=found.case,
            now=now,
            reason=reason,
            after={"signed": typed_name.strip()},
            about=found.application,
        )
        award.answered_by, award.answered_at = actor.person_id, now
        ledger.give_back(award, actor, now=now, note="Offer declined")


def lapse(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let an offer lapse once the day to accept by is over: its money is free for others."""
    with transaction():
        found = access.award(actor, key, Action.LAPSE, lock=True)
        if found.thing.state != AwardState.LAPSED:
            _lapse(actor, found.thing, found.application, found.case, now)


def lapse_overdue(*, now: dt.datetime) -> int:
    """Let every offer lapse whose day is over: the clock's work at night. Returns how many."""
    with transaction():
        rows = db.session.execute(
            sa.select(Award, Application)
            .join(Application, Application.id == Award.application_id)
            .where(Award.state == AwardState.RELEASED, Award.accept_by < dates.today(now))
            .order_by(Award.id)
            .with_for_update(of=Award)
            .execution_options(populate_existing=True)
        ).all()
        for award, application in rows:
            _lapse(CLOCK, award, application, Case(), now)
    return len(rows)


def close(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Close an award once every return of its projects is accepted."""
    with transaction():
        found = access.award(actor, key, Action.CLOSE, lock=True)
        if found.thing.state == AwardState.CLOSED:
            return
        move(
            found.thing,
            Action.CLOSE,
            actor=actor,
            case=found.case,
            now=now,
            checks={"returns_outstanding": lambda: _returns_outstanding(found.thing)},
        )


def _lapse(
    actor: Actor, award: Award, application: Application, case: Case, now: dt.datetime
) -> None:
    move(
        award,
        Action.LAPSE,
        actor=actor,
        case=case,
        now=now,
        checks={"offer_still_open": lambda: _offer_still_open(award, now)},
        about=application,
    )
    ledger.give_back(award, actor, now=now, note="Offer lapsed")


def _check_signature(actor: Actor, typed_name: str, *, agrees: bool) -> None:
    reasons = []
    if _folded(typed_name) != _folded(actor.name):
        text = f"Type your name as it stands on your account: {actor.name}."
        reasons.append(Reason(text, "typed_name"))
    if not agrees:
        text = "Confirm that you may sign for the organisation and agree to the conditions."
        reasons.append(Reason(text, "agrees"))
    if reasons:
        raise Blocked(*reasons)


def _folded(name: str) -> str:
    """A name for comparing: letter case, accents and spaces do not matter."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _letter_not_issued(award: Award) -> Reasons:
    is_issued = sa.exists().where(Letter.award_id == award.id, Letter.state == LetterState.ISSUED)
    if db.session.scalar(sa.select(is_issued)):
        return ()
    return (Reason("Your letter has not been issued yet. We will write to you when it is."),)


def _offer_expired(award: Award, now: dt.datetime) -> Reasons:
    if award.accept_by is None or not dates.is_past(award.accept_by, now):
        return ()
    text = f"The offer could be accepted until {dates.describe_day(award.accept_by)}."
    return (Reason(f"{text} Ask the fund what can be done."),)


def _offer_still_open(award: Award, now: dt.datetime) -> Reasons:
    if award.accept_by is not None and dates.is_past(award.accept_by, now):
        return ()
    when = dates.describe_day(award.accept_by) if award.accept_by else "a day to come"
    return (Reason(f"The offer may still be accepted until {when}."),)


def _returns_outstanding(award: Award) -> Reasons:
    waiting = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(OutcomeReturn)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .join(Project, Project.id == ReturnObligation.project_id)
        .where(
            sa.or_(Project.award_id == award.id, Project.local_award_id == award.id),
            OutcomeReturn.state != ReturnState.ACCEPTED,
        )
    )
    if not waiting:
        return ()
    return (Reason(f"Returns that are not accepted yet: {waiting}."),)


def _make_projects(actor: Actor, found: Found[Award], now: dt.datetime) -> None:
    """One project for each line in full or in part, with its group, ledger line and returns."""
    award, application = found.thing, found.application
    if found.round.tier == Tier.LOCAL:
        local_projects.make(actor, found, now)
        return
    lines = _funded_lines(application)
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
                ProposedProject.is_local_round.is_(False),
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
        name = _folded(line.group_name)
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
    return {line.id: ids[_folded(line.group_name)] for line in lines}


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
    return {_folded(name): key for name, key in rows}


def _applicant(application: Application) -> Organisation:
    return db.session.get_one(Organisation, application.organisation_id)
