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
