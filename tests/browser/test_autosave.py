"""Nothing typed is lost: a dead connection, an ended session, a closed tab, two people, two windows."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.web.gate import COOKIE
from tests import applying, build
from tests.browser.hand import Hand
from tests.journeys.world import World

pytestmark = [pytest.mark.browser, pytest.mark.feature("A4", "A10")]
BOX = 'textarea[name="need"]'
LEFT = "1 answer not saved yet, kept in this browser until then."


@pytest.fixture
def world(site) -> World:
    return site[1]


@pytest.fixture
def key(world) -> uuid.UUID:
    """A new draft of the editor's organisation."""
    with world.app.app_context():
        by = db.session.query(Person).filter_by(email=world.emails["editor"]).one()
        held = db.session.query(Membership).filter_by(person_id=by.id).first()
        here = db.session.get_one(Organisation, held.organisation_id)
        return build.application(build.round_("adult", here), here, by).key


@pytest.fixture
def open_section(hands, key) -> Callable[..., Hand]:
    return lambda who, **how: hands(who, **how).open(place(key))


def place(key: uuid.UUID) -> str:
    return f"/applications/{key}/sections/need"


def kept(world: World, key: uuid.UUID) -> str:
    with world.app.app_context():
        return applying.answers_of(key).get(("need", ""), "")


def saved(page: Page) -> None:
    expect(page.locator("[data-save-status]")).to_contain_text("Saved at")
    expect(page.locator(".cf_waiting")).to_have_text("")


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-save-status]")).to_contain_text(words)


def write(page: Page, text: str) -> None:
    page.locator(BOX).fill(text)


def stored(page: Page) -> int:
    return page.evaluate("Object.keys(localStorage).length")


def empties(page: Page) -> None:
    """Wait until nothing waits in this browser."""
    for _ in range(100):
        if stored(page) == 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.evaluate("JSON.stringify(localStorage)"))


def test_what_is_typed_is_saved_by_itself(world, key, open_section):
    editor = open_section("editor")

    write(editor.page, "Nowhere to go of an evening. Àird nam Murchan 👩🏽‍🌾")
    saved(editor.page)

    assert kept(world, key) == "Nowhere to go of an evening. Àird nam Murchan 👩🏽‍🌾"
    assert stored(editor.page) == 0
    editor.look()


def test_dead_connection_keeps_the_text_and_sends_it_when_it_is_back(world, key, open_section):
    editor = open_section("editor")
    editor.context.set_offline(True)

    write(editor.page, "On the ferry.")
    says(editor.page, "No connection.")
    expect(editor.page.locator(".cf_waiting")).to_have_text(LEFT)
    editor.context.set_offline(False)
    saved(editor.page)

    assert (kept(world, key), stored(editor.page)) == ("On the ferry.", 0)


def test_button_pressed_without_a_connection_leaves_the_page_and_its_text(world, key, open_section):
    editor = open_section("editor")
    editor.context.set_offline(True)
    write(editor.page, "In the middle of a sen")

    editor.control("Save and continue").click()
    told = editor.page.locator("[data-line]")
    expect(told).to_contain_text("No connection, so nothing was sent.")
    expect(editor.page.locator(BOX)).to_have_value("In the middle of a sen")
    editor.context.set_offline(False)
    editor.press("Save and continue")

    assert (editor.address, kept(world, key)) == (
        place(key).replace("/need", "/projects"),
        "In the middle of a sen",
    )


def test_button_waits_for_a_server_that_cannot_be_reached(world, key, open_section):
    editor = open_section("editor")
    editor.page.route("**/autosave", lambda route: route.abort())
    editor.page.route("**/health", lambda route: route.abort())
    write(editor.page, "One bar of signal.")
    says(editor.page, "Not saved yet")

    editor.control("Save and continue").click()
    expect(editor.page.locator("[data-line]")).to_contain_text("No connection")
    editor.page.unroute("**/health")
    editor.press("Save and continue")

    assert kept(world, key) == "One bar of signal."


def test_closed_tab_is_sent_from_whatever_page_is_opened_next(world, key, open_section):
    editor = open_section("editor")
    editor.context.set_offline(True)
    write(editor.page, "Typed and closed.")
    says(editor.page, "No connection.")
    editor.page.close()
    editor.context.set_offline(False)

    other = editor.context.new_page()
    other.goto(f"{editor.site}/applications")
    empties(other)

    assert kept(world, key) == "Typed and closed."


