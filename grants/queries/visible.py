"""Permissions as SQL: each predicate of ``rules/permissions.py`` as a condition on rows.

A statement that uses ``visible`` joins Application, Round and (outer) Award, and whatever else the
thing itself needs; the ``…_of`` functions below are those joins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.extract import Extract
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.letter import Letter
from grants.models.meeting import MeetingItem, MeetingMember
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.project import Project
from grants.models.round import Round
from grants.models.share import Share
from grants.queries.calibration_gate import calibrated
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.permissions import MAY, Predicate
from grants.rules.states import (
    COMMITTED,
    KNOWN,
    ApplicationState,
    AssessmentState,
    LetterState,
    ReturnState,
    ScanState,
    Tier,
)

Condition = sa.ColumnElement[bool]
_own = sa.orm.aliased(Assessment)
_any = sa.orm.aliased(Assessment)
_other = sa.orm.aliased(Application)


@lru_cache(maxsize=1024)
def visible(actor: Actor, action: Action) -> Condition:
    """The rows with which this person may do this: any line of the table, all of the line.

    Kept for each person as they are now: every page says it several times.
    """
    return sa.or_(sa.false(), *(_line(actor, line) for line in MAY.get(action, ())))


def _line(actor: Actor, line: Iterable[Predicate]) -> Condition:
    conditions: list[Condition] = []
    for predicate in line:
        if not predicate.is_within_reach(actor):
            return sa.false()
        conditions.append(SQL[predicate.name](actor, predicate))
    return sa.and_(sa.true(), *conditions)


def _held(column: Any) -> Callable[[Actor, Predicate], Condition]:
    """Holds one of the predicate's roles in the organisation of this column, for the round's fund."""

    def condition(actor: Actor, predicate: Predicate) -> Condition:
        return places(actor, predicate.roles, column)

    return condition


def places(actor: Actor, roles: Iterable[Role], column: Any) -> Condition:
    """The rows whose organisation (column) and fund are among those where a role is held."""
    everywhere = {held.organisation_id for held in actor.places(*roles) if held.fund is None}
    conditions: list[Condition] = []
    if everywhere:
        conditions.append(column.in_(sorted(everywhere)))
    by_fund: dict[str, set[int]] = {}
    for held in actor.places(*roles):
        if held.fund is not None and held.organisation_id not in everywhere:
            by_fund.setdefault(held.fund, set()).add(held.organisation_id)
    conditions.extend(
        sa.and_(Round.fund == fund, column.in_(sorted(ids)))
        for fund, ids in sorted(by_fund.items())
    )
    return sa.or_(sa.false(), *conditions)


def organisations_seen(actor: Actor, action: Action) -> Condition:
    """The organisations with which this person may do this: they belong to no fund, so a role for
    one fund in them is enough. For actions whose lines ask for a role alone."""
    conditions: list[Condition] = [sa.false()]
    for predicate in (one for line in MAY.get(action, ()) for one in line):
        ids = {held.organisation_id for held in actor.places(*predicate.roles)}
        if ids and predicate.name == "administers":
            conditions.append(Organisation.rehearsal_id.is_(None))
        elif ids:
            conditions.append(Organisation.id.in_(sorted(ids)))
    return sa.or_(*conditions)


_above_award = sa.orm.aliased(Award)
_above_round = sa.orm.aliased(Round)


def _above(actor: Actor, predicate: Predicate) -> Condition:
    """Holds one of the predicate's roles in the organisation whose award is the round's pot."""
    return (
        sa.exists()
        .where(
            _above_award.id == Round.parent_award_id,
            _above_round.id == _above_award.round_id,
            places(actor, predicate.roles, _above_round.organisation_id),
        )
        .correlate(Round)
    )


def above_id() -> sa.ScalarSelect[int]:
    """Who funds the award that is a local round's pot; null in a national round."""
    return (
        sa.select(_above_round.organisation_id)
        .join(_above_award, _above_award.round_id == _above_round.id)
        .where(_above_award.id == Round.parent_award_id)
        .correlate(Round)
        .scalar_subquery()
    )


def _own_assessment(*states: AssessmentState) -> Callable[[Actor, Predicate], Condition]:
    def condition(actor: Actor, _predicate: Predicate) -> Condition:
        wanted = [_own.application_id == Application.id, _own.person_id == actor.person_id]
        if states:
            wanted.append(_own.state.in_(states))
        return sa.exists().where(*wanted).correlate(Application)

    return condition


def _shared(actor: Actor, predicate: Predicate) -> Condition:
    """Invited to it with one of the predicate's rights: which those are came with the sign-in."""
    return Application.id.in_(sorted(actor.shared(*predicate.rights)))


def _seated(actor: Actor, predicate: Predicate) -> Condition:
    """In a round in whose panel one of the predicate's seats is held."""
    return Round.id.in_(sorted(actor.seated(*predicate.seats)))


def _always(condition: Callable[[], Condition]) -> Callable[[Actor, Predicate], Condition]:
    return lambda _actor, _predicate: condition()


