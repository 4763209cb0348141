"""The workbench: where the line falls, what is left, what a person may not see, and that it is fresh."""

from __future__ import annotations

import uuid

import pytest

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.models.round import Round
from grants.queries import comparison, workbench
from grants.queries.workbench import Wanted
from grants.rules.people import Role
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, AssessmentState, LineDecision
from grants.services import scenarios
from grants.services.scenarios import Pinned, View
from tests import build, deciding, drawing

pytestmark = pytest.mark.usefixtures("context")
FULL, PART, RESERVE, OUT = (
    LineDecision.FULL,
    LineDecision.PART,
    LineDecision.RESERVE,
    LineDecision.OUT,
)
VIEW = View(measure="total", budgets={})
WHY = "risk: Because of the roof."


def of(scene, actor=None, **how):
    return workbench.of_round(actor or scene.manager, scene.round_key, Wanted(**how))


def outcome(scene, found):
    places = {key: place for place, key in enumerate(scene.applications)}
    return {
        places[row.candidate.key]: (row.decided.decision, row.decided.amount)
        for row in found.rows
        if row.decided
    }


def pin(scene, place, decision, *, amount=0, reason="", **how):
    wanted = Pinned(
        application=scene.applications[place],
        row="r1",
        decision=decision,
        amount=amount,
        reason=reason,
    )
    return scenarios.pin(scene.manager, scene.round_key, wanted, VIEW, now=build.NOW, **how)


@pytest.mark.feature("D1")
def test_line_falls_where_the_money_ends_and_gives_part_where_that_works():
    scene = drawing.scored(["60.00", "90.00", "80.00", "70.00", None])

    whole = of(scene)
    less = of(scene, budget=1_300_000, has_budget=True)
    more = of(scene, budget=9_900_000, has_budget=True)

    assert outcome(scene, whole) == {
        1: (FULL, 500_000),
        2: (FULL, 500_000),
        3: (FULL, 500_000),
        0: (RESERVE, 0),
    }
    assert outcome(scene, less)[3] == (PART, 300_000)
    assert [row.straddles for row in less.rows] == [False, False, True, False, False]
    assert (less.budget, less.ceiling, less.drawing.given) == (1_300_000, 1_500_000, 1_300_000)
    assert (more.budget, more.over) == (1_500_000, 8_400_000)
    assert (whole.tallies["full"].count, whole.tallies["unscored"].count) == (3, 1)


@pytest.mark.feature("D1")
def test_area_and_pot_both_hold_the_line():
    areas = (
        ("Shetland Islands", 500_000, ("S12000027",)),
        ("Orkney Islands", 2_000_000, ("S12000023",)),
    )
    scene = drawing.scored(["90.00", "80.00", "70.00"], areas=areas)
    record = db.session.get_one(Round, scene.round_id)
    for place in (1, 2):
        drawing.application(scene, place).allocation_area_id = build.area_of(record, 1).id
    db.session.commit()

    found = of(scene, budget=900_000, has_budget=True)

    assert outcome(scene, found) == {0: (FULL, 500_000), 1: (PART, 400_000), 2: (RESERVE, 0)}
    assert [(one.name, one.given, one.left) for one in found.areas] == [
        ("Orkney Islands", 400_000, 1_600_000),
        ("Shetland Islands", 500_000, 0),
    ]
    assert [row.area_place for row in found.rows] == [1, 1, 2]


def test_other_measures_draw_another_line():
    scene = drawing.scored(["90.00", "80.00"])
    cheap = drawing.application(scene, 1)
    cheap.asked -= 1
    db.session.commit()

    assert [row.candidate.key for row in of(scene, measure="asked").rows] == [
        scene.applications[1],
        scene.applications[0],
    ]


@pytest.mark.feature("D1")
def test_grey_zone_stands_with_the_adjusted_total_and_is_refused_without_overlap():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    alone = of(scene, measure="adjusted")
    by = db.session.get_one(Person, scene.manager.person_id)
    readers = [build.person(Role.ASSESSOR, at=build.organisation()) for _ in range(2)]
    noise = (("91.00", "86.00"), ("79.00", "88.00"), ("73.00", "69.00"), ("58.00", "64.00"))
    for place, totals in enumerate(noise):
        for reader, total in zip(readers, totals, strict=True):
            made = drawing.application(scene, place)
            state = AssessmentState.SUBMITTED
            build.assessment(made, reader, by, state=state, total=total)

    found = of(scene, measure="adjusted", budget=1_000_000, has_budget=True)

    assert alone.why_not
    assert (found.why_not, found.tallies["full"].count) == ("", 2)
    errors = [row.candidate.error for row in found.rows]
    assert all(errors)
    second, third = found.rows[1].candidate, found.rows[2].candidate
    assert found.rows[1].is_grey == (second.score - second.error <= third.score)
    assert not found.rows[0].candidate.below


