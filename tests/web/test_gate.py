"""The gate: who is let in, on both databases, and what every answer carries."""

from __future__ import annotations

import re
import uuid

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import Membership, Person
from grants.rules.people import Role
from grants.web.gate import COOKIE, HEADERS
from tests import build
from tests.build import PASSWORD

KINDS = {"editor": (Role.APPLICANT_EDITOR,), "manager": (Role.FUND_MANAGER,)}


@pytest.fixture
def people(app) -> dict[str, str]:
    """An editor and a fund manager, by e-mail."""
    with app.app_context():
        return {
            kind: build.person(*roles, at=build.programme()).email for kind, roles in KINDS.items()
        }


def enter(client, email: str, *, after: str = "", password: str = PASSWORD):
    return client.post(
        f"/sign-in{'?next=' + after if after else ''}", data={"email": email, "password": password}
    )


def change(app, model, **values) -> None:
    with app.app_context():
        db.session.execute(sa.update(model).values(**values))
        db.session.commit()


@pytest.mark.parametrize("path", ["/home", "/account", "/people", "/audit-trail?page=2"])
def test_stranger_is_sent_to_sign_in_and_back(client, path):
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=" + path.replace("/", "%2F").replace(
        "?", "%3F"
    ).replace("=", "%3D")


def test_signing_in_returns_to_the_page(client, people):
    answer = enter(client, people["editor"], after="/account")

    assert (answer.status_code, answer.location) == (302, "/account")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/%5Cevil.example"])
def test_signing_in_leads_to_no_other_site(client, people, place):
    assert enter(client, people["editor"], after=place).location == "/home"


def test_cookie_is_kept_from_scripts_and_other_sites(client, people):
    answer = enter(client, people["editor"])

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    }


def test_answer_is_the_same_whether_the_account_exists(client, people):
    def page(email: str) -> str:
        body = enter(client, email, password="wrong").get_data(as_text=True)
        return re.sub(r'value="[^"]*"', "", body)

    assert page(people["editor"]) == page("nobody@example.org")


def test_eleventh_guess_is_locked(client, people):
    codes = [enter(client, people["editor"], password="wrong").status_code for _ in range(10)]
    eleventh = enter(client, people["editor"])

    assert codes == [422] * 10
    assert eleventh.status_code == 422
    assert "too many tries" in eleventh.get_data(as_text=True)


def test_copied_cookie_is_worth_nothing_after_signing_out(app, client, people):
    enter(client, people["editor"])
    copied = client.get_cookie(COOKIE).value

    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie(COOKIE, copied)

    assert client.get_cookie(COOKIE) is None
    assert thief.get("/home").location == "/sign-in?next=%2Fhome"


def test_disabled_person_is_out_at_the_next_click(app, client, people, clock):
    enter(client, people["editor"])
    change(app, Person, disabled_at=clock.now)

    assert client.get("/home").location == "/sign-in?next=%2Fhome"


def test_session_that_ended_returns_to_the_page(client, people, clock):
    enter(client, people["editor"])
    clock.move(hours=3)

    answer = client.get("/account")

    assert answer.location == "/sign-in?next=%2Faccount"
    assert enter(client, people["editor"], after="/account").location == "/account"


def test_form_sent_after_the_session_ended_returns_to_the_page_of_the_form(client):
    answer = client.post(
        "/account/sessions/end", headers={"Referer": "http://localhost/account?a=b"}
    )

    assert answer.location == "/sign-in?next=%2Faccount%3Fa%3Db"


@pytest.mark.feature("A4")
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_was_typed_into_a_form_that_came_too_late_is_shown_to_keep(client, kind):
    typed = {"plan.need": "Nowhere to go.", "continue": "1", "plan.rows": "0001", "_version": "3"}

    answer = client.post("/account/sessions/end", data=typed, content_type=kind)

    words = re.findall(r"<textarea[^>]*>\n([^<]*)</textarea>", answer.text)
    assert (answer.status_code, words) == (403, ["Nowhere to go."])
    assert ">Plan need</label>" in answer.text


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [("http://localhost/account?a=b", "/account?a=b"), ("https://elsewhere.example/x", "/")],
)
def test_page_that_was_open_too_long_leads_back_to_itself_alone(client, csrf, came_from, leads_to):
    answer = client.post("/sign-in", data={"email": "a"}, headers={"Referer": came_from})

    assert answer.status_code == 400
    assert f'<a class="ds_button" href="{leads_to}">Open the page again</a>' in answer.text


