"""Chromium, and a site to visit with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.hand import Hand
from tests.browser.site import served
from tests.journeys.world import World

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine. Without one: a failure where CI=true, else skipped and said."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        why = "Chromium is not installed: nothing was tried in a browser."
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path_factory) -> Iterator[tuple[str, World]]:
    """A server with a world of its own of each test: its address and its people."""
    with served(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def hands(chromium, site) -> Iterator[Callable[..., Hand]]:
    """``hands("manager")``: their browser, signed in. ``hands("")`` is nobody's."""
    address, world = site
    opened: list[Hand] = []

    def open_one(who: str, *, script: bool = True) -> Hand:
        opened.append(Hand(chromium, address, script=script))
        return opened[-1].sign_in(world, who) if who else opened[-1]

    yield open_one
    for hand in opened:
        hand.close()
