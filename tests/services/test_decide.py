"""Recommending, approving within limits, refusing, taking back."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.audit import AuditEntry
from grants.models.award import Approval, Award, AwardYear
from grants.models.ledger import LedgerLine
from grants.models.person import Delegation, Membership, Person
from grants.models.round import Round, RoundDefinition
from grants.rules.people import Role
from grants.rules.recommendation import Condition, LineChoice, Recommendation
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AssessmentState, AwardState, LineDecision
from grants.services import decide, phases, recommending
from tests import build, deciding

pytestmark = pytest.mark.usefixtures("context")
ASKED = 950_000


def committed(scene):
    """What area, round and ledger say, and the approver's used authority."""
    area = build.area_of(db.session.get_one(Round, scene.round_id))
    ledger = sum(line.amount for line in db.session.query(LedgerLine))
    used = sum(row.used for row in db.session.query(Delegation))
    return area.committed, db.session.get_one(Round, scene.round_id).committed, ledger, used


def test_moderation_opens_with_an_award_once_scores_are_in():
    scene = deciding.scene(state=ApplicationState.ASSESSING)
    made = db.session.query(Application).one()
    reader = build.person(Role.ASSESSOR, at=build.organisation())
    by = db.session.get_one(Person, scene.manager.person_id)
    assessment = build.assessment(made, reader, by)
    with pytest.raises(Blocked, match="Not every score is in"):
        phases.open_moderation(scene.manager, made.key, now=build.NOW)
    assessment.state, assessment.total = AssessmentState.SUBMITTED, 75
    assessment.submitted_at = build.NOW
    db.session.commit()

    first = phases.open_moderation(scene.manager, made.key, now=build.NOW)
    again = phases.open_moderation(scene.manager, made.key, now=build.NOW)

    record = deciding.award(first)
    assert again == first
    assert (record.state, record.reference) == (AwardState.NONE, f"AWARD-{made.reference}")
    assert made.state == ApplicationState.MODERATION


def test_moderation_opens_early_with_a_recorded_reason():
    scene = deciding.scene(state=ApplicationState.ASSESSING)

    phases.open_moderation(
        scene.manager, scene.applications[0], reason="A reader is ill.", now=build.NOW
    )

    entry = db.session.query(AuditEntry).filter_by(action="open-moderation").one()
    assert entry.reason == "A reader is ill."


def without_moderation(made):
    """The definition of this application as a round without the step has it. Before it is cached."""
    definition = db.session.get_one(RoundDefinition, made.definition_id)
    stages = {**definition.content["stages"], "moderation": False}
    definition.content = {**definition.content, "stages": stages}
    db.session.commit()


@pytest.mark.feature("S9")
def test_without_moderation_the_mean_stands_once_every_score_is_in():
    scene = deciding.scene(state=ApplicationState.ASSESSING)
    made = db.session.query(Application).one()
    without_moderation(made)
    reader = build.person(Role.ASSESSOR, at=build.organisation())
    by = db.session.get_one(Person, scene.manager.person_id)
    assessment = build.assessment(made, reader, by)
    with pytest.raises(Blocked, match="the mean of the scores decides"):
        phases.open_moderation(scene.manager, made.key, reason="In a hurry.", now=build.NOW)
    assessment.state, assessment.total = AssessmentState.SUBMITTED, 75
    assessment.submitted_at = build.NOW
    db.session.commit()

    assert phases.open_moderation_all(scene.manager, scene.round_key, now=build.NOW) == 1

    award = db.session.query(Award).one()
    deciding.recommend(scene, award.key)
    entry = db.session.query(AuditEntry).filter_by(action="open-moderation").one()
    assert award.state == AwardState.RECOMMENDED
    assert entry.after["moderation"] == "not a step of this round"


def test_whole_round_is_opened_without_what_a_manager_may_not_know():
    scene = deciding.scene(count=3, state=ApplicationState.SUBMITTED)
    hidden = db.session.query(Application).filter_by(key=scene.applications[0]).one()
    build.conflict(hidden, db.session.get_one(Person, scene.manager.person_id))

    count = phases.open_assessing_all(scene.manager, scene.round_key, now=build.NOW)

    states = [row.state for row in db.session.query(Application).order_by(Application.id)]
    assert count == 2
    assert states == [ApplicationState.SUBMITTED, *[ApplicationState.ASSESSING] * 2]


@pytest.mark.feature("D2")
def test_recommendation_is_kept_line_by_line_and_by_year():
    scene = deciding.scene()
    key = scene.awards[0]
    wanted = Recommendation(
        is_award=True,
        own_costs=40_000,
        lines=(
            LineChoice(row="r1", decision=LineDecision.PART, amount=300_000, reason="out_of_scope"),
            LineChoice(row="r2", decision=LineDecision.RESERVE, reason="fund_exhausted"),
        ),
        conditions=(Condition(text="Agree a venue.", due_on=dt.date(2027, 1, 31)),),
        reason="fund_exhausted: the area has little left.",
    )

    recommending.recommend(scene.manager, key, wanted, now=build.NOW)

    award = deciding.award(key)
    years = [(row.financial_year, row.amount) for row in db.session.query(AwardYear)]
    lines = [(line.decision, line.amount, line.reserve_place) for line in deciding.lines_of(key)]
    assert (award.state, award.amount, award.own_costs) == (AwardState.RECOMMENDED, 340_000, 40_000)
    assert lines == [(LineDecision.PART, 300_000, None), (LineDecision.RESERVE, 0, 1)]
    assert years == [("2026-27", 340_000)]


