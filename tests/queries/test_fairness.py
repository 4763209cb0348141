"""The adjusted scores of a round: from what one may read, worked out once."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.assessment import Assessment, Score
from grants.models.person import Person
from grants.queries import fairness, ranking
from grants.rules import severity
from grants.rules.agreement import Agreement
from grants.rules.people import Role
from grants.rules.refusals import NotFound
from grants.rules.severity import Mark
from grants.rules.states import AssessmentState
from tests import build, deciding
from tests.counting import statements

pytestmark = pytest.mark.usefixtures("context")
LEANING = (-8, -2, 3, 7)


def read(count=12, each=3, readers=4):
    """A round in moderation, read by so many of the readers; the totals lean as the readers do."""
    scene = deciding.scene(count=1)
    deciding.crowd(scene, count - 1)
    place = build.organisation()
    people = [build.person(Role.ASSESSOR, at=place, name=f"Reader {n}").id for n in range(readers)]
    chance = random.Random(5)
    versions = db.session.query(Application.id, ApplicationVersion.id).join(
        ApplicationVersion, ApplicationVersion.application_id == Application.id
    )
    for made, version in versions.filter(Application.round_id == scene.round_id).order_by(
        Application.id
    ):
        merit = chance.uniform(30, 80)
        for number in chance.sample(range(readers), each):
            total = merit + LEANING[number] + chance.gauss(0, 3)
            db.session.add(reading(made, version, people[number], scene.manager.person_id, total))
    db.session.flush()
    db.session.add_all(
        Score(assessment_id=row.id, criterion="fit", mark=min(4, max(0, round(row.total / 25))))
        for row in db.session.query(Assessment).all()
    )
    db.session.commit()
    return scene


def reading(application, version, person, manager, total):
    return Assessment(
        application_id=application,
        version_id=version,
        person_id=person,
        state=AssessmentState.SUBMITTED,
        assigned_at=build.NOW,
        assigned_by=manager,
        declared_at=build.NOW,
        submitted_at=build.NOW,
        total=Decimal(f"{total:.2f}"),
    )


def of(scene, actor=None):
    db.session.rollback()
    return fairness.of_round(actor or scene.manager, scene.round_id, scene.round_key)


def applications():
    return db.session.query(Application).order_by(Application.id).all()


@pytest.mark.feature("R14")
def test_round_is_adjusted_as_the_rule_says():
    scene = read()
    rows = db.session.execute(
        sa.select(Assessment.application_id, Assessment.person_id, Assessment.total)
    )
    plain = severity.adjust([Mark(a, p, float(t)) for a, p, t in rows])

    found = of(scene)

    assert found.why_not == ""
    assert found.readings == 36
    assert {k: round(m.adjusted, 6) for k, m in found.severity.merits.items()} == {
        k: round(m.adjusted, 6) for k, m in plain.merits.items()
    }
    assert found.meaning in set(Agreement)
    assert found.criteria["fit"] is not None


@pytest.mark.feature("R14")
def test_it_is_worked_out_once_until_a_score_changes():
    scene = read()
    before = of(scene)

    assert of(scene) is before

    row = db.session.query(Assessment).first()
    row.total += 5
    db.session.commit()
    after = of(scene)

    assert after is not before
    assert after.merit(row.application_id) != before.merit(row.application_id)


def test_totals_that_change_places_are_noticed():
    scene = read()
    before = of(scene)
    first, second = db.session.query(Assessment).order_by(Assessment.id)[:2]
    one, other = first.total, second.total
    for row, total in ((first, other), (second, one)):
        db.session.execute(sa.update(Assessment).where(Assessment.id == row.id).values(total=total))
    db.session.commit()

    assert of(scene) is not before


@pytest.mark.feature("R9")
def test_what_one_may_not_read_is_in_no_figure_of_theirs():
    scene = read()
    hidden = applications()[0]
    person = build.person(Role.FUND_MANAGER, at=build.organisation())
    conflicted = db.session.get_one(Person, scene.manager.person_id)
    whole = of(scene)
    build.conflict(hidden, conflicted)

    found = of(scene)

    assert found.merit(hidden.id) is None
    assert found.readings == whole.readings - 3
    before = fairness.page(scene.manager, scene.round_key).fairness
    db.session.execute(
        sa.update(Assessment).values(total=1.5).where(Assessment.application_id == hidden.id)
    )
    db.session.commit()
    assert fairness.page(scene.manager, scene.round_key).fairness == before
    assert of(scene, build.actor_of(person)) == fairness.NOTHING


def test_those_who_read_no_scores_learn_nothing():
    scene = read()
    finance = build.actor_of(
        build.person(Role.FINANCE, at=db.session.get_one(build.Organisation, funder(scene)))
    )

    assert of(scene, finance) == fairness.NOTHING
    with pytest.raises(NotFound):
        fairness.page(finance, scene.round_key)
    with pytest.raises(NotFound):
        fairness.page(scene.manager, uuid.uuid4())


def funder(scene):
    return scene.manager.held[0].organisation_id


@pytest.mark.feature("R14")
def test_refusal_says_why_and_who():
    scene = read(count=5, each=2, readers=4)

    page = fairness.page(scene.manager, scene.round_key)

    assert page.fairness.why_not
    assert page.fairness.severity.merits == {}
    assert [row.name for row in page.readers if row.leaning] == []


@pytest.mark.feature("R15")
def test_ranking_can_be_put_in_order_of_the_adjusted_total():
    scene = read()
    found = of(scene)

    whole = ranking.of_round(scene.manager, scene.round_key, measure="adjusted")
    area = ranking.of_round(
        scene.manager, scene.round_key, measure="adjusted", area="Shetland Islands"
    )

    best = sorted(found.severity.merits.values(), key=lambda one: -one.adjusted)
    assert [row.merit for row in whole.rows] == best
    assert [row.merit for row in area.rows] == best
    assert [row.rank for row in whole.rows] != sorted(row.rank for row in whole.rows)


@pytest.mark.parametrize("count", [4, 300])
def test_ranking_costs_the_same_statements(count):
    scene = read(count=count)
    ranking.of_round(scene.manager, scene.round_key)

    db.session.rollback()
    with statements(db.engine) as again:
        ranking.of_round(scene.manager, scene.round_key)
    row = db.session.query(Assessment).first()
    row.total += 1
    db.session.commit()
    with statements(db.engine) as changed:
        ranking.of_round(scene.manager, scene.round_key)

    assert (len(again), len(changed)) == (7, 11)
