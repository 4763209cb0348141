"""** THE table of who may do what. ** Default is no: a verb that is not in ``MAY`` is nobody's.

Any line suffices; within a line all must hold. ``queries/visible.py`` turns each predicate into SQL,
and a test proves that the two agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from grants.rules.actions import Action as Do
from grants.rules.people import STAFF, Actor, Right, Role, Seat
from grants.rules.refusals import Forbidden, MoveNotAllowed
from grants.rules.states import (
    COMMITTED,
    KNOWN,
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    ReturnState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the table needs to know about the thing, seen from one person. Ids, never rows."""

    fund: str = ""
    funder_id: int = 0
    is_local: bool = False  # a round whose pot is part of an award
    above_id: int = 0  # who funds that award; 0 in a national round
    applicant_id: int = 0
    application_id: int = 0
    round_id: int = 0
    runner_id: int = 0  # the group that runs the project
    application: ApplicationState | None = None
    was_sent: bool = False
    award: AwardState = AwardState.NONE
    recommended_by: int | None = None
    letter: LetterState | None = None
    drafted_by: int | None = None
    outcome_return: ReturnState | None = None
    own_assessment: AssessmentState | None = None
    reads_in_round: bool = False  # assesses any application of the round
    is_conflicted: bool = False
    sits: bool = False  # is of a meeting that takes the application
    is_helper: bool = False  # types it for the group, which has not taken it over
    scores_in: bool = False  # every assigned score is in
    is_calibrated: bool = True  # has scored the samples, where that must come first
    is_clean: bool = True  # a file that was scanned
    is_blind: bool = False  # a round that is read without names
    is_identifying: bool = False  # a file that tells who applies
    made_by: int | None = None  # of an extract or a job


@dataclass(frozen=True, slots=True)
class Predicate:
    """One clause of a line. ``roles`` are those that can ever satisfy it (empty: anybody)."""

    name: str
    holds: Callable[[Actor, Case], bool]
    roles: frozenset[Role] = field(default=frozenset())
    is_state: bool = False  # failing it means "too late", not "not you"
    rights: frozenset[Right] = field(default=frozenset())  # shares that can ever satisfy it
    seats: frozenset[Seat] = field(default=frozenset())  # seats in a panel that can ever satisfy it

    def is_within_reach(self, actor: Actor) -> bool:
        """Whether this person could ever satisfy it, with what they hold now."""
        if self.rights:
            return bool(actor.shared(*self.rights))
        if self.seats:
            return bool(actor.seated(*self.seats))
        return not self.roles or bool(self.roles & actor.roles)


def _funder(name: str, *roles: Role) -> Predicate:
    """Holds one of these roles in the organisation that owns the round, for its fund."""

    def holds(actor: Actor, case: Case) -> bool:
        return any(
            actor.holds(role, organisation_id=case.funder_id, fund=case.fund) for role in roles
        )

    return Predicate(name, holds, frozenset(roles))


def _applicant(name: str, *roles: Role) -> Predicate:
    """Holds one of these roles in the organisation that applies."""

    def holds(actor: Actor, case: Case) -> bool:
        return any(
            actor.holds(role, organisation_id=case.applicant_id, fund=case.fund) for role in roles
        )

    return Predicate(name, holds, frozenset(roles))


def _runner(name: str, *roles: Role) -> Predicate:
    """Holds one of these roles in the group that runs the project."""

    def holds(actor: Actor, case: Case) -> bool:
        return any(
            actor.holds(role, organisation_id=case.runner_id, fund=case.fund) for role in roles
        )

    return Predicate(name, holds, frozenset(roles))


def _above(name: str, *roles: Role) -> Predicate:
    """Holds one of these roles in the organisation whose award is a local round's pot."""

    def holds(actor: Actor, case: Case) -> bool:
        return case.is_local and any(
            actor.holds(role, organisation_id=case.above_id, fund=case.fund) for role in roles
        )

    return Predicate(name, holds, frozenset(roles))


