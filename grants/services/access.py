"""The only way to fetch a record for a person.

Each function finds the thing by its key among what this person may see, builds the ``Case`` that the
table of permissions asks about, and requires the action. Raises NotFound for what does not exist for
this person, Forbidden or MoveNotAllowed for what they see but may not do. One statement each.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.calibration import CalibrationSample, CalibrationSet
from grants.models.extract import Extract
from grants.models.job import Job
from grants.models.letter import Letter
from grants.models.meeting import Meeting, MeetingItem
from grants.models.organisation import Organisation
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import Round
from grants.models.scenario import Scenario
from grants.queries import visible as v
from grants.queries.calibration_gate import calibrated, samples_of
from grants.queries.meetings import meetings_seen
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import Case, require
from grants.rules.refusals import Forbidden, NotFound
from grants.rules.states import OFFERED, AwardState, ScanState, Tier

T = TypeVar("T")
NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A record, what surrounds it, and the case it makes for this person."""

    thing: T
    round: Round
    application: Application
    award: Award | None
    case: Case


def application(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> Found[Application]:
    """The application with this key, for this action."""
    statement = v.applications_of(Application, Round, Application, Award, *_context(actor))
    return _found(actor, statement, Application, key, (action, Action.READ_SUMMARY), lock=lock)


def assessment(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> Found[Assessment]:
    """One's own assessment with this key; everybody else's does not exist here."""
    statement = v.assessments_of(Assessment, Round, Application, Award, *_context(actor)).where(
        Assessment.person_id == actor.person_id
    )
    return _found(actor, statement, Assessment, key, (action, Action.READ_SUMMARY), lock=lock)


def award(actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False) -> Found[Award]:
    """The award with this key. For applicants it exists once its outcome is released."""
    statement = v.awards_of(Award, Round, Application, Award, *_context(actor))
    reads = (action, Action.READ_DECISION, Action.READ_OUTCOME)
    return _found(actor, statement, Award, key, reads, lock=lock)


def addition(
    actor: Actor, award_key: uuid.UUID, key: uuid.UUID, action: Action
) -> tuple[Addition, Found[Award]]:
    """An addition to an award, both locked. To who answers it, it is there once it is released."""
    found = award(actor, award_key, action, lock=True)
    record = db.session.scalar(
        sa.select(Addition)
        .where(Addition.key == key, Addition.award_id == found.thing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    is_answer = action in {Action.ACCEPT, Action.DECLINE_OFFER}
    if record is None or (is_answer and record.state not in OFFERED):
        raise NotFound(NO_SUCH)
    return record, found


def letter(actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False) -> Found[Letter]:
    """The letter with this key."""
    statement = v.letters_of(Letter, Round, Application, Award, *_context(actor))
    return _found(actor, statement, Letter, key, (action, Action.READ_LETTER), lock=lock)


def project(actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False) -> Found[Project]:
    """The project with this key."""
    statement = v.projects_of(Project, Round, Application, Award, *_context(actor))
    return _found(actor, statement, Project, key, (action, Action.READ_PROJECT), lock=lock)


def outcome_return(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> Found[OutcomeReturn]:
    """The return with this key, with its obligation and project loaded."""
    statement = v.returns_of(OutcomeReturn, Round, Application, Award, *_context(actor)).options(
        sa.orm.contains_eager(OutcomeReturn.obligation).contains_eager(ReturnObligation.project)
    )
    return _found(actor, statement, OutcomeReturn, key, (action, Action.READ_RETURN), lock=lock)


def attachment(actor: Actor, key: uuid.UUID, action: Action) -> Found[Attachment]:
    """The file with this key, while it is not removed."""
    statement = v.attachments_of(Attachment, Round, Application, Award, *_context(actor)).where(
        Attachment.removed_at.is_(None)
    )
    return _found(actor, statement, Attachment, key, (action,))


def round_(actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False) -> Round:
    """The round with this key, as staff, assessor or officer of it."""
    condition = sa.or_(v.visible(actor, action), v.visible(actor, Action.READ_ROUND))
    statement = v.rounds_of(Round).where(Round.key == key, condition)
    if lock:
        statement = statement.with_for_update(of=Round).execution_options(populate_existing=True)
    record: Round | None = db.session.scalar(statement)
    if record is None:
        raise NotFound(NO_SUCH)
    require(actor, action, case_of_round(record))
    return record


def scenario(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> tuple[Scenario, Round]:
    """The scenario with this key and its round: a named one, or one's own that is being worked on."""
    condition = sa.or_(v.visible(actor, action), v.visible(actor, Action.READ_SCENARIO))
    statement = (
        sa.select(Scenario, Round)
        .join(Round, Round.id == Scenario.round_id)
        .where(
            Scenario.key == key,
            condition,
            sa.or_(Scenario.name != "", Scenario.made_by == actor.person_id),
        )
    )
    if lock:
        statement = statement.with_for_update(of=Scenario).execution_options(populate_existing=True)
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    require(actor, action, case_of_round(row[1]))
    return row[0], row[1]


def meeting(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> tuple[Meeting, Round]:
    """The meeting with this key and its round; for one who assesses, if they are of it."""
    statement = (
        sa.select(Meeting, Round)
        .join(Round, Round.id == Meeting.round_id)
        .where(Meeting.key == key, meetings_seen(actor))
    )
    if lock:
        statement = statement.with_for_update(of=Meeting).execution_options(populate_existing=True)
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    require(actor, action, case_of_round(row[1]))
    return row[0], row[1]


def item(
    actor: Actor, meeting: Meeting, key: uuid.UUID, action: Action
) -> tuple[MeetingItem, Found[Application]]:
    """What a meeting takes, with its application; locked. Others' conflicts hide it from them."""
    record = db.session.scalar(
        sa.select(MeetingItem)
        .join(Application, Application.id == MeetingItem.application_id)
        .where(Application.key == key, MeetingItem.meeting_id == meeting.id)
        .with_for_update(of=MeetingItem)
        .execution_options(populate_existing=True)
    )
    if record is None:
        raise NotFound(NO_SUCH)
    return record, application(actor, key, action, lock=True)


def sample(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> tuple[CalibrationSample, CalibrationSet, Round]:
    """The sample application with this key, its set and round; for assessors once the set is open."""
    is_there = CalibrationSet.opened_at.is_not(None) if action == Action.CALIBRATE else sa.true()
    statement = samples_of(CalibrationSample, CalibrationSet, Round).where(
        CalibrationSample.key == key, v.visible(actor, action), is_there
    )
    if lock:
        statement = statement.with_for_update(of=CalibrationSample).execution_options(
            populate_existing=True
        )
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    require(actor, action, case_of_round(row[2]))
    return row[0], row[1], row[2]


def person(actor: Actor, key: uuid.UUID, *, lock: bool = False) -> Person:
    """The person with this key, for those who manage people. Nobody manages the cast of a rehearsal:
    a part with a real role would let one person be two."""
    statement = sa.select(Person).where(
        Person.key == key,
        Person.rehearsal_id.is_(None),
        v.visible(actor, Action.MANAGE_PEOPLE),
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    record: Person | None = db.session.scalar(statement)
    if record is None:
        raise NotFound(NO_SUCH)
    return record


def organisation(
    actor: Actor, key: uuid.UUID, action: Action, *, lock: bool = False
) -> Organisation:
    """The organisation with this key, for its people and for administrators."""
    reads = sa.or_(
        v.organisations_seen(actor, Action.READ_PROFILE), v.organisations_seen(actor, action)
    )
    may_do = v.organisations_seen(actor, action).label("may_do")
    statement = sa.select(Organisation, may_do).where(Organisation.key == key, reads)
    if lock:
        statement = statement.with_for_update(of=Organisation).execution_options(
            populate_existing=True
        )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    if not row.may_do:
        raise Forbidden("You can't do this.")
    record: Organisation = row[0]
    return record


def extract(actor: Actor, key: uuid.UUID) -> Extract:
    """The extract with this key, for its maker alone, while they may still make extracts there."""
    record: Extract | None = db.session.scalar(
        sa.select(Extract)
        .join(Round, Round.id == Extract.round_id)
        .where(
            Extract.key == key,
            Extract.made_by == actor.person_id,
            v.visible(actor, Action.EXTRACT),
        )
    )
    if record is None:
        raise NotFound(NO_SUCH)
    return record


def job(actor: Actor, key: uuid.UUID) -> Job:
    """The job with this key, for the person who asked for it."""
    record: Job | None = db.session.scalar(
        sa.select(Job).where(Job.key == key, Job.asked_by == actor.person_id)
    )
    if record is None or not actor.is_signed_in:
        raise NotFound(NO_SUCH)
    return record


def case_of_round(record: Round) -> Case:
    """The case that a round alone makes."""
    return Case(
        fund=record.fund,
        funder_id=record.organisation_id,
        is_local=record.tier == Tier.LOCAL,
        round_id=record.id,
        is_blind=record.is_blind,
    )


def case_to_apply(record: Round, organisation_id: int) -> Case:
    """The case for beginning an application of this organisation in this round."""
    return Case(fund=record.fund, funder_id=record.organisation_id, applicant_id=organisation_id)


def _context(actor: Actor) -> tuple[Any, ...]:
    """What a case needs beside the rows: one's own assessment, a conflict, whether scores are in …"""
    own = (
        sa.select(Assessment.state)
        .where(Assessment.application_id == Application.id, Assessment.person_id == actor.person_id)
        .correlate(Application)
        .scalar_subquery()
    )
    return (
        own,
        v.conflicted(actor),
        v.scores_in(),
        v.above_id(),
        v.helping(actor),
        v.sitting(actor),
        v.reads_in_round(actor),
        calibrated(actor),
    )


def _found(
    actor: Actor,
    statement: v.Statement,
    kind: Any,
    key: uuid.UUID,
    actions: tuple[Action, ...],
    *,
    lock: bool = False,
) -> Found[Any]:
    condition = sa.or_(*(v.visible(actor, action) for action in actions))
    statement = statement.where(kind.key == key, condition)
    if lock:
        statement = statement.with_for_update(of=kind).execution_options(populate_existing=True)
    row: Any = db.session.execute(statement).first()
    if row is None:
        raise NotFound(NO_SUCH)
    thing, round_record, application_record, award_record, *context = row
    own, is_conflicted, scores_in, above, is_helper, sits, reads_in_round, is_calibrated = context
    case = Case(
        fund=round_record.fund,
        funder_id=round_record.organisation_id,
        is_local=round_record.tier == Tier.LOCAL,
        above_id=above or 0,
        applicant_id=application_record.organisation_id,
        application_id=application_record.id,
        round_id=round_record.id,
        runner_id=_runner(thing),
        application=application_record.state,
        was_sent=application_record.number is not None,
        award=AwardState.NONE if award_record is None else award_record.state,
        recommended_by=None if award_record is None else award_record.recommended_by,
        letter=thing.state if isinstance(thing, Letter) else None,
        drafted_by=thing.drafted_by if isinstance(thing, Letter) else None,
        outcome_return=thing.state if isinstance(thing, OutcomeReturn) else None,
        own_assessment=own,
        reads_in_round=bool(reads_in_round),
        is_conflicted=bool(is_conflicted),
        is_helper=bool(is_helper),
        sits=bool(sits),
        scores_in=bool(scores_in),
        is_calibrated=bool(is_calibrated),
        is_blind=round_record.is_blind,
        is_identifying=isinstance(thing, Attachment) and thing.is_identifying,
        is_clean=not isinstance(thing, Attachment) or thing.scan == ScanState.CLEAN,
    )
    require(actor, actions[0], case)
    return Found(thing, round_record, application_record, award_record, case)


def _runner(thing: object) -> int:
    if isinstance(thing, Project):
        return thing.organisation_id
    if isinstance(thing, OutcomeReturn):
        return thing.obligation.project.organisation_id
    return 0
