"""One's own account, invitations and forgotten passwords, as a browser meets them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.jobs import worker
from grants.models.outbox import OutboxMessage
from grants.rules.people import Role
from grants.web.gate import COOKIE
from tests import build
from tests.build import PASSWORD
from tests.clock import Clock

GOOD = "otter lantern gravel moss"


@pytest.fixture
def editor(app) -> str:
    with app.app_context():
        return build.person(Role.APPLICANT_EDITOR, at=build.organisation("Our group")).email


def text(answer) -> str:
    return answer.get_data(as_text=True)


def link(app) -> str:
    with app.app_context():
        body = db.session.scalars(
            sa.select(OutboxMessage.body).where(OutboxMessage.kind == "password")
        ).one()
    return re.search(r"/links/\S+", body).group(0)


def test_account_says_roles_in_words(client, sign_in, editor):
    page = text(sign_in(client, editor).get("/account"))

    assert re.search(r"<strong>Applicant editor</strong> in Our group, for every fund", page)


def test_other_sign_ins_are_ended(app, client, sign_in, editor):
    other = sign_in(app.test_client(), editor)
    sign_in(client, editor)

    answer = client.post("/account/sessions/end")

    assert answer.location == "/account"
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 302)


def test_password_is_changed(client, sign_in, editor):
    sign_in(client, editor)
    weak = client.post("/account/password", data={"old": PASSWORD, "password": "password1234"})

    answer = client.post("/account/password", data={"old": PASSWORD, "password": GOOD})

    assert weak.status_code == 422
    assert "easy to guess" in text(weak)
    assert answer.location == "/account"


def test_forgotten_password_answers_alike_for_everybody(client, editor):
    answers = [
        client.post("/forgotten", data={"email": email}) for email in (editor, "no@example.org")
    ]

    assert [(a.status_code, a.location) for a in answers] == [(302, "/forgotten/sent")] * 2
    assert text(answers[0]) == text(answers[1])


def test_link_is_looked_at_and_taken_once(app, client, editor):
    client.post("/forgotten", data={"email": editor})
    place = link(app)
    looked = [client.get(place) for _ in range(2)]

    taken = client.post(place, data={"password": GOOD})
    again = client.post(place, data={"password": GOOD})

    assert [a.status_code for a in looked] == [200, 200]
    assert looked[0].headers["Referrer-Policy"] == "no-referrer"
    assert (taken.location, again.status_code) == ("/sign-in", 404)
    entered = client.post("/sign-in", data={"email": editor, "password": GOOD})
    assert entered.location == "/home"


@pytest.mark.parametrize("path", ["/links/nothing", "/links/" + "x" * 300])
def test_link_that_is_over_says_what_to_do(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "This link no longer works" in text(answer)


def test_signing_out_takes_the_cookie(client, sign_in, editor):
    sign_in(client, editor)

    answer = client.post("/sign-out")

    assert answer.location == "/"
    assert client.get_cookie(COOKIE) is None


def test_form_of_a_session_that_ended_shows_what_was_typed(client):
    answer = client.post("/account/password", data={"note": "A long text", "password": "secret"})

    assert answer.status_code == 403
    assert "A long text" in text(answer)
    assert "secret" not in text(answer)
    assert "/sign-in?next=" in text(answer)


def entry_link(app) -> str:
    """The path in the mail, once the worker has written it."""
    with app.app_context():
        worker.run_due(Clock.START)
        body = db.session.scalars(
            sa.select(OutboxMessage.body).where(OutboxMessage.kind == "entry_link")
        ).one()
        db.session.remove()
    return re.search(r"/sign-in/links/\S+", body).group(0)


@pytest.mark.feature("A1")
def test_person_signs_in_with_a_link_on_another_device(app, client, editor):
    asked = client.post("/sign-in/link?next=/applications", data={"email": editor})
    place = entry_link(app)
    other = app.test_client()
    looked = [other.get(place) for _ in range(2)]

    entered = other.post(place)
    again = app.test_client().post(place)

    assert asked.location == "/sign-in/link/sent?next=/applications"
    assert [page.status_code for page in looked] == [200, 200]
    assert f"This link signs in {editor}." in text(looked[0])
    assert looked[0].headers["Referrer-Policy"] == "no-referrer"
    assert entered.location == "/applications"
    assert other.get("/account").status_code == 200
    assert client.get("/account").status_code == 302
    assert again.status_code == 404
    assert "This link no longer works" in text(again)


@pytest.mark.feature("A1")
def test_link_pressed_twice_goes_on(app, client, editor):
    client.post("/sign-in/link", data={"email": editor})
    place = entry_link(app)
    client.post(place)

    assert client.post(place).location == "/home"


@pytest.mark.feature("A1")
@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example/x", "javascript:x"])
def test_link_leads_to_our_own_pages_alone(app, client, editor, after):
    client.post("/sign-in/link", data={"email": editor, "next": after})
    place = entry_link(app).partition("?")[0]

    assert client.post(place, query_string={"next": after}).location == "/home"


@pytest.mark.feature("A1")
def test_asking_for_a_link_answers_alike_for_everybody(client, editor):
    answers = [
        client.post("/sign-in/link", data={"email": email}) for email in (editor, "no@example.org")
    ]

    assert [(a.status_code, a.location) for a in answers] == [(302, "/sign-in/link/sent")] * 2
    assert text(answers[0]) == text(answers[1])


@pytest.mark.feature("A1")
def test_link_needs_an_address(client):
    answer = client.post("/sign-in/link", data={"email": ""})

    assert answer.status_code == 422
    assert "There is a problem" in text(answer)


def test_officer_of_a_partnership_owes_a_code(app, client):
    with app.app_context():
        email = build.person(Role.PARTNERSHIP_OFFICER, at=build.organisation()).email

    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})

    assert answer.location == "/sign-in/code"
    assert client.get("/rounds").location.startswith("/sign-in/code?next=")
