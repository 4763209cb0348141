"""An assessor away from the score page: a spreadsheet, paper, hours, and scores opened again."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openpyxl
import pytest
import sqlalchemy as sa

from grants.documents.score_workbooks import FIRST, MARK
from grants.models.application import ProposedProject
from grants.models.person import PanelSeat, Person
from grants.rules.people import Seat
from grants.services import assess
from grants.web.gate import COOKIE
from tests import build
from tests.browser.hand import Hand
from tests.browser.site import started
from tests.services.test_assess import sent
from tests.services.test_score_workbooks import Desk

pytestmark = pytest.mark.browser


@dataclass
class Room:
    """Two applications on an assessor's desk, and the browsers of its people."""

    at: str
    reference: str
    hand: Callable[[str], Hand]
    reader: Hand
    own: str
    submitted: str


@pytest.fixture
def room(tmp_path, chromium) -> Iterator[Room]:
    opened: list[Hand] = []
    with started(tmp_path) as (address, app, clock):
        with app.app_context():
            desk = Desk()
            assess.submit(desk.actor, desk.second_key, sent(both(desk)), now=build.NOW)
            seat = PanelSeat(round_id=desk.round.id, person_id=desk.other.id, seat=Seat.CHAIR)
            build.kept(seat)
            ids = {"reader": desk.reader.id, "manager": desk.manager.id, "chair": desk.other.id}
            reference, at = desk.application.reference, desk.at
            own, other = desk.key, desk.second_key

        def hand(who: str) -> Hand:
            with app.app_context():
                person = build.db.session.get_one(Person, ids[who])
                token = build.session_token(person, clock.now)
            opened.append(Hand(chromium, address))
            opened[-1].context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
            return opened[-1]

        yield Room(
            f"/rounds/{at}",
            reference,
            hand,
            hand("reader"),
            f"/assessments/{own}",
            f"/assessments/{other}",
        )
        for one in opened:
            one.close()


def both(desk: Desk) -> dict[str, str]:
    """All that the second application needs."""
    typed = {f"mark.{one.key}": "3" for one in desk.scoring.criteria}
    typed |= {f"reason.{one.key}": "Because." for one in desk.scoring.criteria}
    lines = build.db.session.scalars(
        sa.select(ProposedProject.key).where(ProposedProject.application_id == desk.second.id)
    )
    return typed | {f"line.{key}": "full" for key in lines}


@pytest.mark.feature("R17")
def test_workbook_is_filled_in_and_loaded_back(room, tmp_path) -> None:
    hand = room.reader.open("/assessments").look().press("Score in a spreadsheet").look()
    data = hand.download("Download the workbook")

    for value, words in ((9, "choose a score from 0 to 4"), (3, "Nothing is saved yet")):
        book = openpyxl.load_workbook(io.BytesIO(data))
        book[room.reference].cell(FIRST, MARK).value = value
        book.save(tmp_path / "scores.xlsx")
        hand.page.set_input_files("[name=file]", tmp_path / "scores.xlsx")
        picture(hand.press("See what will change").look(), f"workbook-{value}")
        assert words in hand.text

    hand.press("Save these as drafts").look()
    assert "1 cell of the workbook is saved" in hand.text
    picture(hand, "assessments")


@pytest.mark.feature("R19")
def test_scores_are_asked_for_and_opened_again(room) -> None:
    reader, manager = room.reader.open(room.submitted).look(), room.hand("manager")
    picture(reader.press("Ask for your scores").look(), "ask")
    reader.fill({"reason": "I read the old version."}).press("Ask the fund").look()
    assert "The fund has not answered yet" in reader.text

    manager.open(f"{room.at}/assignments").look()
    picture(manager, "assign")
    manager.follow(manager.page.locator("a[href$='/reopening']").first).look()
    manager.press("Open the scores again").look()
    assert "Give a reason." in manager.text
    picture(manager, "reopen")
    manager.fill({"reason": "Agreed: score the new one."}).press("Open the scores again").look()

    reader.open(room.submitted).look()
    assert "Your scores are open again" in reader.text
    picture(reader, "open-again")
    reader.press("Submit your scores").look()
    manager.open(manager.address).look()

    chair = room.hand("chair").open("/assessments").press("its submitted scores").look()
    picture(chair, "chair")
    chair.follow(chair.page.locator("a[href$='/reopening']").first).look()
    chair.fill({"reason": "Once more."}).press("Open the scores again").look()
    assert "There is nothing to open again" in chair.text


@pytest.mark.feature("R22")
def test_hours_are_noted_and_a_pack_is_printed(room) -> None:
    reader = room.reader.open("/assessments").press("Your hours").look()
    reader.page.locator("summary", has_text="Add an expense").click()
    reader.page.locator("form:has([name=expense-amount]) button").click()
    reader.look()
    assert "Enter an amount above £0" in reader.text
    picture(reader, "hours-wrong")
    day = build.NOW.date()
    reader.fill({"expense-amount": "4.60", "expense-note": "Bus to Lerwick"})
    reader.fill({"expense-day": [str(day.day), str(day.month), str(day.year)]})
    reader.page.locator("form:has([name=expense-amount]) button").click()
    reader.page.locator("text=Noted.").first.wait_for()
    picture(reader.look(), "hours")

    manager = room.hand("manager").open(f"{room.at}/assignments?by=assessor").look()
    picture(manager.press("See the hours").look(), "volunteers")
    manager.press("Approve").look()
    assert "Approved on" in manager.text

    reader.open("/assessments").press("Print to read").look()
    picture(reader, "pack")
    picture(reader.press("Make the pack").look(), "pack-job")


def picture(hand: Hand, name: str) -> None:
    """Kept where somebody asks to look."""
    folder = os.environ.get("GRANTS_PICTURES")
    for wide in (1280, 400) if folder else ():
        hand.page.set_viewport_size({"width": wide, "height": 900})
        hand.page.screenshot(path=f"{folder}/{name}-{wide}.png", full_page=True)
    hand.page.set_viewport_size({"width": 1280, "height": 900})
