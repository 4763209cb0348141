"""One person at a real browser. Every page they look at is checked: axe, width, console."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import html
from playwright.sync_api import Browser, Locator

from tests import build
from tests.journeys.answerer import Answers
from tests.journeys.life import as_fields, on_page
from tests.journeys.pages import Page
from tests.journeys.world import World

AXE = (Path(__file__).parent.parent / "vendored/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 800}
REFUSED = "the server responded with a status of 4"  # a page of refusal is no fault of the page
RUN = """async (rules) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: rules}});
  return found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' ; '));
}"""


class Shown(Page):
    """The page in the browser, as the journeys read pages."""

    def __init__(self, address: str, content: str) -> None:
        self.address = address
        self.tree: Any = html.fromstring(content)


class Hand:
    """A browser of one person; without script where that is asked for."""

    def __init__(self, browser: Browser, site: str, *, script: bool = True) -> None:
        self.site = site
        self.script = script
        self.context = browser.new_context(
            viewport=WIDE, java_script_enabled=script, locale="en-GB", accept_downloads=True
        )
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and REFUSED not in text:
            self.faults.append(text)

    def sign_in(self, world: World, who: str) -> Hand:
        """With password; staff with the code that the demonstration shows."""
        world.clock.move(seconds=30)
        self.enter(world.emails[who], build.PASSWORD)
        if who in world.staff:
            code = self.look().code
            assert code == build.code(world.clock.now)
            self.fill({"code": code}).press("Go on")
        assert self.address == "/home"
        return self

    def enter(self, email: str, password: str) -> Hand:
        """The first step of signing in."""
        self.open("/sign-in").fill({"email": email, "password": password})
        return self.press("Sign in")

    @property
    def code(self) -> str:
        """The code that the demonstration shows; empty where none is asked for."""
        shown = self.page.locator("strong.cf_num")
        return shown.inner_text() if self.address == "/sign-in/code" else ""

    @property
    def address(self) -> str:
        """The path of the page."""
        return self.page.url.removeprefix(self.site).partition("?")[0].partition("#")[0]

    @property
    def text(self) -> str:
        """All the words in sight."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def shown(self) -> Shown:
        """The page as it stands, to be read."""
        return Shown(self.address, self.page.content())

    def open(self, address: str) -> Hand:
        """Go to an address of the site."""
        self.page.goto(address if address.startswith("http") else self.site + address)
        return self

    def press(self, words: str) -> Hand:
        """The first button or link that begins with these words; a page follows."""
        return self.follow(self.control(words))

    def follow(self, control: Locator) -> Hand:
        """Press it; a page follows."""
        with self.page.expect_navigation():
            control.click()
        return self

    def control(self, words: str) -> Locator:
        """A button by the words it begins with; a link where there is no such button."""
        begins = re.compile(rf"^\s*{re.escape(words)}")
        buttons = self.page.locator("button:not(template button)").filter(has_text=begins)
        links = self.page.locator("main a").filter(has_text=begins)
        return buttons.first if buttons.count() else links.first

    def fill(self, given: Mapping[str, str | list[str]]) -> Hand:
        """Fill in fields by their names, as each is filled in by hand."""
        for name, value in given.items():
            fields = self.page.locator(f'[name="{name}"]:not([type="hidden"])')
            kind = fields.first.evaluate("control => control.type")
            if kind in {"radio", "checkbox"}:
                for code in [value] if isinstance(value, str) else value:
                    self._choose(self.page.locator(f'[name="{name}"][value="{code}"]'))
            elif kind == "select-one":
                fields.first.select_option(value)
            else:
                for place, part in enumerate([value] if isinstance(value, str) else value):
                    fields.nth(place).fill(part)
        return self

    def _choose(self, control: Locator) -> None:
        """Tick it by its label, which lies over it."""
        if not control.is_checked():
            self.page.locator(f'label[for="{control.get_attribute("id")}"]').click()

    def answer(self, answers: Answers) -> Hand:
        """Fill in all that this page asks."""
        shown = self.shown
        return self.fill(as_fields(shown, on_page(shown, answers)))

    def look(self) -> Hand:
        """The page has no fault: axe at both widths, nothing beyond the edge, a quiet console."""
        if self.script:
            self.page.evaluate(AXE)
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)
            if self.script:
                found = self.page.evaluate(RUN, list(RULES))
                assert found == [], f"{self.address} at {size['width']}: {found}"
                beyond = self.page.evaluate("document.scrollingElement.scrollWidth")
                assert beyond <= size["width"], (
                    f"{self.address} is {beyond} wide at {size['width']}"
                )
        self.page.set_viewport_size(WIDE)
        assert self.faults == [], f"{self.address}: {self.faults}"
        return self

    def visit(self, *addresses: str) -> Hand:
        """Look at each of these pages."""
        for address in addresses:
            self.open(address).look()
        return self

    def download(self, words: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as waiting:
            self.control(words).click()
        return Path(waiting.value.path()).read_bytes()

    def fetch(self, address: str) -> bytes:
        """What this person gets from an address."""
        answer = self.context.request.get(self.site + address)
        assert answer.status == 200, address
        return answer.body()

    def close(self) -> None:
        """Leave."""
        self.context.close()
