"""Deciding on many at once: the preview keeps nothing, and one fault does not stop the others."""

from __future__ import annotations

import uuid

import pytest

from grants.extensions import db
from grants.models.award import Approval
from grants.models.round import Round
from grants.queries.outcomes import awaiting
from grants.rules.recommendation import Recommendation
from grants.rules.refusals import Blocked
from grants.rules.states import AwardState
from grants.services import bulk, recommending
from grants.services.bulk import MOST, NONE_CHOSEN, TOO_MANY, Choice
from tests import build, deciding

ONE = 950_000  # what each application of the scene asks for in all


@pytest.fixture
def scene(context):
    """Three that wait for the approver, and money for two."""
    made = deciding.scene(count=3, areas=(("Shetland Islands", 10 * ONE, ("S12000027",)),))
    for key in made.awards:
        deciding.recommend(made, key)
    area = build.area_of(db.session.get_one(Round, made.round_id))
    area.amount = 2 * ONE
    db.session.commit()
    return made


def ticked(scene):
    return [Choice(row.key, row.sha256) for row in awaiting(scene.approver, scene.round_key).rows]


def committed(scene):
    return db.session.get_one(Round, scene.round_id).committed


@pytest.mark.feature("D7")
def test_preview_says_what_would_happen_and_keeps_nothing(scene):
    steps = bulk.rehearse(scene.approver, scene.round_key, ticked(scene), now=build.NOW)

    assert [(step.is_done, bool(step.failure)) for step in steps] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert set(deciding.states(scene)) == {AwardState.RECOMMENDED}
    assert (committed(scene), db.session.query(Approval).count()) == (0, 0)


@pytest.mark.feature("D7")
def test_one_that_cannot_be_made_does_not_stop_the_others(scene):
    choices = ticked(scene)

    steps = bulk.decide_all(scene.approver, scene.round_key, choices, now=build.NOW)

    assert [bool(step.failure) for step in steps] == [False, False, True]
    assert sorted(deciding.states(scene)) == [
        AwardState.APPROVED,
        AwardState.APPROVED,
        AwardState.RECOMMENDED,
    ]
    assert committed(scene) == 2 * ONE


@pytest.mark.feature("D7")
def test_refusals_are_confirmed_with_their_reason(scene):
    key = scene.awards[0]
    wanted = Recommendation(is_award=False, reason="out_of_scope")
    recommending.recommend(scene.manager, key, wanted, now=build.NOW)
    choices = [choice for choice in ticked(scene) if choice.key == key]

    steps = bulk.decide_all(scene.approver, scene.round_key, choices, now=build.NOW)

    assert [(step.is_done, step.failure) for step in steps] == [(True, "")]
    award = deciding.award(key)
    assert (award.state, award.reason) == (AwardState.REFUSED, "out_of_scope")


def test_sent_twice_it_is_done_once(scene):
    choices = ticked(scene)[:2]
    bulk.decide_all(scene.approver, scene.round_key, choices, now=build.NOW)

    again = bulk.decide_all(scene.approver, scene.round_key, choices, now=build.NOW)

    assert [step.failure for step in again] == [bulk.GONE, bulk.GONE]
    assert committed(scene) == 2 * ONE


@pytest.mark.feature("D5", "D7")
def test_what_changed_since_the_page_was_opened_is_not_decided(scene):
    choices = ticked(scene)[:1]
    build.area_of(db.session.get_one(Round, scene.round_id)).amount = 10 * ONE
    db.session.commit()
    wanted = deciding.in_full(choices[0].key, feedback="Other words.")
    recommending.recommend(scene.manager, choices[0].key, wanted, now=build.NOW)

    steps = bulk.decide_all(scene.approver, scene.round_key, choices, now=build.NOW)

    assert [bool(step.failure) for step in steps] == [True]
    assert set(deciding.states(scene)) == {AwardState.RECOMMENDED}


def test_changed_refusal_is_not_confirmed(scene):
    key = scene.awards[0]
    wanted = Recommendation(is_award=False, reason="out_of_scope")
    recommending.recommend(scene.manager, key, wanted, now=build.NOW)

    steps = bulk.decide_all(scene.approver, scene.round_key, [Choice(key, "old")], now=build.NOW)

    assert ["has changed since" in step.failure for step in steps] == [True]
    assert deciding.award(key).state == AwardState.RECOMMENDED


@pytest.mark.feature("W15", "R9")
def test_others_have_nothing_to_decide(scene):
    choices = ticked(scene)
    for who in (scene.manager, scene.applicant):
        seen = [] if who is scene.applicant else awaiting(who, scene.round_key).rows
        assert list(seen) == []
    own = bulk.decide_all(scene.manager, scene.round_key, choices, now=build.NOW)

    assert {step.failure for step in own} == {bulk.GONE}
    assert set(deciding.states(scene)) == {AwardState.RECOMMENDED}


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [((), NONE_CHOSEN), ([Choice(uuid.uuid4(), "")] * (MOST + 1), TOO_MANY)],
)
def test_none_and_too_many_are_refused(scene, choices, sentence):
    for verb in (bulk.rehearse, bulk.decide_all):
        with pytest.raises(Blocked) as refused:
            verb(scene.approver, scene.round_key, choices, now=build.NOW)
        assert [reason.text for reason in refused.value.reasons] == [sentence]


@pytest.mark.parametrize("number", [3, 30])
def test_the_list_costs_three_statements(context, count_statements, number):
    made = deciding.scene()
    deciding.recommend(made, made.awards[0])
    deciding.crowd(made, number)
    actor, key = made.approver, made.round_key

    with count_statements() as found:
        rows = awaiting(actor, key).rows

    assert (len(rows), len(found)) == (number + 1, 3)
