"""What a page's script is told when its person is signed out, or somebody else sits there now."""

from __future__ import annotations

import re

import pytest

from grants.web.gate import COOKIE
from tests import applying

SIGNED_OUT = {
    "message": "You have been signed out. Sign in again: what you typed is kept.",
    "sign_in": "/sign-in",
}
JSON = {"Accept": "application/json"}


@pytest.fixture
def at(app):
    with app.app_context():
        return applying.place("adult")


@pytest.fixture
def key(app, at):
    with app.app_context():
        return applying.drafted(at, full=False)


@pytest.fixture
def enter(app, sign_in, at):
    return lambda who: applying.entered(app, sign_in, at, who)


def mark_of(browser) -> str:
    return re.search(r'data-person="(\w{32})"', browser.get("/applications").text)[1]


def send(browser, key, **headers):
    address = f"/applications/{key}/autosave"
    return browser.post(address, data={"need": "x"}, headers={**JSON, **headers})


def kept(app, key):
    with app.app_context():
        return applying.answers_of(key)


@pytest.mark.feature("A4")
def test_expired_session_is_told_in_json_and_not_sent_elsewhere(enter, key, clock):
    browser = enter("editor")
    clock.move(hours=13)

    answer = send(browser, key)

    assert (answer.status_code, answer.json) == (401, SIGNED_OUT)


@pytest.mark.feature("A4")
def test_after_signing_out_the_script_is_told_so_and_not_that_its_token_is_wrong(
    csrf, app, enter, key
):
    browser = enter("editor")
    browser.delete_cookie(COOKIE)

    assert (send(browser, key).status_code, kept(app, key)) == (401, {})


@pytest.mark.feature("A4")
def test_page_of_one_person_never_writes_as_another(app, enter, key):
    mark = mark_of(enter("editor"))

    answer = send(enter("sender"), key, **{"X-Person": mark})

    assert (answer.status_code, answer.json, kept(app, key)) == (401, SIGNED_OUT, {})


@pytest.mark.feature("A4")
def test_mark_is_each_persons_own_and_lasts(enter):
    marks = [mark_of(enter(who)) for who in ("editor", "editor", "sender")]

    assert (marks[0] == marks[1], marks[0] == marks[2]) == (True, False)


@pytest.mark.feature("A4")
def test_stale_token_is_renewed_for_the_same_person_alone(csrf, app, enter, key):
    browser, other = enter("editor"), enter("sender")
    mark = mark_of(browser)
    address = f"/applications/{key}/autosave"

    stale = send(browser, key, **{"X-Person": mark})
    data = {"need": "x", "csrf_token": stale.json["token"]}
    renewed = browser.post(address, data=data, headers={**JSON, "X-Person": mark})

    assert (stale.status_code, renewed.status_code) == (400, 200)
    assert kept(app, key) == {("need", ""): "x"}
    assert send(other, key, **{"X-Person": mark}).json == SIGNED_OUT


@pytest.mark.parametrize(
    ("path", "code", "sentence"),
    [("/applications/x/autosave", 404, "There is no such page.")],
)
def test_refusal_is_one_sentence_for_a_script(enter, path, code, sentence):
    answer = enter("editor").post(path, headers=JSON)

    assert (answer.status_code, answer.json) == (code, {"message": sentence})


@pytest.mark.feature("A4")
def test_signing_in_again_leads_back_to_the_same_field(app, at, client):
    place = "/applications/00000000-0000-0000-0000-000000000001/sections/need#need"

    answer = client.post(
        "/sign-in",
        data={
            "email": at.people["editor"],
            "password": "a calm and plain password",
            "next": place,
        },
    )

    assert answer.location == place