def _shared(name: str, *rights: Right) -> Predicate:
    """Was invited to this one application, with one of these rights."""

    def holds(actor: Actor, case: Case) -> bool:
        return case.application_id in actor.shared(*rights)

    return Predicate(name, holds, rights=frozenset(rights))


def _seated(name: str, *seats: Seat) -> Predicate:
    """Has one of these seats in the round's panel."""

    def holds(actor: Actor, case: Case) -> bool:
        return case.round_id in actor.seated(*seats)

    return Predicate(name, holds, seats=frozenset(seats))


def _anywhere(name: str, role: Role) -> Predicate:
    """Holds this role at all: for things that belong to no fund."""
    return Predicate(name, lambda actor, _case: role in actor.roles, frozenset({role}))


def _helper(name: str, *roles: Role) -> Predicate:
    """Types this application for its group, and still works for the funder."""
    works = _funder(name, *roles)

    def holds(actor: Actor, case: Case) -> bool:
        return case.is_helper and works.holds(actor, case)

    return Predicate(name, holds, frozenset(roles))


MANAGES = _funder("manages", Role.FUND_MANAGER)
APPROVES = _funder("approves", Role.APPROVER)
PAYS = _funder("pays", Role.FINANCE)
EVALUATES = _funder("evaluates", Role.EVALUATOR)
AUDITS = _funder("audits", Role.AUDITOR)
ASSESSES = _funder("assesses", Role.ASSESSOR)
OFFICER = _funder("is_officer", Role.PARTNERSHIP_OFFICER)
FUNDS_ABOVE = _above("funds_above", Role.FUND_MANAGER, Role.APPROVER, Role.AUDITOR)
EVALUATES_ABOVE = _above("evaluates_above", Role.EVALUATOR)
STAFF_OF_FUND = _funder("is_staff_of_fund", *STAFF - {Role.ADMINISTRATOR})
EDITS = _applicant("edits", Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER)
SENDS = _applicant("sends", Role.APPLICANT_SUBMITTER)
SIGNS = _applicant("signs", Role.SIGNATORY, Role.APPLICANT_SUBMITTER)
READS_OWN = _applicant("reads_own", Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.SIGNATORY)
SHARES = _shared("shares", *Right)
COMMENTS_SHARED = _shared("comments_shared", Right.COMMENT, Right.EDIT)
EDITS_SHARED = _shared("edits_shared", Right.EDIT)
HELPS = _helper("helps", Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER)
CHAIRS = _seated("chairs", Seat.CHAIR)
OFFICER_OF_APPLICANT = _applicant("is_officer_of_applicant", Role.PARTNERSHIP_OFFICER)
REPORTS_FOR_LEAD = _applicant("reports_for_lead", Role.PROJECT_REPORTER)
REPORTS = _runner("reports", Role.PROJECT_REPORTER)
ADMINISTERS = _anywhere("administers", Role.ADMINISTRATOR)
AUDITS_ANYWHERE = _anywhere("audits_anywhere", Role.AUDITOR)

