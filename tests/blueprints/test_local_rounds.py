"""A partnership's officer opens a local round in the browser; the programme follows its money."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.models.round import Round
from grants.rules.money import pounds
from grants.rules.states import RoundState, Tier
from tests import local

pytestmark = pytest.mark.feature("S15")
TYPED = {
    "title": "Small grants for Shetland",
    "opens": ["2", "11", "2026"],
    "closes": ["27", "11", "2026"],
    "pot": "5,000",
    "areas": "North isles: 2,000\nMainland: 3,000",
}


@pytest.fixture
def made(app):
    with app.app_context():
        scene = local.scene()
        return scene, scene.award, scene.national.round_key


def test_officer_opens_a_round_from_the_award(app, client, sign_in, made):
    scene, award, _ = made
    sign_in(client, scene.emails["officer"])

    listed = client.get("/rounds/local").get_data(as_text=True)
    blank = client.get(f"/rounds/local/{award}/new").get_data(as_text=True)
    sent = client.post(f"/rounds/local/{award}/new", data=TYPED)

    assert f"/rounds/local/{award}/new" in listed
    assert pounds(local.POT) in blank
    assert sent.status_code == 302
    with app.app_context():
        record = db.session.query(Round).filter_by(tier=Tier.LOCAL).one()
        key, reference = record.key, record.reference
        assert (record.pot, record.allocated) == (500_000, 500_000)
    for part in ("", "/areas", "/form", "/criteria", "/guidance", "/stages", "/letter-words"):
        page = client.get(f"/rounds/{key}{part}")
        assert page.status_code in {200, 404}, part
    opened = client.post(f"/rounds/{key}/moves/open-round")
    assert opened.status_code == 302
    with app.app_context():
        assert db.session.query(Round).filter_by(key=key).one().state == RoundState.OPEN
    notice = app.test_client().get(f"/rounds-open/{reference}").get_data(as_text=True)
    assert "Does your group have a constitution" in notice


def test_wrong_share_is_said_at_its_field(client, sign_in, made):
    scene, award, _ = made
    sign_in(client, scene.emails["officer"])

    wrong = client.post(f"/rounds/local/{award}/new", data=TYPED | {"areas": "North isles 2,000"})
    beyond = client.post(f"/rounds/local/{award}/new", data=TYPED | {"pot": "90,000"})

    assert wrong.status_code == beyond.status_code == 422
    assert "Write North isles 2,000 as name: amount." in wrong.get_data(as_text=True)
    assert "of the award is left for local rounds." in beyond.get_data(as_text=True)


@pytest.mark.feature("S10")
def test_officer_finds_nothing_national(client, sign_in, made):
    scene, _, national = made
    sign_in(client, scene.emails["officer"])

    for part in ("", "/areas", "/applications", "/ranking", "/evaluation", "/local-rounds"):
        assert client.get(f"/rounds/{national}{part}").status_code == 404, part


def test_programme_sees_the_pots_and_not_the_applications(app, client, sign_in, made):
    scene, _, national = made
    with app.app_context():
        record = local.open_local(scene)
        application = local.apply_to(scene, record)
        key, reference = record.key, record.reference
    sign_in(client, scene.national.emails["manager"])

    page = client.get(f"/rounds/{national}/local-rounds")

    assert page.status_code == 200
    assert reference in page.get_data(as_text=True)
    assert client.get(f"/rounds/{key}/applications").status_code == 404
    assert client.get(f"/staff/applications/{application}").status_code == 404
    assert client.get(f"/rounds/{key}/evaluation").status_code == 200
