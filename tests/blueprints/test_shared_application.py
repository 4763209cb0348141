"""What each right on one application opens, over every door that there is, and what it does not."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import OrganisationKind
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.share import Share
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.people import NOBODY, Right, Role
from grants.services.sign_in import digest
from grants.web.guards import mark_of
from tests import applying, build, crawling, everybody

READS = {"apply.tasks", "apply.check", "apply.receipt", "apply.copy", "apply.download"}
COMMENTS = {"apply.comments_on", "apply.answer_comment", "apply.resolve_comment"}
MAY_OPEN = {
    Right.VIEW: READS,
    Right.COMMENT: READS | COMMENTS,
    Right.EDIT: READS | COMMENTS,
}
MAY_SEND = {Right.VIEW: set(), Right.COMMENT: COMMENTS, Right.EDIT: COMMENTS}
# Places of one's own, which hold nothing that is not.
OWN = {"apply.index", "home.index"}
HARMLESS = {"rounds.stop_playing"}  # who plays no part stops playing none


def shared(app, state):
    """A world with one application in this state, and somebody invited to it with each right."""
    with app.app_context():
        world = everybody.world()
        everybody.bid(world, "accepted", of="rival", by="rival")  # a neighbour's
        made = everybody.bid(world, state)
        record = db.session.get_one(Application, made.id)
        people = {}
        for right in Right:
            person = build.person(name=f"Invited to {right}")
            build.share(record, person, world.person("submitter"), right)
            people[right] = person.email
        run = db.session.get_one(build.Round, world.round_id)
        section = fund_of(NOBODY, run.definition_id).sections[0].key
    return world, made, people, section


def writes(app):
    """The doors for which one must be able to change the application."""
    doors = app.view_functions.items()
    marks = {name: mark_of(view) for name, view in doors}
    return {name for name, mark in marks.items() if mark and mark.action == Action.EDIT_APPLICATION}


def endpoints(app, addresses, client, method="GET"):
    """Which endpoints let this person in, by the addresses that did."""
    found = {}
    matcher = app.url_map.bind("localhost")
    for address in addresses:
        answer = client.open(address, method=method)
        if answer.status_code not in {403, 404, 405, 409}:
            endpoint = matcher.match(address.partition("?")[0], method=method)[0]
            if mark_of(app.view_functions[endpoint]).kind == "public":
                continue
            found.setdefault(endpoint, set()).add(address)
    return found


@pytest.mark.feature("A9")
@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("state", ["returned", "accepted"])
def test_right_opens_the_application_and_nothing_else(app, sign_in, right, state):
    _, made, people, section = shared(app, state)
    client = sign_in(app.test_client(), people[right])

    opened = endpoints(app, crawling.addresses(app, (section,)), client)

    wanted = MAY_OPEN[right] | (writes(app) if right == Right.EDIT else set())
    assert {name for name in opened if not name.startswith("account.")} - OWN <= wanted
    assert set(opened) >= READS
    keys = {key for rule in READS - {"apply.download"} for key in opened[rule]}
    assert all(str(made.key) in address for address in keys)
    assert opened["apply.download"] == {f"/files/{made.file}"}


@pytest.mark.feature("A9")
@pytest.mark.parametrize("right", Right)
def test_right_sends_nothing_that_it_does_not_name(app, sign_in, right):
    _, made, people, section = shared(app, "returned")
    client = sign_in(app.test_client(), people[right])
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and not rule.endpoint.startswith("account.")
    ]

    taken = endpoints(app, crawling.filled(app, rules, (section,)), client, "POST")

    wanted = MAY_SEND[right] | (writes(app) if right == Right.EDIT else set())
    assert set(taken) - HARMLESS <= wanted
    with app.app_context():
        assert db.session.get_one(Application, made.id).state == "returned"
        assert db.session.query(Share).count() == len(Right)
        assert db.session.query(OutboxMessage).count() == 0


@pytest.mark.feature("A9")
def test_decision_is_not_shown_to_who_was_invited(app, sign_in):
    world, made, people, _ = shared(app, "accepted")
    own = sign_in(app.test_client(), world.people["submitter"])
    assert str(made.award) in own.get("/applications").text

    for right in Right:
        client = sign_in(app.test_client(), people[right])
        for address in ("/applications", f"/applications/{made.key}", "/home"):
            page = client.get(address).text
            assert str(made.award) not in page
            assert "ecision made" not in page


@pytest.mark.feature("A9")
def test_editor_by_invitation_writes_while_it_can_be_written(app, sign_in):
    _, made, people, section = shared(app, "draft")
    client = sign_in(app.test_client(), people[Right.EDIT])

    assert client.get(f"/applications/{made.key}/sections/{section}").status_code == 200
    assert client.get(f"/applications/{made.key}/people").status_code == 404
    assert "Shared with you" in client.get("/applications").text
    check = client.get(f"/applications/{made.key}/check").text
    assert "/submit" not in check


@pytest.mark.feature("A8")
@pytest.mark.feature("A9")
def test_invitation_through_its_pages(app, client, sign_in):
    with app.app_context():
        at = applying.place("adult")
        key = applying.drafted(at)
    sender = applying.entered(app, sign_in, at, "sender")
    page = sender.get(f"/applications/{key}/people")
    assert "Eilidh Editor" in page.text  # the organisation's own people share it already
    form = {"name": "Beathag", "email": "b@example.org", "right": "comment"}
    wrong = sender.post(f"/applications/{key}/people", data=form | {"right": "own"})
    assert wrong.status_code == 422
    day = {"last_day": ["31", "12", "2026"]}
    assert sender.post(f"/applications/{key}/people", data=form | day).status_code == 302
    with app.app_context():
        body = db.session.query(OutboxMessage).filter_by(kind="share").one().body
    place = re.search(r"/invitations/\S+", body)[0]
    shown = client.get(place)
    assert shown.status_code == 200
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "Seonaidh Sender of Comann Shealtainn" in shown.text
    assert client.post(place, data={"password": "short"}).status_code == 422
    done = client.post(place, data={"password": "seal kelp harbour lamp"})
    assert done.location.startswith("/sign-in")
    assert client.get(place).status_code == 404
    entered = client.post(
        done.location, data={"email": "b@example.org", "password": "seal kelp harbour lamp"}
    )
    assert entered.location == "/applications"
    assert client.get(f"/applications/{key}/check").status_code == 200
    share = re.search(r"/people/([0-9a-f-]+)/end", sender.get(f"/applications/{key}/people").text)
    assert sender.post(f"/applications/{key}{share[0]}").status_code == 302
    assert client.get(f"/applications/{key}/check").status_code == 404


@pytest.mark.feature("A9")
def test_right_ends_by_the_clock(app, clock, sign_in):
    _, made, people, _ = shared(app, "draft")
    client = sign_in(app.test_client(), people[Right.VIEW])
    assert client.get(f"/applications/{made.key}").status_code == 200
    with app.app_context():
        db.session.query(Share).update({"ends_at": clock.now})
        db.session.commit()

    assert client.get(f"/applications/{made.key}").status_code == 404


@pytest.mark.feature("A9")
@pytest.mark.asvs("6.3.3")
def test_password_alone_takes_up_no_invitation_of_a_funders_people(app, client, clock):
    """Who owes a second factor gives it first; then the invitation is theirs to take up."""
    with app.app_context():
        at = applying.place("adult")
        key = applying.drafted(at)
        elsewhere = build.organisation("Another programme", OrganisationKind.PROGRAMME)
        staff = build.person(Role.FUND_MANAGER, at=elsewhere)
        token = share_for(at, key, staff)
        email = staff.email
    form = {"email": email, "password": build.PASSWORD}
    assert client.post("/sign-in", data=form).location.startswith("/sign-in/code")

    sent = client.post(f"/invitations/{token}")

    assert sent.location == f"/sign-in/code?next=/invitations/{token}"
    assert taken(app) is None
    code = {"code": build.code(clock.now), "next": f"/invitations/{token}"}
    assert client.post("/sign-in/code", data=code).location == f"/invitations/{token}"
    assert client.post(f"/invitations/{token}").location == f"/applications/{key}"
    assert taken(app) is not None


def taken(app):
    with app.app_context():
        return db.session.query(Share.taken_at).scalar()


def share_for(at, key, person) -> str:
    """An invitation that waits for this person: the word in its link."""
    made = db.session.query(Application).filter_by(key=key).one()
    inviter = db.session.query(Person).filter_by(email=at.people["sender"]).one()
    record = build.share(made, person, inviter, Right.VIEW)
    record.person_id = record.taken_at = None
    record.token_sha256 = digest("a-word-of-theirs")
    db.session.commit()
    return "a-word-of-theirs"
