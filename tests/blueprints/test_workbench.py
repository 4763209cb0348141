"""The workbench through its doors: by address alone, with its forms, and for those who must not know."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.round import Round
from grants.models.scenario import Scenario
from grants.rules.people import Role
from grants.rules.states import LineDecision
from grants.services import scenarios
from grants.services.scenarios import Pinned, View
from tests import build, deciding, drawing

VIEW = View(measure="total", budgets={})
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


@pytest.fixture
def scene(app):
    with app.app_context():
        return drawing.scored(["90.00", "80.00", "70.00", "60.00"])


@pytest.fixture
def manager(app, scene, sign_in):
    return sign_in(app.test_client(), scene.emails["manager"])


def pinning(scene, place, **given):
    return {"pin": f"{scene.applications[place]}.r1", "measure": "total", "budget": "", **given}


@pytest.mark.feature("D1")
def test_line_is_drawn_by_the_address_whole_or_in_parts(scene, manager):
    place = f"/rounds/{scene.round_key}/workbench?budget=9,000&measure=total"

    whole = manager.get(place)
    parts = manager.get(place, headers={"X-Parts": "1"})

    said = "Drawn with £9,000: 1 in full, 1 in part, 2 in reserve, 0 out."
    assert (whole.status_code, parts.status_code) == (200, 200)
    assert said in whole.text
    assert said in parts.text
    assert "<h1" in whole.text
    assert "<h1" not in parts.text
    assert "The money ends here" in parts.text


def test_budget_that_cannot_be_read_is_said_and_moves_nothing(scene, manager):
    page = manager.get(f"/rounds/{scene.round_key}/workbench?budget=lots").text

    assert "Enter an amount in pounds" in page
    assert 'value="lots"' in page
    assert "3 in full" in page


@pytest.mark.feature("D1")
def test_decided_by_hand_kept_previewed_and_adopted(app, scene, manager):
    place = f"/rounds/{scene.round_key}"
    why = {"departure": "overlap", "departure_note": "Done next door."}
    wrong = pinning(scene, 3, decision="part", amount="1")

    refused = manager.post(f"{place}/workbench/pins", data=wrong)
    done = manager.post(f"{place}/workbench/pins", data=pinning(scene, 0, decision="out", **why))
    kept = manager.post(f"{place}/scenarios", data={"keep-name": "Ours", "measure": "total"})
    twice = manager.post(f"{place}/scenarios", data={"keep-name": "Ours"})
    with app.app_context():
        key = db.session.query(Scenario).filter_by(name="Ours").one().key
    asked = manager.get(f"/scenarios/{key}/adoption").text
    words = {"less": "fund_exhausted", "out": "out_of_scope"}
    preview = manager.get(f"/scenarios/{key}/adoption", query_string=words).text
    seen = re.search(r'name="seen" value="(\w+)"', preview).group(1)
    stale = manager.post(f"/scenarios/{key}/adoption", data={**words, "seen": "x"})
    adopted = manager.post(f"/scenarios/{key}/adoption", data={**words, "seen": seen})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert "cannot work with less than £3,000" in refused.text
    assert (kept.status_code, twice.status_code) == (302, 302)
    assert twice.location.split("?")[0] == kept.location.split("?")[0]
    assert "It cannot be adopted yet" in asked
    assert (stale.status_code, adopted.status_code) == (422, 302), adopted.text
    with app.app_context():
        assert [deciding.award(key).amount for key in scene.awards] == [
            0,
            500_000,
            500_000,
            500_000,
        ]


def test_empty_workbench_follows_rank_again(scene, manager):
    place = f"/rounds/{scene.round_key}/workbench"
    manager.post(f"{place}/pins", data=pinning(scene, 0, decision="out"))

    manager.post(f"{place}/clearing")

    assert "0 out" in manager.get(place).text


def test_approver_reads_and_changes_nothing(app, scene, sign_in):
    approver = sign_in(app.test_client(), scene.emails["approver"])
    place = f"/rounds/{scene.round_key}"

    page = approver.get(f"{place}/workbench")

    assert page.status_code == 200
    assert "Change<" not in page.text
    assert "Keep as" not in page.text
    assert approver.post(f"{place}/workbench/pins", data=pinning(scene, 0)).status_code == 404


@pytest.mark.feature("D3")
def test_reserve_is_promoted_from_its_page(app, scene, manager):
    place = f"/rounds/{scene.round_key}/reserves"
    with app.app_context():
        line = deciding.lines_of(scene.awards[0])[0]
        line.decision, line.reserve_place = LineDecision.RESERVE, 1
        db.session.commit()
    chosen = {"row": f"{scene.awards[0]}.r1", "departure": "", "departure_note": ""}

    shown = manager.get(place).text
    wrong = manager.post(place, data={**chosen, "row": "nothing"})
    done = manager.post(place, data=chosen)

    assert "Next" in shown
    assert "Would get now" in shown
    assert (wrong.status_code, done.status_code) == (422, 302), done.text
    assert "Nobody is in reserve" in manager.get(place).text
    with app.app_context():
        assert deciding.award(scene.awards[0]).amount == 500_000


@pytest.mark.feature("M1")
def test_applicant_finds_none_of_it(app, scene, sign_in):
    applicant = sign_in(app.test_client(), scene.emails["applicant"])
    with app.app_context():
        key = scenarios.keep(scene.manager, scene.round_key, "Ours", VIEW, now=build.NOW)

    for page in (
        f"/rounds/{scene.round_key}/workbench",
        f"/rounds/{scene.round_key}/scenarios",
        f"/scenarios/{key}/adoption",
    ):
        assert applicant.get(page).status_code == 404


def pinned(scene, key):
    wanted = Pinned(
        application=scene.applications[0], row="r1", decision=LineDecision.OUT, reason="risk: No."
    )
    scenarios.pin(scene.manager, scene.round_key, wanted, VIEW, scenario=key, now=build.NOW)


def approved(scene, _key):
    deciding.approve(scene, scene.awards[0])


def scored_anew(_scene, _key):
    db.session.query(Assessment).order_by(Assessment.id).first().total = 12
    db.session.commit()


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
@pytest.mark.parametrize("secret", [pinned, approved, scored_anew], ids=lambda one: one.__name__)
def test_who_has_an_interest_reads_the_same_bytes_whatever_happens_to_it(
    app, scene, sign_in, secret
):
    with app.app_context():
        record = db.session.get_one(Round, scene.round_id)
        record.pot += 10_000_000
        build.area_of(record).amount += 10_000_000
        db.session.commit()
        key = scenarios.keep(scene.manager, scene.round_key, "Ours", VIEW, now=build.NOW)
        person = build.person(
            Role.FUND_MANAGER, at=db.session.get_one(build.Organisation, record.organisation_id)
        )
        email = person.email
        build.conflict(drawing.application(scene, 0), person)
    browser = sign_in(app.test_client(), email)
    place = f"/rounds/{scene.round_key}"
    pages = [
        f"{place}/workbench",
        f"{place}/workbench?budget=7,000&show=full",
        f"{place}/workbench?scenario={key}&measure=adjusted",
        f"{place}/scenarios?left={key}&right={key}",
        f"/scenarios/{key}/adoption?less=fund_exhausted&out=out_of_scope",
    ]
    before = [TOKEN.sub("", browser.get(page).text) for page in pages]
    with app.app_context():
        secret(scene, key)

    after = [TOKEN.sub("", browser.get(page).text) for page in pages]

    assert after == before
    with app.app_context():
        hidden = drawing.application(scene, 0).reference
    assert not any(hidden in page for page in after)