def scored_low(scene):
    """Every criterion at the bottom of its scale."""
    made = db.session.query(Application).first()
    reader = build.person(Role.ASSESSOR, at=build.organisation())
    by = db.session.get_one(Person, scene.manager.person_id)
    marks = {one.key: 1 for one in build.all_funds()["adult"].scoring.criteria}
    build.assessment(made, reader, by, state=AssessmentState.SUBMITTED, marks=marks)


@pytest.mark.feature("D1")
def test_below_a_minimum_is_recommended_only_with_a_reason_for_the_minute():
    scene = deciding.scene()
    key = scene.awards[0]
    scored_low(scene)

    with pytest.raises(Blocked, match="scored below a minimum"):
        deciding.recommend(scene, key)
    with pytest.raises(Blocked, match="in your words"):
        deciding.recommend(scene, key, deciding.in_full(key, departure="risk"))
    deciding.recommend(scene, key, deciding.in_full(key, departure="risk: The only hall."))

    assert deciding.award(key).departure == "risk: The only hall."
    deciding.refuse(scene, key)
    assert deciding.award(key).departure == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lines": ()}, "has not been decided"),
        ({"own_costs": 60_000}, "Own costs cannot be more than the £500 asked for."),
        ({"own_costs": 10_000}, "Give a reason why less is offered"),
    ],
)
def test_recommendation_that_is_not_whole_is_refused(change, said):
    scene = deciding.scene()

    with pytest.raises(Blocked, match=said):
        deciding.recommend(scene, scene.awards[0], deciding.in_full(scene.awards[0], **change))

    assert deciding.award(scene.awards[0]).state == AwardState.NONE


@pytest.mark.feature("S11")
def test_recommendation_counts_what_is_recommended_to_others_in_the_area():
    scene = deciding.scene(count=2, areas=(("Shetland Islands", 1_500_000, ("S12000027",)),))
    deciding.recommend(scene, scene.awards[0])

    with pytest.raises(Blocked, match=r"£9,500 is more than the £5,500 left of the area"):
        deciding.recommend(scene, scene.awards[1])


@pytest.mark.feature("W15")
def test_recommender_never_approves_even_with_both_roles():
    scene = deciding.scene()
    seen = deciding.recommend(scene, scene.awards[0])
    person = db.session.get_one(Person, scene.manager.person_id)
    build.kept(
        Membership(
            person_id=person.id,
            organisation_id=scene.manager.held[0].organisation_id,
            role=Role.APPROVER,
            starts_at=build.NOW,
        )
    )
    both = build.actor_of(person)

    with pytest.raises(Forbidden):
        decide.approve(both, scene.awards[0], seen=seen, now=build.NOW)


@pytest.mark.feature("W15")
def test_who_wrote_an_earlier_recommendation_never_approves_the_later_one():
    scene = deciding.scene()
    deciding.recommend(scene, scene.awards[0])
    funder = scene.manager.held[0].organisation_id
    other = build.person()
    for person_id, role in (
        (other.id, Role.FUND_MANAGER),
        (scene.manager.person_id, Role.APPROVER),
    ):
        build.kept(
            Membership(person_id=person_id, organisation_id=funder, role=role, starts_at=build.NOW)
        )
    wanted = deciding.in_full(scene.awards[0], feedback="Better said.")
    recommending.recommend(build.actor_of(other), scene.awards[0], wanted, now=build.NOW)
    seen = deciding.award(scene.awards[0]).recommended_sha256
    first = build.actor_of(db.session.get_one(Person, scene.manager.person_id))

    with pytest.raises(Forbidden, match="You wrote this recommendation"):
        decide.approve(first, scene.awards[0], seen=seen, now=build.NOW)


@pytest.mark.feature("W15")
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((ASKED - 1, 10**9), "more than the £9,499.99 you may approve at once"),
        ((10**9, ASKED - 1), "more than what is left of what you may approve in all"),
    ],
)
def test_approval_beyond_the_delegated_limit_sets_nothing_aside(limits, said):
    scene = deciding.scene(limits=limits)
    seen = deciding.recommend(scene, scene.awards[0])

    with pytest.raises(Blocked, match=said):
        decide.approve(scene.approver, scene.awards[0], seen=seen, now=build.NOW)

    assert committed(scene) == (0, 0, 0, 0)


@pytest.mark.feature("W15")
@pytest.mark.parametrize("other", ["year", "organisation"])
def test_approval_without_authority_for_the_year_and_the_money_is_refused(other):
    scene = deciding.scene()
    change = {
        "year": {"financial_year": "2025-26"},
        "organisation": {"organisation_id": build.organisation().id},
    }[other]
    db.session.query(Delegation).update(change)
    db.session.commit()
    seen = deciding.recommend(scene, scene.awards[0])

    with pytest.raises(Blocked, match="money of this fund in 2026-27"):
        decide.approve(scene.approver, scene.awards[0], seen=seen, now=build.NOW)
    assert deciding.award(scene.awards[0]).state == AwardState.RECOMMENDED


