"""Every door: marked once, named alike, closed to strangers and to forms without their token."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask

from grants import create_app
from grants.rules.permissions import MAY
from grants.web.gate import HEADERS
from grants.web.guards import mark_of

WORD = r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?"
PARAMETER = r"<(uuid|int|string|any\([a-z, -]+\)):[a-z_]+>(\.[a-z]+)?"
KEBAB = re.compile(rf"/|(/({WORD}|{PARAMETER}))+")
FILLED = {"uuid": str(uuid.UUID(int=7)), "int": "7", "string": "no-such-thing"}


@pytest.fixture(scope="module")
def rules(tmp_path_factory, request) -> list[tuple[str, str, frozenset[str], object]]:
    """(endpoint, address as written, methods, view) of each door. Needs no database."""
    from grants.config import Settings

    folder = tmp_path_factory.mktemp("doors")
    app = create_app(Settings(secret_key="k" * 40, instance=folder, testing=True))
    return [
        (rule.endpoint, rule.rule, frozenset(rule.methods or ()), app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
    ]


def address(rule: str) -> str:
    """An address that this rule leads to; of several words the first."""
    one = re.sub(r"<any\(([a-z-]+)[^)]*\):\w+>", r"\1", rule)
    return re.sub(r"<(\w+):\w+>", lambda found: FILLED[found.group(1)], one)


def test_every_door_is_marked(rules):
    assert [endpoint for endpoint, _, _, view in rules if mark_of(view) is None] == []


def test_every_action_asked_for_is_somebodys(rules):
    marks = [mark_of(view) for _, _, _, view in rules]

    assert [m for m in marks if m and m.action is not None and not MAY.get(m.action)] == []


def test_addresses_are_kebab_case_and_typed(rules):
    assert [rule for _, rule, _, _ in rules if not KEBAB.fullmatch(rule)] == []


def test_doors_do_not_share_an_address(rules):
    seen = [
        (re.sub(r":\w+>", ">", rule), method)
        for _, rule, methods, _ in rules
        for method in methods & {"GET", "POST"}
    ]

    assert sorted(s for s in set(seen) if seen.count(s) > 1) == []


def test_stranger_opens_public_doors_alone(app: Flask, client, rules):
    wrong = []
    for endpoint, rule, methods, view in rules:
        answer = client.open(address(rule), method="GET" if "GET" in methods else "POST")
        is_sent_away = (answer.location or "").startswith("/sign-in?next=")
        if is_sent_away == (mark_of(view).kind == "public"):
            wrong.append((endpoint, answer.status_code))

    assert wrong == []


def test_form_without_its_token_is_refused_at_every_door(client, csrf, rules):
    doors = {endpoint: address(rule) for endpoint, rule, methods, _ in rules if "POST" in methods}

    answers = {endpoint: client.post(place).status_code for endpoint, place in doors.items()}

    assert answers == dict.fromkeys(doors, 400)


def test_no_answer_is_kept_by_a_cache_or_framed(client, rules):
    wrong = []
    for endpoint, rule, methods, _ in rules:
        answer = client.open(address(rule), method="GET" if "GET" in methods else "POST")
        if (
            answer.headers.get("Cache-Control") != "no-store"
            or "Cookie" not in answer.headers.get("Vary", "")
            or answer.headers.get("Content-Security-Policy") != HEADERS["Content-Security-Policy"]
        ):
            wrong.append(endpoint)

    assert wrong == []


def test_person_without_a_role_finds_nothing_behind_a_marked_door(app, client, sign_in, rules):
    from tests import build

    with app.app_context():
        email = build.person().email
    sign_in(client, email)

    opened = [
        endpoint
        for endpoint, rule, methods, view in rules
        if mark_of(view).kind == "needs"
        and client.open(address(rule), method="GET" if "GET" in methods else "POST").status_code
        != 404
    ]

    assert opened == []


def test_door_without_a_mark_is_refused(tmp_path):
    from grants.config import Settings

    app = create_app(Settings(secret_key="k" * 40, instance=tmp_path, testing=True))
    app.add_url_rule("/forgotten-mark", view_func=lambda: "seen", endpoint="forgotten_mark")

    assert app.test_client().get("/forgotten-mark").status_code == 404