def test_ended_session_leads_back_to_the_same_field_and_saves(world, key, open_section):
    editor = open_section("editor")
    world.clock.move(hours=13)

    write(editor.page, "Thirteen hours later.")
    says(editor.page, "You have been signed out. Sign in again: what you typed is kept.")
    editor.look()
    editor.press("Sign in again")
    editor.fill({"email": world.emails["editor"], "password": build.PASSWORD}).press("Sign in")

    saved(editor.page)
    assert (editor.page.url, kept(world, key)) == (
        f"{editor.site}{place(key)}#need",
        "Thirteen hours later.",
    )
    expect(editor.page.locator(BOX)).to_have_value("Thirteen hours later.")
    expect(editor.page.locator(BOX)).to_be_focused()


@pytest.mark.parametrize(
    ("choice", "stays"),
    [
        ("Keep mine", "Mine."),
        ("Keep the other", "Theirs."),
        ("Keep both", "Theirs.\n\nMine."),
    ],
)
def test_two_people_see_both_texts_and_choose(world, key, open_section, choice, stays):
    editor, sender = open_section("editor"), open_section("sender")
    write(sender.page, "Theirs.")
    saved(sender.page)

    write(editor.page, "Mine.")
    panel = editor.page.locator(".cf_clash")
    expect(panel.locator(".cf_clash__text")).to_have_text(["Mine.", "Theirs."])
    between = kept(world, key)
    editor.look()
    panel.get_by_role("button", name=choice).click()
    expect(panel).to_have_count(0)
    says(editor.page, "Saved")
    expect(editor.page.locator(BOX)).to_have_value(stays)
    expect(editor.page.locator(".cf_waiting")).to_have_text("")

    assert (between, kept(world, key)) == ("Theirs.", stays)


def test_two_windows_of_one_person_lose_nothing(world, key, open_section):
    first = open_section("editor")
    second = first.context.new_page()
    second.goto(first.site + place(key))
    write(first.page, "First window.")
    saved(first.page)

    write(second, "Second window.")

    texts = second.locator(".cf_clash .cf_clash__text")
    expect(texts).to_have_text(["Second window.", "First window."])
    assert kept(world, key) == "First window."


def test_two_windows_without_a_connection_both_keep_their_text(world, key, open_section):
    first = open_section("editor")
    second = first.context.new_page()
    second.goto(first.site + place(key))
    first.context.set_offline(True)
    write(first.page, "First window.")
    second.locator('textarea[name="inequalities"]').fill("Second window.")
    says(first.page, "No connection.")
    says(second, "No connection.")
    first.page.close()
    second.close()
    first.context.set_offline(False)

    third = first.context.new_page()
    third.goto(first.site + place(key))
    empties(third)

    with world.app.app_context():
        assert applying.answers_of(key) == {
            ("need", ""): "First window.",
            ("inequalities", ""): "Second window.",
        }


def test_text_from_before_a_reload_overwrites_nobody(world, key, open_section):
    editor, sender = open_section("editor"), open_section("sender")
    editor.context.set_offline(True)
    write(editor.page, "Written on the ferry.")
    says(editor.page, "No connection.")
    editor.page.close()
    write(sender.page, "Written meanwhile.")
    saved(sender.page)
    editor.context.set_offline(False)

    back = editor.context.new_page()
    back.goto(editor.site + place(key))

    texts = back.locator(".cf_clash .cf_clash__text")
    expect(texts).to_have_text(["Written on the ferry.", "Written meanwhile."])
    assert kept(world, key) == "Written meanwhile."


def test_clash_on_another_page_is_told_with_the_way_there(world, key, open_section):
    editor, sender = open_section("editor"), open_section("sender")
    editor.context.set_offline(True)
    write(editor.page, "Written on the ferry.")
    says(editor.page, "No connection.")
    editor.page.close()
    write(sender.page, "Written meanwhile.")
    saved(sender.page)
    editor.context.set_offline(False)

    back = editor.context.new_page()
    back.goto(f"{editor.site}/applications")
    back.get_by_role("link", name="Open that page").click()

    texts = back.locator(".cf_clash .cf_clash__text")
    expect(texts).to_have_text(["Written on the ferry.", "Written meanwhile."])


