"""What is known of an applicant beside the bid: earlier awards, returns, and due diligence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from grants.models.application import ProposedProject
from grants.models.organisation import Organisation
from grants.queries import applicants
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AssessmentState, AwardState, ReturnState
from tests import build

LATE = build.NOW + dt.timedelta(days=40)


@dataclass
class Bench:
    """A body that applies now and applied before."""

    funder: Organisation
    body: Organisation
    people: dict[str, Any]
    now: Any  # the application that is read

    def actor(self, who: str) -> Any:
        return build.actor_of(self.people[who])

    def earlier(self, state: AwardState, *, at: Organisation | None = None) -> Any:
        """One more application of the body with this outcome."""
        record = build.round_("adult", at or self.funder)
        sender = self.people["sender"]
        made = build.application(record, self.body, sender, state=ApplicationState.MODERATION)
        return build.award(
            made,
            state=state,
            recommended_by=self.people["manager"],
            decided_by=self.people["approver"],
        )

    def read(self, who: str = "manager") -> list[tuple[AwardState, int]]:
        past = applicants.past(self.actor(who), self.now.key, now=LATE)
        return [(row.state, row.amount) for row in past.rows]


@pytest.fixture
def bench(context) -> Bench:
    funder, body = build.programme(), build.organisation()
    people = {
        "manager": build.person(Role.FUND_MANAGER, at=funder),
        "approver": build.person(Role.APPROVER, at=funder),
        "assessor": build.person(Role.ASSESSOR, at=funder),
        "sender": build.person(Role.APPLICANT_SUBMITTER, at=body),
    }
    record = build.round_("adult", funder)
    made = build.application(record, body, people["sender"], state=ApplicationState.ASSESSING)
    build.assessment(made, people["assessor"], people["manager"], state=AssessmentState.SCORING)
    return Bench(funder, body, people, made)


@pytest.mark.feature("R21")
def test_past_shows_known_outcomes_alone(bench):
    asked = bench.earlier(AwardState.ACCEPTED).amount
    bench.earlier(AwardState.DECLINED)
    bench.earlier(AwardState.APPROVED)
    bench.earlier(AwardState.REFUSED)

    assert asked > 0
    assert bench.read() == [(AwardState.DECLINED, 0), (AwardState.ACCEPTED, asked)]


@pytest.mark.feature("R21")
def test_past_shows_assessors_what_anybody_may_know(bench):
    asked = bench.earlier(AwardState.ACCEPTED).amount
    bench.earlier(AwardState.DECLINED)
    bench.earlier(AwardState.LAPSED)

    assert bench.read("assessor") == [(AwardState.ACCEPTED, asked)]


def test_past_is_nobodys_who_may_not_read_the_application(bench):
    bench.earlier(AwardState.ACCEPTED)
    bench.people["stranger"] = build.person(Role.ASSESSOR, at=bench.funder)

    assert [bench.read(who) for who in ("stranger", "sender")] == [[], []]


def test_past_leaves_out_other_funders_and_bodies(bench):
    bench.earlier(AwardState.ACCEPTED, at=build.programme())
    other = build.organisation("Another body (fictional)")
    record = build.round_("adult", bench.funder)
    made = build.application(
        record, other, bench.people["sender"], state=ApplicationState.MODERATION
    )
    by = bench.people["manager"]
    build.award(
        made, state=AwardState.ACCEPTED, recommended_by=by, decided_by=bench.people["approver"]
    )

    assert bench.read() == []


@pytest.mark.feature("R9")
def test_past_leaves_out_what_one_has_an_interest_in(bench):
    award = bench.earlier(AwardState.ACCEPTED)
    made = build.db.session.get_one(build.Application, award.application_id)
    build.conflict(made, bench.people["manager"])

    assert (bench.read(), len(bench.read("approver"))) == ([], 1)


@pytest.mark.feature("R21")
def test_past_counts_returns_and_those_that_are_late(bench):
    award = bench.earlier(AwardState.ACCEPTED)
    lines = build.db.session.query(ProposedProject).filter_by(application_id=award.application_id)
    record = build.db.session.get_one(build.Round, award.round_id)
    for line, state in zip(lines, (ReturnState.ACCEPTED, ReturnState.OPEN), strict=False):
        build.owed(build.project(award, bench.body, line), record, state)

    past = applicants.past(bench.actor("manager"), bench.now.key, now=LATE)

    assert [(row.owed, row.accepted, row.overdue) for row in past.rows] == [(2, 1, 1)]
    assert past.overdue == 1


@pytest.mark.parametrize("number", [3, 30])
def test_past_costs_one_statement(bench, count_statements, number):
    for _ in range(number):
        bench.earlier(AwardState.ACCEPTED)
    actor, key = bench.actor("manager"), bench.now.key

    with count_statements() as found:
        past = applicants.past(actor, key, now=LATE)

    assert (len(past.rows), len(found)) == (min(number, applicants.MOST), 1)
