"""A query on named answers and back, a bid typed for a group, and what is alike: wide and narrow."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.services import duplicates
from tests.journeys import life
from tests.journeys.world import AREA

pytestmark = pytest.mark.browser


@pytest.mark.feature("A20")
@pytest.mark.feature("A21")
@pytest.mark.feature("A25")
def test_query_typed_bid_and_duplicates_by_hand(site, hands):
    _, world = site
    life.set_up_a_round(world)
    life.apply(world)
    application, place = world.places["application"], world.places["round"]
    staff = f"/staff{application}"
    manager = hands("manager")
    _ask(world, manager, staff)
    _answer(hands, application)
    manager.visit(staff, f"{staff}/changes")
    assert "underlined" in manager.text
    _type(world, manager, place)
    with world.app.app_context():
        duplicates.mark_waiting(now=world.clock.now)
    manager.visit(f"{place}/duplicates", f"{place}/entries")


def _day(world, days: int) -> list[str]:
    day = world.clock.now.date() + dt.timedelta(days=days)
    return [str(day.day), str(day.month), str(day.year)]


def _ask(world, manager, staff: str) -> None:
    manager.open(f"{staff}/query").look().press("Send the query").look()
    assert "Ask about at least one answer" in manager.text
    first = manager.page.locator("details", has=manager.page.locator('[name="ask.plan_summary"]'))
    first.locator("summary").first.click()
    row = manager.page.locator('textarea[name^="ask.projects."]').first
    name = row.get_attribute("name")
    manager.page.locator("details", has=manager.page.locator(f'[name="{name}"]')).locator(
        "summary"
    ).last.click()
    manager.fill({"ask.plan_summary": "Which places?", name: "Who runs it?"})
    manager.fill({"answer_by": _day(world, 10)}).press("Send the query").look()
    assert "The query is sent" in manager.text


def _answer(hands, application: str) -> None:
    sender = hands("sender").open(application).look()
    assert "Who runs it?" in sender.text
    sender.press("Change this answer").look()
    sender.fill({"plan_summary": "The same places, and the north end of the island."})
    sender.press("Save and continue")
    sender.page.locator('textarea[name^="reply-"]').last.fill("The committee runs it.")
    sender.press("Save what you wrote").look()
    sender.press("Check your answers and send").look().press("Send the application").look()


def _type(world, manager, place: str) -> None:
    manager.open(f"{place}/entries").look().press("Type one for a group").look()
    manager.fill({"name": "Folk of the Voe"}).press("Look for it").look()
    assert "Choose the share of the round." in manager.text
    manager.fill({"area": AREA}).press("Look for it").look()
    manager.press("It is new").look().press("Begin the application").look()
    manager.fill(
        {
            "channel": "paper",
            "given_by": "Beathag NicRath (fictional)",
            "received_on": _day(world, 0),
            "consent_on": _day(world, 0),
            "consent_how": "Signed at the foot of the form.",
        }
    )
    manager.press("Begin the application").look()
    assert "You are typing for Folk of the Voe" in manager.text
    manager.follow(manager.page.locator(".cf_typing a")).look()
