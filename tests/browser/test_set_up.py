"""Setting a round up in a browser: steps, sizes and strands, two officers at once, a rehearsal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def _round(manager):
    """A draft round with one area, through its pages."""
    manager.open("/rounds/new")
    manager.fill({"title": "To rehearse", "fund_year": "2026-27", "pot": "100,000"})
    manager.fill({"opens": ["2", "11", "2026"], "closes": ["2", "12", "2026"]})
    choice = manager.page.locator("[name=fund] option").nth(1).get_attribute("value")
    manager.page.locator("[name=fund]").select_option(choice)
    place = manager.press("Begin").address
    manager.open(f"{place}/areas/new").fill({"name": "Shetland Islands", "amount": "100,000"})
    manager.page.locator("[name=councils][value=S12000027]").check(force=True)
    manager.press("Save")
    return place


def _picture(hand, name):
    """Kept only where somebody wants to look."""
    folder = os.environ.get("GRANTS_LOOK")
    if folder:
        for width in (1280, 400):
            hand.page.set_viewport_size({"width": width, "height": 900})
            hand.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def _divide(manager, place):
    manager.open(f"{place}/money/levels/new").press("Save").look()
    manager.open(f"{place}/money/levels/new")
    manager.fill({"title": "Small grants", "most": "2,000", "asked": "Less detail."}).press("Save")
    manager.open(f"{place}/money/caps/new/has_other_funding")
    manager.page.locator("[name=values][value=yes]").check(force=True)
    manager.fill({"most": "500", "sentence": "With other money the most is £500."}).press("Save")
    manager.open(f"{place}/money/strands-by")
    manager.page.locator("[name=question]").select_option("projects.activity_type")
    manager.press("Save")
    manager.open(f"{place}/money/strands/new").fill({"title": "Arts", "amount": "25%"})
    manager.page.locator("[name=values][type=checkbox]").first.check(force=True)
    manager.press("Save").look()
    assert "£25,000" in manager.text
    _picture(manager, "money")


@pytest.mark.feature("S9", "S11")
def test_steps_and_money_are_set_up_without_a_fault(site, hands):
    manager = hands("manager")
    place = _round(manager)
    manager.open(f"{place}/steps").look()
    _picture(manager, "steps")
    manager.page.locator("[name=moderation][type=checkbox]").uncheck(force=True)
    manager.press("Save").look()
    manager.visit(place, f"{place}/money")
    _divide(manager, place)


@pytest.mark.feature("S1")
def test_two_officers_see_both_texts(site, hands):
    first = hands("manager")
    place = _round(first)
    second = hands("manager")
    for hand in (first, second):
        hand.open(f"{place}/guidance")
    first.fill({"summary": "For the glens."}).press("Save")
    second.fill({"summary": "For the islands."}).press("Save").look()
    assert "Somebody else saved this while you had it open" in second.text
    assert second.page.locator("[name=summary]").input_value() == "For the islands."
    _picture(second, "both")
    second.press("Save")
    second.open(f"{place}/guidance")
    assert second.page.locator("[name=summary]").input_value() == "For the islands."


@pytest.mark.feature("S7")
def test_rehearsal_is_played_without_a_fault(site, hands):
    manager = hands("manager")
    place = _round(manager)
    manager.open(f"{place}/rehearsal").look()
    manager.press("Make a rehearsal").look()
    _picture(manager, "rehearsal")
    manager.press("Play Applicant lead").look()
    assert "Nothing here counts." in manager.text
    manager.visit("/applications", "/home")
    _picture(manager, "playing")
    manager.press("Stop playing").look()
    manager.press("Throw the rehearsal away").look()
