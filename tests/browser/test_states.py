"""Pages with nothing on them and pages of refusal: checked like all others."""

from __future__ import annotations

import uuid

import pytest

from tests.journeys import life

pytestmark = pytest.mark.browser


@pytest.mark.feature("P5")
def test_empty_pages_have_no_fault(site, hands):
    _, world = site
    hands("").visit("/", "/awards")
    hands("sender").visit("/home", "/applications", "/returns", "/account")
    hands("first").visit("/home", "/assessments")
    hands("administrator").visit("/home", "/outbox", "/delegations", "/audit-trail")
    manager = hands("manager").visit("/home", "/rounds", "/evaluation", "/returns")
    life.set_up_a_round(world)
    place = world.places["round"]
    pages = "applications assignments ranking release letters returns evaluation extracts".split()
    manager.visit(*(f"{place}/{page}" for page in pages))
    hands("sender").visit("/", world.places["notice"], "/applications")


@pytest.mark.feature("P5")
def test_refusals_have_no_fault_and_keep_what_was_typed(site, hands):
    _, world = site
    life.set_up_a_round(world)
    nobody = hands("").open("/sign-in").fill({"email": "nobody@example.org", "password": "wrong"})
    nobody.press("Sign in").look()
    assert nobody.page.evaluate("document.activeElement.id") == "error-summary"
    assert nobody.page.locator("[name=email]").input_value() == "nobody@example.org"
    nobody.open("/letters/check").fill({"code": "AAAA-BBBB"}).press("Check").look()
    nobody.open("/no/such/page").look()
    manager = hands("manager").open("/rounds/new").fill({"title": "Kept"})
    manager.press("Begin").look()
    assert manager.page.locator("[name=title]").input_value() == "Kept"
    manager.visit(f"/rounds/{uuid.uuid4()}", "/people")
    place = world.places["round"]
    manager.open(f"{place}/extracts").press("Make the extract").look()
    _application(world, hands)


@pytest.mark.feature("P3")
def test_who_one_is_is_asked_again_and_what_was_typed_goes_on(site, hands):
    _, world = site
    administrator = hands("administrator").open("/people/invite")
    administrator.fill({"name": "Eilidh (fictional)", "email": "not an address"})
    world.clock.move(minutes=16)

    administrator.press("Send the invitation").look()
    assert "Confirm that it is you" in administrator.text
    administrator.page.locator("[name=confirming-given]").fill("000000")
    administrator.press("Confirm and go on").look()
    assert "That code is not right." in administrator.text
    code = administrator.page.locator("strong.cf_num").inner_text()
    administrator.page.locator("[name=confirming-given]").fill(code)
    administrator.press("Confirm and go on").look()

    assert administrator.address == "/people/invite"
    assert administrator.page.locator("[name=name]").input_value() == "Eilidh (fictional)"
    assert administrator.page.locator("[name=email]").input_value() == "not an address"


def _application(world, hands) -> None:
    """Too many words, a wrong date, all that is missing, and a session that has ended meanwhile."""
    sender = hands("sender").open("/applications").press("Begin an application")
    application = sender.address
    sender.open(f"{application}/sections/plan").fill({"collaboration": "word " * 401})
    sender.fill({"local_opens": ["31", "2", "2027"]}).press("Save and continue").look()
    assert "Use 400 words or fewer: this is 1 word over." in sender.text
    assert "Enter a real date" in sender.text
    sender.visit(f"{application}/check", f"{application}/withdraw", application)
    sender.open(f"{application}/check").press("Send the application").look()
    sender.open(f"{application}/sections/need")
    sender.context.clear_cookies()
    sender.page.locator("form[data-autosave]").evaluate(
        "form => form.removeAttribute('data-autosave')"
    )
    sender.page.locator("[name=need]").fill("Typed for an hour")
    sender.press("Save and continue").look()
    assert "Typed for an hour" in sender.text + sender.page.content()