@pytest.mark.feature("D4")
def test_where_the_money_goes_is_summed_by_what_applications_say():
    scene = drawing.scored(
        ["90.00", "80.00"], areas=(("Shetland Islands", 500_000, ("S12000027",)),)
    )
    line = db.session.query(ProposedProject).order_by(ProposedProject.id).first()
    line.codes = [["theme", "poverty"], ["group", "older"], ["area", "S12000036"]]
    db.session.commit()

    found = dict(of(scene).shares)

    assert {(share.given, share.asked) for share in found["Theme"]} == {
        (500_000, 500_000),
        (0, 500_000),
    }
    assert next((s.funded, s.listed) for s in found["Group of people"]) == (1, 2)
    assert [(s.label, s.given) for s in found["Island and rural"]] == [
        ("Council areas with islands", 0),
        ("Mainly rural council areas", 0),
        ("Other council areas", 500_000),
    ]
    assert "First-time groups" not in found


@pytest.mark.feature("D1")
def test_pins_decide_before_rank_and_departures_wait_for_a_reason():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])

    pin(scene, 0, OUT)
    pin(scene, 1, FULL, reason=WHY)
    pin(scene, 3, PART, amount=300_000, reason=WHY)
    found = of(scene)

    assert outcome(scene, found) == {
        0: (OUT, 0),
        1: (FULL, 500_000),
        2: (FULL, 500_000),
        3: (PART, 300_000),
    }
    assert [row.departs for row in found.rows] == [True, False, False, True]
    assert (found.unexplained, found.tallies["pinned"].count) == (1, 3)
    pin(scene, 0, None)
    assert outcome(scene, of(scene))[0] == (FULL, 500_000)


def test_decided_ones_are_shown_and_their_money_is_not_given_again():
    scene = drawing.scored(["90.00", "80.00", "70.00"])
    deciding.approve(scene, scene.awards[0])

    found = of(scene)

    assert outcome(scene, found) == {1: (FULL, 500_000), 2: (FULL, 500_000)}
    assert [row.kind for row in found.rows] == ["decided", "full", "full"]
    assert found.ceiling == 1_000_000


@pytest.mark.feature("D1")
@pytest.mark.parametrize("change", ["score", "asked", "award", "area", "conflict", "withdrawal"])
def test_moved_line_is_never_drawn_from_what_has_changed(change, count_statements):
    scene = drawing.scored(
        ["90.00", "80.00"], areas=(("Shetland Islands", 500_000, ("S12000027",)),)
    )
    before = of(scene)
    if change == "score":
        db.session.query(Assessment).order_by(Assessment.id).first().total = 70
    elif change == "asked":
        drawing.application(scene, 0).asked += 1
    elif change == "award":
        deciding.approve(scene, scene.awards[0])
    elif change == "area":
        db.session.get_one(Round, scene.round_id).pot += 500_000
        build.area_of(db.session.get_one(Round, scene.round_id)).amount += 500_000
    elif change == "conflict":
        drawing.hide(scene, 0)
    else:
        made = drawing.application(scene, 0)
        made.state, made.withdrawn_at = ApplicationState.WITHDRAWN, build.NOW
    db.session.commit()

    after = of(scene)

    assert [row.candidate for row in before.rows] != [row.candidate for row in after.rows] or (
        outcome(scene, before) != outcome(scene, after)
    )


@pytest.mark.feature("D1")
@pytest.mark.parametrize("count", [3, 300])
def test_moved_line_costs_the_same_statements_however_many(count, count_statements):
    scene = drawing.scored(["90.00"])
    deciding.crowd(scene, count - 1)
    of(scene)

    with count_statements() as found:
        of(scene, budget=900_000, has_budget=True)

    assert len(found) == 6, found


