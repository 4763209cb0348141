"""The staff list of applications: found, filtered, sorted; nothing shown that is not to be known."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Membership, Person
from grants.models.search import SearchText, fold
from grants.queries.staff_applications import Wanted, of_round
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AssessmentState, AwardState
from tests import build, deciding

pytestmark = pytest.mark.usefixtures("context")
TITLES = ("Càirdeas agus seinn", "Boxing for all", "An “O'Neil” walking group & choir")


@pytest.fixture
def scene():
    made = deciding.scene(count=3)
    for place, record in enumerate(db.session.query(Application).order_by(Application.id)):
        record.title = TITLES[place]
        record.asked = 1_000 - place
        db.session.add(
            SearchText(
                application_id=record.id,
                round_id=record.round_id,
                organisation_id=record.organisation_id,
                text=fold(f"{record.title} {record.reference}"),
            )
        )
    db.session.commit()
    return made


def titles(scene, actor=None, **wanted):
    found = of_round(actor or scene.manager, scene.round_key, Wanted(**wanted))
    return [TITLES.index(row.title) for row in found.page.rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cairdeas", [0]),
        ("CÀIRD", [0]),
        ("walk choi", [2]),
        ("o'neil", [2]),
        ("seinn boxing", []),
        ('" OR 1=1 --', []),
        ("' * & | !", [0, 1, 2]),
        ("", [0, 1, 2]),
    ],
)
def test_search_finds_words_by_their_beginning_whatever_their_accents(scene, text, found):
    assert titles(scene, text=text) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [("title", [2, 1, 0]), ("-title", [0, 1, 2]), ("asked", [2, 1, 0]), ("nonsense", [0, 1, 2])],
)
def test_every_column_sorts_both_ways(scene, sort, order):
    assert titles(scene, sort=sort) == order


def test_decision_filters_and_sorts(scene):
    deciding.approve(scene, scene.awards[1])

    assert titles(scene, award="approved") == [1]
    assert titles(scene, sort="award") == [1, 0, 2]


def test_filters_stand_together(scene):
    first = db.session.query(Application).filter_by(key=scene.applications[0]).one()
    first.state = ApplicationState.ASSESSING
    db.session.commit()

    assert titles(scene, state="assessing", area="Shetland Islands") == [0]
    assert titles(scene, state="assessing", area="Orkney Islands") == []


@pytest.mark.feature("M1")
def test_assessor_learns_no_decision_by_column_filter_or_order(scene):
    funder = scene.manager.held[0].organisation_id
    reader = build.person()
    build.kept(
        Membership(
            person_id=reader.id, organisation_id=funder, role=Role.ASSESSOR, starts_at=build.NOW
        )
    )
    by = db.session.get_one(Person, scene.manager.person_id)
    for record in db.session.query(Application):
        build.assessment(record, reader, by, state=AssessmentState.SCORING)
    actor = build.actor_of(reader)
    questions = [
        {},
        {"sort": "award"},
        {"sort": "-award"},
        {"award": "approved"},
        {"sort": "total"},
    ]
    before = [of_round(actor, scene.round_key, Wanted(**q)).page for q in questions]

    deciding.approve(scene, scene.awards[1])

    assert [of_round(actor, scene.round_key, Wanted(**q)).page for q in questions] == before
    assert {row.award for row in before[0].rows} == {None}


@pytest.mark.feature("M1")
def test_conflicted_application_is_in_no_row_count_or_search(scene):
    hidden = db.session.query(Application).filter_by(key=scene.applications[0]).one()
    build.conflict(hidden, db.session.get_one(Person, scene.manager.person_id))

    found = of_round(scene.manager, scene.round_key, Wanted(text="cairdeas"))

    assert (found.page.rows, found.page.total) == ((), 0)
    assert titles(scene) == [1, 2]


def test_manager_sees_the_decision(scene):
    deciding.recommend(scene, scene.awards[0])

    found = of_round(scene.manager, scene.round_key, Wanted())

    assert [row.award for row in found.page.rows] == [
        AwardState.RECOMMENDED,
        AwardState.NONE,
        AwardState.NONE,
    ]
