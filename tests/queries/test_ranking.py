"""The ranking: several measures, declared ties, and the line inside an area."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.queries import ranking
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AssessmentState, LineDecision
from tests import build, deciding, drawing

pytestmark = pytest.mark.usefixtures("context")
AREAS = (("Shetland Islands", 1_500_000, ("S12000027",)),)


def scored(totals, marks=None):
    """An application for each total, in the order of their making."""
    scene = deciding.scene(count=len(totals), areas=AREAS)
    reader = build.person(Role.ASSESSOR, at=build.organisation())
    by = db.session.get_one(Person, scene.manager.person_id)
    made = db.session.query(Application).order_by(Application.id).all()
    for place, (application, total) in enumerate(zip(made, totals, strict=True)):
        if total is not None:
            build.assessment(
                application,
                reader,
                by,
                state=AssessmentState.SUBMITTED,
                marks=marks[place] if marks else None,
                total=total,
            )
    return scene


def of(scene, **how):
    found = ranking.of_round(scene.manager, scene.round_key, **how)
    places = {key: place for place, key in enumerate(scene.applications)}
    return found, [(places[row.key], row.rank) for row in found.rows]


@pytest.mark.feature("R15")
def test_best_total_first_and_the_unscored_last():
    scene = scored(["60.00", None, "72.50"])

    _, ranks = of(scene)

    assert ranks == [(2, 1), (0, 2), (1, None)]


@pytest.mark.feature("R15")
def test_equal_totals_are_parted_by_the_heaviest_criterion():
    fund = build.all_funds()["adult"]
    heaviest = max(fund.scoring.criteria, key=lambda criterion: criterion.weight)
    scene = scored(["70.00", "70.00"], [{heaviest.key: 2}, {heaviest.key: 4}])

    found, ranks = of(scene)

    assert ranks == [(1, 1), (0, 2)]
    assert heaviest.title in found.tie_rule


@pytest.mark.feature("D1")
@pytest.mark.parametrize("area", ["", "Shetland Islands"])
def test_equal_totals_are_parted_by_the_rule_that_the_fund_declares(area):
    scene = scored(["70.00", "70.00"])
    record = db.session.query(build.RoundDefinition).one()
    record.content = {**record.content, "scoring": {**record.content["scoring"], "ties": ["asked"]}}
    less = db.session.query(Application).filter_by(key=scene.applications[1]).one()
    less.asked -= 1
    db.session.commit()

    found, ranks = of(scene, area=area)

    assert ranks == [(1, 1), (0, 2)]
    assert found.tie_rule == "Equal totals: whoever asks for less comes first."


@pytest.mark.feature("R15")
def test_other_measures_put_the_same_applications_in_another_order():
    fund = build.all_funds()["adult"]
    last = fund.scoring.criteria[-1].key
    scene = scored(["80.00", "70.00"], [{last: 1}, {last: 3}])

    _, ranks = of(scene, measure=f"criterion-{last}")

    assert ranks == [(1, 2), (0, 1)]


@pytest.mark.feature("R15")
def test_ranking_is_filtered_by_decision():
    scene = scored(["80.00", "70.00"])
    deciding.recommend(scene, scene.awards[0])

    answers = [of(scene, state=state)[1] for state in ("recommended", "open", "approved")]

    assert answers == [[(0, 1)], [(1, 2)], []]


@pytest.mark.feature("D1")
def test_line_is_drawn_where_the_areas_money_ends():
    scene = scored(["80.00", "70.00"])

    found, _ = of(scene, area="Shetland Islands")

    lines = [
        [(x.suggested.decision, x.suggested.amount, x.left) for x in r.lines] for r in found.rows
    ]
    assert lines == [
        [(LineDecision.FULL, 500_000, 950_000), (LineDecision.FULL, 400_000, 550_000)],
        [(LineDecision.FULL, 500_000, 0), (LineDecision.RESERVE, 0, 0)],
    ]
    assert [row.straddles for row in found.rows] == [False, True]
    assert found.left == 0


def test_approved_money_is_not_given_out_again():
    scene = scored(["80.00", "70.00"])
    deciding.approve(scene, scene.awards[0])

    found, _ = of(scene, area="Shetland Islands")

    assert found.rows[0].lines[0].suggested is None
    assert found.rows[1].lines[0].suggested.amount == 500_000
    assert (found.area.committed, found.left) == (950_000, 0)


def test_conflicted_manager_sees_neither_row_nor_rank():
    scene = scored(["80.00", "70.00"])
    hidden = db.session.query(Application).filter_by(key=scene.applications[0]).one()
    build.conflict(hidden, db.session.get_one(Person, scene.manager.person_id))

    _, ranks = of(scene)

    assert ranks == [(1, 1)]


@pytest.mark.feature("R15")
@pytest.mark.parametrize("measure", ["total", "asked", "person", "projects", "heaviest", "last"])
def test_whole_round_and_its_only_area_are_in_the_same_rank(measure):
    criteria = build.all_funds()["adult"].scoring.criteria
    heaviest = max(criteria, key=lambda criterion: criterion.weight).key
    marks = [{heaviest: mark, criteria[-1].key: 4 - mark} for mark in (2, 3, 3, 1, 2)]
    scene = scored(["70.00", "70.00", None, "80.00", "70.00"], marks)
    key = {
        "heaviest": f"criterion-{heaviest}",
        "last": f"criterion-{criteria[-1].key}",
    }.get(measure, measure)

    whole, ranks = of(scene, measure=key)
    area, ranks_in_area = of(scene, measure=key, area="Shetland Islands")

    assert ranks == ranks_in_area
    assert [(row.total, row.is_tied, row.measures) for row in whole.rows] == [
        (row.total, row.is_tied, row.measures) for row in area.rows
    ]


@pytest.mark.parametrize("area", ["", "Shetland Islands"])
def test_ranking_is_shown_sixty_at_a_time(area):
    scene = scored(["70.00"])
    deciding.crowd(scene, 69)

    found = [of(scene, area=area, page=page)[0].page for page in (1, 2, 9)]

    assert [(len(page.rows), page.total, page.number) for page in found] == [
        (60, 70, 1),
        (10, 70, 2),
        (10, 70, 2),
    ]
    assert len({row.key for page in found for row in page.rows}) == 70
    assert found[1].rows == found[2].rows


@pytest.mark.feature("R15")
@pytest.mark.parametrize("measure", ["total", "asked"])
@pytest.mark.parametrize("change", ["score", "asked", "award", "conflict", "withdrawal"])
def test_ranking_that_was_kept_is_never_shown_once_something_has_changed(change, measure):
    scene = drawing.scored(["90.00", "80.00"])

    def shown():
        found = ranking.of_round(scene.manager, scene.round_key, measure=measure)
        return [(row.key, row.rank, row.total, row.asked, row.award) for row in found.rows]

    before = shown()
    assert shown() == before
    if change == "score":
        db.session.query(Assessment).order_by(Assessment.id).first().total = 70
    elif change == "asked":
        drawing.application(scene, 0).asked += 1
    elif change == "award":
        deciding.approve(scene, scene.awards[0])
    elif change == "conflict":
        drawing.hide(scene, 0)
    else:
        made = drawing.application(scene, 0)
        made.state, made.withdrawn_at = ApplicationState.WITHDRAWN, build.NOW
    db.session.commit()

    assert shown() != before
