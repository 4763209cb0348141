"""The whole journey rehearsed in one browser, by one person who plays every part."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import Membership, Person
from grants.models.round import Round
from grants.rules.people import Role
from tests import build
from tests.journeys.pages import Visitor
from tests.journeys.test_local_life import _answer, _apply, _decide, _report
from tests.journeys.world import World

PARTS = {
    "sender": "Applicant lead",
    "reporter": "Applicant lead",
    "first": "First assessor",
    "second": "Second assessor",
    "manager": "Fund manager",
    "approver": "Approver",
}


@dataclass
class Played(World):
    """One browser, in which every part is played in turn."""

    playing: str = ""

    def at(self, who: str) -> Visitor:
        visitor, title = self.browsers["me"], f"{PARTS[who]} (rehearsal)"
        if self.playing != title:
            page = visitor.open("/home")
            if self.playing:
                page = visitor.press(page, "Stop playing")
            page = visitor.open(self.places["rehearsal"])
            page = visitor.press(page, f"Play {title}")
            assert f"play the {title}. Nothing here counts." in page.text
            self.playing = title
        return visitor

    def barred(self, place: str, *people: str) -> None:
        """One browser shows one part at a time: who may not look is tried elsewhere."""


def played(app, clock, fund):
    with app.app_context():
        programme = build.programme()
        manager = build.person(Role.FUND_MANAGER, at=programme, name="Morag Manager")
        areas = (("Shetland Islands", 10**8, ("S12000027",)),)
        record = build.round_(fund.slug, programme, areas=areas)
        db.session.query(Round).filter_by(id=record.id).update({"allocated": 10**8})
        db.session.commit()
        world = Played(
            app=app,
            clock=clock,
            fund=fund,
            emails={"me": manager.email},
            staff=frozenset({"me"}),
            names={who: f"{title} (rehearsal)" for who, title in PARTS.items()},
        )
        key = record.key
    clock.move(seconds=30)
    world.browsers["me"] = Visitor(app, world.emails["me"], is_staff=True).sign_in(clock.now)
    world.places["rehearsal"] = f"/rounds/{key}/rehearsal"
    visitor = world.browsers["me"]
    page = visitor.open(world.places["rehearsal"])
    page = visitor.press(page, "Make a rehearsal")
    assert "The rehearsal is ready." in page.text
    with app.app_context():
        twin = db.session.query(Round).filter(Round.rehearsal_id.is_not(None)).one()
        world.places["round"] = f"/rounds/{twin.key}"
    return world


@pytest.mark.feature("S7")
@pytest.mark.parametrize("slug", ["adult"])
def test_one_person_rehearses_the_whole_journey(app, clock, csrf, slug):
    world = played(app, clock, all_funds()[slug])

    award = _decide(world, _apply(world))
    _answer(world, award)
    _report(world)

    visitor = world.browsers["me"]
    page = visitor.press(visitor.open("/home"), "Stop playing")
    assert page.address == world.places["rehearsal"]
    assert "to Applicant lead (rehearsal)" in page.text
    assert visitor.is_turned_away(award)
    assert "Rehearsal:" not in world.browsers["me"].open("/rounds").text
    assert "Rehearsal" not in Visitor(app).open("/").text
    assert "Rehearsal" not in Visitor(app).open("/awards").text
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="approve").one()
        assert entry.person_name == "Approver (rehearsal), played by Morag Manager"
        outside = db.session.query(OutboxMessage).filter_by(rehearsal_id=None)
        assert [(m.kind, m.recipient, m.round_id) for m in outside] == []
    page = visitor.press(page, "Throw the rehearsal away")
    assert "Make a rehearsal" in page.text


@pytest.mark.feature("S7")
def test_part_has_no_account_and_lets_nobody_in(app, clock, csrf):
    world = played(app, clock, all_funds()["adult"])
    visitor = world.at("sender")

    for address in ("/account", "/account/password", "/members", "/people", "/outbox"):
        assert visitor.is_turned_away(address), address
    page = visitor.press(visitor.open("/home"), "Stop playing")
    assert visitor.open("/account").heading == "Your account"
    assert page.address == world.places["rehearsal"]


@pytest.mark.feature("S7")
def test_cast_cannot_sign_in_or_ask_for_a_link(app, clock, csrf):
    played(app, clock, all_funds()["adult"])
    with app.app_context():
        sent = db.session.query(OutboxMessage).count()
    visitor = Visitor(app)

    page = visitor.open("/forgotten")
    visitor.press(page, "Send", {"email": "manager.1@rehearsal.invalid"})

    with app.app_context():
        assert db.session.query(OutboxMessage).count() == sent


@pytest.mark.feature("S7")
@pytest.mark.asvs("8.3.2")
def test_who_loses_the_role_is_themselves_again_at_the_next_click(app, clock):
    world = played(app, clock, all_funds()["adult"])
    visitor = world.browsers["me"]
    visitor.press(visitor.open(world.places["rehearsal"]), "Play Fund manager (rehearsal)")
    assert visitor.client.get(world.places["round"]).status_code == 200
    with app.app_context():
        email = world.emails["me"]
        me = db.session.query(Person).filter_by(email=email).one()
        db.session.query(Membership).filter_by(person_id=me.id).update({"ends_at": clock.now})
        db.session.commit()

    after = visitor.client.get(world.places["round"])

    assert after.status_code == 404
    assert "Nothing here counts" not in visitor.client.get("/home").get_data(as_text=True)
