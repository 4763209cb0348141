"""A site whose world a test builds itself, and the signed-in browsers of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser

from grants.extensions import db
from grants.models.person import Person
from grants.rules.people import Actor
from grants.web.gate import COOKIE
from tests import build
from tests.browser.hand import Hand
from tests.browser.site import started
from tests.clock import Clock


@dataclass
class Desks:
    """What was made, and a browser for whoever is asked for."""

    made: Any
    app: Flask
    clock: Clock
    browser: Browser
    address: str
    opened: list[Hand] = field(default_factory=list)

    def hand(self, who: str | Actor = "manager", *, script: bool = True) -> Hand:
        """The browser of this person: by the name they have in what was made, or as an actor."""
        actor = getattr(self.made, who) if isinstance(who, str) else who
        with self.app.app_context():
            person = db.session.get_one(Person, actor.person_id)
            token = build.session_token(person, self.clock.now)
        self.opened.append(Hand(self.browser, self.address, script=script))
        cookie = {"name": COOKIE, "value": token, "url": self.address}
        self.opened[-1].context.add_cookies([cookie])  # type: ignore[list-item]
        return self.opened[-1]


@contextmanager
def desks(browser: Browser, folder: Path, make: Callable[[], Any]) -> Iterator[Desks]:
    """A server on the world that ``make`` builds in an application context."""
    with started(folder) as (address, app, clock):
        with app.app_context():
            made = make()
        found = Desks(made, app, clock, browser, address)
        yield found
        for one in found.opened:
            one.close()