@pytest.mark.feature("D5")
def test_large_award_needs_two_people_and_the_last_sets_money_aside():
    large = 100_000_100
    scene = deciding.scene(
        lines=((large, 1),), own_costs=0, areas=(("Shetland Islands", 2 * large, ("S12000027",)),)
    )
    key = scene.awards[0]
    seen = deciding.recommend(scene, key)

    first = [decide.approve(scene.approver, key, seen=seen, now=build.NOW) for _ in range(2)]
    between = committed(scene)
    last = decide.approve(scene.second, key, seen=seen, now=build.NOW)

    assert (first, last) == ([False, False], True)
    assert between == (0, 0, 0, large)
    assert committed(scene) == (large, large, large, 2 * large)
    assert deciding.award(key).state == AwardState.APPROVED


@pytest.mark.feature("D5")
def test_edit_voids_the_approvals_that_were_given():
    large = 100_000_100
    scene = deciding.scene(
        lines=((large, 1),), own_costs=0, areas=(("Shetland Islands", 2 * large, ("S12000027",)),)
    )
    key = scene.awards[0]
    seen = deciding.recommend(scene, key)
    decide.approve(scene.approver, key, seen=seen, now=build.NOW)

    again = deciding.recommend(scene, key, deciding.in_full(key, feedback="New words."))

    assert again != seen
    assert [row.voided_at for row in db.session.query(Approval)] == [build.NOW]
    assert committed(scene) == (0, 0, 0, 0)
    assert decide.approve(scene.second, key, seen=again, now=build.NOW) is False


@pytest.mark.feature("D5")
def test_decision_taken_back_frees_the_money_and_voids_approvals():
    scene = deciding.scene()
    key = scene.awards[0]
    deciding.approve(scene, key)
    assert committed(scene) == (ASKED, ASKED, ASKED, ASKED)

    decide.amend(scene.manager, key, reason="A wrong sum.", now=build.NOW)

    assert committed(scene) == (0, 0, 0, 0)
    assert deciding.award(key).state == AwardState.RECOMMENDED
    seen = deciding.award(key).recommended_sha256
    assert decide.approve(scene.approver, key, seen=seen, now=build.NOW)
    assert committed(scene) == (ASKED, ASKED, ASKED, ASKED)


def test_approval_refuses_rows_that_were_changed_behind_the_recommendation():
    scene = deciding.scene()
    seen = deciding.recommend(scene, scene.awards[0])
    deciding.lines_of(scene.awards[0])[0].reason = "changed by hand"
    db.session.commit()

    with pytest.raises(Blocked, match="has changed since you opened it"):
        decide.approve(scene.approver, scene.awards[0], seen=seen, now=build.NOW)


def test_refusal_leaves_nothing_funded():
    scene = deciding.scene()
    key = scene.awards[0]
    deciding.recommend(scene, key)

    decide.refuse(scene.approver, key, reason="out_of_scope", now=build.NOW)

    award = deciding.award(key)
    assert (award.state, award.amount, award.is_award) == (AwardState.REFUSED, 0, False)
    assert {line.decision for line in deciding.lines_of(key)} == {LineDecision.OUT}
    assert committed(scene) == (0, 0, 0, 0)


def test_reason_that_the_fund_does_not_list_is_not_kept():
    scene = deciding.scene()
    key = scene.awards[0]
    line = deciding.lines_of(key)[0].row
    lines = (LineChoice(row=line, decision=LineDecision.OUT, reason="no_such_reason: a note"),)
    wanted = Recommendation(is_award=True, lines=lines, reason="also_none")

    with pytest.raises(Blocked) as refused:
        recommending.recommend(scene.manager, key, wanted, now=build.NOW)
    listed = [r.key for r in refused.value.reasons if r.text == "Choose one of the reasons listed."]
    assert listed == ["reason", line]

    deciding.recommend(scene, key)
    with pytest.raises(Blocked, match="Choose one of the reasons listed"):
        decide.refuse(scene.approver, key, reason="no_such_reason", now=build.NOW)
    assert deciding.award(key).state == AwardState.RECOMMENDED


def test_conflicted_person_finds_no_award():
    scene = deciding.scene()
    deciding.recommend(scene, scene.awards[0])
    record = db.session.query(Application).one()
    build.conflict(record, db.session.get_one(Person, scene.approver.person_id))

    with pytest.raises(NotFound):
        decide.approve(scene.approver, scene.awards[0], seen="", now=build.NOW)


def test_released_award_is_not_taken_back():
    scene = deciding.scene()
    deciding.approve(scene, scene.awards[0])
    record = deciding.award(scene.awards[0])
    record.state, record.released_at = AwardState.RELEASED, build.NOW
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        decide.amend(scene.manager, scene.awards[0], reason="Too late.", now=build.NOW)
