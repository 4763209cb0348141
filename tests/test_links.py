"""Links are drawn only to pages that open: every link and form of every page, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from tests import everybody

MOST = 400  # pages of one person
LINK = re.compile(r'<a\s[^>]*?href="(/[^"#]*)')
FORM = re.compile(r'<form[^>]*?\saction="(/[^"#]*)"|formaction="(/[^"#]*)"')
ADDRESS = re.compile(r"[0-9a-f-]{36}")
HERE = ("/sign-out", "/static/")
STATES = ("draft", "assessing", "moderation", "recommended", "approved", "released", "accepted")
WHO = (
    *("editor", "submitter", "signatory", "officer", "rival", "reporter", "assessor", "chair"),
    *("manager", "conflicted_manager", "manager_of_another_fund", "manager_elsewhere"),
    *("approver", "conflicted_approver", "finance", "evaluator", "auditor", "administrator"),
)
BOTH = ("manager", "finance", "auditor", "submitter")  # on PostgreSQL in the short run


@pytest.fixture
def world(app):
    with app.app_context():
        made = everybody.world()
        for state in STATES:
            everybody.bid(made, state)
    return made


def links(page: str) -> Iterator[str]:
    for found in LINK.findall(page):
        address = unescape(found)
        if not address.startswith(HERE):
            yield address


def kind(address: str) -> str:
    """The address without its keys and its query: of each kind a few are looked at."""
    return ADDRESS.sub("*", address.split("?", maxsplit=1)[0])


def crawl(client: Any, begin: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """(page, link on it, status) of every link that opens no page."""
    waiting, seen, shut = [(address, "") for address in begin], set(begin), []
    of_kind: dict[str, int] = {}
    while waiting and len(seen) < MOST:
        address, page = waiting.pop()
        answer = client.get(address)
        body = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        answer.close()
        if answer.status_code not in {200, 302}:
            shut.append((page, address, answer.status_code))
        for link in links(body):
            name = kind(link)
            if link not in seen and of_kind.get(name, 0) < 8:
                of_kind[name] = of_kind.get(name, 0) + 1
                seen.add(link)
                waiting.append((link, address))
    return shut


@pytest.mark.feature("M1")
@pytest.mark.parametrize("who", WHO)
def test_every_link_opens(app, world, sign_in, long, request, who):
    if "postgresql" in request.node.name and not (long or who in BOTH):
        pytest.skip("every link of everybody: on one database in the short run")
    client = sign_in(app.test_client(), world.people[who])

    shut = crawl(client, ("/home", "/", "/account"))

    assert "\n".join(f"{page} -> {link}: {code}" for page, link, code in shut) == ""
