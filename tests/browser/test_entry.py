"""Before the first word is typed: a link in the place of a password, a profile, an earlier application."""

from __future__ import annotations

import re
import uuid

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.states import ApplicationState
from tests import build, filled
from tests.browser.hand import Hand
from tests.journeys import life
from tests.journeys.world import World

pytestmark = pytest.mark.browser


@pytest.mark.feature("A1")
def test_person_signs_in_with_a_link_on_a_phone(site, hands):
    _, world = site
    asking = hands("").open("/sign-in?next=/applications").fill({"email": world.emails["editor"]})
    asking.press("Send me a link").look()

    phone = hands("").open(_mailed(world)).look().press("Sign in").look()

    assert phone.address == "/applications"
    assert asking.open("/applications").address == "/sign-in"
    phone.open(_mailed(world)).look()
    assert "This link no longer works" in phone.text


@pytest.mark.feature("A11", "A12", "A24")
def test_profile_fills_and_an_earlier_application_is_copied(site, hands):
    _, world = site
    hands("administrator").visit("/staff/organisations", "/staff/registers")
    life.set_up_a_round(world)
    editor = hands("editor").open("/organisations").look().press("Change the profile").look()
    editor.fill({"charity_number": "12"}).press("Save the profile").look()
    assert "Enter a Scottish charity number: SC and six figures" in editor.text
    editor.fill({"charity_number": "SC099001", "people.0001.name": "Mòrag Made-up"})
    editor.fill({"people.0001.role": "Convener"}).press("Save the profile").look()
    assert "Not looked up: no such register is loaded here." in editor.text

    first = _begun(editor)
    editor.open(f"{first}/sections/lead").look()
    assert "Filled in from your organisation's profile" in editor.text
    assert editor.page.locator("[name=contact_name]").input_value() == "Mòrag Made-up"
    editor.open(f"{first}/copy-answers").look()
    assert "No earlier application" in editor.text
    _earlier(world, first)
    editor.open(f"{first}/copy-answers").look().press("EARLIER").look()
    editor.press("Copy what is ticked").look()
    assert re.search(r"Copied \d+ answers from EARLIER", editor.text)
    editor.open(f"{first}/sections/plan").look()
    assert "Copied from EARLIER" in editor.text


def _earlier(world: World, draft: str) -> None:
    """What the same organisation sent another time."""
    with world.app.app_context():
        key = uuid.UUID(draft.rpartition("/")[2])
        now = db.session.scalars(sa.select(Application).where(Application.key == key)).one()
        made = build.application(
            db.session.get_one(Round, now.round_id),
            db.session.get_one(Organisation, now.organisation_id),
            db.session.get_one(Person, now.created_by),
            state=ApplicationState.SUBMITTED,
            answers=filled.answers(world.fund),
        )
        made.reference = "EARLIER"
        db.session.commit()
        db.session.remove()


def _begun(editor: Hand) -> str:
    return editor.open("/applications").press("Begin an application").address


def _mailed(world: World) -> str:
    """The link in the newest message, once the worker has written it."""
    world.work()
    with world.app.app_context():
        body = db.session.scalars(
            sa.select(OutboxMessage.body).order_by(OutboxMessage.id.desc())
        ).first()
        db.session.remove()
    found: re.Match[str] | None = re.search(r"/sign-in/links/\S+", body or "")
    assert found is not None
    return found.group(0)