LOCAL = Predicate("is_local", lambda _actor, case: case.is_local)
WAS_SENT = Predicate("was_sent", lambda _actor, case: case.was_sent)
EDITABLE = Predicate(
    "is_editable",
    lambda _actor, case: case.application in {ApplicationState.DRAFT, ApplicationState.RETURNED},
    is_state=True,
)
IN_ASSESSMENT = Predicate(
    "is_in_assessment",
    lambda _actor, case: (
        case.application in {ApplicationState.ASSESSING, ApplicationState.MODERATION}
    ),
)
ASSESSING = Predicate(
    "is_assessing",
    lambda _actor, case: case.application == ApplicationState.ASSESSING,
    is_state=True,
)
MODERATION_OPEN = Predicate(
    "is_in_moderation", lambda _actor, case: case.application == ApplicationState.MODERATION
)
SCORES_OPEN = Predicate(
    "scores_are_open",
    lambda _actor, case: case.scores_in or case.application == ApplicationState.MODERATION,
)
ASSIGNED = Predicate("is_assigned", lambda _actor, case: case.own_assessment is not None)
DECLARED = Predicate(
    "has_declared",
    lambda _actor, case: (
        case.own_assessment in {AssessmentState.SCORING, AssessmentState.SUBMITTED}
    ),
)
OWN_IN = Predicate(
    "own_score_is_in", lambda _actor, case: case.own_assessment == AssessmentState.SUBMITTED
)
OWN_OPEN = Predicate(
    "own_score_is_open",
    lambda _actor, case: case.own_assessment == AssessmentState.SCORING,
    is_state=True,
)
CALIBRATED = Predicate("is_calibrated", lambda _actor, case: case.is_calibrated)
SITS = Predicate("sits_at_meeting", lambda _actor, case: case.sits)
NO_CONFLICT = Predicate("no_conflict", lambda _actor, case: not case.is_conflicted)
NOT_ASSESSOR = Predicate("is_not_its_assessor", lambda _actor, case: case.own_assessment is None)
READS_NOTHING_HERE = Predicate(
    "reads_nothing_in_round", lambda _actor, case: not case.reads_in_round
)
NOT_RECOMMENDER = Predicate(
    "is_not_recommender", lambda actor, case: case.recommended_by != actor.person_id
)
NOT_DRAFTER = Predicate("is_not_drafter", lambda actor, case: case.drafted_by != actor.person_id)
OUTCOME_KNOWN = Predicate("outcome_is_known", lambda _actor, case: case.award in KNOWN)
DECIDED = Predicate(
    "is_decided_or_withdrawn",
    lambda _actor, case: (
        case.was_sent and (case.award in KNOWN or case.application == ApplicationState.WITHDRAWN)
    ),
)
MONEY_COMMITTED = Predicate("money_is_committed", lambda _actor, case: case.award in COMMITTED)
LETTER_OUT = Predicate(
    "letter_is_out",
    lambda _actor, case: case.letter in {LetterState.ISSUED, LetterState.SUPERSEDED},
)
RETURN_EDITABLE = Predicate(
    "return_is_editable",
    lambda _actor, case: case.outcome_return in {ReturnState.OPEN, ReturnState.QUERIED},
    is_state=True,
)
RETURN_SENT = Predicate(
    "return_was_sent",
    lambda _actor, case: case.outcome_return in {ReturnState.SUBMITTED, ReturnState.ACCEPTED},
)
BLIND = Predicate("is_blind", lambda _actor, case: case.is_blind)
SHOWS_NAMES = Predicate("shows_names", lambda _actor, case: not case.is_blind)
TELLS_NOTHING = Predicate("does_not_identify", lambda _actor, case: not case.is_identifying)
CLEAN = Predicate("is_clean", lambda _actor, case: case.is_clean)
IS_MAKER = Predicate("is_maker", lambda actor, case: case.made_by == actor.person_id)

Line = tuple[Predicate, ...]

