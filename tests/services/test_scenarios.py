"""Pinning, keeping by name, copying; and adopting: all of it or nothing, within every ceiling."""

from __future__ import annotations

import contextlib
import random

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.audit import AuditEntry
from grants.models.award import Award
from grants.models.person import Person
from grants.models.round import Round
from grants.models.scenario import Scenario, ScenarioPin
from grants.rules.people import Role
from grants.rules.recommendation import Recommendation
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import ApplicationState, AwardState, LineDecision
from grants.services import adoption, decide, recommending, scenarios
from grants.services.adoption import Words
from grants.services.scenarios import Pinned, View
from grants.services.transaction import transaction
from tests import build, deciding, drawing

pytestmark = pytest.mark.usefixtures("context")
FULL, PART, RESERVE, OUT = (
    LineDecision.FULL,
    LineDecision.PART,
    LineDecision.RESERVE,
    LineDecision.OUT,
)
VIEW = View(measure="total", budgets={})
WORDS = Words(less="fund_exhausted", out="out_of_scope")
WHY = "risk: Because of the roof."


def pin(scene, place, decision, *, actor=None, amount=0, reason="", **how):
    wanted = Pinned(
        application=scene.applications[place],
        row="r1",
        decision=decision,
        amount=amount,
        reason=reason,
    )
    actor = actor or scene.manager
    return scenarios.pin(actor, scene.round_key, wanted, VIEW, now=build.NOW, **how)


def keep(scene, name="Ours", **how):
    return scenarios.keep(scene.manager, scene.round_key, name, VIEW, now=build.NOW, **how)


def another_manager(scene):
    record = db.session.get_one(Round, scene.round_id)
    funder = db.session.get_one(build.Organisation, record.organisation_id)
    return build.actor_of(build.person(Role.FUND_MANAGER, at=funder))


def rehearsed(scene, key, words=WORDS):
    return adoption.rehearse(scene.manager, key, words)


def adopt(scene, key, words=WORDS):
    seen = rehearsed(scene, key, words).fingerprint
    return adoption.adopt(scene.manager, key, words, seen=seen, now=build.NOW)


def awards(scene):
    return [(one.state, one.amount) for one in (deciding.award(key) for key in scene.awards)]


@pytest.mark.feature("D1")
def test_pin_is_changed_and_taken_away_and_what_one_works_on_becomes_the_named_scenario():
    scene = drawing.scored(["90.00", "80.00"])
    first = pin(scene, 0, PART, amount=300_000, reason=WHY)
    again = pin(scene, 0, OUT)
    pin(scene, 1, FULL)
    pin(scene, 1, None)

    kept = keep(scene, "  Less   for one ")

    scenario = db.session.query(Scenario).one()
    pins = [(one.decision, one.amount, one.reason) for one in db.session.query(ScenarioPin)]
    assert first == again == kept == scenario.key
    assert (scenario.name, pins) == ("Less for one", [(OUT, 0, "")])
    assert pin(scene, 0, OUT) != kept


@pytest.mark.parametrize(
    ("pinned", "said"),
    [
        ({"decision": PART, "amount": 299_999}, "cannot work with less than £3,000"),
        ({"decision": PART, "amount": 500_000}, "must be under £5,000"),
        ({"decision": OUT, "reason": "made_up: Words."}, "one of the reasons listed"),
        ({"decision": OUT, "reason": "risk"}, "in your words"),
    ],
)
def test_pin_that_cannot_be_is_refused(pinned, said):
    scene = drawing.scored(["90.00"])

    with pytest.raises(Blocked, match=said):
        pin(scene, 0, **pinned)

    assert db.session.query(ScenarioPin).count() == 0


@pytest.mark.feature("D1")
def test_scenario_is_copied_with_its_pins_and_changed_by_its_maker_alone():
    scene = drawing.scored(["90.00"])
    pin(scene, 0, OUT, reason=WHY)
    ours = keep(scene)
    other = another_manager(scene)

    with pytest.raises(Forbidden):
        pin(scene, 0, FULL, actor=other, scenario=ours)
    theirs = scenarios.keep(other, scene.round_key, "Copy", VIEW, source=ours, now=build.NOW)
    pin(scene, 0, FULL, actor=other, scenario=theirs)

    found = {
        (scenario.name, one.decision)
        for scenario in db.session.query(Scenario)
        for one in db.session.query(ScenarioPin).filter_by(scenario_id=scenario.id)
    }
    assert found == {("Ours", OUT), ("Copy", FULL)}
    assert keep(scene) == ours
    pin(scene, 0, FULL)
    with pytest.raises(Blocked, match="of this name"):
        keep(scene)
    with pytest.raises(Blocked, match="name"):
        keep(scene, " ")


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
def test_nobody_pins_what_they_may_not_decide():
    scene = drawing.scored(["90.00"])
    elsewhere = drawing.scored(["90.00"])
    drawing.hide(scene, 0)

    with pytest.raises(NotFound):
        pin(scene, 0, OUT)
    with pytest.raises(Forbidden):
        pin(scene, 0, OUT, actor=scene.approver)
    with pytest.raises(NotFound):
        pin(scene, 0, OUT, actor=scene.applicant)
    with pytest.raises(NotFound):
        scenarios.pin(
            scene.manager,
            scene.round_key,
            Pinned(application=elsewhere.applications[0], row="r1", decision=OUT),
            VIEW,
            now=build.NOW,
        )


