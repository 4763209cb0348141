"""The table of permissions, by exhaustion: every action, role, own or other, and the hard rules."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from grants.rules.actions import Action
from grants.rules.people import CLOCK, NOBODY, Actor, Held, Role
from grants.rules.permissions import MAY, Case, could, could_here, may, require
from grants.rules.refusals import Forbidden, MoveNotAllowed
from grants.rules.states import ApplicationState, AssessmentState, AwardState, LetterState

FUNDER, APPLICANT, RUNNER, OTHER = 1, 2, 3, 9
ME, SOMEBODY = 7, 8
OPEN = Case(
    fund="a-fund",
    funder_id=FUNDER,
    applicant_id=APPLICANT,
    runner_id=RUNNER,
    application=ApplicationState.ASSESSING,
    was_sent=True,
    recommended_by=SOMEBODY,
)
APPLICANT_SIDE = {Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.SIGNATORY}
SECRETS = (Action.READ_DECISION, Action.READ_ALL_SCORES, Action.READ_OTHER_SCORES)


def person(role: Role, place: int, fund: str | None = None) -> Actor:
    return Actor(ME, "A person", held=(Held(role, place, fund),))


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", Role)
def test_role_elsewhere_may_do_nothing_here(role):
    actor = person(role, OTHER)
    for action, application, award in itertools.product(Action, ApplicationState, AwardState):
        case = dataclasses.replace(
            OPEN, application=application, award=award, own_assessment=AssessmentState.SUBMITTED
        )
        anywhere = {"administers", "audits_anywhere"}
        expected = any(p.name in anywhere and role in p.roles for line in MAY[action] for p in line)

        assert may(actor, action, case) == expected


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", Role)
def test_role_for_another_fund_may_do_nothing_here(role):
    for place in (FUNDER, APPLICANT, RUNNER):
        actor = person(role, place, "another-fund")
        for action in set(Action) - {
            Action.MANAGE_PEOPLE,
            Action.MANAGE_DELEGATIONS,
            Action.MANAGE_ORGANISATIONS,
            Action.READ_PROFILE,
            Action.READ_AUDIT,
            Action.READ_OUTBOX,
        }:
            assert not may(actor, action, OPEN), action


@pytest.mark.parametrize("action", Action)
def test_public_and_clock_hold_no_role(action):
    assert not may(NOBODY, action, OPEN)
    assert not may(CLOCK, action, OPEN)
    assert not could(NOBODY, action)


def test_every_action_stands_in_the_table():
    assert set(MAY) == set(Action)


@pytest.mark.parametrize("role", sorted(APPLICANT_SIDE))
@pytest.mark.parametrize("award", AwardState)
@pytest.mark.parametrize("application", ApplicationState)
def test_applicant_never_reads_scores_or_decisions(role, award, application):
    case = dataclasses.replace(OPEN, application=application, award=award, scores_in=True)

    assert [a for a in SECRETS if may(person(role, APPLICANT), a, case)] == []


@pytest.mark.parametrize("award", AwardState)
def test_applicant_reads_outcome_only_when_released(award):
    case = dataclasses.replace(OPEN, award=award)
    hidden = {AwardState.NONE, AwardState.RECOMMENDED, AwardState.APPROVED, AwardState.REFUSED}
    actor = person(Role.APPLICANT_SUBMITTER, APPLICANT)

    assert may(actor, Action.READ_OUTCOME, case) == (award not in hidden)


@pytest.mark.parametrize("role", sorted(set(Role) - APPLICANT_SIDE))
def test_draft_is_readable_by_nobody_outside_the_applicant(role):
    draft = dataclasses.replace(
        OPEN,
        application=ApplicationState.DRAFT,
        was_sent=False,
        own_assessment=AssessmentState.SCORING,
    )
    for place in (FUNDER, APPLICANT, RUNNER):
        for action in (Action.READ_APPLICATION, Action.READ_SUMMARY, Action.READ_FILE):
            assert not may(person(role, place), action, draft)


@pytest.mark.parametrize("own", [None, *AssessmentState])
@pytest.mark.feature("R7")
def test_assessor_reads_the_text_only_after_declaring(own):
    case = dataclasses.replace(OPEN, own_assessment=own)
    actor = person(Role.ASSESSOR, FUNDER)

    assert may(actor, Action.READ_APPLICATION, case) == (
        own in {AssessmentState.SCORING, AssessmentState.SUBMITTED}
    )
    assert may(actor, Action.READ_SUMMARY, case) == (own is not None)


@pytest.mark.feature("R9")
@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FUND_MANAGER, Role.APPROVER])
def test_conflict_takes_reading_and_deciding_away(role):
    case = dataclasses.replace(
        OPEN, own_assessment=AssessmentState.SUBMITTED, is_conflicted=True, scores_in=True
    )
    actor = person(role, FUNDER)
    barred = (
        *SECRETS,
        Action.READ_APPLICATION,
        Action.READ_SUMMARY,
        Action.READ_FILE,
        Action.RECOMMEND,
        Action.APPROVE,
        Action.REFUSE,
        Action.SCORE,
    )

    assert [action for action in barred if may(actor, action, case)] == []


@pytest.mark.feature("R11")
@pytest.mark.parametrize("application", ApplicationState)
@pytest.mark.parametrize("own", [None, *AssessmentState])
def test_other_scores_open_after_ones_own_and_moderation(application, own):
    case = dataclasses.replace(OPEN, application=application, own_assessment=own)

    assert may(person(Role.ASSESSOR, FUNDER), Action.READ_OTHER_SCORES, case) == (
        application == ApplicationState.MODERATION and own == AssessmentState.SUBMITTED
    )


@pytest.mark.feature("W15")
def test_recommender_and_assessor_may_not_approve_whatever_their_roles():
    hats = Actor(
        ME, "Many hats", held=(Held(Role.FUND_MANAGER, FUNDER), Held(Role.APPROVER, FUNDER))
    )
    moderated = dataclasses.replace(OPEN, award=AwardState.RECOMMENDED)

    assert may(hats, Action.APPROVE, moderated)
    for barred in (
        dataclasses.replace(moderated, recommended_by=ME),
        dataclasses.replace(moderated, own_assessment=AssessmentState.SUBMITTED),
        dataclasses.replace(moderated, is_conflicted=True),
    ):
        assert not may(hats, Action.APPROVE, barred)
        assert not may(hats, Action.REFUSE, barred)


def test_drafter_may_not_issue():
    case = dataclasses.replace(OPEN, letter=LetterState.DRAFTED, drafted_by=ME)
    actor = person(Role.APPROVER, FUNDER)

    assert not may(actor, Action.ISSUE_LETTER, case)
    assert may(actor, Action.ISSUE_LETTER, dataclasses.replace(case, drafted_by=SOMEBODY))


def test_too_late_is_told_apart_from_not_you():
    editor = person(Role.APPLICANT_EDITOR, APPLICANT)

    with pytest.raises(MoveNotAllowed):
        require(editor, Action.EDIT_APPLICATION, OPEN)
    with pytest.raises(Forbidden):
        require(editor, Action.SUBMIT, OPEN)


@pytest.mark.parametrize(("action", "role"), list(itertools.product(Action, Role)))
def test_a_door_opens_only_to_roles_of_a_line(action, role):
    open_to_roles = [line for line in MAY[action] if not any(p.seats for p in line)]
    named = [frozenset().union(*(p.roles for p in line if p.roles)) for line in open_to_roles]

    assert could(person(role, OTHER), action) == any(role in roles for roles in named)


LOCAL = dataclasses.replace(OPEN, is_local=True, above_id=OTHER)
EVERYWHERE = {"administers", "audits_anywhere"}


@pytest.mark.feature("S10")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.AUDITOR}))
def test_staff_role_in_a_partnership_opens_nothing_national(role):
    """The partnership applies in the national round: its own approvers and officers fund there nothing."""
    actor = person(role, APPLICANT)
    funder_only = set(Action) - {
        action
        for action, lines in MAY.items()
        if any(
            p.name in {"reads_own", "edits", "sends", "signs"} | {"is_officer_of_applicant"}
            or p.name == "reports_for_lead"
            for line in lines
            for p in line
        )
    }
    for action, application, award in itertools.product(funder_only, ApplicationState, AwardState):
        case = dataclasses.replace(OPEN, application=application, award=award, scores_in=True)

        assert not may(actor, action, case), action


@pytest.mark.feature("S15")
@pytest.mark.parametrize("action", Action)
def test_officer_does_at_the_local_tier_what_a_manager_does_and_nothing_more(action):
    officer, manager = (
        person(role, FUNDER) for role in (Role.PARTNERSHIP_OFFICER, Role.FUND_MANAGER)
    )
    for application, award in itertools.product(ApplicationState, AwardState):
        case = dataclasses.replace(LOCAL, application=application, award=award, scores_in=True)

        assert may(officer, action, case) == may(manager, action, case)


@pytest.mark.feature("S10")
@pytest.mark.parametrize("award", AwardState)
def test_officer_never_decides_or_releases(award):
    officer = person(Role.PARTNERSHIP_OFFICER, FUNDER)
    case = dataclasses.replace(LOCAL, award=award, letter=LetterState.DRAFTED)
    decisions = (Action.APPROVE, Action.REFUSE, Action.RELEASE, Action.ISSUE_LETTER)

    assert [action for action in decisions if may(officer, action, case)] == []


@pytest.mark.feature("S15")
@pytest.mark.parametrize("role", Role)
def test_national_funder_follows_its_money_and_reads_no_group_s_words(role):
    follows = {
        Role.FUND_MANAGER: {Action.READ_PROJECT, Action.READ_RETURN, Action.READ_STATISTICS},
        Role.EVALUATOR: {Action.READ_STATISTICS, Action.READ_EQUALITY},
    }
    follows[Role.APPROVER] = follows[Role.AUDITOR] = follows[Role.FUND_MANAGER]
    anywhere = {
        action
        for action, lines in MAY.items()
        if any(p.name in EVERYWHERE and role in p.roles for line in lines for p in line)
    }
    for application, award in itertools.product(ApplicationState, AwardState):
        case = dataclasses.replace(LOCAL, application=application, award=award, scores_in=True)
        allowed = {action for action in Action if may(person(role, OTHER), action, case)}

        assert allowed == follows.get(role, set()) | anywhere


@pytest.mark.feature("M1")
def test_role_elsewhere_draws_no_link_here():
    held = (Held(Role.FUND_MANAGER, 1, "adult"), Held(Role.FINANCE, 2, None))
    actor = Actor(1, "Two hats", held=held)

    found = [
        could_here(actor, action, Case(fund="adult", funder_id=place))
        for action in (Action.SET_UP_ROUND, Action.READ_BALANCE, Action.READ_APPLICATION)
        for place in (1, 2, 3)
    ]

    assert found == [True, False, False, True, True, False, True, False, False]
