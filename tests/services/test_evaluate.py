"""The figures of a round: what each table counts, and that no small number of people can be found."""

import pytest

from grants.documents.cells import HIDDEN
from grants.rules.refusals import NotFound
from grants.rules.states import ReturnState
from grants.services import evaluate
from tests import build
from tests.figures_world import World, people

pytestmark = pytest.mark.usefixtures("context")
PUBLISHED = (
    ("social", 434),
    ("peer_support", 227),
    ("sport", 203),
    ("arts", 110),
    ("financial_inclusion", 77),
    ("education", 52),
    ("equipment", 27),
    ("other", 13),
    ("further", 287),
)


def figures(world, who=None):
    actor = world.actor(who or world.evaluator)
    return evaluate.evaluation(actor, world.key, now=build.NOW)


def table(found, name):
    return next(item for item in found.every if item.table.name == name)


def column(found, name, value, label="label"):
    return {row[label]: row[value] for row in table(found, name).rows}


@pytest.mark.feature("E2")
def test_published_activity_table_comes_out_exactly():
    world = World(areas=32)
    world.projects(PUBLISHED, organisations=1_379)

    found = figures(world)
    rows = table(found, "activity_types").rows
    assert [(row["code"], row["projects"]) for row in rows] == list(PUBLISHED)
    assert rows[-1]["label"] == (
        "counselling or therapeutic, and further types (not itemised in the source) (derived)"
    )
    assert str(rows[0]["percent"]) == "30.3"
    head = found.headline.rows[0]
    assert (head["awards"], head["projects"], head["organisations"]) == (32, 1_430, 1_379)


@pytest.mark.feature("E2")
def test_headline_says_which_tier_it_counts():
    world = World()
    world.projects((("social", 6),), organisations=2)
    world.applications(5)

    row = figures(world).headline.rows[0]
    # three applications stand behind the awards
    assert (row["national_applications"], row["local_applications"]) == (8, 0)
    assert (row["asked"], row["awarded"]) == (3 * 950_000 + 5_000_000, 3 * 950_000)
    assert (row["organisations"], row["people_planned"]) == (2, 150)


def test_area_rows_add_up_to_the_headline():
    world = World()
    world.projects((("social", 7),))

    found = figures(world)
    total = table(found, "areas").total
    names = ("awards", "projects", "asked", "awarded")
    assert [total[name] for name in names] == [found.headline.rows[0][name] for name in names]
    assert column(found, "areas", "projects", "area") == {
        "Aberdeen City": 3,
        "Aberdeenshire": 2,
        "Angus": 2,
    }


def test_areas_have_rates_by_population():
    world = World(areas=1)
    world.projects((("social", 23),))

    row = table(figures(world), "areas").rows[0]
    assert (row["population"], str(row["projects_per_100000"])) == (228_670, "10.1")
    assert row["awarded_per_head"] == round(950_000 / 228_670)


def test_awards_that_are_not_released_are_not_counted():
    from grants.extensions import db
    from grants.models.award import Award
    from grants.rules.states import AwardState

    world = World()
    db.session.get_one(Award, world.awards[0]).state = AwardState.APPROVED
    db.session.commit()

    assert figures(world).headline.rows[0]["awards"] == 2


def test_groups_count_a_project_in_each_and_main_groups_once():
    world = World()
    world.projects((("social", 10),), groups=("older", "women"))

    found = figures(world)
    several = column(found, "at_risk_groups", "projects")
    assert sum(several.values()) == 20
    assert "several" in table(found, "at_risk_groups").table.counts
    assert sum(column(found, "main_groups", "projects").values()) == 10


def test_sizes_are_up_to_and_including_their_limit():
    world = World()
    for amount in (200_000, 200_001, 5_000_001):
        world.projects((("social", 1),), amount=amount)

    assert column(figures(world), "sizes", "projects") == {
        "up to £2,000": 1,
        "over £2,000 and up to £10,000": 1,
        "over £10,000 and up to £20,000": 0,
        "over £20,000 and up to £50,000": 0,
        "over £50,000": 1,
    }


@pytest.mark.feature("E2")
def test_only_accepted_returns_count_towards_people():
    world = World()
    made = world.projects((("social", 6),))
    world.returns(made[:3], [people(20)] * 3)
    world.returns(made[3:5], [people(50)] * 2, state=ReturnState.SUBMITTED)
    world.returns(made[5:], [people(70)], state=ReturnState.QUERIED)

    found = figures(world)
    assert found.headline.rows[0]["people_reached"] == 60
    total = table(found, "return_completeness").total
    names = ("owed", "due", "received", "accepted", "late", "missing", "reach_given")
    # due on 30 October, and counted on 2 November: what has come, came late
    assert [total[name] for name in names] == [6, 6, 5, 3, 5, 1, 3]