@pytest.mark.feature("D1")
@pytest.mark.feature("D7")
def test_adopting_recommends_refuses_and_holds_in_reserve_at_once():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00", "50.00"])
    pin(scene, 0, OUT, reason=WHY)
    pin(scene, 4, PART, amount=400_000, reason=WHY)
    key = keep(scene)

    plan = adopt(scene, key)
    again = adoption.adopt(scene.manager, key, WORDS, seen="", now=build.NOW)

    assert [(step.does, step.amount, step.departs) for step in plan.steps] == [
        ("refusal", 0, True),
        ("award", 500_000, False),
        ("award", 500_000, False),
        ("reserve", 0, False),
        ("award", 400_000, True),
    ]
    assert again.steps == ()
    assert awards(scene) == [
        (AwardState.RECOMMENDED, 0),
        (AwardState.RECOMMENDED, 500_000),
        (AwardState.RECOMMENDED, 500_000),
        (AwardState.NONE, 0),
        (AwardState.RECOMMENDED, 400_000),
    ]
    last = deciding.award(scene.awards[4])
    assert (last.departure, last.reason) == (WHY, "fund_exhausted")
    lines = db.session.query(ProposedProject).order_by(ProposedProject.id).all()
    assert [line.decision for line in lines] == [OUT, FULL, FULL, RESERVE, PART]
    scenario = db.session.query(Scenario).one()
    assert (scenario.adopted_by, scenario.reserves) == (
        scene.manager.person_id,
        [[drawing.application(scene, 3).id, "r1"]],
    )
    entry = db.session.query(AuditEntry).filter_by(action="adopt-scenario").one()
    assert (entry.after["awards"], entry.after["amount"]) == (3, 1_400_000)


@pytest.mark.feature("D7")
def test_preview_changes_nothing():
    scene = drawing.scored(["90.00", "80.00"])
    key = keep(scene)
    entries = db.session.query(AuditEntry).count()

    plan = rehearsed(scene, key)

    assert [step.does for step in plan.steps] == ["award", "award"]
    assert awards(scene) == [(AwardState.NONE, 0)] * 2
    assert (db.session.query(AuditEntry).count(), db.session.query(Scenario).one().reserves) == (
        entries,
        [],
    )


@pytest.mark.feature("D7")
def test_one_that_cannot_be_recommended_keeps_all_from_being():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    drawing.application(scene, 1).state = ApplicationState.ASSESSING
    db.session.delete(deciding.award(scene.awards.pop(1)))
    db.session.commit()
    pin(scene, 0, OUT)
    key = keep(scene)

    plan = rehearsed(scene, key)
    with pytest.raises(Blocked) as blocked:
        adopt(scene, key)

    assert [step.failure for step in plan.failures] == [
        adoption.UNEXPLAINED,
        adoption.NOT_MODERATED,
    ]
    assert len(blocked.value.reasons) == 2
    assert {state for state, _ in awards(scene)} == {AwardState.NONE}


@pytest.mark.feature("D1")
def test_scenario_out_of_date_or_without_reasons_is_not_adopted():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    key = keep(scene)

    assert rehearsed(scene, key, Words("", "")).problems == (
        "Choose the reason for those who get less than they asked for.",
    )
    drawing.application(scene, 0).asked += 1
    db.session.commit()
    assert rehearsed(scene, key).problems == (adoption.STALE,)
    with pytest.raises(Blocked):
        adopt(scene, key)


def test_adopting_what_was_not_read_is_refused():
    scene = drawing.scored(["90.00"])
    key = keep(scene)

    with pytest.raises(Blocked, match="Read the preview again"):
        adoption.adopt(scene.manager, key, WORDS, seen="old", now=build.NOW)

    assert awards(scene) == [(AwardState.NONE, 0)]


