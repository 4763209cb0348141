"""A panel's meeting in Chromium: who is there, the order, one application at a time, the minute, no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from grants.funds.loader import all_funds
from tests import meeting
from tests.browser.desks import desks
from tests.browser.hand import Hand
from tests.meeting import Panel

pytestmark = pytest.mark.browser
CRITERION = all_funds()["adult"].scoring.criteria[0].key


@dataclass
class Room:
    """A meeting, and the browsers of its people."""

    panel: Panel
    place: str
    hand: Callable[..., Hand]


@pytest.fixture
def room(tmp_path, chromium) -> Iterator[Room]:
    with desks(chromium, tmp_path, meeting.panel) as found:
        yield Room(found.made, f"/meetings/{found.made.key}", found.hand)


@pytest.mark.feature("R16")
@pytest.mark.feature("R13")
@pytest.mark.feature("D8")
@pytest.mark.feature("D9")
def test_meeting_is_held_on_the_screen_and_its_minute_signed(room):
    manager = room.hand().open(f"/rounds/{room.panel.scene.round_key}/meetings").look()
    manager.open(f"/rounds/{room.panel.scene.round_key}/meetings/new").look()
    manager.press("Plan the meeting").look()
    manager.open(room.place).look()
    people = [room.panel.chair, room.panel.reader, room.panel.manager]
    manager.fill({f"presence-{one.person_id}": "present" for one in people})
    manager.fill({f"arrived-{room.panel.reader.person_id}": "late"}).press("Record who is there")
    assert "Enter a time, such as 10:15." in manager.text
    manager.fill({f"arrived-{room.panel.reader.person_id}": "10.15"}).press("Record who is there")
    assert "Who is there is recorded." in manager.text
    manager.look()

    manager.follow(manager.page.get_by_role("link", name="Begin")).look()
    assert "The assessors are far apart." in manager.text
    manager.press("Record and go to the next").look()
    assert "Choose what came of it." in manager.text
    manager.fill({f"mark-{CRITERION}": "3", f"why-{CRITERION}": "Read again together."})
    manager.press("Draft feedback from the comments")
    assert "A draft of the feedback stands below" in manager.text
    manager.press("Fill the undecided in full")
    manager.fill({"outcome": "recommended"}).press("Record and go to the next")
    assert "is recorded." in manager.text

    manager.open(f"{room.place}/{room.panel.applications[1]}").look()
    assert "Moderated total" in manager.text
    chair = room.hand("chair").open(f"{room.place}/minute").look()
    assert "Moderated score for" in chair.text
    chair.press("Sign the minute").look()
    assert "Signed. The minute is frozen." in chair.text


@pytest.mark.feature("R16")
@pytest.mark.feature("D9")
def test_order_outcome_and_correction_work_without_script(room):
    manager = room.hand(script=False).open(room.place)
    first = manager.page.locator("#business ~ table tbody tr th").first.inner_text()
    manager.page.get_by_role("button", name="Down").first.click()
    assert manager.page.locator("#business ~ table tbody tr th").first.inner_text() != first

    manager.open(f"{room.place}/{room.panel.applications[2]}")
    manager.fill({"outcome": "deferred", "asked": "Who holds the lease?"})
    manager.press("Record and go to the next")
    manager.open(f"{room.place}/minute/correction?part={room.panel.applications[2]}")
    manager.fill({"text": "Put off until the lease is seen."}).press("Keep the correction").look()

    assert "Put off until the lease is seen." in manager.text
    assert "Recorded first:" in manager.text