@pytest.mark.feature("E3")
def test_small_counts_of_people_are_hidden_and_zero_is_not():
    world = World()
    made = world.projects((("social", 3),))
    groups = {"older": 30, "women": 3, "lgbti": 0}
    world.returns(made[:1], [people(40, reach_by_group=groups)])

    found = table(figures(world), "people_reach_by_group")
    counts = {row["code"]: row["people"] for row in found.rows if row["code"] in groups}
    assert counts == {"older": 30, "women": HIDDEN, "lgbti": 0}
    women = next(bar for bar in found.chart.bars if bar.value is None)
    assert (women.hidden, women.text) == (True, "hidden: small number")


@pytest.mark.feature("E4")
def test_a_second_count_is_hidden_where_the_total_would_give_the_first_away():
    world = World()
    made = world.projects((("social", 3),))
    sexes = {"F": 30, "M": 7, "other": 3}
    world.returns(made[:1], [people(40, reach_by_sex=sexes)])

    found = figures(world)
    rows = {row["code"]: row["people"] for row in table(found, "people_reach_by_sex").rows}
    assert rows["other"] == HIDDEN
    assert list(rows.values()).count(HIDDEN) == 2
    assert found.headline.rows[0]["people_reached"] == 40


@pytest.mark.feature("E4")
def test_an_area_is_hidden_with_another_one():
    world = World()
    made = world.projects((("social", 3),))
    world.returns(made, [people(2), people(30), people(60)])

    shown = column(figures(world), "areas", "people_reached", "area")
    assert shown == {"Aberdeen City": HIDDEN, "Aberdeenshire": HIDDEN, "Angus": 60}


@pytest.mark.feature("E4")
def test_people_lost_between_two_askings_are_people_too():
    world = World()
    made = world.projects((("social", 3),))
    world.returns(made[:1], [people(80)], outcomes=[[("connected", 2, 30, 10, 8)]])

    row = table(figures(world), "outcome_totals").rows[0]
    assert row["lost"] == HIDDEN
    assert HIDDEN in {row["asked"], row["paired"]}
    assert row["lost_percent"] == HIDDEN


def test_outcomes_say_how_many_were_asked_and_lost():
    world = World()
    made = world.projects((("social", 2),))
    results = [[("connected", 10, 30, 10, 10)], [("connected", 10, 20, 20, 10)]]
    world.returns(made, [people(80), people(90)], outcomes=results)

    found = table(figures(world), "outcome_totals")
    row = dict(found.rows[0])
    names = ("projects", "asked", "paired", "improved", "same", "worse", "lost")
    assert [row[name] for name in names] == [2, 120, 100, 50, 30, 20, 20]
    assert (str(row["improved_percent"]), str(row["lost_percent"])) == ("50.0", "16.7")
    assert found.sentence == (
        "People are more connected to others and to their community: 50 of the 100 people "
        "asked both times had improved, 50.0%"
    )


@pytest.mark.feature("E3")
def test_ages_that_another_question_asks_for_are_hidden_together():
    world = World()
    made = world.projects((("social", 3),))
    ages = {"16-24": 12, "25-34": 3, "35-49": 85}
    given = people(100, reach_by_age=ages) | {("people_16_24", ""): 12}
    world.returns(made[:1], [given])

    found = figures(world)
    bands = {row["code"]: row["people"] for row in table(found, "people_reach_by_age").rows}
    apart = {row["code"]: row["people"] for row in table(found, "people_other_counts").rows}
    assert bands["25-34"] == HIDDEN
    assert (bands["16-24"] == HIDDEN) == (apart["people_16_24"] == HIDDEN)


def test_every_table_says_what_it_counts_and_is_in_the_catalogue():
    world = World()
    world.projects((("social", 3),))

    found = figures(world)
    assert [item.table for item in found.every] == list(evaluate.catalogue(found.whose.fund))
    assert [item.table.name for item in found.every if not item.table.counts] == []
    assert [item.table.name for item in found.tables if not item.sentence] == []
    titles = [item.table.title for item in found.every]
    assert (len(set(titles)), max(map(len, titles)) <= 31) == (len(titles), True)


@pytest.mark.parametrize("fund", ["adult", "children"])
def test_a_round_with_nothing_in_it_has_every_table(fund):
    world = World(areas=1, fund=fund)

    found = figures(world)
    assert found.headline.rows[0]["people_reached"] is None
    assert table(found, "people_reach_by_sex").sentence == (
        "No accepted return gives these figures yet"
    )


def test_another_programme_is_not_found():
    world, other = World(areas=1), World(areas=1)

    with pytest.raises(NotFound):
        evaluate.evaluation(other.actor(other.evaluator), world.key, now=build.NOW)
