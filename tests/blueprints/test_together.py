"""Working together through the pages: comments beside a question, a sign-off without an account."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.confirmation import Confirmation
from grants.models.outbox import OutboxMessage
from tests import applying

BOARD = "board@example.org"


@pytest.fixture
def begun(app, sign_in):
    """(the place, the application's address, a browser of the editor): finished, nobody asked yet."""
    with app.app_context():
        at = applying.place("children")
        key = applying.drafted(at)
        db.session.query(Confirmation).delete()
        db.session.commit()
    return at, f"/applications/{key}", applying.entered(app, sign_in, at, "editor")


def mail(app):
    with app.app_context():
        return [
            m.body
            for m in db.session.query(OutboxMessage)
            .filter_by(recipient=BOARD)
            .order_by(OutboxMessage.id)
        ][-1]


@pytest.mark.feature("A9")
def test_comment_through_its_pages(begun):
    _, address, editor = begun
    place = f"{address}/comments?question=need"
    assert editor.post(place, data={"text": " "}).status_code == 422
    assert editor.post(place, data={"text": "Name the <b>hall</b>."}).status_code == 302
    page = editor.get(place).text
    assert "Name the &lt;b&gt;hall&lt;/b&gt;." in page
    assert "1 open comment" in editor.get(address).text
    thread = re.search(r"/comments/[0-9a-f-]+", page)[0]
    assert editor.post(f"{address}{thread}/answers", data={"text": ""}).status_code == 422
    assert editor.post(f"{address}{thread}/answers", data={"text": "Done."}).status_code == 302
    assert editor.post(f"{address}{thread}/resolution").status_code == 302
    assert "Dealt with" in editor.get(f"{address}/comments").text
    assert editor.get(f"{address}/comments?question=no-such").status_code == 404


@pytest.mark.feature("A13")
def test_sign_off_through_its_pages(app, client, begun):
    _, address, editor = begun
    assert "Whoever signs the application off" in editor.get("/applications").text
    assert "A second person signs it off" in editor.get(address).text
    form = {"name": "Beathag Board", "role": "Chair", "email": BOARD}
    assert editor.post(f"{address}/sign-off", data={**form, "email": "x"}).status_code == 422
    form["seen"] = re.search(
        r'name="seen" value="([^"]*)"', editor.get(f"{address}/sign-off").text
    )[1]
    for _ in range(2):
        assert editor.post(f"{address}/sign-off", data=form).status_code == 302
    with app.app_context():
        assert db.session.query(OutboxMessage).filter_by(recipient=BOARD).count() == 1
    place = re.search(r"/confirmations/\S+", mail(app))[0]
    shown = client.get(place)
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert BOARD not in shown.text
    assert client.post(f"{place}/code").status_code == 302
    code = re.search(r"\b\d{6}\b", mail(app))[0]
    assert client.post(f"{place}/entry", data={"code": "12"}).status_code == 422
    assert client.post(f"{place}/entry", data={"code": code}).status_code == 302
    read = client.get(place).text
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', read)[1]
    other = app.test_client()
    assert 'name="seen"' not in other.get(place).text  # another browser needs a code of its own
    assert other.post(f"{place}/confirm", data={"seen": seen}).status_code == 409
    assert client.post(f"{place}/confirm", data={"seen": "0" * 64}).status_code == 409
    assert client.post(f"{place}/send-back", data={"words": ""}).status_code == 422
    assert client.post(f"{place}/confirm", data={"seen": seen}).status_code == 302
    assert "You have signed it off" in client.get(place).text
    assert client.post(f"{place}/confirm", data={"seen": seen}).status_code == 302  # again: once
    assert "Beathag Board confirmed it." in editor.get(address).text
    assert (
        "must sign it off again" in editor.get(f"{address}/sections/{_first(editor, address)}").text
    )


@pytest.mark.feature("A14")
def test_partners_through_their_pages(app, begun):
    _, address, editor = begun
    page = editor.get(f"{address}/partners").text
    row = re.search(rf"{address}/partners/([^\"]+)", page)[1]
    form = {"name": "Pàdraig", "email": BOARD}
    assert editor.post(f"{address}/partners/{row}", data=form).status_code == 302
    assert BOARD in editor.get(f"{address}/partners").text
    with app.app_context():
        request = db.session.query(Confirmation).one().key
    assert editor.post(f"{address}/requests/{request}/again").status_code == 302
    with app.app_context():
        request = db.session.query(Confirmation).filter_by(reply="waiting").one().key
    assert editor.post(f"{address}/requests/{request}/end").status_code == 302
    assert "Not asked yet" in editor.get(f"{address}/partners").text
    assert editor.get(f"{address}/partners/no-such").status_code == 404


def _first(editor, address):
    return re.search(rf"{address}/sections/([a-z_-]+)", editor.get(address).text)[1]


def test_over_links_say_so(client):
    for place in ("/confirmations/no-such-link", "/invitations/no-such-link"):
        answer = client.get(place)
        assert (answer.status_code, "no longer works" in answer.text) == (404, True)
