"""What waits: each count begins with what one may do, at a fixed number of statements."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import PendingChange
from grants.queries import home, waiting
from grants.rules.people import Role
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    ReturnState,
    RoundState,
)
from tests import build
from tests.build import NOW

FUND = min(all_funds())
OTHER = max(all_funds())


class World:
    """A programme, a partnership, and one person for each role."""

    def __init__(self) -> None:
        self.programme = build.programme()
        self.partnership = build.organisation()
        self.people = {
            role: build.person(role, at=self.programme, fund=FUND)
            for role in (Role.FUND_MANAGER, Role.APPROVER, Role.ASSESSOR)
        }
        self.people |= {
            role: build.person(role, at=self.partnership)
            for role in (Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.PROJECT_REPORTER)
        }
        self.round = build.round_(FUND, self.programme)
        self.writer = self.people[Role.APPLICANT_EDITOR]

    def actor(self, role: Role):
        return build.actor_of(self.people[role])

    def application(self, state: ApplicationState):
        return build.application(self.round, self.partnership, self.writer, state=state)

    def award(self, state: AwardState):
        return build.award(
            self.application(ApplicationState.MODERATION),
            state=state,
            recommended_by=self.people[Role.FUND_MANAGER],
            decided_by=self.people[Role.APPROVER],
        )

    def owed(self, due: dt.date, state: ReturnState = ReturnState.OPEN) -> None:
        award = self.award(AwardState.ACCEPTED)
        line = (
            db.session.query(build.ProposedProject)
            .filter_by(application_id=award.application_id)
            .first()
        )
        project = build.project(award, self.partnership, line)
        obligation = build.kept(
            ReturnObligation(
                project_id=project.id,
                round_id=self.round.id,
                period="p1",
                label="The first half",
                starts_on=due - dt.timedelta(days=200),
                ends_on=due - dt.timedelta(days=20),
                due_on=due,
            )
        )
        build.kept(
            OutcomeReturn(
                obligation_id=obligation.id,
                definition_id=self.round.definition_id,
                state=state,
                changed_at=NOW,
                submitted_at=NOW if state == ReturnState.SUBMITTED else None,
            )
        )


@pytest.fixture
def world(context) -> World:
    return World()


def counts(actor) -> dict[str, int]:
    return {row.kind: row.count for row in waiting.of_person(actor, now=NOW)}


def test_applicant_sees_drafts_that_can_still_be_sent(world):
    draft = world.application(ApplicationState.DRAFT)
    returned = world.application(ApplicationState.RETURNED)
    world.application(ApplicationState.SUBMITTED)
    closed = build.round_(FUND, world.programme, closes_in=-dt.timedelta(hours=1))
    build.application(closed, world.partnership, world.writer)
    build.application(
        world.round, build.organisation(), build.person(), state=ApplicationState.DRAFT
    )

    own = home.to_write(world.actor(Role.APPLICANT_EDITOR), now=NOW)

    assert [(row.key, row.is_returned) for row in own.rows] == [
        (returned.key, True),
        (draft.key, False),
    ]
    assert own.total == 2


def test_list_of_drafts_is_short_and_says_how_many(world):
    for _ in range(7):
        world.application(ApplicationState.DRAFT)

    own = home.to_write(world.actor(Role.APPLICANT_SUBMITTER), now=NOW)

    assert (len(own.rows), own.total) == (5, 7)


@pytest.mark.feature("M1")
@pytest.mark.parametrize("state", AwardState)
def test_only_an_offer_shows_that_there_is_a_decision(world, state):
    award = world.award(state)

    own = home.to_answer(world.actor(Role.APPLICANT_SUBMITTER), now=NOW)

    expected = [award.key] if state == AwardState.RELEASED else []
    assert [row.key for row in own.rows] == expected


def test_editor_is_not_asked_to_answer(world):
    world.award(AwardState.RELEASED)

    assert home.to_answer(world.actor(Role.APPLICANT_EDITOR), now=NOW).total == 0


def test_returns_are_due_first_come_first(world):
    today = NOW.date()
    world.owed(today + dt.timedelta(days=9))
    world.owed(today - dt.timedelta(days=1))
    world.owed(today)
    world.owed(today, ReturnState.SUBMITTED)
    world.owed(today + dt.timedelta(days=300))  # its time has not begun

    own = home.to_report(world.actor(Role.PROJECT_REPORTER), now=NOW)

    assert [row.by for row in own.rows] == [
        today - dt.timedelta(days=1),
        today,
        today + dt.timedelta(days=9),
    ]
    assert (own.total, own.overdue) == (3, 1)


def test_manager_sees_each_step_that_waits(world):
    world.application(ApplicationState.SUBMITTED)
    scored = world.application(ApplicationState.ASSESSING)
    build.assessment(
        scored,
        world.people[Role.ASSESSOR],
        world.people[Role.FUND_MANAGER],
        state=AssessmentState.SUBMITTED,
    )
    world.application(ApplicationState.ASSESSING)  # nobody has scored it
    world.application(ApplicationState.MODERATION)
    world.award(AwardState.NONE)
    world.award(AwardState.RELEASED)
    world.owed(NOW.date() - dt.timedelta(days=1))
    world.owed(NOW.date(), ReturnState.SUBMITTED)
    build.round_(FUND, world.programme, state=RoundState.DRAFT)
    world.round.closes_at = NOW
    db.session.commit()

    assert counts(world.actor(Role.FUND_MANAGER)) == {
        "begin-assessing": 1,
        "moderate": 1,
        "recommend": 2,
        "draft-letter": 1,
        "overdue-return": 1,
        "read-return": 1,
        "open": 1,
    }


@pytest.mark.feature("W15")
def test_approver_sees_what_is_theirs_to_approve_and_release(world):
    world.award(AwardState.RECOMMENDED)
    build.award(
        world.application(ApplicationState.MODERATION),
        state=AwardState.RECOMMENDED,
        recommended_by=world.people[Role.APPROVER],
    )
    conflicted = world.award(AwardState.RECOMMENDED)
    build.conflict(
        db.session.get_one(build.Application, conflicted.application_id),
        world.people[Role.APPROVER],
    )
    world.award(AwardState.APPROVED)

    assert counts(world.actor(Role.APPROVER)) == {"approve": 1, "release": 1}


def test_assessor_sees_their_own_work_alone(world):
    reader, manager = world.people[Role.ASSESSOR], world.people[Role.FUND_MANAGER]
    other = build.person(Role.ASSESSOR, at=world.programme, fund=FUND)
    for state in (AssessmentState.ASSIGNED, AssessmentState.SCORING, AssessmentState.SUBMITTED):
        made = world.application(ApplicationState.ASSESSING)
        build.assessment(made, reader, manager, state=state)
        build.assessment(made, other, manager, state=AssessmentState.SCORING)

    assert counts(build.actor_of(reader)) == {"declare": 1, "score": 1}


@pytest.mark.feature("M1")
@pytest.mark.parametrize(
    "role", [Role.FUND_MANAGER, Role.APPROVER, Role.ASSESSOR, Role.EVALUATOR, Role.AUDITOR]
)
def test_nothing_of_another_fund_or_funder_waits(world, role):
    world.award(AwardState.RECOMMENDED)
    world.application(ApplicationState.MODERATION)
    elsewhere = [
        build.person(role, at=world.programme, fund=OTHER),
        build.person(role, at=build.programme()),
    ]

    assert [counts(build.actor_of(person)) for person in elsewhere] == [{}, {}]
    assert [home.rounds(build.actor_of(person)) for person in elsewhere] == [(), ()]


def test_administrator_sees_what_another_asked_for(world):
    first, second = (build.person(Role.ADMINISTRATOR, at=world.programme) for _ in range(2))
    build.kept(
        PendingChange(
            person_id=world.writer.id,
            kind="second-factor",
            reason="Lost.",
            asked_by=first.id,
            asked_at=NOW,
        )
    )

    assert home.office(build.actor_of(second)) == home.Office(to_confirm=1)
    assert home.office(build.actor_of(first)) == home.Office()


def test_rounds_are_those_one_works_in(world):
    draft = build.round_(FUND, world.programme, state=RoundState.DRAFT)
    build.round_(OTHER, world.programme)

    found = home.rounds(world.actor(Role.FUND_MANAGER))

    assert [row.key for row in found] == [world.round.key, draft.key]


@pytest.mark.parametrize("rows", [3, 300])
def test_everything_costs_six_statements_however_many_rows(world, count_statements, rows):
    everything = build.person(*Role, at=world.partnership)
    states = itertools.cycle(set(ApplicationState) - {ApplicationState.WITHDRAWN})
    for state in itertools.islice(states, rows):
        world.application(state)
    actor = build.actor_of(everything)

    with count_statements() as found:
        waiting.of_person(actor, now=NOW)
        home.to_write(actor, now=NOW)
        home.to_answer(actor, now=NOW)
        home.to_report(actor, now=NOW)
        home.rounds(actor)
        home.office(actor)

    assert len(found) == 6