# Who has declared, and scored the samples where the round asks for that first.
_MAY_BEGIN: Line = (ASSESSES, ASSIGNED, DECLARED, CALIBRATED, NO_CONFLICT)
_READER: Line = (*_MAY_BEGIN, IN_ASSESSMENT)
# A blind reader has no page, file or history but what ``READ_OWN_SCORE`` shows without names.
_READ: tuple[Line, ...] = (
    (READS_OWN,),
    (MANAGES, WAS_SENT, NO_CONFLICT),
    (APPROVES, WAS_SENT, NO_CONFLICT),
    (OFFICER, WAS_SENT, NO_CONFLICT),
    (*_READER, SHOWS_NAMES),
    (AUDITS, DECIDED),
    (SHARES,),
    (HELPS,),
)
_FILES: tuple[Line, ...] = tuple((*line, CLEAN) for line in (*_READ, (*_READER, TELLS_NOTHING)))
# At the local tier an officer does what a manager does: never what an approver does.
_SET_UP: tuple[Line, ...] = ((MANAGES,), (OFFICER, LOCAL))
_DECIDE: tuple[Line, ...] = ((MANAGES, NO_CONFLICT), (OFFICER, LOCAL, NO_CONFLICT))
_WEIGH: tuple[Line, ...] = tuple((*line, WAS_SENT) for line in _DECIDE)
# Whoever types what one reader gave on paper sees it before others' scores are in.
_TYPE: tuple[Line, ...] = tuple((*line, READS_NOTHING_HERE, ASSESSING) for line in _WEIGH)
# The national funder follows its money: projects and returns, never what groups wrote to apply.
_ABOVE: tuple[Line, ...] = ((FUNDS_ABOVE,), (EVALUATES_ABOVE,))
_REPORT_READERS: tuple[Line, ...] = (
    (REPORTS,),
    (REPORTS_FOR_LEAD,),
    (READS_OWN,),
    (OFFICER_OF_APPLICANT,),
    *_DECIDE,
    (APPROVES, NO_CONFLICT),
    (AUDITS,),
    (FUNDS_ABOVE,),
)

