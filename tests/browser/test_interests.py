"""Telling of an interest, setting a suggestion aside, and answering before a blind round."""

from __future__ import annotations

import datetime as dt
import os

import pytest

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.rules.states import ApplicationState, AssessmentState
from tests import build
from tests.journeys.world import World

pytestmark = pytest.mark.browser
BODY = "Hope of the North"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def _rounds(world: World) -> tuple[str, str, str]:
    """Addresses: of an open round's register, of a blind round, and of a blind reader's duty."""
    with world.app.app_context():
        by, reader, manager = (
            db.session.query(Person).filter_by(email=world.emails[who]).one()
            for who in ("editor", "first", "manager")
        )
        seat = db.session.query(Membership).filter_by(person_id=reader.id).first()
        programme = db.session.get_one(Organisation, seat.organisation_id)
        plain = build.round_("adult", programme)
        blind = build.round_("adult", programme, is_blind=True)
        blind.opens_at, blind.closes_at = LONG_AGO, LONG_AGO + dt.timedelta(days=30)
        for record in (plain, blind):
            build.application(
                record, build.organisation(BODY), by, state=ApplicationState.SUBMITTED
            )
        made = build.application(
            blind, build.organisation("Quiet Hall"), by, state=ApplicationState.ASSESSING
        )
        duty = build.assessment(made, reader, manager, state=AssessmentState.SCORING)
        return (
            f"/rounds/{plain.key}/interests",
            f"/assessments/rounds/{blind.key}",
            f"/assessments/{duty.key}",
        )


def _picture(hand, name: str) -> None:
    folder = os.environ.get("GRANTS_TEST_PICTURES")
    for width in (1280, 400) if folder else ():
        hand.page.set_viewport_size({"width": width, "height": 900})
        hand.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.mark.feature("R8")
@pytest.mark.feature("R10")
def test_interest_is_told_found_and_set_aside(site, hands) -> None:
    register, beforehand, duty = _rounds(site[1])
    reader = hands("first").open("/account/interests").look()
    reader.press("Keep this interest").look()
    assert "Enter the name of the body." in reader.text
    reader.fill({"tie": "employer", "body": BODY}).press("Keep this interest").look()
    assert BODY in reader.text
    _picture(reader, "told")

    manager = hands("manager").open(register).look()
    _picture(manager, "register")
    manager.press("Look at it").look()
    _picture(manager, "override")
    manager.press("Set it aside").look()
    assert "Say why this is no conflict." in manager.text
    manager.fill({"reason": "They left before the last three years."}).press("Set it aside").look()
    assert "They left before the last three years." in manager.text
    _picture(manager, "set-aside")

    reader.open("/assessments").look()
    _picture(reader, "index")
    reader.open(duty).look()
    assert "Quiet Hall" not in reader.text
    _picture(reader, "blind")
    reader.open(beforehand).look()
    _picture(reader, "beforehand")
    reader.fill({"bodies": [BODY], "tie": "board"}).press("Keep this answer").look()
    reader.open(beforehand).look()
    assert "You named already" in reader.text