def scores_in() -> Condition:
    """Every assigned score is in, and there is one."""
    waiting = (AssessmentState.ASSIGNED, AssessmentState.SCORING)
    mine: Statement = sa.select(sa.literal_column("1")).where(_any.application_id == Application.id)
    return sa.and_(
        ~mine.where(_any.state.in_(waiting)).correlate(Application).exists(),
        mine.where(_any.state == AssessmentState.SUBMITTED).correlate(Application).exists(),
    )


def conflicted(actor: Actor) -> Condition:
    """This person has declared an interest in the application, or once took part in writing it:
    their few are looked up once."""
    return Application.id.in_(
        sa.union_all(
            sa.select(Conflict.application_id).where(Conflict.person_id == actor.person_id),
            sa.select(Share.application_id).where(Share.person_id == actor.person_id),
        )
    )


def reads_in_round(actor: Actor) -> Condition:
    """This person assesses an application of the round: their few are looked up once."""
    return Round.id.in_(
        sa.select(_other.round_id)
        .join(_own, _own.application_id == _other.id)
        .where(_own.person_id == actor.person_id, _own.state != AssessmentState.CONFLICTED)
    )


def sitting(actor: Actor) -> Condition:
    """This person is of a meeting that takes the application."""
    return Application.id.in_(
        sa.select(MeetingItem.application_id)
        .join(MeetingMember, MeetingMember.meeting_id == MeetingItem.meeting_id)
        .where(MeetingMember.person_id == actor.person_id)
    )


def helping(actor: Actor) -> Condition:
    """This person types the application for its group, which has not taken it over."""
    return Application.id.in_(
        sa.select(ApplicationHelper.application_id)
        .join(HelpedEntry, HelpedEntry.application_id == ApplicationHelper.application_id)
        .where(ApplicationHelper.person_id == actor.person_id, HelpedEntry.taken_over_at.is_(None))
    )


def _helps(actor: Actor, predicate: Predicate) -> Condition:
    return sa.and_(helping(actor), places(actor, predicate.roles, Round.organisation_id))


_known = _always(lambda: Award.state.in_(sorted(KNOWN)))
SQL: dict[str, Callable[[Actor, Predicate], Condition]] = {
    **{
        name: _held(Round.organisation_id)
        for name in (
            "manages",
            "approves",
            "pays",
            "evaluates",
            "audits",
            "assesses",
            "is_officer",
            "is_staff_of_fund",
        )
    },
    **{
        name: _held(Application.organisation_id)
        for name in (
            "edits",
            "sends",
            "signs",
            "reads_own",
            "is_officer_of_applicant",
            "reports_for_lead",
        )
    },
    **dict.fromkeys(("shares", "comments_shared", "edits_shared"), _shared),
    "chairs": _seated,
    "reports": _held(Project.organisation_id),
    "funds_above": _above,
    "evaluates_above": _above,
    "helps": _helps,
    "is_local": _always(lambda: Round.tier == Tier.LOCAL),
    "administers": _always(sa.true),  # the role itself was asked before
    "audits_anywhere": _always(sa.true),
    "was_sent": _always(lambda: Application.number.is_not(None)),
    "is_editable": _always(
        lambda: Application.state.in_([ApplicationState.DRAFT, ApplicationState.RETURNED])
    ),
    "is_in_assessment": _always(
        lambda: Application.state.in_([ApplicationState.ASSESSING, ApplicationState.MODERATION])
    ),
    "is_assessing": _always(lambda: Application.state == ApplicationState.ASSESSING),
    "is_in_moderation": _always(lambda: Application.state == ApplicationState.MODERATION),
    "scores_are_open": _always(
        lambda: sa.or_(Application.state == ApplicationState.MODERATION, scores_in())
    ),
    "is_assigned": _own_assessment(),
    "has_declared": _own_assessment(AssessmentState.SCORING, AssessmentState.SUBMITTED),
    "own_score_is_open": _own_assessment(AssessmentState.SCORING),
    "own_score_is_in": _own_assessment(AssessmentState.SUBMITTED),
    "is_calibrated": lambda actor, _predicate: calibrated(actor),
    "sits_at_meeting": lambda actor, _predicate: sitting(actor),
    "no_conflict": lambda actor, _predicate: ~conflicted(actor),
    "is_not_its_assessor": lambda actor, predicate: ~_own_assessment()(actor, predicate),
    "reads_nothing_in_round": lambda actor, _predicate: ~reads_in_round(actor),
    "is_not_recommender": lambda actor, _predicate: sa.or_(
        Award.recommended_by.is_(None), Award.recommended_by != actor.person_id
    ),
    "is_not_drafter": lambda actor, _predicate: Letter.drafted_by != actor.person_id,
    "outcome_is_known": _known,
    "is_decided_or_withdrawn": _always(
        lambda: sa.and_(
            Application.number.is_not(None),
            sa.or_(Award.state.in_(sorted(KNOWN)), Application.state == ApplicationState.WITHDRAWN),
        )
    ),
    "money_is_committed": _always(lambda: Award.state.in_(sorted(COMMITTED))),
    "letter_is_out": _always(
        lambda: Letter.state.in_([LetterState.ISSUED, LetterState.SUPERSEDED])
    ),
    "return_is_editable": _always(
        lambda: OutcomeReturn.state.in_([ReturnState.OPEN, ReturnState.QUERIED])
    ),
    "return_was_sent": _always(
        lambda: OutcomeReturn.state.in_([ReturnState.SUBMITTED, ReturnState.ACCEPTED])
    ),
    "is_blind": _always(lambda: sa.and_(Round.is_blind)),
    "shows_names": _always(lambda: ~Round.is_blind),
    "does_not_identify": _always(lambda: ~Attachment.is_identifying),
    "is_clean": _always(lambda: Attachment.scan == ScanState.CLEAN),
    "is_maker": lambda actor, _predicate: Extract.made_by == actor.person_id,
}