MAY: dict[Do, tuple[Line, ...]] = {
    Do.READ_ROUND: ((STAFF_OF_FUND,), (ASSESSES,), (OFFICER,)),
    Do.READ_BALANCE: ((MANAGES,), (APPROVES,), (PAYS,), (AUDITS,), (OFFICER,)),
    Do.SET_UP_ROUND: _SET_UP,
    Do.OPEN_ROUND: _SET_UP,
    Do.CLOSE_ROUND: _SET_UP,
    Do.CREATE_APPLICATION: ((EDITS,),),
    Do.ENTER_FOR_GROUP: _SET_UP,
    Do.READ_APPLICATION: _READ,
    Do.EDIT_APPLICATION: ((EDITS, EDITABLE), (EDITS_SHARED, EDITABLE), (HELPS, EDITABLE)),
    Do.SHARE: ((SENDS,),),
    Do.ASK_CONFIRMATION: ((EDITS, EDITABLE),),
    Do.COMMENT: ((READS_OWN,), (COMMENTS_SHARED,)),
    Do.SUBMIT: ((SENDS,), (HELPS,)),
    Do.WITHDRAW: ((SENDS,),),
    Do.READ_FILE: _FILES,
    Do.READ_OUTCOME: ((READS_OWN, OUTCOME_KNOWN),),
    Do.READ_QUERIES: (*_WEIGH, (APPROVES, WAS_SENT, NO_CONFLICT), (AUDITS, DECIDED)),
    Do.READ_DUPLICATES: (*_WEIGH, (APPROVES, WAS_SENT, NO_CONFLICT)),
    Do.JUDGE_DUPLICATES: _WEIGH,
    Do.RETURN: _DECIDE,
    Do.TRIAGE: _WEIGH,
    Do.SET_ASIDE: _WEIGH,
    Do.OPEN_ASSESSING: _DECIDE,
    Do.OPEN_MODERATION: _DECIDE,
    Do.ASSIGN: _WEIGH,
    Do.ANSWER_BEFOREHAND: ((ASSESSES, BLIND),),
    Do.READ_INTERESTS: (*_SET_UP, (ASSESSES, CHAIRS, SHOWS_NAMES)),
    Do.OVERRIDE_CONFLICT: (*_WEIGH, (ASSESSES, CHAIRS, SHOWS_NAMES, WAS_SENT, NO_CONFLICT)),
    Do.HOLD_CALIBRATION: _SET_UP,
    Do.CALIBRATE: ((ASSESSES,),),
    Do.READ_SUMMARY: (*_READ, (ASSESSES, ASSIGNED, NO_CONFLICT, IN_ASSESSMENT)),
    Do.DECLARE: ((ASSESSES, ASSIGNED, NO_CONFLICT, IN_ASSESSMENT),),
    Do.SCORE: ((*_MAY_BEGIN, ASSESSING, OWN_OPEN),),
    Do.SUBMIT_SCORE: ((*_MAY_BEGIN, ASSESSING, OWN_OPEN),),
    Do.ASK_TO_REOPEN: ((*_MAY_BEGIN, ASSESSING, OWN_IN),),
    Do.REOPEN_SCORES: (
        *((*line, ASSESSING) for line in _WEIGH),
        (ASSESSES, CHAIRS, SHOWS_NAMES, WAS_SENT, NO_CONFLICT, ASSESSING),
    ),
    Do.TYPE_SCORES: _TYPE,
    Do.CONFIRM_SCORES: _TYPE,
    Do.LOG_TIME: ((ASSESSES,),),
    Do.READ_VOLUNTEERS: _SET_UP,
    Do.APPROVE_EXPENSE: _SET_UP,
    Do.READ_OWN_SCORE: (_READER,),
    Do.READ_OTHER_SCORES: ((ASSESSES, OWN_IN, CALIBRATED, NO_CONFLICT, MODERATION_OPEN),),
    Do.READ_ALL_SCORES: (
        *((*line, SCORES_OPEN) for line in _WEIGH),
        (APPROVES, WAS_SENT, NO_CONFLICT, SCORES_OPEN),
    ),
    Do.READ_HISTORY: (
        *_WEIGH,
        (APPROVES, WAS_SENT, NO_CONFLICT),
        (*_READER, SHOWS_NAMES),
        (AUDITS, DECIDED),
    ),
    Do.READ_CHECKS: (*_WEIGH, (APPROVES, WAS_SENT, NO_CONFLICT), (AUDITS, DECIDED)),
    Do.RECORD_CHECK: _WEIGH,
    Do.READ_DECISION: (
        *_WEIGH,
        (APPROVES, WAS_SENT, NO_CONFLICT),
        (PAYS, MONEY_COMMITTED),
        (AUDITS, DECIDED),
    ),
    Do.READ_SCENARIO: (*_SET_UP, (APPROVES,)),
    Do.PLAN_AWARDS: _SET_UP,
    Do.READ_MEETING: (*_SET_UP, (APPROVES,), (ASSESSES,)),
    Do.HOLD_MEETING: _SET_UP,
    Do.READ_ITEM: (
        *((*line, SCORES_OPEN) for line in _WEIGH),
        (APPROVES, WAS_SENT, NO_CONFLICT, SCORES_OPEN),
        # Without names in a blind round.
        (ASSESSES, SITS, CALIBRATED, NO_CONFLICT, MODERATION_OPEN),
    ),
    Do.MODERATE: _WEIGH,
    Do.SIGN_MINUTE: (*_SET_UP, (APPROVES,), (ASSESSES,)),
    Do.RECOMMEND: _WEIGH,
    Do.HOLD: _WEIGH,
    Do.AMEND: _WEIGH,
    Do.APPROVE: ((APPROVES, NOT_RECOMMENDER, NOT_ASSESSOR, NO_CONFLICT),),
    Do.REFUSE: ((APPROVES, NOT_RECOMMENDER, NOT_ASSESSOR, NO_CONFLICT),),
    Do.RELEASE: ((APPROVES, NOT_RECOMMENDER, NO_CONFLICT),),
    Do.ACCEPT: ((SIGNS, OUTCOME_KNOWN),),
    Do.DECLINE_OFFER: ((SIGNS, OUTCOME_KNOWN),),
    Do.LAPSE: _DECIDE,
    Do.CLOSE: _DECIDE,
    Do.RECORD_RECOVERY: (
        *((*line, MONEY_COMMITTED) for line in _DECIDE),
        (PAYS, MONEY_COMMITTED),
    ),
    Do.DRAFT_LETTER: _DECIDE,
    Do.ISSUE_LETTER: ((APPROVES, NOT_DRAFTER, NO_CONFLICT),),
    Do.SUPERSEDE_LETTER: _DECIDE,
    Do.READ_LETTER: (
        (READS_OWN, OUTCOME_KNOWN, LETTER_OUT),
        *_DECIDE,
        (APPROVES, NO_CONFLICT),
        (AUDITS, LETTER_OUT),
    ),
    Do.READ_PROJECT: (*_REPORT_READERS, (PAYS,)),
    Do.READ_RETURN: _REPORT_READERS,
    Do.EDIT_RETURN: (
        (REPORTS, RETURN_EDITABLE),
        (REPORTS_FOR_LEAD, RETURN_EDITABLE),
        (EDITS, RETURN_EDITABLE),
    ),
    Do.SUBMIT_RETURN: ((REPORTS,), (REPORTS_FOR_LEAD,), (SENDS,)),
    Do.QUERY_RETURN: _DECIDE,
    Do.ACCEPT_RETURN: _DECIDE,
    Do.READ_STATISTICS: (*_SET_UP, (APPROVES,), (EVALUATES,), (AUDITS,), *_ABOVE),
    Do.ANSWER_EQUALITY: ((READS_OWN, WAS_SENT),),
    # Counts alone, and not for those who manage, assess or decide.
    Do.READ_EQUALITY: ((EVALUATES,), (EVALUATES_ABOVE,)),
    Do.EXTRACT: (*_SET_UP, (EVALUATES,), (AUDITS,)),
    Do.MANAGE_PEOPLE: ((ADMINISTERS,),),
    Do.MANAGE_MEMBERS: ((SENDS,),),
    Do.READ_PROFILE: ((READS_OWN,), (OFFICER_OF_APPLICANT,), (ADMINISTERS,)),
    Do.EDIT_PROFILE: ((EDITS,),),
    Do.MANAGE_ORGANISATIONS: ((ADMINISTERS,),),
    Do.MANAGE_DELEGATIONS: ((ADMINISTERS,),),
    Do.READ_AUDIT: ((ADMINISTERS,), (AUDITS_ANYWHERE,)),
    Do.READ_OUTBOX: ((ADMINISTERS,),),
    Do.READ_LEDGER: ((PAYS,), *_SET_UP, (APPROVES,), (AUDITS,)),
}


