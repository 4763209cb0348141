"""Equality monitoring in Chromium: asked apart after sending, and shown as counts alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.equality import EqualityCount
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.equality import OPEN_FOR
from grants.rules.states import ApplicationState
from tests import build
from tests.journeys import life
from tests.services.test_equality import switch_on

pytestmark = pytest.mark.browser
COUNTS = {
    "sex": {"female": 40, "male": 30, "prefer_not": 2},
    "condition": {"no": 45, "yes.a_lot": 8, "yes.a_little": 12, "yes": 3},
}


def _sent(world) -> tuple[str, str]:
    """An application of the partnership that was sent in a round with the step: and the round."""
    with world.app.app_context():
        record = db.session.scalars(sa.select(Round)).one()
        switch_on(record.id)
        db.session.add_all(
            EqualityCount(round_id=record.id, question=question, code=code, people=people)
            for question, codes in COUNTS.items()
            for code, people in codes.items()
        )
        applicant = db.session.scalars(
            sa.select(Organisation).where(Organisation.name.startswith("Comann"))
        ).one()
        sender = db.session.scalars(
            sa.select(Person).where(Person.email == world.emails["sender"])
        ).one()
        made = build.application(
            record, applicant, sender, state=ApplicationState.SUBMITTED, answers={}
        )
        world.clock.now = max(world.clock.now, record.opens_at)
        return f"/applications/{made.key}", f"/rounds/{record.key}"


@pytest.mark.feature("A22", "P5")
def test_questions_stand_apart_and_counts_alone_are_shown(site, hands):
    _, world = site
    life.set_up_a_round(world)
    application, place = _sent(world)
    sender = hands("sender").open(f"{application}/receipt").look()
    sender.press("Questions about equality").look()
    _picture(sender, "equality")
    sender.fill({"sex": "female", "condition": "yes", "impact": "a_little"})
    sender.press("Send these answers").look()
    assert sender.address == f"{application}/receipt"
    assert "Thank you" in sender.text
    assert "Questions about equality" not in sender.text

    hands("evaluator").visit(f"{place}/equality")
    with world.app.app_context():
        world.clock.now = db.session.scalars(sa.select(Round.closes_at)).one() + OPEN_FOR
    evaluator = hands("evaluator").open(f"{place}/equality").look()
    _picture(evaluator, "equality-figures")
    assert "41" in evaluator.text
    assert "hidden" in evaluator.text


def _picture(hand, name: str) -> None:
    """Kept where GRANTS_TEST_PICTURES names a folder."""
    folder = os.environ.get("GRANTS_TEST_PICTURES")
    if folder:
        for size in (1280, 400):
            hand.page.set_viewport_size({"width": size, "height": 900})
            hand.page.screenshot(path=Path(folder) / f"{name}-{size}.png", full_page=True)
        hand.page.set_viewport_size({"width": 1280, "height": 900})
