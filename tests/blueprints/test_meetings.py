"""A panel's meeting through its doors: planned, held, recorded and minuted; silent to who must not know."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.meeting import Meeting, MeetingItem, ModeratedScore
from grants.queries import minutes
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY
from grants.rules.states import AwardState
from grants.services import recording
from grants.services.recording import Recorded
from tests import build, deciding, meeting

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


@pytest.fixture
def panel(app):
    with app.app_context():
        return meeting.panel()


@pytest.fixture
def as_(app, panel, sign_in):
    return lambda who: sign_in(app.test_client(), panel.emails[who])


def at(panel, place=0, rest=""):
    return f"/meetings/{panel.key}/{panel.applications[place]}{rest}"


def in_full(app, panel, place=0):
    """The form of an application with every project in full."""
    with app.app_context():
        made = db.session.query(Application).filter_by(key=panel.applications[place]).one()
        rows = db.session.scalars(
            sa.select(ProposedProject.row).where(ProposedProject.application_id == made.id)
        )
        lines = {f"decision-{row}": "full" for row in rows}
    return {"seen": "1", "outcome": "recommended", "is_award": "yes", "own_costs": "500", **lines}


@pytest.mark.feature("R16")
def test_meeting_is_planned_in_the_browser_with_its_faults_at_the_fields(app, panel, as_):
    manager, place = as_("manager"), f"/rounds/{panel.scene.round_key}/meetings/new"
    with app.app_context():
        chair = str(panel.chair.person_id)
    typed = {"held_on-day": "2", "held_on-month": "3", "held_on-year": "2027"}

    wrong = manager.post(place, data={"place": "Room 9", "quorum": "some"})
    done = manager.post(
        place,
        data={
            "held_on": ["2", "3", "2027"],
            "place": "Room 9",
            "quorum": "3",
            "chair": chair,
            "secretary": chair,
            **typed,
        },
    )

    assert wrong.status_code == 422
    assert "Choose who chairs the meeting." in wrong.text
    assert 'value="Room 9"' in wrong.text
    assert done.status_code == 302
    assert "Order of business" in manager.get(done.location).text


@pytest.mark.feature("R16")
def test_application_is_shown_recorded_and_the_next_one_follows(app, panel, as_):
    manager = as_("manager")
    shown = manager.get(at(panel, 1)).text

    done = manager.post(at(panel, 1), data=in_full(app, panel, 1))

    assert "The assessors are far apart." in shown
    assert done.location == at(panel, 0)
    with app.app_context():
        assert deciding.award(panel.scene.awards[1]).state == AwardState.RECOMMENDED
    assert (
        "Recommended: £9,500 of £9,500 asked." in manager.get(f"/meetings/{panel.key}/minute").text
    )


@pytest.mark.feature("R16")
def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(app, panel, as_):
    manager = as_("manager")
    with app.app_context():
        key = fund_of(NOBODY, panel.scene.definition_id).scoring.criteria[0].key

    answer = manager.post(
        at(panel),
        data={"seen": "1", "outcome": "deferred", f"mark-{key}": "3", "remark": "Kept as typed"},
    )

    assert answer.status_code == 422
    assert "Say what is asked before it is decided." in answer.text
    assert "Say why the panel agreed this mark" in answer.text
    assert "Kept as typed" in answer.text


@pytest.mark.feature("R16")
def test_slower_recorder_reads_both_texts_and_may_put_theirs_in_place(app, panel, as_):
    first, second = as_("manager"), as_("second_manager")
    typed = {"seen": "1", "outcome": "scored"}
    first.post(at(panel), data={**typed, "remark": "What the first wrote"})

    late = second.post(at(panel), data={**typed, "remark": "What the second wrote"})

    assert late.status_code == 409
    assert "What the first wrote" in late.text
    assert "What the second wrote" in late.text
    seen = re.search(r'name="seen" value="(\d+)"', late.text)[1]
    again = second.post(at(panel), data={**typed, "seen": seen, "remark": "What the second wrote"})
    assert again.status_code == 302


@pytest.mark.feature("D8")
def test_feedback_is_drafted_into_the_form_and_nothing_is_saved(app, panel, as_):
    manager = as_("manager")

    here = manager.post(at(panel), data={**in_full(app, panel), "draft": "1"})
    there = manager.post(
        f"/awards/{panel.scene.awards[0]}", data={**in_full(app, panel), "draft": "1"}
    )

    assert (here.status_code, there.status_code) == (200, 200)
    assert "What was strong" in here.text
    assert "What was strong" in there.text
    with app.app_context():
        assert deciding.award(panel.scene.awards[0]).feedback == ""


@pytest.mark.feature("R13")
def test_moderated_score_is_shown_beside_the_originals_on_every_page_of_scores(app, panel, as_):
    manager, reader = as_("manager"), as_("reader")
    with app.app_context():
        key = fund_of(NOBODY, panel.scene.definition_id).scoring.criteria[0].key
    before = manager.get(f"/rounds/{panel.scene.round_key}/ranking").text
    manager.post(
        at(panel),
        data={"seen": "1", "outcome": "scored", f"mark-{key}": "4", f"why-{key}": "Read again."},
    )

    ranking = manager.get(f"/rounds/{panel.scene.round_key}/ranking?measure=moderated").text
    pages = [
        manager.get(f"/staff/applications/{panel.applications[0]}").text,
        manager.get(at(panel)).text,
        reader.get(at(panel)).text,
    ]

    assert all("What the panel agreed, and why" in page and "Read again." in page for page in pages)
    assert 'data-label="Moderated total"' not in before
    assert 'data-label="Moderated total"' in ranking


@pytest.mark.feature("D9")
def test_minute_is_corrected_signed_and_kept_on_paper_by_its_people(app, panel, as_):
    manager, chair = as_("manager"), as_("chair")
    place = f"/meetings/{panel.key}/minute"
    manager.post(at(panel), data={"seen": "1", "outcome": "scored", "remark": "First words"})
    part = {"part": str(panel.applications[0])}
    page = manager.get(f"{place}/correction", query_string=part).text
    was = re.search(r'name="was" value="([^"]*)"', page, re.DOTALL)[1]

    kept = manager.post(f"{place}/correction", data={**part, "was": was, "text": "Other words"})
    late = manager.post(f"{place}/correction", data={**part, "was": was, "text": "Too late"})
    draft = chair.get(place).text
    seen = re.search(r'name="seen" value="(\w+)"', draft)[1]
    signed = chair.post(f"{place}/signature", data={"seen": seen})

    assert (kept.status_code, late.status_code, signed.status_code) == (302, 409, 302)
    assert "<del>" in draft
    assert "Other words" in draft
    assert "Signed by" in manager.get(place).text
    assert manager.get(f"{place}.pdf").data.startswith(b"%PDF")
    assert manager.get(f"{place}/correction", query_string=part).status_code == 404


@pytest.mark.feature("R9")
@pytest.mark.feature("R16")
@pytest.mark.parametrize("who", ["reader", "chair", "second_manager"])
def test_conflicted_member_sees_the_same_bytes_with_and_without_the_item(app, panel, as_, who):
    with app.app_context():
        made = db.session.query(Application).filter_by(key=panel.applications[1]).one()
        gone = made.id
        build.conflict(made, db.session.get_one(build.Person, getattr(panel, who).person_id))
    browser, manager = as_(who), as_("manager")
    manager.post(at(panel, 1), data={"seen": "1", "outcome": "scored", "remark": "Behind doors"})
    places = [
        f"/rounds/{panel.scene.round_key}/meetings",
        f"/meetings/{panel.key}",
        f"/meetings/{panel.key}/minute",
        f"/meetings/{panel.key}/minute.pdf",
        *(at(panel, place) for place in range(3)),
    ]

    def look():
        answers = [browser.get(place) for place in places]
        return [
            (one.status_code, TOKEN.sub("", one.get_data().decode("latin1"))) for one in answers
        ]

    with_it = look()
    with app.app_context():
        db.session.execute(sa.delete(ModeratedScore))
        db.session.execute(sa.delete(MeetingItem).where(MeetingItem.application_id == gone))
        db.session.commit()

    assert look() == with_it
    assert [status for status, _ in with_it] == [200, 200, 200, 200, 200, 404, 200]


@pytest.mark.feature("D9")
def test_signed_minute_of_a_conflicted_member_is_the_same_with_and_without_the_item(
    app, panel, as_
):
    with app.app_context():
        made = db.session.query(Application).filter_by(key=panel.applications[1]).one()
        gone = made.id
        build.conflict(made, db.session.get_one(build.Person, panel.reader.person_id))
        recording.record(
            panel.manager,
            panel.key,
            panel.applications[1],
            Recorded(seen=1, outcome="scored"),
            now=build.NOW,
        )
        read = minutes.minute(panel.chair, panel.key).sha256
        recording.sign(panel.chair, panel.key, seen=read, now=build.NOW)
    reader = as_("reader")
    place = f"/meetings/{panel.key}/minute"
    with_it = reader.get(place).text, reader.get(f"{place}.pdf").data

    with app.app_context():
        record = db.session.query(Meeting).one()
        record.frozen = [one for one in record.frozen if one[0] != gone]
        record.sha256 = "0" * 64
        db.session.execute(sa.delete(MeetingItem).where(MeetingItem.application_id == gone))
        db.session.commit()

    assert (reader.get(place).text, reader.get(f"{place}.pdf").data) == with_it


def test_outsiders_find_no_meeting(app, panel, as_, sign_in):
    with app.app_context():
        stranger = build.person(build.Role.ASSESSOR, at=build.organisation()).email
        record = db.session.get_one(build.Round, panel.scene.round_id)
        funder = db.session.get_one(build.Organisation, record.organisation_id)
        not_of_it = build.person(build.Role.ASSESSOR, at=funder).email
    browsers = [
        as_("applicant"),
        sign_in(app.test_client(), stranger),
        sign_in(app.test_client(), not_of_it),
    ]
    rests = ("", "/minute", "/minute.pdf", f"/{panel.applications[0]}")

    found = {
        one.get(f"/meetings/{panel.key}{rest}").status_code for one in browsers for rest in rests
    }

    assert found == {404}


@pytest.mark.parametrize("count", [3, 30])
def test_meeting_costs_the_same_statements_however_many(app, sign_in, count, count_statements):
    with app.app_context():
        panel = meeting.panel(marks=((3, 3),) * count)
    browser = sign_in(app.test_client(), panel.emails["manager"])
    costs = []
    for place in (f"/meetings/{panel.key}", f"/meetings/{panel.key}/minute"):
        browser.get(place)
        with count_statements() as found:
            assert browser.get(place).status_code == 200
        costs.append(len(found))

    assert costs == [5, 5]


@pytest.mark.feature("R16")
@pytest.mark.parametrize("way", ["up", "down"])
def test_button_pressed_twice_moves_an_application_one_place(app, panel, as_, way):
    manager, place = as_("manager"), f"/meetings/{panel.key}"
    first = manager.get(place).text
    address, past = re.findall(
        rf'action="([^"]*/{way})".*?name="past" value="([^"]*)"', first, re.DOTALL
    )[-1 if way == "up" else 0]

    answers = [manager.post(address, data={"past": past}) for _ in range(2)]
    without = manager.post(address)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert without.status_code == 404
    assert order(manager.get(place).text) == swapped(order(first), way)


def order(page):
    return re.findall(r'<th scope="row"><a href="/meetings/[^"]*/([^"/]*)">', page)


def swapped(keys, way):
    first, second, third = keys
    return [first, third, second] if way == "up" else [second, first, third]