def may(actor: Actor, action: Do, case: Case) -> bool:
    """Whether this person may do this with this thing, as it is now."""
    return any(
        all(predicate.holds(actor, case) for predicate in line) for line in MAY.get(action, ())
    )


def could(actor: Actor, action: Do) -> bool:
    """Whether this person's roles could ever allow it: what a door asks before anything is read."""
    return any(
        all(predicate.is_within_reach(actor) for predicate in line) for line in MAY.get(action, ())
    )


def could_here(actor: Actor, action: Do, place: Case) -> bool:
    """Whether this person's roles in this place could ever allow it: what links are drawn by.

    ``place`` says whose round and which fund; clauses about the thing itself are not asked, and a
    line without a role tells nothing of a place.
    """
    of_roles = [[one for one in line if one.roles] for line in MAY.get(action, ())]
    return any(line and all(one.holds(actor, place) for one in line) for line in of_roles)


def require(actor: Actor, action: Do, case: Case) -> None:
    """Raises MoveNotAllowed when only the thing's state is in the way, otherwise Forbidden."""
    if may(actor, action, case):
        return
    for line in MAY.get(action, ()):
        if all(p.holds(actor, case) for p in line if not p.is_state):
            raise MoveNotAllowed("This has moved on since you opened it, so it can't be changed.")
    raise Forbidden("You can't do this.")
