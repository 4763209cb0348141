"""The workbench in Chromium: the line is moved and a project decided by hand without losing one's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests import drawing
from tests.browser.desks import desks
from tests.browser.hand import Hand
from tests.deciding import Scene

pytestmark = pytest.mark.browser
TOTALS = [f"{95 - place / 2:.2f}" for place in range(70)]
AREAS = (
    ("Shetland Islands", 10_000_000, ("S12000027",)),
    ("Orkney Islands", 10_000, ("S12000023",)),
)


@dataclass
class Bench:
    """A round of seventy scored applications, and the browsers of its people."""

    scene: Scene
    place: str
    hand: Callable[..., Hand]


@pytest.fixture
def bench(tmp_path, chromium) -> Iterator[Bench]:
    with desks(chromium, tmp_path, lambda: drawing.scored(TOTALS, areas=AREAS)) as found:
        yield Bench(found.made, f"/rounds/{found.made.round_key}/workbench", found.hand)


@pytest.mark.feature("D1")
@pytest.mark.feature("D4")
@pytest.mark.feature("P5")
def test_line_moves_by_key_and_by_typing_and_the_place_is_kept(bench):
    manager = bench.hand().open(bench.place).look()
    page = manager.page
    assert "20 in full" in manager.text
    given = page.locator(".cf_bench__spread td[data-label='Funded']").first
    assert given.inner_text() == "20 of 70"

    page.locator("#budget-line").focus()
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    page.locator("#bench-sums", has_text="18 in full").wait_for()
    assert page.evaluate("document.activeElement.id") == "budget-line"
    page.locator("#budget").fill("5,200")
    page.locator("#bench-sums", has_text=": 1 in full").wait_for()

    assert "Drawn with £5,200: 1 in full, 0 in part, 69 in reserve" in manager.text
    assert given.inner_text() == "1 of 70"
    assert "budget=5%2C200" in page.url
    manager.look()


@pytest.mark.feature("D1")
@pytest.mark.feature("P5")
def test_project_is_decided_by_hand_with_keys_alone_and_the_scenario_kept(bench):
    manager = bench.hand().open(bench.place)
    page = manager.page
    link = page.locator("[data-bench-link]").nth(24)
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pin")
    assert page.evaluate("document.activeElement.id") == "decision"
    manager.look()

    manager.fill(
        {"decision": "part", "amount": "10", "departure": "risk", "departure_note": "Roof."}
    )
    page.locator("#pin button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pin .ds_question__error-message")
    assert "cannot work with less than" in manager.text
    manager.fill({"amount": "4000"})
    page.locator("#pin button").click()
    page.wait_for_selector("#pin", state="detached")
    assert "What due diligence found. Roof." in manager.text
    assert page.evaluate("document.activeElement.matches('[data-bench-link]')")

    manager.fill({"keep-name": "With the roof"}).press("Keep as a scenario").look()
    manager.press("Preview what adopting it does").look()
    assert "Choose the reason for those who get less" in manager.text
    manager.fill({"less": "fund_exhausted"}).press("Show what it does").look()
    manager.press("Adopt this scenario").look()
    assert "20 awards are recommended" in manager.text
    manager.open(bench.place.replace("workbench", "reserves")).look()
    assert "Waits for money" in manager.text


@pytest.mark.feature("D1")
def test_all_of_it_works_without_script(bench):
    manager = bench.hand(script=False).open(bench.place)
    manager.fill({"budget": "5,200"}).press("Draw the line")
    assert "Drawn with £5,200: 1 in full" in manager.text

    manager.follow(manager.page.locator("[data-bench-link]").first)
    manager.fill({"decision": "out", "departure": "overlap", "departure_note": "Done next door."})
    manager.press("Decide")

    assert "1 in full" in manager.text
    assert "Done next door." in manager.text
    manager.fill({"keep-name": "Plain"}).press("Keep as a scenario")
    manager.open(bench.place.replace("workbench", "scenarios")).look()
    assert "Plain" in manager.text