def test_lost_answer_is_no_clash_with_oneself(world, key, open_section):
    editor = open_section("editor")
    lost = []

    def lose(route):
        route.fetch()
        lost.append(route.request.post_data)
        route.abort()

    editor.page.route("**/autosave", lose, times=1)
    write(editor.page, "Hel")
    says(editor.page, "Not saved yet")
    between = kept(world, key)
    write(editor.page, "Hello")
    saved(editor.page)

    assert (len(lost), between, kept(world, key)) == (1, "Hel", "Hello")
    expect(editor.page.locator(".cf_clash")).to_have_count(0)


def test_lost_answer_and_a_reload_are_no_clash_either(world, key, open_section):
    editor = open_section("editor")

    def lose(route):
        if "Hello" not in (route.request.post_data or ""):
            route.fetch()
        route.abort()

    editor.page.route("**/autosave", lose)
    write(editor.page, "Hel")
    says(editor.page, "Not saved yet")
    write(editor.page, "Hello")
    editor.page.close()

    back = editor.context.new_page()
    back.goto(editor.site + place(key))
    saved(back)

    expect(back.locator(BOX)).to_have_value("Hello")
    expect(back.locator(".cf_clash")).to_have_count(0)
    assert kept(world, key) == "Hello"


def test_text_of_one_person_is_never_anothers(world, key, open_section):
    editor = open_section("editor")
    editor.context.set_offline(True)
    write(editor.page, "Private for now.")
    says(editor.page, "No connection.")
    editor.page.close()
    editor.context.set_offline(False)
    editor.context.clear_cookies(name=COOKIE)

    editor.page = editor.context.new_page()
    editor.sign_in(world, "sender").open(place(key))
    editor.page.wait_for_timeout(2500)
    seen = editor.page.locator(BOX).input_value()
    between = kept(world, key)
    editor.context.clear_cookies(name=COOKIE)
    editor.sign_in(world, "editor").open(place(key))
    saved(editor.page)

    assert (seen, between, kept(world, key)) == ("", "", "Private for now.")


def test_signing_out_sends_what_waits(world, key, open_section):
    editor = open_section("editor")

    write(editor.page, "Last words.")
    editor.page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    editor.page.wait_for_url(f"{editor.site}/")

    assert (kept(world, key), stored(editor.page)) == ("Last words.", 0)


def test_text_that_cannot_be_kept_is_told_at_its_field_and_the_rest_is_saved(
    world, key, open_section
):
    editor = open_section("editor")
    editor.page.locator('textarea[name="inequalities"]').fill("x" * 50_001)
    write(editor.page, "Short.")

    refused = editor.page.locator("[data-refused]")
    expect(refused).to_contain_text("Use 50,000 characters or fewer.")
    editor.page.locator('textarea[name="inequalities"]').fill("Short too.")
    saved(editor.page)

    expect(refused).to_have_count(0)
    assert kept(world, key) == "Short."


def test_without_script_the_page_asks_and_has_no_fault(world, key, open_section):
    editor, sender = open_section("editor", script=False), open_section("sender")
    write(sender.page, "Theirs.")
    saved(sender.page)

    editor.fill({"need": "Mine."}).press("Save and continue")
    assert editor.page.locator(".cf_clash__text").all_inner_texts() == ["Mine.", "Theirs."]
    editor.look().press("Keep what I chose")
    assert "choose which text stays." in editor.text
    editor.fill({"choice.0": "mine"}).press("Keep what I chose")

    assert (editor.address, kept(world, key)) == (place(key), "Mine.")
    assert "Earlier texts (1)" in editor.text


def test_page_of_a_clash_passes_axe(world, key, open_section, hands):
    editor, sender = open_section("editor"), open_section("sender")
    editor.page.route("**/autosave.js*", lambda route: route.abort())
    editor.open(place(key))
    editor.faults.clear()
    write(sender.page, "Theirs.")
    saved(sender.page)

    editor.fill({"need": "Mine."}).press("Save and continue")
    editor.faults.clear()
    editor.look().press("Keep what I chose")
    editor.faults.clear()
    editor.look()
