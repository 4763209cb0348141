"""A browser without script, as a person uses it: pages are read, links followed, buttons pressed."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from lxml import html

from tests import build

Given = Mapping[str, str | Sequence[str]]
TURNED_AWAY = {403, 404}


class Page:
    """What came back, and where it stands."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.address: str = response.request.path
        self.query: str = response.request.query_string.decode()
        self.headers = response.headers
        self.data: bytes = response.data
        response.close()
        is_page = response.mimetype == "text/html"
        self.tree: Any = html.fromstring(response.text) if is_page else None

    @property
    def text(self) -> str:
        """All its words, with single spaces."""
        return " ".join(self.tree.text_content().split())

    @property
    def heading(self) -> str:
        """The one heading of the page."""
        return " ".join(self.tree.xpath("//h1")[0].text_content().split())

    def links(self, pattern: str) -> list[str]:
        """Addresses of the page in which the pattern is found, each once, in order."""
        found = (link.get("href") for link in self.tree.xpath("//a[@href]"))
        return list(dict.fromkeys(link for link in found if re.search(pattern, link)))

    def button(self, words: str) -> Any:
        """The first button that begins with these words."""
        for button in self.tree.xpath("//button"):
            if " ".join(button.text_content().split()).startswith(words):
                return button
        raise AssertionError(f"{self.address} has no button '{words}': {self.text[:2000]}")

    def table(self, section: str) -> list[dict[str, str]]:
        """The rows of the table in the section with this id, by column."""
        rows = []
        for row in self.tree.xpath(f"//section[@id='{section}']//tbody/tr"):
            cells = {cell.get("data-label"): _words(cell) for cell in row.xpath("./td")}
            rows.append({"": _words(row.xpath("./th")[0])} | cells)
        return rows


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


class Visitor:
    """One person at a browser; nobody in particular when ``person`` is empty."""

    def __init__(self, app: Flask, email: str = "", *, is_staff: bool = False) -> None:
        self.email = email
        self.client = app.test_client()
        self.is_staff = is_staff

    def sign_in(self, now: dt.datetime) -> Visitor:
        """With password, and for staff with the code of this moment."""
        page = self.open("/sign-in")
        given = {"email": self.email, "password": build.PASSWORD}
        page = self.press(page, "Sign in", given)
        if self.is_staff:
            page = self.press(page, "Go on", {"code": build.code(now)})
        assert page.address == "/home", page.text[:600]
        return self

    def open(self, address: str, status: int = 200) -> Page:
        """A page of this address, after the redirects there are."""
        page = Page(self.client.get(address, follow_redirects=True))
        assert page.status == status, f"{address}: {page.status} {_short(page)}"
        return page

    def press(
        self,
        page: Page,
        words: str,
        given: Given | None = None,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        status: int = 200,
    ) -> Page:
        """Fill in the form of this button and press it. Each field must be on the page."""
        button = page.button(words)
        form = self._form_of(page, button)
        sent = dict(_values(form))
        for name, value in (given or {}).items():
            assert form.xpath(f".//*[@name='{name}']"), f"{page.address} has no field {name}"
            sent[name] = [value] if isinstance(value, str) else list(value)
        if button.get("name"):
            sent[button.get("name")] = [button.get("value") or ""]
        for name, (file, data) in (files or {}).items():
            assert form.xpath(f".//input[@type='file'][@name='{name}']"), f"no field {name}"
            sent[name] = [(io.BytesIO(data), file)]
        action = button.get("formaction") or form.get("action") or f"{page.address}?{page.query}"
        response = self.client.post(
            action,
            data=sent,
            content_type=form.get("enctype"),
            follow_redirects=True,
            headers={"Referer": f"http://localhost{page.address}"},
        )
        after = Page(response)
        assert after.status == status, f"{words} at {page.address}: {after.status} {_short(after)}"
        return after

    def send(self, address: str, given: Given | None = None) -> int:
        """Post to an address that no page offered, with a token that is right. Gives the status."""
        page = Page(self.client.get("/letters/check"))
        token = page.tree.xpath("//input[@name='csrf_token']")[0].get("value")
        answer = self.client.post(address, data={**(given or {}), "csrf_token": token})
        return answer.status_code

    def is_turned_away(self, address: str) -> bool:
        """Whether this address is refused; whoever is not signed in is asked to."""
        answer = self.client.get(address)
        if not self.email:
            return answer.status_code == 302 and "/sign-in" in answer.location
        return answer.status_code in TURNED_AWAY

    @staticmethod
    def _form_of(page: Page, button: Any) -> Any:
        if button.get("form"):
            return page.tree.get_element_by_id(button.get("form"))
        return next(parent for parent in button.iterancestors() if parent.tag == "form")


def _values(form: Any) -> dict[str, list[str]]:
    """What the form would send as it stands. A checkbox's empty companion does no harm."""
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found


def _short(page: Page) -> str:
    if page.tree is None:
        return ""
    wrong = page.tree.xpath("//*[contains(@class, 'error-message')]|//*[@role='alert']")
    return " | ".join(map(_words, wrong)) or page.text[:900]
