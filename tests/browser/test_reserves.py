"""A project in reserve joins a released award in Chromium, from the reserve list to its acceptance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grants.extensions import db
from grants.rules.people import Role
from grants.rules.recommendation import LineChoice
from grants.rules.states import LineDecision
from tests import build, deciding
from tests.browser.desks import Desks, desks

pytestmark = pytest.mark.browser
LESS = "fund_exhausted"


def one_in_reserve() -> deciding.Scene:
    """An accepted award, its second project in reserve; the applicant signs too."""
    made = deciding.scene()
    key = made.awards[0]
    held = LineChoice(row="r2", decision=LineDecision.RESERVE, reason=LESS)
    lines = (deciding.in_full(key).lines[0], held)
    deciding.approve(made, key, deciding.in_full(key, lines=lines, reason=LESS))
    deciding.offer(made, key)
    deciding.accept_offer(made, key)
    where = db.session.get_one(build.Organisation, made.applicant.held[0].organisation_id)
    made.applicant = build.actor_of(build.person(Role.SIGNATORY, at=where))
    return made


@pytest.fixture
def desk(tmp_path, chromium) -> Iterator[Desks]:
    with desks(chromium, tmp_path, one_in_reserve) as found:
        yield found


@pytest.mark.feature("D3")
def test_project_in_reserve_is_promoted_released_and_accepted(desk):
    made = desk.made
    manager, approver = desk.hand(), desk.hand("approver")
    manager.open(f"/rounds/{made.round_key}/reserves").look()
    manager.press("Promote").look()
    assert "Projects in reserve that join it" in manager.text

    approver.open(f"/rounds/{made.round_key}/approvals").look()
    approver.follow(approver.page.locator("main table a").first)
    approver.follow(approver.page.locator("main a[href*='/additions/']").first).look()
    approver.press("Approve £4,000").look()
    approver.open(f"/rounds/{made.round_key}/release").look()
    approver.fill({"typed": "1"}).press("Release")
    with desk.app.app_context():
        deciding.letter(made, made.awards[0])

    signatory = desk.hand("applicant").open(f"/outcomes/{made.awards[0]}").look()
    signatory.press("Read and answer").look()
    signatory.fill({"typed_name": made.applicant.name, "agrees": "yes"})
    signatory.press("Accept the addition").look()
    assert "You have accepted the addition" in signatory.text


@pytest.mark.feature("D3")
def test_money_that_came_back_is_recorded_and_listed(desk):
    manager = desk.hand().open(f"/awards/{desk.made.awards[0]}/recoveries").look()
    manager.press("Record it").look()
    assert "Choose whose money came back" in manager.text
    manager.fill({"source": "own", "amount": "120.50", "reason": "Unspent."})
    manager.press("Record it").look()
    manager.open(f"/rounds/{desk.made.round_key}/reserves").look()

    assert "£120.50" in manager.text
