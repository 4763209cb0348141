"""Scores on paper in Chromium: one types, another holds it against the scan; or the assessor does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from grants.extensions import db
from grants.models.person import Person
from grants.web.gate import COOKIE
from tests import build
from tests.browser.hand import NARROW, WIDE, Hand
from tests.browser.site import started
from tests.services.test_paper_scores import Paper
from tests.storage.test_inspect import picture

pytestmark = [pytest.mark.browser, pytest.mark.feature("R17"), pytest.mark.feature("R22")]
PICTURES = os.environ.get("GRANTS_TEST_PICTURES", "")


@dataclass
class Room:
    """The addresses, what fills the sheet, and the browsers of its people."""

    hand: Callable[..., Hand]
    here: str
    own: str
    readers: str
    board: str
    staff: str
    fields: dict[str, str]
    name: str


@pytest.fixture
def room(tmp_path, chromium) -> Iterator[Room]:
    opened: list[Hand] = []
    with started(tmp_path) as (address, app, clock):
        with app.app_context():
            paper = Paper()
            ids = {
                "typist": paper.typist.person_id,
                "second": paper.second.person_id,
                "reader": paper.actor.person_id,
            }
            key, person = paper.at

            def hand(who: str, *, script: bool = True) -> Hand:
                with app.app_context():
                    token = build.session_token(db.session.get_one(Person, ids[who]), clock.now)
                opened.append(Hand(chromium, address, script=script))
                opened[-1].context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
                return opened[-1]

            found = Room(
                hand,
                f"/applications/{key}/readers/{person}/paper",
                f"/assessments/{paper.key}",
                f"/applications/{key}/readers",
                f"/rounds/{paper.round.key}/assignments",
                f"/staff/applications/{key}",
                paper.whole(3),
                paper.reader.name,
            )
        yield found
        for one in opened:
            one.close()


def looked(hand: Hand, name: str) -> Hand:
    """The page has no fault at either width; with a folder named, a picture of both is kept."""
    hand.look()
    for size in (WIDE, NARROW) if PICTURES else ():
        hand.page.set_viewport_size(size)
        hand.page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
    hand.page.set_viewport_size(WIDE)
    return hand


def saved(hand: Hand) -> None:
    expect(hand.page.locator("[data-save-status]")).to_contain_text("Saved at")
    expect(hand.page.locator(".cf_waiting")).to_have_text("")


def test_typed_then_confirmed_by_a_colleague_against_the_scan(room):
    typist = room.hand("typist").open(room.readers)
    typist.press("Scores on paper")
    looked(typist, "begin").press("Begin to type")
    looked(typist, "begin-faults")
    typist.fill({"day": ["30", "10", "2026"], "checker": "colleague"}).press("Begin to type")
    sheet = {"name": "sheets.png", "mimeType": "image/png", "buffer": picture("PNG")}
    typist.page.locator('input[type="file"]').set_input_files(sheet)
    looked(typist.press("Add the files"), "sheets").press("Type the scores")
    typist.fill(room.fields)
    saved(typist)
    looked(typist, "typing").press("Finish")
    looked(typist, "typed")
    looked(typist.open(room.board), "board")

    second = room.hand("second").open(room.here)
    looked(second, "hand").press("Hold it against the scanned sheets")
    looked(second, "check")
    assert second.download("sheets.png")[:4] == b"\x89PNG"
    second.press("It is: send these scores")
    assert second.address == room.readers

    looked(typist.open(room.staff), "staff")
    assert "Typed from paper" in typist.text
    looked(room.hand("reader").open(room.own), "own-done")


def test_assessor_checks_corrects_and_sends_without_script_too(room):
    typist = room.hand("typist", script=False).open(room.here)
    typist.fill({"day": ["30", "10", "2026"], "checker": "assessor"}).press("Begin to type")
    typist.fill({**room.fields, "comment": "Freindly."}).press("Finish")
    assert "finished typing" in typist.text

    reader = room.hand("reader").open("/assessments")
    looked(reader, "index").open(room.own)
    assert "hold it against your paper" in reader.text
    reader.fill({"comment": "Friendly."})
    saved(reader)
    looked(reader, "own").press("Submit your scores")
    assert reader.address == "/assessments"

    assert "These scores are in." in looked(typist.open(room.here), "in").text
