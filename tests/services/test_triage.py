"""The check before scoring: who makes it, what it opens and what it closes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.funds.schema import to_document
from grants.models.application import Application
from grants.models.round import RoundDefinition
from grants.models.triage import Triage
from grants.queries import assessors, triages
from grants.queries.definitions import fund_of
from grants.rules.recommendation import Recommendation
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AwardState
from grants.rules.triage import Finding, points
from grants.services import decide, phases, recommending, triage
from tests import build, deciding

FUND = all_funds()["adult"]
GOOD = tuple(Finding(point.key, point.wanted) for point in points(FUND))
BAD = (Finding("complete", "no", "The budget is empty."), *GOOD[1:])


def with_triage(record: RoundDefinition) -> None:
    """Switch the step on in a round's frozen definition."""
    stages = replace(FUND.stages, triage=True)
    record.content = to_document(replace(FUND, stages=stages))
    record.sha256 = "7" * 64
    db.session.commit()


@pytest.fixture
def scene(context):
    made = deciding.scene(count=2, state=ApplicationState.SUBMITTED)
    with_triage(db.session.get_one(RoundDefinition, made.definition_id))
    assert fund_of(made.manager, made.definition_id).stages.triage
    return made


def states(scene):
    rows = sa.select(Application.state).order_by(Application.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


@pytest.mark.feature("R1", "S9")
def test_nothing_is_scored_before_it_is_checked(scene):
    first, second = scene.applications

    with pytest.raises(Blocked) as refused:
        phases.open_assessing(scene.manager, first, now=build.NOW)
    passed = triage.check(scene.manager, second, GOOD, now=build.NOW)

    assert [reason.text for reason in refused.value.reasons] == [triage.UNCHECKED]
    assert passed
    assert phases.open_assessing_all(scene.manager, scene.round_key, now=build.NOW) == 1
    assert states(scene) == [ApplicationState.SUBMITTED, ApplicationState.ASSESSING]


@pytest.mark.feature("R1")
def test_what_fails_goes_to_a_refusal_with_its_reasons(scene):
    key = scene.applications[0]
    passed = triage.check(scene.manager, key, BAD, now=build.NOW)
    with pytest.raises(Blocked) as refused:
        phases.open_assessing(scene.manager, key, now=build.NOW)

    award = triage.set_aside(scene.manager, key, now=build.NOW)

    assert not passed
    assert [reason.text for reason in refused.value.reasons] == [triage.FAILED]
    assert triage.set_aside(scene.manager, key, now=build.NOW) == award
    with pytest.raises(Blocked) as no_award:
        recommending.recommend(scene.manager, award, deciding.in_full(award), now=build.NOW)
    assert triage.FAILED in [reason.text for reason in no_award.value.reasons]
    recommending.recommend(
        scene.manager, award, Recommendation(is_award=False, reason="ineligible"), now=build.NOW
    )
    decide.refuse(scene.approver, award, reason="ineligible", now=build.NOW)
    assert deciding.award(award).state == AwardState.REFUSED
    desk = triages.of_application(scene.approver, key)
    assert desk.verdict.findings == BAD


def test_what_passes_is_not_set_aside(scene):
    key = scene.applications[0]
    triage.check(scene.manager, key, GOOD, now=build.NOW)

    with pytest.raises(Blocked):
        triage.set_aside(scene.manager, key, now=build.NOW)


def test_a_check_is_kept_once_and_the_latest_stands(scene):
    key = scene.applications[0]
    for findings in (BAD, BAD, GOOD):
        triage.check(scene.manager, key, findings, now=build.NOW)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Triage)) == 2
    assert triages.of_application(scene.manager, key).verdict.passes


@pytest.mark.feature("R1")
def test_a_new_version_needs_a_check_of_its_own(scene):
    key = scene.applications[0]
    triage.check(scene.manager, key, GOOD, now=build.NOW)
    record = db.session.query(Application).filter_by(key=key).one()
    record.number += 1
    db.session.commit()

    assert triages.of_application(scene.manager, key).verdict is None
    with pytest.raises(Blocked):
        phases.open_assessing(scene.manager, key, now=build.NOW)


def test_what_has_gone_on_is_not_checked(scene):
    key = scene.applications[0]
    triage.check(scene.manager, key, GOOD, now=build.NOW)
    phases.open_assessing(scene.manager, key, now=build.NOW)

    with pytest.raises(MoveNotAllowed):
        triage.check(scene.manager, key, BAD, now=build.NOW)


def test_faulty_check_is_refused_whole(scene):
    with pytest.raises(Blocked) as refused:
        triage.check(scene.manager, scene.applications[0], (), now=build.NOW)

    assert [reason.key for reason in refused.value.reasons] == [p.key for p in points(FUND)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Triage)) == 0


def test_others_may_not_check(scene):
    key = scene.applications[0]

    with pytest.raises(Forbidden):
        triage.check(scene.approver, key, GOOD, now=build.NOW)
    with pytest.raises((Forbidden, NotFound)):
        triage.check(scene.applicant, key, GOOD, now=build.NOW)
    assert triages.of_application(scene.applicant, key) is None


@pytest.mark.feature("S9")
def test_round_without_the_step_has_none_of_it(context):
    scene = deciding.scene(state=ApplicationState.SUBMITTED)
    key = scene.applications[0]

    with pytest.raises(NotFound):
        triage.check(scene.manager, key, GOOD, now=build.NOW)
    assert triages.of_application(scene.manager, key) is None
    phases.open_assessing(scene.manager, key, now=build.NOW)
    assert states(scene) == [ApplicationState.ASSESSING]


@pytest.mark.feature("R1", "R4")
def test_readers_are_proposed_for_what_passed_alone(scene):
    triage.check(scene.manager, scene.applications[0], BAD, now=build.NOW)
    triage.check(scene.manager, scene.applications[1], GOOD, now=build.NOW)

    pool = assessors.pool(scene.manager, scene.round_key, now=build.NOW)

    assert [row[1] for row in pool.applications] == scene.applications[1:]
