"""Strands of the pot: held to when recommending and when approving, however many click at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from grants.extensions import db
from grants.funds.definition import Strand
from grants.funds.loader import all_funds
from grants.funds.schema import to_document
from grants.models.application import Application, ApplicationVersion
from grants.models.award import AwardStrand
from grants.models.person import Person
from grants.models.round import BudgetStrand, Round, RoundDefinition
from grants.queries import rounds
from grants.queries.strands import strand_balances
from grants.rules.refusals import Blocked
from grants.rules.states import AwardState
from grants.services import decide, strands
from grants.services.transaction import transaction
from tests import build, deciding

ARTS, SPORT = 600_000, 300_000
LINES = ((500_000, 300_000), (200_000, 100_000))


def divided(count=1, place="projects.activity_type", arts=ARTS):
    """A round with two strands; of each application one project is arts and one is sport."""
    scene = deciding.scene(count=count, lines=LINES)
    definition = db.session.get_one(RoundDefinition, scene.definition_id)
    fund = replace(
        all_funds()["adult"],
        strand_question=place,
        strands=(
            Strand(key="arts", title="Arts", amount=arts, values=("arts",)),
            Strand(key="sport", title="Sport", amount=SPORT, values=("sport",)),
        ),
    )
    definition.content = to_document(fund)
    for version in db.session.query(ApplicationVersion):
        answers = [[place, "r1", "arts"], [place, "r2", "sport"], [place, "", "arts"]]
        answers += [[*question, text] for question, text in deciding.CONTACT.items()]
        version.content = {**version.content, "answers": answers}
    strands.make(db.session.get_one(Round, scene.round_id), fund)
    db.session.commit()
    return scene


def committed():
    rows = db.session.query(BudgetStrand).populate_existing().order_by(BudgetStrand.id)
    return [row.committed for row in rows]


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_approved_money_is_taken_from_the_strand_of_each_project():
    scene = divided()

    deciding.approve(scene, scene.awards[0])
    assert committed() == [500_000, 200_000]

    decide.amend(scene.manager, scene.awards[0], reason="Again.", now=build.NOW)
    assert committed() == [0, 0]


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_answer_of_the_application_takes_the_whole_award_from_one_strand():
    scene = divided(place="lead_body_type", arts=1_000_000)

    deciding.approve(scene, scene.awards[0])

    assert committed() == [750_000, 0]


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_recommendation_beyond_a_strand_counts_what_others_are_recommended():
    scene = divided(count=2)
    deciding.recommend(scene, scene.awards[0])

    with pytest.raises(Blocked) as blocked:
        deciding.recommend(scene, scene.awards[1])

    said = [reason.text for reason in blocked.value.reasons]
    assert said == [
        "£5,000 is more than the £1,000 left of Arts.",
        "£2,000 is more than the £1,000 left of Sport.",
    ]
    assert db.session.query(AwardStrand).count() == 2


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_refusal_takes_nothing_from_a_strand():
    scene = divided(count=2)
    deciding.recommend(scene, scene.awards[0])
    deciding.refuse(scene, scene.awards[0])

    deciding.approve(scene, scene.awards[1])

    assert committed() == [500_000, 200_000]


@pytest.mark.feature("S11")
def test_many_approvals_at_once_never_pass_a_strand(app):
    with app.app_context():
        scene = divided(count=6, arts=10**9)
        db.session.query(BudgetStrand).update({"amount": 10**9})
        db.session.commit()
        seen = [(key, deciding.recommend(scene, key)) for key in scene.awards]
        db.session.query(BudgetStrand).update({"amount": 1_100_000})
        db.session.commit()
    barrier = threading.Barrier(len(seen))

    def click(pair):
        with app.app_context():
            barrier.wait(timeout=60)
            try:
                return decide.approve(scene.approver, pair[0], seen=pair[1], now=build.NOW)
            except Blocked as blocked:
                return str(blocked)

    with ThreadPoolExecutor(len(seen)) as pool:
        came = list(pool.map(click, seen))

    with app.app_context():
        assert committed() == [1_000_000, 400_000]
        assert deciding.states(scene).count(AwardState.APPROVED) == 2
    assert sum("left of Arts" in str(answer) for answer in came) == 4


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_balance_shows_share_recommended_committed_and_left():
    scene = divided(count=2, arts=2_000_000)
    db.session.query(BudgetStrand).filter_by(strand="sport").update({"amount": 2_000_000})
    db.session.commit()
    deciding.approve(scene, scene.awards[0])
    deciding.recommend(scene, scene.awards[1])
    record = rounds.one(scene.manager, scene.round_key)

    found = strand_balances(scene.manager, record)
    shares = rounds.areas(scene.manager, record)

    assert [(row.title, row.recommended, row.committed, row.remaining) for row in found] == [
        ("Arts", 500_000, 500_000, 1_000_000),
        ("Sport", 200_000, 200_000, 1_600_000),
    ]
    assert sorted((row.recommended, row.committed) for row in shares) == [
        (0, 0),
        (750_000, 750_000),
    ]


@pytest.mark.feature("R9")
@pytest.mark.usefixtures("context")
def test_balance_leaves_out_what_a_person_with_an_interest_must_not_know():
    scene = divided(arts=2_000_000)
    deciding.approve(scene, scene.awards[0])
    made = db.session.query(Application).one()
    build.conflict(made, db.session.get_one(Person, scene.second.person_id))
    record = rounds.one(scene.manager, scene.round_key)

    seen = {who: strand_balances(getattr(scene, who), record) for who in ("manager", "second")}

    assert [row.committed for row in seen["manager"]] == [500_000, 200_000]
    assert [row.committed for row in seen["second"]] == [0, 0]


@pytest.mark.feature("S11")
@pytest.mark.usefixtures("context")
def test_strands_are_made_when_the_round_opens_and_fit_the_pot():
    scene = divided()
    record = db.session.get_one(Round, scene.round_id)
    fund = replace(
        all_funds()["adult"],
        strands=(Strand(key="a", title="A", amount=record.pot + 1, values=("arts",)),),
    )

    assert [reason.key for reason in strands.faults(record, fund)] == ["money"]
    with transaction():
        strands.make(record, fund)
    assert db.session.query(BudgetStrand).filter_by(strand="a").one().committed == 0
