"""The small demonstration as it stands: every state, everybody, and no claim that is not labelled."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
import sqlalchemy as sa

from grants import demo
from grants.demo.world import world
from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.organisation import Organisation
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Membership, Person
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries.definitions import fund_of
from grants.rules import eligibility
from grants.rules.people import CLOCK, Role
from grants.rules.return_check import Promise, check
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    LineDecision,
    MessageState,
    ReturnState,
    Tier,
)
from grants.services.versions import read
from tests.clock import Clock
from tests.demo.books import check_books

COMPLETE = world().closed[0].reference
OPEN = [plan.reference for plan in world().open]


def of_round(reference: str) -> Round:
    return db.session.scalars(sa.select(Round).where(Round.reference == reference)).one()


def local_round() -> Round:
    return db.session.scalars(sa.select(Round).where(Round.tier == Tier.LOCAL)).one()


def states(statement: sa.Select, reference: str) -> set[str]:
    return set(db.session.scalars(statement.where(Round.reference == reference)))


@pytest.mark.parametrize("reference", OPEN)
def test_open_rounds_have_every_state(small, reference):
    applications = sa.select(Application.state).join(Application.round)
    readings = sa.select(Assessment.state).join(
        Application, Application.id == Assessment.application_id
    )
    lines = sa.select(ProposedProject.decision).join(
        Application, Application.id == ProposedProject.application_id
    )
    owed = sa.select(OutcomeReturn.state).join(OutcomeReturn.obligation)
    awards = sa.select(Award.state).join(Round, Round.id == Award.round_id)
    letters = sa.select(Letter.state).join(Letter.award)

    assert states(applications, reference) == set(ApplicationState)
    assert states(readings.join(Application.round), reference) == set(AssessmentState)
    assert states(lines.join(Application.round), reference) == set(LineDecision)
    assert states(awards, reference) == set(AwardState)
    assert states(owed.join(Round, Round.id == ReturnObligation.round_id), reference) == set(
        ReturnState
    )
    assert states(letters.join(Round, Round.id == Award.round_id), reference) == {
        LetterState.DRAFTED,
        LetterState.ISSUED,
    }


@pytest.mark.parametrize("reference", OPEN)
def test_open_rounds_take_applications_now(small, reference):
    record = of_round(reference)

    assert record.opens_at < Clock.START < record.closes_at


def test_dates_of_the_past_stand_still(small):
    assert of_round(COMPLETE).opens_at == dt.datetime(2023, 6, 1, 8, tzinfo=dt.UTC)


def test_drafts_are_ready_to_be_sent(small):
    drafts = db.session.scalars(
        sa.select(Application).where(Application.state == ApplicationState.DRAFT)
    ).all()

    for record in drafts:
        sources = read(record)
        fund = fund_of(CLOCK, record.definition_id)
        found = eligibility.problems(fund, sources.answers, attachments={}, most=sources.most)
        assert found == ()
    assert Counter(record.round_id for record in drafts) == {
        **{of_round(reference).id: 1 for reference in OPEN},
        local_round().id: 2,
    }


def test_sent_returns_have_nothing_missing(small):
    rows = db.session.execute(
        sa.select(OutcomeReturn.content, OutcomeReturn.definition_id, ReturnObligation, Project)
        .join(OutcomeReturn.obligation)
        .join(ReturnObligation.project)
        .where(OutcomeReturn.state != ReturnState.OPEN)
    ).all()

    for content, definition_id, owed, project in rows:
        promise = Promise(
            amount=project.amount,
            people=project.people_expected,
            ends_on=owed.ends_on,
            is_final=owed.period == "final",
            spent_before=0 if len(owed_of(owed)) == 1 else project.amount // 2,
        )
        answers = {(question, row): text for question, row, text in content["answers"]}
        found = check(fund_of(CLOCK, definition_id), answers, promise, Clock.START.date())
        assert found.problems == ()
    assert len(rows) > 20


def owed_of(one: ReturnObligation) -> list[int]:
    """The obligations of the same project up to this one."""
    return list(
        db.session.scalars(
            sa.select(ReturnObligation.id).where(
                ReturnObligation.project_id == one.project_id,
                ReturnObligation.starts_on <= one.starts_on,
            )
        )
    )


def test_everything_made_up_says_so(small):
    rounds = db.session.scalars(sa.select(Round)).all()
    bodies = db.session.scalars(sa.select(Organisation)).all()

    assert all(record.is_illustrative and "fictional" in record.note.lower() for record in rounds)
    assert all(body.is_fictional and "(fictional)" in body.name for body in bodies)


def test_published_shares_keep_their_source(small):
    shares = db.session.scalars(
        sa.select(AllocationArea).where(AllocationArea.round_id == of_round(COMPLETE).id)
    ).all()

    assert {(entry.is_fictional, entry.source[:8]) for entry in shares} == {(False, "https://")}


def test_somebody_holds_every_role(small):
    assert set(db.session.scalars(sa.select(Membership.role))) == set(Role)


def test_books_agree(small):
    check_books()


def test_what_a_closed_round_wrote_is_sent(small):
    waiting = (
        sa.select(Round.state)
        .join(OutboxMessage, OutboxMessage.round_id == Round.id)
        .where(OutboxMessage.state == MessageState.QUEUED)
    )

    assert {state.value for state in db.session.scalars(waiting)} == {"open"}


def test_sign_ins_name_one_person_a_role(small):
    said = demo.sign_ins()

    assert world().password in said
    assert "shetland.submitter@example.org" in said
    assert all(role.value.replace("-", " ") in said for role in Role)


def test_people_who_work_together_have_names_of_their_own(small):
    of_bodies = sa.select(Membership.organisation_id, Person.id, Person.name).distinct()
    rows = db.session.execute(of_bodies.join(Person, Person.id == Membership.person_id))
    named = Counter((body, name) for body, _, name in rows)

    assert [one for one, times in named.items() if times > 1] == []
