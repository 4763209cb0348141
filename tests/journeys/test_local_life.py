"""A group's side of a local round, through pages alone: apply, be scored, accept, report."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.person import Person
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Role
from grants.rules.return_check import as_form
from tests import build, local
from tests.journeys import life
from tests.journeys.answerer import Answerer, Line, Reach, return_answers, typed
from tests.journeys.life import as_fields, fill, on_page
from tests.journeys.world import World

ASKED = 120_000
LINE = Line(
    title="Walks on Unst", group_name="Unst Walkers (fictional)", asked=ASKED, minimum=ASKED
)


def partnership(app, clock):
    """A local round that is open, with its people at their browsers."""
    with app.app_context():
        made = local.scene()
        key = local.open_local(made).key
        record = db.session.query(Round).filter_by(key=key).one()
        home = db.session.get_one(build.Organisation, made.partnership_id)
        group = db.session.query(build.Organisation).filter_by(key=made.group_key).one()
        others = {
            "second": build.person(Role.ASSESSOR, at=home),
            "reporter": build.person(Role.PROJECT_REPORTER, at=group),
        }
        emails = made.emails | {who: person.email for who, person in others.items()}
        emails |= {
            "manager": emails["officer"],
            "first": emails["reader"],
            "sender": emails["group"],
        }
        people = {row.email: row.name for row in db.session.query(Person)}
        world = World(
            app=app,
            clock=clock,
            fund=fund_of(NOBODY, record.definition_id),
            emails=emails,
            names={who: people[email] for who, email in emails.items()},
            staff=frozenset({"approver", "manager"}),
        )
    world.places["round"] = f"/rounds/{key}"
    return world


@pytest.mark.feature("S15", "S10")
def test_group_applies_is_scored_accepts_and_reports(app, clock, csrf):
    world = partnership(app, clock)

    application = _apply(world)
    award = _decide(world, application)
    _answer(world, award)
    _report(world)

    world.barred(f"/staff/applications/{application.rpartition('/')[2]}", "sender", "reporter")
    assert typed(ASKED) in world.at("manager").open(f"{world.places['round']}/areas").text


def _apply(world):
    sender = world.at("sender")
    page = sender.press(sender.open("/applications"), "Begin an application")
    application = page.address
    answers = Answerer(fund=world.fund, lines=(LINE,)).answers()
    for section in world.fund.sections:
        fill(sender, f"{application}/sections/{section.key}", answers)
    page = sender.press(sender.open(f"{application}/check"), "Send the application")
    assert page.address == f"{application}/receipt"
    return application


def _decide(world, application):
    key = application.rpartition("/")[2]
    page = world.at("manager").open(f"{world.places['round']}/applications")
    for who in ("first", "second"):
        life.give(world, f"/applications/{key}/readers", who)
        life.score(world, who, key)
    assert page.links(f"^/staff/applications/{key}")
    page = world.at("manager").press(
        world.at("manager").open(f"/staff/applications/{key}"), "Open moderation"
    )
    award = page.address
    row = page.tree.xpath("//select[starts-with(@name, 'decision-')]/@name")[0]
    page = world.at("manager").press(page, "Recommend", {"is_award": "yes", row: "full"})
    assert typed(ASKED) in page.text
    page = world.at("approver").press(world.at("approver").open(award), f"Approve £{typed(ASKED)}")
    assert "Approved. The money is set aside." in page.text
    world.barred(award.replace("/awards/", "/outcomes/"), "sender")
    release = f"{world.places['round']}/release"
    world.at("approver").press(world.at("approver").open(release), "Release", {"typed": "1"})
    letters = f"{world.places['round']}/letters"
    world.at("manager").press(world.at("manager").open(letters), "Draft 1 missing letter")
    world.work()
    world.at("approver").press(world.at("approver").open(letters), "Issue", {"typed": "1"})
    return award


def _answer(world, award):
    sender, outcome = world.at("sender"), award.replace("/awards/", "/outcomes/")
    letter = sender.open(outcome).links(r"^/letters/.*\.pdf$")[0]
    assert sender.open(letter).data.startswith(b"%PDF-")
    given = {"typed_name": world.names["sender"], "agrees": "yes"}
    page = sender.press(sender.open(outcome), "Accept the offer", given)
    assert page.heading == "You have accepted the offer"


def _report(world):
    form = as_form(world.fund)
    label = world.fund.return_form.periods[0].label
    rows = (
        world.at("reporter")
        .open("/returns")
        .tree.xpath(f"//tr[td[normalize-space()='{label}']]/th/a/@href")
    )
    reach = Reach(people=30, second=0, paired=10, improved=8)
    answers = return_answers(form, reach, ASKED // 4)
    for section in form.sections:
        page = world.at("reporter").open(f"{rows[0]}/sections/{section.key}")
        world.at("reporter").press(
            page, "Save and continue", as_fields(page, on_page(page, answers))
        )
    page = world.at("reporter").open(f"{rows[0]}/check")
    names = page.tree.xpath("//textarea[starts-with(@name, '_reason.')]/@name")
    page = world.at("reporter").press(
        page, "Send the return", dict.fromkeys(names, "Snow closed the road.")
    )
    assert "The return is sent." in page.text
    page = world.at("manager").open(f"/staff/returns/{rows[0].rpartition('/')[2]}")
    page = world.at("manager").press(page, "Accept the return")
    assert "The return is accepted." in page.text
