"""The whole life of a grant for every fund, through pages alone, with everybody else turned away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grants.funds import loader
from grants.funds.loader import all_funds
from grants.services import upkeep
from tests.journeys import afterwards, counted, life, world

FUNDS = sorted(all_funds())
THIRD = Path(__file__).parent / "funds" / "island-kitchens"
# What fails without a stage of it, for every fund there is.
PROVES = "S11 A2 A15 A17 A27 A28 R2 R3 R6 R7 R11 W4 W15 T1 E2 E3 E5 E6 E7 M1 M3".split()


def lived(people: world.World) -> None:
    """Every stage, from the empty round to the last figure."""
    life.set_up_a_round(people)
    life.apply(people)
    life.assess(people)
    life.decide(people)
    life.release(people)
    life.write_letters(people)
    life.accept(people)
    afterwards.report(people, 0)
    people.move(days=170)
    afterwards.report(people, 1)
    page = counted.evaluate(people)
    counted.extract(people, page)
    afterwards.close(people)
    with people.app.app_context():
        assert upkeep.verify_trail().is_whole


@pytest.mark.feature(*PROVES)
@pytest.mark.parametrize("slug", FUNDS)
def test_whole_life_of_a_grant(app, clock, csrf, slug):
    people = world.made(app, clock, all_funds()[slug])

    lived(people)


@pytest.fixture
def third_fund(tmp_path, monkeypatch):
    """The funds are the folders of another place: five files of TOML, and no Python at all."""
    shutil.copytree(THIRD, tmp_path / "funds" / THIRD.name)
    assert sorted(path.suffix for path in (tmp_path / "funds").rglob("*.*")) == [".toml"] * 5
    monkeypatch.setattr(loader, "__file__", str(tmp_path / "funds" / "loader.py"))
    all_funds.cache_clear()
    yield all_funds()[THIRD.name]
    all_funds.cache_clear()


def test_whole_life_of_a_fund_that_is_a_folder(app, clock, csrf, third_fund):
    people = world.made(app, clock, third_fund)

    lived(people)