@pytest.mark.feature("M1")
def test_role_that_is_lost_opens_nothing_at_the_next_click(app, client, sign_in, clock):
    with app.app_context():
        email = build.person(Role.ADMINISTRATOR, at=build.programme()).email
    sign_in(client, email)
    before = client.get("/people").status_code
    change(app, Membership, ends_at=clock.now)

    assert (before, client.get("/people").status_code) == (200, 404)


@pytest.mark.feature("M1")
@pytest.mark.parametrize("path", ["/people", "/audit-trail", "/outbox", "/delegations"])
def test_door_of_another_role_is_not_there(client, sign_in, people, path):
    sign_in(client, people["editor"])

    nowhere = client.get("/no-such-page")
    there = client.get(path)

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.get_data() == nowhere.get_data()


@pytest.mark.parametrize("path", ["/home", "/account", "/account/password"])
def test_password_alone_opens_nothing_to_staff(client, people, path):
    answer = enter(client, people["manager"], after=path)
    before = client.get(path)

    passed = client.post(answer.location, data={"code": build.code(build.NOW.replace(hour=12))})

    assert answer.location.startswith("/sign-in/code")
    assert before.location.startswith("/sign-in/code")
    assert passed.location == path
    assert client.get(path).status_code == 200


def test_password_alone_changes_nothing_of_staff(client, people):
    enter(client, people["manager"])

    for path in ("/account/password", "/account/sessions/end"):
        assert client.post(path).location.startswith("/sign-in/code")


def test_code_gives_a_new_cookie_and_ends_the_old(app, client, people):
    enter(client, people["manager"])
    before = client.get_cookie(COOKIE).value
    client.post("/sign-in/code", data={"code": build.code(build.NOW.replace(hour=12))})

    thief = app.test_client()
    thief.set_cookie(COOKIE, before)

    assert client.get_cookie(COOKIE).value != before
    assert thief.get("/sign-in/code").location == "/sign-in?next=%2Fsign-in%2Fcode"


def test_staff_without_a_second_factor_set_one_up(app, client, people):
    change(app, Person, totp_secret=None)
    enter(client, people["manager"])
    answer = client.get("/sign-in/code")

    page = client.get(answer.location).get_data(as_text=True)

    assert answer.location == "/sign-in/set-up"
    assert 'src="data:image/svg+xml' in page


def test_code_is_shown_in_the_demonstration_alone(client, people):
    enter(client, people["manager"])

    page = client.get("/sign-in/code").get_data(as_text=True)

    assert build.code(build.NOW.replace(hour=12)) not in page


def test_form_without_its_token_is_refused_and_nothing_is_done(app, client, csrf, people):
    answer = enter(client, people["editor"])

    assert answer.status_code == 400
    assert client.get_cookie(COOKIE) is None


def test_page_of_refusal_shows_no_password(client, csrf):
    page = client.post("/sign-in", data={"email": "a@example.org", "password": "my secret words"})

    assert "my secret words" not in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/home", "/no-such-page", "/account"])
def test_every_answer_carries_the_headers(client, path):
    answer = client.get(path)

    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "sent",
    [
        {"_button": "1", "words": "of a button", "past": "x"},
        {"seen": "7", "past": "x", "mark": "y", "seen-a": "z", "seal": "s"},
        {"which": "a" * 64, "key": str(uuid.uuid4())},
    ],
)
def test_page_of_refusal_shows_no_hidden_value_as_if_it_was_typed(client, csrf, sent):
    del csrf

    answer = client.post("/sign-in", data={**sent, "why": ""})
    typed = client.post("/sign-in", data={**sent, "why": "Because."})

    assert answer.status_code == 400
    assert "What you typed" not in answer.text
    assert ("Because." in typed.text) == ("_button" not in sent)


def test_every_form_that_is_one_button_says_so(app):
    env = app.jinja_env
    with app.test_request_context():
        made = env.get_template("components/button.html").module.post_button("Go", "/x")

    assert 'name="_button"' in made