def unless_blind(column: Any, instead: Any = "") -> sa.ColumnElement[str]:
    """A column that tells who applies, and what stands there in a round that is read without names."""
    return sa.case((Round.is_blind, instead), else_=column)


def names_shown(actor: Actor) -> Condition:
    """Where this person may know who applies: in a blind round only who may read it with its names."""
    return sa.or_(~Round.is_blind, visible(actor, Action.READ_APPLICATION))


Statement = sa.Select[Any]


def applications_of(*columns: Any) -> Statement:
    """Applications with their round and (perhaps) award."""
    return (
        sa.select(*columns)
        .select_from(Application)
        .join(Round, Round.id == Application.round_id)
        .outerjoin(Award, Award.application_id == Application.id)
    )


def applications_seen(
    actor: Actor, action: Action, *columns: Any, with_award: bool = False
) -> Statement:
    """Applications with which this person may do this, with their round.

    The award is joined only where the columns or the permission ask for it: a count that need not
    look at awards takes half as long.
    """
    condition = visible(actor, action)
    statement = (
        sa.select(*columns)
        .select_from(Application)
        .join(Round, Round.id == Application.round_id)
        .where(condition)
    )
    if with_award or asks_for_award(actor, action):
        statement = statement.outerjoin(Award, Award.application_id == Application.id)
    return statement


@lru_cache(maxsize=1024)
def asks_for_award(actor: Actor, action: Action) -> bool:
    """Whether this permission of this person hangs on the award."""
    columns = sa.sql.visitors.iterate(visible(actor, action))
    tables = (getattr(column, "table", None) for column in columns)
    return any(getattr(table, "name", "") == Award.__tablename__ for table in tables)


def awards_of(*columns: Any) -> Statement:
    """Awards with their application and round."""
    return (
        sa.select(*columns)
        .select_from(Award)
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Award.round_id)
    )


def letters_of(*columns: Any) -> Statement:
    """Letters with their award, application and round."""
    return (
        sa.select(*columns)
        .select_from(Letter)
        .join(Award, Award.id == Letter.award_id)
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Award.round_id)
    )


def projects_of(*columns: Any) -> Statement:
    """Projects with the award that decided them, its application and round."""
    return (
        sa.select(*columns)
        .select_from(Project)
        .join(Award, Award.id == sa.func.coalesce(Project.local_award_id, Project.award_id))
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Project.round_id)
    )


def returns_of(*columns: Any) -> Statement:
    """Returns with their obligation, project, award, application and round."""
    return (
        sa.select(*columns)
        .select_from(OutcomeReturn)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .join(Project, Project.id == ReturnObligation.project_id)
        .join(Award, Award.id == sa.func.coalesce(Project.local_award_id, Project.award_id))
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Project.round_id)
    )


def attachments_of(*columns: Any) -> Statement:
    """Attachments with their application, round and (perhaps) award."""
    return (
        sa.select(*columns)
        .select_from(Attachment)
        .join(Application, Application.id == Attachment.application_id)
        .join(Round, Round.id == Application.round_id)
        .outerjoin(Award, Award.application_id == Application.id)
    )


def assessments_of(*columns: Any) -> Statement:
    """Assessments with their application, round and (perhaps) award."""
    return (
        sa.select(*columns)
        .select_from(Assessment)
        .join(Application, Application.id == Assessment.application_id)
        .join(Round, Round.id == Application.round_id)
        .outerjoin(Award, Award.application_id == Application.id)
    )


def takes(applicant: Any = Organisation) -> Condition:
    """Groups apply to partnerships, partnerships and councils to the programme.

    Who belongs to a rehearsal applies in it, and nowhere else.
    """
    is_group = applicant.kind == OrganisationKind.GROUP
    return sa.and_(
        (Round.tier == Tier.LOCAL) == is_group,
        Round.organisation_id != applicant.id,
        sa.func.coalesce(Round.rehearsal_id, 0) == sa.func.coalesce(applicant.rehearsal_id, 0),
    )


def rounds_of(*columns: Any) -> Statement:
    """Rounds alone: for actions whose lines ask only about the funder."""
    return sa.select(*columns).select_from(Round)
