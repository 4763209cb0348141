"""Odd, oversized and hostile requests: answered with a page and a sentence, never with a fault."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Membership, Person
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY
from grants.web.gate import COOKIE
from tests import build, crawling, everybody
from tests.everybody import Bid, World

HOSTILE = (
    "page=-1",
    "page=0",
    f"page={10**30}",
    f"page={2**63}",
    "page=%00",
    "page=1&page=2",
    "sort=__class__",
    "sort=-__class__&show=__init__",
    "sort[]=a&state[]=b&area[]=c",
    "state=no-such-state&award=no-such-state&role=no-such-role&action=no-such-act",
    "search=%00%ff%fe&reference=%00&person=%00",
    "search=" + "%25_%5C%27%22" * 20,
    "search=" + "a" * 3000,
    "search=%F0%9F%8F%B4%E2%80%AE&area=%E2%80%AE&measure=%00&period=%00&by=%00",
    "row=..%2F..%2Fetc&table=__class__&blank=%00&section=%00",
    "readers=99999999999999999999&most=-1&by=assessor",
    "readers=%D9%A3&most=1e9",
    "round=%00&code=%00&next=//elsewhere.example&wait=%00",
)
IN_SHORT = ("submitter",)  # who stands for all of them in the short run
STAFF = ("manager", "approver", "finance", "evaluator", "auditor", "administrator")
WORKERS = ("editor", "submitter", "signatory", "officer", "reporter", "assessor")


@pytest.fixture
def some(long, request):
    """``some(all of them)``: every sixth in the short run, and of people one, on one database."""
    who = request.node.callspec.params.get("who", "submitter")
    if not long and (who not in IN_SHORT or "postgresql" in request.node.name):
        pytest.skip("everybody at every door: python3 run.py test --long")
    return lambda values: values if long else values[::6]


@pytest.fixture
def place(app) -> tuple[World, Bid, str]:
    """A world with something in it, and the name of a section."""
    with app.app_context():
        world = everybody.world()
        made = everybody.bid(world, "draft")
        for state in ("assessing", "recommended", "accepted"):
            everybody.bid(world, state)
        record = db.session.get_one(build.Round, world.round_id)
        section = fund_of(NOBODY, record.definition_id or 0).sections[0].key
    return world, made, section


@pytest.fixture(autouse=True)
def _faults_become_pages(app) -> Iterator[None]:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield
    app.config["PROPAGATE_EXCEPTIONS"] = None


@pytest.fixture
def enter(app, sign_in, place) -> Any:
    return lambda who: sign_in(app.test_client(), place[0].people[who])


def opened(app: Flask, client: FlaskClient, words: tuple[str, ...]) -> list[str]:
    """One address for each rule that this person may open."""
    found: dict[str, str] = {}
    for address in crawling.addresses(app, words):
        shape = re.sub(r"[0-9a-f-]{36}", "<key>", address)
        if shape not in found:
            answer = client.get(address)
            if answer.status_code == 200:
                found[shape] = address
            answer.close()
    return list(found.values())


@pytest.mark.feature("M1")
@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("who", [*STAFF, *WORKERS])
def test_no_question_in_an_address_breaks_a_page(app, place, enter, who, some):
    world, _, section = place
    client = enter(who)

    broken = []
    for address in opened(app, client, (section, world.reference)):
        for asked in some(HOSTILE):
            answer = client.get(f"{address}?{asked}")
            if answer.status_code >= 500:
                broken.append((address, asked))
            answer.close()

    assert broken == []


def test_no_question_in_an_address_breaks_an_open_page(app, place, client, some):
    world, _, section = place

    broken = [
        (address, asked)
        for address in opened(app, client, (section, world.reference))
        for asked in some(HOSTILE)
        if client.get(f"{address}?{asked}").status_code >= 500
    ]

    assert broken == []


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    "address",
    ["/awards?round=a%00b", "/rounds-open/a%00b", "/people?search=%00", "/outbox?search=%00"],
)
def test_nul_in_an_address_reaches_no_database(enter, address):
    assert enter("administrator").get(address).status_code == 404


FORMS: tuple[dict[str, Any], ...] = (
    {},
    {"page": "x", "membership": str(2**63), "delegation": str(10**30), "typed": "9" * 400},
    {"membership": "-1", "delegation": "-1", "typed": "\u0663", "key": "\x00"},
    dict.fromkeys(
        "reason name email role organisation fund title opens_at closes_at amount councils interest detail comment person round place seen typed_name agrees tables format label key options password old code next _versions year most_per_award most_in_all refusal-code refusal-note amendment-reason return-reason moderation-reason".split(),
        "\x00\ud7ff\u202e<script>alert(1)</script>",
    ),
    {"_versions": '{"a": Infinity, "b": 1e400}', "need": "x"},
    {"_versions": '{"a": NaN}', "need": "x"},
    {"_versions": '{"a": ' + "9" * 4000 + "}", "need": "x"},
    {"_versions": "[" * 20000, "need": "x"},
    {"_versions": "[1, 2]", "_row": "add", "need": "x"},
    {"_versions": '{"need": 9223372036854775808}', "need": "x"},
    {f"projects.{'r' * 300}.title": "x", "budget..amount": "1", "...": "y", ".": "z"},
    {"is_award": "maybe", "own_costs": "1e400", "decision-r1": "part", "amount-r1": "-9" * 30},
    {"mark.need": "99999999999999999999", "mark.x": "\u0663", "line.x": "part", "amount.x": "1e9"},
    {"opens_at": "9999-99-99", "ends_on": "0000-00-00", "ends_on-year": "99999", "due_on": "x"},
)


def posted(app: Flask, words: tuple[str, ...]) -> list[str]:
    """Every address that takes a form, with every key of its kind."""
    takes = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return crawling.filled(app, sorted(takes), words)


@pytest.mark.feature("M1")
@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("who", ["manager", "approver", "administrator", *WORKERS])
def test_no_form_breaks_a_door(app, place, enter, who, some):
    _, _, section = place
    client = enter(who)
    ends = {"/sign-out", "/account/sessions/end"}

    broken = []
    for address in posted(app, (section, "open", "no-such-thing")):
        for number, form in enumerate(some(FORMS)):
            if address not in ends and client.post(address, data=form).status_code >= 500:
                broken.append((address, number))

    assert broken == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[[[[", "application/json"),
        (json.dumps({"need": {"a": [1]}}).encode(), "application/json"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"a=%ff%fe&_versions=%ff", "application/x-www-form-urlencoded"),
        (b"--x\r\nnot a part", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"<a/>", "text/xml; charset=utf-32"),
        (b"need=x", "application/x-www-form-urlencoded; charset=no-such-charset"),
    ],
)
def test_saving_as_one_types_takes_no_odd_body(enter, place, body, kind):
    _, made, _ = place

    answer = enter("editor").post(
        f"/applications/{made.key}/autosave", data=body, content_type=kind
    )

    assert answer.status_code < 500


@pytest.mark.asvs("15.2.2")
def test_flood_of_fields_is_refused(enter, place):
    _, made, _ = place

    answer = enter("editor").post(
        f"/applications/{made.key}/autosave",
        data="&".join(f"f{number}=x" for number in range(200_000)),
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 413


@pytest.mark.asvs("5.2.1")
def test_body_past_every_limit_is_refused(enter, place, settings):
    _, made, section = place
    size = (settings.upload_megabytes * 12 + 40) * 1024 * 1024

    answer = enter("editor").post(
        f"/applications/{made.key}/sections/{section}",
        input_stream=io.BytesIO(b"x" * size),
        content_length=size,
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413


MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.mark.feature("M1")
@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("who", [*STAFF, "submitter", "assessor", "reporter", "officer"])
def test_markup_in_any_text_is_shown_as_text(app, place, enter, who, some):
    world, _, section = place
    client = enter(who)
    with app.app_context():
        everywhere()
    asked = "?search=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&state=%22%3E%3Cscript%3Ealert(1)"

    running = []
    for address in opened(app, client, (section, world.reference)):
        for tail in some(("", asked)):
            text = client.get(address + tail).get_data().decode(errors="replace")  # files too
            if "<script>alert(1)" in text or "<img src=x" in text:
                running.append(address + tail)

    assert running == []


def everywhere() -> None:
    """Put the markup into every short and long text of every row that people write."""
    written = {
        "application": ("title", "returned_reason"),
        "application_version": (),
        "proposed_project": ("title", "group_name", "reason"),
        "organisation": ("name", "address"),
        "person": ("name",),
        "answer": ("text",),
        "assessment": ("comment",),
        "score": ("reason",),
        "award": ("reason", "feedback"),
        "attachment": ("name",),
        "project": ("title",),
        "return_answer": ("text",),
        "round": ("title", "note"),
        "allocation_area": ("source",),
    }
    for name, columns in written.items():
        table = db.metadata.tables[name]
        if columns:
            db.session.execute(sa.update(table).values(dict.fromkeys(columns, MARKUP)))
    db.session.commit()


@pytest.mark.feature("M2")
@pytest.mark.asvs("15.3.3")
def test_form_sets_nothing_that_it_does_not_show(app, place, enter):
    """State, owner, amount and role are no fields, whatever is sent with a form."""
    world, made, section = place
    extra = {
        "state": "submitted",
        "organisation_id": "1",
        "asked": "1",
        "number": "7",
        "role": "administrator",
        "is_staff": "1",
        "person_id": "1",
        "submitted_at": "2026-01-01",
    }
    client = enter("editor")

    client.post(f"/applications/{made.key}/autosave", data=extra)
    client.post(f"/applications/{made.key}/sections/{section}", data={**extra, "later": "1"})
    client.post("/account/password", data=extra)

    with app.app_context():
        record = db.session.query(Application).filter_by(key=made.key).one()
        assert (record.state, record.organisation_id, record.asked, record.number) == (
            "draft",
            world.places["here"],
            0,
            None,
        )
        editor = world.person("editor")
        roles = db.session.query(Membership.role).filter_by(person_id=editor.id).all()
        assert [role for (role,) in roles] == ["applicant-editor"]


@pytest.mark.feature("M2")
def test_member_is_given_no_funders_role(app, place, enter):
    world, _, _ = place
    client = enter("submitter")
    with app.app_context():
        key = db.session.get_one(build.Organisation, world.places["here"]).key
    form = {"name": "Sneaky", "email": "sneaky@example.org"}

    answers = [
        client.post(f"/members/{key}/invite", data={**form, "role": role}).status_code
        for role in ("administrator", "fund-manager", "applicant-submitter", "assessor")
    ]

    with app.app_context():
        invited = db.session.query(Person).filter_by(email="sneaky@example.org").count()
    assert (answers, invited) == ([403] * 4, 0)


@pytest.mark.asvs("3.3.1")
def test_cookies_are_kept_from_scripts(app, place, client):
    with app.app_context():
        email = place[0].people["editor"]

    answer = client.post("/sign-in", data={"email": email, "password": build.PASSWORD})

    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith(f"{COOKIE}=") for cookie in cookies)
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


@pytest.mark.asvs("7.2.4")
def test_session_is_never_the_one_that_was_brought(app, place, client):
    """A cookie that somebody planted is not taken over."""
    client.set_cookie(COOKIE, "planted")

    client.post("/sign-in", data={"email": place[0].people["editor"], "password": build.PASSWORD})

    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value != "planted"


@pytest.mark.feature("T1")
def test_codes_of_letters_cannot_be_tried_without_end(client, place):
    answers = [
        client.post("/letters/check", data={"code": f"AAAA-BBBB-{number:04d}"}).status_code
        for number in range(62)
    ]

    assert (answers[:60], answers[60:]) == ([200] * 60, [422] * 2)


@pytest.mark.asvs("14.3.2")
def test_what_is_downloaded_is_kept_by_nobody(app, place, enter):
    _, _, section = place
    kept = []
    for who in ("manager", "submitter"):
        client = enter(who)
        for address in opened(app, client, (section,)):
            answer = client.get(address)
            if answer.headers["Cache-Control"] != "no-store":
                kept.append((who, address))
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                assert "sandbox" in answer.headers["Content-Security-Policy"]
            answer.close()

    assert kept == []


@pytest.mark.parametrize("place_in_it", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "."])
@pytest.mark.parametrize("start", ["/static/", "/files/", "/letters/", "/extracts/", "/links/"])
def test_path_leads_out_of_nothing(client, place, start, place_in_it):
    assert client.get(start + place_in_it).status_code in {302, 400, 404}