@pytest.mark.feature("R9")
def test_money_that_a_person_may_not_know_of_is_held_by_the_approval():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    deciding.approve(scene, scene.awards[0])
    drawing.hide(scene, 0)

    plan = adopt(scene, keep(scene))

    assert [step.amount for step in plan.steps] == [500_000] * 3
    for key in scene.awards[1:3]:
        seen = deciding.award(key).recommended_sha256
        decide.approve(scene.approver, key, seen=seen, now=build.NOW)
    seen = deciding.award(scene.awards[3]).recommended_sha256
    with pytest.raises(Blocked):
        decide.approve(scene.approver, scene.awards[3], seen=seen, now=build.NOW)


@pytest.mark.feature("D1")
def test_second_scenario_replaces_what_the_first_recommended():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    adopt(scene, keep(scene))
    pin(scene, 0, OUT, reason=WHY)
    pin(scene, 3, FULL, reason=WHY)

    plan = adopt(scene, keep(scene, "Second"))

    assert [step.does for step in plan.steps] == ["refusal", "award", "award", "award"]
    record = db.session.get_one(Round, scene.round_id)
    promised = sum(one.amount for one in db.session.query(Award))
    assert promised == 1_500_000 <= record.pot
    assert db.session.query(Person).count()


@pytest.mark.feature("D1")
@pytest.mark.feature("D3")
def test_second_scenario_puts_in_reserve_what_the_first_recommended():
    scene = drawing.scored(["90.00", "80.00"])
    adopt(scene, keep(scene))
    pin(scene, 1, LineDecision.RESERVE, reason=WHY)

    plan = adopt(scene, keep(scene, "Second"))

    assert [step.does for step in plan.steps] == ["award", "reserve"]
    assert awards(scene) == [(AwardState.RECOMMENDED, 500_000), (AwardState.NONE, 0)]
    assert deciding.lines_of(scene.awards[1])[0].decision == LineDecision.RESERVE


def done_and_taken_back(scene, key):
    """What adopting does, step by step, with nothing of it kept."""
    made = []
    with contextlib.suppress(ZeroDivisionError), transaction():
        made.append(adoption._carry_out(scene.manager, key, WORDS, build.NOW))
        raise ZeroDivisionError
    return made[0]


@pytest.mark.feature("D7")
@pytest.mark.parametrize("seed", range(6))
def test_preview_is_what_adopting_does_whatever_was_recommended_before(seed):
    dice = random.Random(seed)
    totals = [f"{dice.randrange(40, 99)}.00" for _ in range(6)]
    pot = dice.choice([900_000, 1_500_000, 2_200_000])
    scene = drawing.scored(
        totals,
        lines=((500_000, 300_000), (250_000, 100_000)),
        own_costs=20_000,
        areas=(("Shetland Islands", pot, ("S12000027",)),),
    )
    for key in dice.sample(scene.awards, 3):
        with contextlib.suppress(Blocked):
            if dice.random() < 0.3:
                recommending.recommend(
                    scene.manager,
                    key,
                    Recommendation(is_award=False, reason="out_of_scope"),
                    now=build.NOW,
                )
            else:
                deciding.recommend(scene, key)
    for place in dice.sample(range(6), 2):
        pin(scene, place, dice.choice([OUT, FULL, RESERVE]), reason=WHY)
    if dice.random() < 0.5:
        drawing.application(scene, dice.randrange(6)).state = ApplicationState.ASSESSING
        db.session.commit()
    key = keep(scene)

    assert rehearsed(scene, key) == done_and_taken_back(scene, key)


@pytest.mark.feature("D7")
def test_preview_waits_for_nobody_and_holds_nobody_up(app):
    """While somebody else writes to all of it."""
    scene = drawing.scored(["90.00", "80.00"])
    key = keep(scene)
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(sa.text("UPDATE award SET amount = amount"))
        other.execute(sa.text("UPDATE scenario SET measure = measure"))
        other.execute(sa.text("UPDATE round SET pot = pot"))

        plan = rehearsed(scene, key)
        other.rollback()

    assert [step.does for step in plan.steps] == ["award", "award"]
    assert awards(scene) == [(AwardState.NONE, 0)] * 2


@pytest.mark.feature("D7")
def test_preview_writes_nothing(count_statements):
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    adopt(scene, keep(scene))
    pin(scene, 0, OUT, reason=WHY)
    pin(scene, 1, LineDecision.RESERVE, reason=WHY)
    key = keep(scene, "Second")

    with count_statements() as sent:
        rehearsed(scene, key)

    assert [one for one in sent if not one.lstrip().startswith("SELECT")] == []
    assert [one for one in sent if "FOR UPDATE" in one] == []
