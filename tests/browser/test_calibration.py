"""A calibration from the first sample to the closing, in Chromium; the text an assessor types is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from grants.services import samples
from tests import build, calibrating
from tests.browser.desks import Desks, desks
from tests.calibrating import Scene

pytestmark = [pytest.mark.browser, pytest.mark.feature("R23")]
WHY = "It names who will come, and how. (fictional)"


def to_be_written() -> Scene:
    """A round with three assessors and no sample yet."""
    return calibrating.scene(count=0)


@pytest.fixture
def at(chromium, tmp_path) -> Iterator[Desks]:
    with desks(chromium, tmp_path, to_be_written) as found:
        yield found


def picture(hand, name: str) -> None:
    folder = os.environ.get("GRANTS_TEST_PICTURES")
    for width in (1280, 400) if folder else ():
        hand.page.set_viewport_size({"width": width, "height": 900})
        hand.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def score(hand, criteria: list[str], mark: int) -> None:
    """Every criterion of the sample that is open."""
    hand.fill({f"mark.{key}": str(mark) for key in criteria})
    hand.fill({f"reason.{key}": WHY for key in criteria})


def test_set_is_written_scored_and_talked_about(at) -> None:
    scene: Scene = at.made
    with at.app.app_context():
        criteria = scene.criteria
    manager = at.hand("manager").open(f"/rounds/{scene.round_key}/calibration").look()
    assert "There is no sample yet" in manager.text
    picture(manager, "empty")
    manager.fill({"source": "fund:uneven"}).press("Add this sample").look()
    picture(manager, "sample-written")
    manager.open(f"{manager.address}/sections/projects").look()
    picture(manager, "section")
    manager.press("Save").look()
    manager.open(f"/rounds/{scene.round_key}/calibration").fill({"required": "yes"})
    manager.press("Save").look()
    picture(manager, "set-written")
    manager.press("Open the set").look()

    first = at.hand(scene.readers[0]).open("/assessments").look()
    assert "Real applications open to you once all of them are in." in first.text
    picture(first, "index")
    first.press("Score the samples").look()
    picture(first, "samples")
    first.press("1. Branching Out").look()
    picture(first, "sample")
    saved = first.page.locator("[data-save-status]")
    first.fill({f"reason.{criteria[0]}": WHY})
    expect(saved).to_contain_text("Saved")
    first.open(first.address).look()  # gone and come back
    assert first.page.locator(f'[name="reason.{criteria[0]}"]').input_value() == WHY
    first.press("Submit your scores").look()
    assert "Score “" in first.text
    score(first, criteria, 3)
    first.press("Submit your scores").look()
    assert "How everybody scored" in first.text

    for place, mark in ((1, 1), (2, 3)):
        other = at.hand(scene.readers[place]).open(first.address)
        score(other, criteria, mark)
        other.press("Submit your scores")
    first.open(first.address).look()
    picture(first, "spread")
    assert "those of 2 other assessors" in first.text
    assert "not saved yet" not in first.text

    manager.open(f"/rounds/{scene.round_key}/calibration").look()
    assert "Scores lower" in manager.text
    picture(manager, "set-scored")
    manager.press("1. Branching Out").look()
    picture(manager, "sample-scored")
    manager.press("Write down what was agreed").look()
    manager.fill({f"mark.{criteria[0]}": "2"}).press("Save").look()
    assert "Give the reason for the agreed score" in manager.text
    picture(manager, "agreement")
    manager.fill({f"reason.{criteria[0]}": WHY}).press("Save").look()
    first.open(first.address).look()
    assert "What was agreed, and why" in first.text

    manager.open(f"/rounds/{scene.round_key}/calibration").press("Close the set").look()
    assert "Nobody scores a sample any more" in manager.text
    picture(manager, "closed")


def test_sample_is_scored_without_script(at) -> None:
    scene: Scene = at.made
    with at.app.app_context():
        criteria = scene.criteria
        sample = samples.add_sample(scene.manager, scene.round_key, "blank", now=build.NOW)
        scene.open()
    reader = at.hand(scene.readers[0], script=False).open(f"/samples/{sample}").look()
    score(reader, criteria, 2)

    reader.press("Save").look()
    assert "Saved at" in reader.text
    reader.press("Submit your scores").look()

    assert "Your scores are in." in reader.text
