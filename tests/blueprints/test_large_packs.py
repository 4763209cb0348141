"""The large-type pack: asked for, made in the background, fetched by who asked alone."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.jobs import worker
from grants.models.audit import AuditEntry
from grants.services import assess, large_packs
from tests import build
from tests.services.test_score_workbooks import Desk

pytestmark = pytest.mark.feature("R22")


@pytest.fixture
def at(app, client):
    with app.app_context():
        desk = Desk()
        build.sign_in(client, desk.reader)
        _ = desk.other.email, desk.reader.name, desk.application.reference, desk.second.reference
        return desk


def made(app, client, desk: Desk) -> str:
    """The address of a pack that the worker has made."""
    place = f"/rounds/{desk.at}/large-type"
    sent = client.post(place)
    assert client.post(place).location == sent.location  # a double click is one job
    with app.app_context():
        worker.run_due(build.NOW)
    return sent.location


def test_pack_holds_what_is_declared_and_names_its_reader(app, client, at) -> None:
    address = made(app, client, at)

    assert f"{address}.pdf" in client.get(address).get_data(as_text=True)
    answer = client.post(f"{address}.pdf")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    for words in (at.application.reference, at.second.reference, "Score sheet", at.reader.name):
        assert " ".join(words.split()) in " ".join(text.split())
    with app.app_context():
        acts = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert {"make-large-pack", "fetch-large-pack"} <= set(acts)


def test_nobody_else_finds_it(app, client, at) -> None:
    address = made(app, client, at)
    other = app.test_client()
    with app.app_context():
        build.sign_in(other, at.other)

    assert other.get(address).status_code == 404
    assert other.post(f"{address}.pdf").status_code == 404


def test_conflict_declared_since_closes_the_whole_pack(app, client, at) -> None:
    address = made(app, client, at)
    with app.app_context():
        assess.declare_conflict(at.actor, at.key, "employer", "", now=build.NOW)

    assert client.post(f"{address}.pdf").status_code == 404
    assert "no longer yours to score" in client.get(address).get_data(as_text=True)


def test_pack_is_gone_after_a_day(app, client, clock, at) -> None:
    address = made(app, client, at)
    clock.move(days=1, minutes=1)
    with app.app_context():
        assert large_packs.clear_expired(now=clock()) == 1
        assert large_packs.clear_expired(now=clock() + dt.timedelta(hours=1)) == 0
        build.sign_in(client, at.reader, clock())

    assert client.post(f"{address}.pdf").status_code == 404
