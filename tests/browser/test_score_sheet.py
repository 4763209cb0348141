"""A score sheet in two windows, without a connection, after signing out, without script."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.queries import assessments
from grants.rules import score_sheet
from grants.rules.states import ApplicationState
from tests import build
from tests.browser.hand import Hand
from tests.journeys.world import World

pytestmark = [pytest.mark.browser, pytest.mark.feature("R18")]
COMMENT = 'textarea[name="comment"]'


@pytest.fixture
def world(site) -> World:
    return site[1]


@pytest.fixture
def key(world) -> uuid.UUID:
    """An application that the first assessor has begun to read."""
    with world.app.app_context():
        by, reader = (
            db.session.query(Person).filter_by(email=world.emails[who]).one()
            for who in ("editor", "first")
        )
        held = db.session.query(Membership).filter_by(person_id=by.id).first()
        seat = db.session.query(Membership).filter_by(person_id=reader.id).first()
        here = db.session.get_one(Organisation, held.organisation_id)
        programme = db.session.get_one(Organisation, seat.organisation_id)
        made = build.application(
            build.round_("adult", programme), here, by, state=ApplicationState.ASSESSING
        )
        return build.assessment(made, reader, reader).key


@pytest.fixture
def mark(world, key) -> str:
    """The field of the first criterion's score."""
    return f"mark.{criteria(world, key)[0]}"


def criteria(world: World, key: uuid.UUID) -> list[str]:
    with world.app.app_context():
        page = page_of(key)
        return [criterion.key for criterion in page.fund.scoring.criteria]


def page_of(key: uuid.UUID) -> assessments.AssessmentPage:
    record = db.session.query(Assessment).filter_by(key=key).one()
    return assessments.page_of(build.actor_of(db.session.get_one(Person, record.person_id)), key)


def kept(world: World, key: uuid.UUID, name: str) -> str:
    with world.app.app_context():
        page = page_of(key)
        return score_sheet.texts_of(page.sheet, page.fund.scoring, page.lines)[name]


def place(key: uuid.UUID) -> str:
    return f"/assessments/{key}"


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-save-status]")).to_contain_text(words)


def saved(page: Page) -> None:
    says(page, "Saved at")
    expect(page.locator(".cf_waiting")).to_have_text("")


def other_window(hand: Hand, key: uuid.UUID) -> Page:
    page = hand.context.new_page()
    page.goto(hand.site + place(key))
    return page


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)


@pytest.mark.parametrize(
    ("choice", "stays"),
    [("Keep mine", "1"), ("Keep the other", "4")],
)
def test_two_windows_show_both_scores_and_the_person_chooses(
    world, key, mark, hands, choice, stays
):
    first = hands("first").open(place(key))
    second = other_window(first, key)
    choose(second, mark, "4")
    saved(second)

    choose(first.page, mark, "1")
    panel = first.page.locator(".cf_clash")
    texts = panel.locator(".cf_clash__text")
    expect(texts).to_have_count(2)
    between = [text[:1] for text in texts.all_inner_texts()]
    stood = kept(world, key, mark)
    first.look()
    panel.get_by_role("button", name=choice).click()
    expect(panel).to_have_count(0)
    says(first.page, "Saved")
    expect(first.page.locator(".cf_waiting")).to_have_text("")

    assert (between, stood, kept(world, key, mark)) == (["1", "4"], "4", stays)
    expect(first.page.locator(f'input[name="{mark}"]:checked')).to_have_value(stays)


def test_without_a_connection_the_text_waits_and_meets_the_other_windows(world, key, hands):
    first = hands("first").open(place(key))
    first.context.set_offline(True)
    first.page.locator(COMMENT).fill("On the ferry.")
    says(first.page, "No connection.")
    expect(first.page.locator(".cf_waiting")).to_have_text(
        "1 answer not saved yet, kept in this browser until then."
    )
    first.page.close()
    first.context.set_offline(False)
    second = hands("first").open(place(key))
    second.page.locator(COMMENT).fill("At the desk.")
    saved(second.page)

    back = other_window(first, key)
    panel = back.locator(".cf_clash")
    expect(panel.locator(".cf_clash__text")).to_have_text(["On the ferry.", "At the desk."])
    panel.get_by_role("button", name="Keep both").click()
    says(back, "Saved")
    expect(back.locator(".cf_waiting")).to_have_text("")

    assert kept(world, key, "comment") == "At the desk.\n\nOn the ferry."


def test_ended_session_leads_back_to_the_same_field(world, key, hands):
    first = hands("first").open(place(key))
    world.clock.move(hours=13)

    first.page.locator(COMMENT).fill("Thirteen hours later.")
    says(first.page, "You have been signed out. Sign in again: what you typed is kept.")
    first.look()
    first.press("Sign in again")
    first.fill({"email": world.emails["first"], "password": build.PASSWORD}).press("Sign in")

    saved(first.page)
    assert (first.address, kept(world, key, "comment")) == (place(key), "Thirteen hours later.")
    expect(first.page.locator(COMMENT)).to_be_focused()


def test_amount_that_cannot_be_read_stays_at_its_field(world, key, hands):
    first = hands("first").open(place(key))
    name = first.page.locator('input[name^="line."]').first.get_attribute("name")
    amount = name.replace("line.", "amount.")
    choose(first.page, name, "part")
    saved(first.page)

    first.page.locator(f'input[name="{amount}"]').fill("lots")
    refused = first.page.locator("[data-refused]")
    expect(refused).to_contain_text("figures only")
    first.look()
    first.page.locator(f'input[name="{amount}"]').fill("1,000")
    saved(first.page)

    expect(refused).to_have_count(0)
    assert kept(world, key, amount) == "1,000"


def test_without_script_the_save_button_asks(world, key, mark, hands):
    plain, first = hands("first", script=False).open(place(key)), hands("first").open(place(key))
    choose(first.page, mark, "4")
    saved(first.page)

    plain.fill({mark: "1", "comment": "Also kept."}).press("Save")
    assert [text[:1] for text in plain.page.locator(".cf_clash__text").all_inner_texts()] == [
        "1",
        "4",
    ]
    plain.look().fill({"choice.0": "mine"}).press("Keep what I chose")

    assert plain.address == place(key)
    assert [kept(world, key, name) for name in (mark, "comment")] == ["1", "Also kept."]
    assert "Earlier texts (1)" in plain.text


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the link or button of these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").strip() == words:
            return
    raise AssertionError(f"Tab never reached {words!r}")


@pytest.mark.parametrize("width", [1280, 400])
def test_keyboard_alone_reaches_scores_goes_back_to_the_text_and_submits(world, key, hands, width):
    page = hands("first").open(place(key)).page
    page.set_viewport_size({"width": width, "height": 800})
    tab_to(page, "Go to your scores")
    page.keyboard.press("Enter")
    tab_to(page, "Go to the application")
    expect(page.get_by_role("link", name="Go to the application")).to_be_in_viewport()

    for _ in criteria(world, key):
        page.keyboard.press("Tab")
        page.keyboard.press("3")
        page.keyboard.press("Tab")
        page.keyboard.type("4 would be too much.")
    expect(page.locator("[data-sheet-total]")).to_have_text("75.00")
    while page.evaluate("document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name.startsWith('line.')"):
            page.keyboard.press("Space")
    saved(page)
    tab_to(page, "Submit your scores")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.url.endswith("/assessments")
    with world.app.app_context():
        assert page_of(key).state == "submitted"