@pytest.mark.feature("R9")
def test_who_has_an_interest_sees_the_bench_as_if_it_were_not_there():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    other = db.session.get_one(Person, scene.manager.person_id)
    second = build.actor_of(build.person(Role.FUND_MANAGER, at=_funder(scene)))
    pin(scene, 2, FULL, reason=WHY)
    key = scenarios.keep(scene.manager, scene.round_key, "All of it", VIEW, now=build.NOW)
    build.conflict(drawing.application(scene, 2), db.session.get_one(Person, second.person_id))
    del other

    mine, theirs = of(scene, scenario=key), of(scene, second, scenario=key)

    assert outcome(scene, mine)[2] == (FULL, 500_000)
    assert outcome(scene, theirs) == {0: (FULL, 500_000), 1: (FULL, 500_000), 3: (FULL, 500_000)}
    assert (theirs.tallies["pinned"].count, theirs.changes, theirs.unexplained) == (0, (), 0)


@pytest.mark.feature("R9")
@pytest.mark.parametrize("change", ["score", "approve", "withdraw"])
def test_scenario_of_a_person_with_an_interest_does_not_age_by_what_is_hidden(change):
    scene = drawing.scored(["90.00", "80.00", "70.00"])
    key = scenarios.keep(scene.manager, scene.round_key, "Ours", VIEW, now=build.NOW)
    second = build.actor_of(build.person(Role.FUND_MANAGER, at=_funder(scene)))
    build.conflict(drawing.application(scene, 0), db.session.get_one(Person, second.person_id))
    before = of(scene, second, scenario=key)
    if change == "score":
        db.session.query(Assessment).order_by(Assessment.id).first().total = 10
    elif change == "approve":
        deciding.approve(scene, scene.awards[0])
    else:
        made = drawing.application(scene, 0)
        made.state, made.withdrawn_at = ApplicationState.WITHDRAWN, build.NOW
    db.session.commit()

    after = of(scene, second, scenario=key)

    assert (after.changes, outcome(scene, after)) == (before.changes, outcome(scene, before))
    assert before.changes == ()
    assert of(scene, scenario=key).changes


def _funder(scene):
    record = db.session.get_one(Round, scene.round_id)
    return db.session.get_one(build.Organisation, record.organisation_id)


@pytest.mark.feature("M1")
def test_workbench_and_scenarios_are_not_for_others():
    scene = drawing.scored(["90.00"])
    key = scenarios.keep(scene.manager, scene.round_key, "Ours", VIEW, now=build.NOW)
    pin(scene, 0, OUT)
    working = of(scene).scenario.key

    for actor in (scene.applicant, build.actor_of(build.person())):
        with pytest.raises(NotFound):
            of(scene, actor)
        with pytest.raises(NotFound):
            comparison.of_round(actor, scene.round_key, key, key)
    with pytest.raises(NotFound):
        of(scene, scene.approver, scenario=working)
    with pytest.raises(NotFound):
        of(scene, scenario=uuid.uuid4())
    assert of(scene, scene.approver, scenario=key).scenario.name == "Ours"


@pytest.mark.feature("D1")
def test_two_scenarios_are_compared_by_who_moves_and_by_sums():
    scene = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    first = scenarios.keep(scene.manager, scene.round_key, "By rank", VIEW, now=build.NOW)
    pin(scene, 0, OUT, reason=WHY)
    second = scenarios.keep(scene.manager, scene.round_key, "Without it", VIEW, now=build.NOW)

    found = comparison.of_round(scene.manager, scene.round_key, first, second).comparison

    moved = {scene.applications.index(one.row.candidate.key): one for one in found.movers}
    assert {place: (one.left.decision, one.right.decision) for place, one in moved.items()} == {
        0: (FULL, OUT),
        3: (RESERVE, FULL),
    }
    assert [(pair.left, pair.right, pair.difference) for pair in found.areas] == [
        (1_500_000, 1_500_000, 0)
    ]


@pytest.mark.feature("D1")
def test_scenario_says_that_scores_or_ceilings_changed_since_it_was_kept():
    scene = drawing.scored(["90.00", "80.00"])
    key = scenarios.keep(scene.manager, scene.round_key, "Ours", VIEW, now=build.NOW)
    fresh = of(scene, scenario=key).changes
    db.session.query(Assessment).order_by(Assessment.id).first().total = 70
    record = db.session.get_one(Round, scene.round_id)
    record.pot += 1
    db.session.commit()

    assert fresh == ()
    assert of(scene, scenario=key).changes == (
        "The pot or an area's allocation has changed.",
        "1 application changed score, sum or standing.",
    )
