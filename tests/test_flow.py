"""No upward call: a request is watched, and each room may only call rooms below it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

import grants
from grants.funds.loader import all_funds
from grants.rules.people import Role
from tests import build

ROOT = Path(grants.__file__).parent
FLOORS = {
    "funds": 1,
    "rules": 2,
    "models": 3,
    "queries": 4,
    "documents": 4,
    "notifications": 4,
    "audit": 4,
    "storage": 4,
    "queue": 4,
    "services": 5,
    "web": 6,
    "blueprints": 7,
}


def floor_of(frame: FrameType) -> int | None:
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(ROOT):
        return None
    return FLOORS.get(path.relative_to(ROOT).parts[0].removesuffix(".py"))


def caller_of(frame: FrameType) -> FrameType | None:
    """The nearest caller that is in the house."""
    above = frame.f_back
    while above is not None and floor_of(above) is None:
        if "/site-packages/" in above.f_code.co_filename:
            return None  # a library called us: that is its business
        above = above.f_back
    return above


def upward_calls(action) -> list[str]:
    found = []

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        floor = floor_of(frame) if event == "call" else None
        caller = caller_of(frame) if floor is not None else None
        if floor is None or caller is None:
            return
        above = floor_of(caller)
        if above is not None and above < floor:
            found.append(f"{caller.f_code.co_filename} -> {frame.f_code.co_filename}")

    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(None)
    return sorted(set(found))


@pytest.fixture
def places(app):
    """Pages that a signed-in person walks through, by role."""
    with app.app_context():
        fund = min(all_funds())
        programme, partnership = (
            build.programme(),
            build.organisation("", "partnership", "S12000027"),
        )
        submitter = build.person(Role.APPLICANT_SUBMITTER, at=partnership)
        manager = build.person(Role.FUND_MANAGER, at=programme)
        record = build.round_(fund, programme)
        draft = build.application(record, partnership, submitter)
        return {
            build.session_token(submitter): [
                "/home",
                "/applications",
                f"/applications/{draft.key}",
                f"/applications/{draft.key}/check",
            ],
            build.session_token(manager): [
                "/home",
                f"/rounds/{record.key}/applications",
                f"/rounds/{record.key}/ranking",
            ],
        }


def test_no_room_calls_a_room_above_it(app, places):
    climbs = []

    for token, addresses in places.items():
        client = app.test_client()
        client.set_cookie("grants_sign_in", token)
        for address in addresses:
            answers = []
            climbs += upward_calls(lambda a=address, c=client, n=answers: n.append(c.get(a)))
            assert answers[0].status_code == 200, address

    assert climbs == []
