"""Who reads without names learns no name: two worlds that differ in who applies look the same."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import pypdf
import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.jobs import worker
from grants.models.application import (
    Application,
    ApplicationPartner,
    ApplicationVersion,
    ProposedProject,
)
from grants.models.assessment import Assessment, Conflict
from grants.models.attachment import Attachment
from grants.models.interest import PersonInterest
from grants.models.meeting import Meeting
from grants.models.outbox import OutboxMessage
from grants.models.round import AllocationArea, Round
from grants.models.search import SearchText
from grants.queries import assignments, beforehand
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import allocate, assign, large_packs, meetings, recording, score_workbooks
from grants.services import beforehand as services
from grants.services.allocate import Wish
from grants.services.meetings import Plan
from grants.services.recording import Recorded
from tests import build, crawling, deciding, everybody
from tests.build import NOW
from tests.watching import TOKEN

NAMES = ("Alfabetum", "Omegabetum")
READERS = ("assessor", "second_assessor", "unassigned_assessor", "chair")
SIT = ("chair", "assessor")  # at the meeting


def identifying(fund) -> list[tuple[str, str]]:
    """Question and row of the first of everything that tells who applies."""
    found = []
    for question in fund.questions():
        if question.identifies and not question.columns:
            found.append((question.key, ""))
        found += [
            (f"{question.key}.{column.key}", "r1")
            for column in question.columns
            if column.identifies
        ]
    return found


def dress(key: int, name: str, organisation: int, area: int) -> None:
    """Let this body be the one that applies, in everything that tells so."""
    record = db.session.get_one(Application, key)
    record.title, record.organisation_id, record.allocation_area_id = (
        f"Plan for {name}",
        organisation,
        area,
    )
    fund = fund_of(NOBODY, record.definition_id)
    version = db.session.query(ApplicationVersion).filter_by(application_id=key).one()
    told = identifying(fund)
    kept = [one for one in version.content["answers"] if (one[0], one[1]) not in told]
    version.content = {
        **version.content,
        "answers": kept + [[question, row, f"{name} {question}"] for question, row in told],
        "attachments": [
            [question, f"{name}.pdf", digest]
            for question, _, digest in version.content["attachments"]
        ],
    }
    version.sha256 = name[0].lower() * 64
    for row in db.session.query(ApplicationPartner).filter_by(application_id=key):
        row.name = f"{name} partner"
    for row in db.session.query(ProposedProject).filter_by(application_id=key):
        row.group_name = f"{name} group"
    for row in db.session.query(Attachment).filter_by(application_id=key):
        row.name, row.is_identifying = f"{name}.pdf", False
    for row in db.session.query(SearchText).filter_by(application_id=key):
        row.text, row.organisation_id = name.lower(), organisation
    db.session.commit()


@pytest.fixture
def blind(app, sign_in, long):
    """Two applications of two bodies in a blind round, and each of its readers signed in."""
    readers = READERS if long else SIT
    with app.app_context():
        if db.engine.name != "sqlite" and not long:
            pytest.skip("every page of a reader: on one database in the short run")
        world = everybody.world(is_blind=True)
        bids = [
            everybody.bid(world, state, of=of, by=by)
            for state, of, by in (
                ("assessing", "here", "submitter"),
                ("moderation", "rival", "rival"),
            )
        ]
        areas = [row.id for row in db.session.query(AllocationArea).order_by(AllocationArea.id)][:2]
        meet(world, bids[1])
    clients = {who: sign_in(app.test_client(), world.people[who]) for who in readers}
    return world, bids, areas, clients


def meet(world, bid) -> None:
    """A meeting that recommended the second application, chaired by one who reads without names."""
    manager = build.actor_of(world.person("manager"))
    plan = Plan(
        held_on=NOW.date(),
        place="Room 2 (fictional)",
        quorum=2,
        chair=world.person("chair").id,
        secretary=manager.person_id,
        members=frozenset(world.person(who).id for who in SIT),
    )
    key = meetings.plan(manager, world.round_key, plan, now=NOW)
    wanted = Recorded(seen=1, outcome="recommended", wanted=deciding.in_full(bid.award))
    recording.record(manager, key, bid.key, wanted, now=NOW)


def put(app, world, bids, areas, order) -> None:
    with app.app_context():
        for bid in bids:  # nobody's in between: each body applies once
            record = db.session.get_one(Application, bid.id)
            record.organisation_id = world.places["group" if bid is bids[0] else "others"]
        db.session.commit()
        for bid, place in zip(bids, order, strict=True):
            body = world.places[("here", "rival")[place]]
            dress(bid.id, NAMES[place], body, areas[place])


def look(app, clients, addresses):
    seen = {}
    for who, client in clients.items():
        for address in addresses:
            answer = client.get(address)
            body = TOKEN.sub(b"", answer.get_data())
            head = (answer.status_code, answer.location, answer.headers.get("Content-Disposition"))
            seen[who, address] = (*head, body)
            answer.close()
    return seen


def mails(app):
    with app.app_context():
        return db.session.execute(sa.select(OutboxMessage.subject, OutboxMessage.body)).all()


@pytest.mark.feature("R10")
@pytest.mark.feature("M1")
def test_two_worlds_that_differ_in_who_applies_look_the_same_to_a_blind_reader(app, blind) -> None:
    world, bids, areas, clients = blind
    put(app, world, bids, areas, (0, 1))
    addresses = crawling.addresses(app, ("lead", world.reference))
    searches = [f"/applications?search={name}" for name in NAMES]
    before = look(app, clients, [*addresses, *searches])

    put(app, world, bids, areas, (1, 0))
    after = look(app, clients, [*addresses, *searches])

    assert [place for place, seen in before.items() if seen != after[place]] == []
    told = {
        place
        for place, seen in after.items()
        for name in NAMES
        if name.encode() in seen[3] or name in str(seen[2])
    }
    assert {place for _, place in told} <= set(searches)
    assert not [row for row in mails(app) if any(name in row.body for name in NAMES)]
    page = before["assessor", f"/assessments/{bids[0].assessments['assessor']}"]
    assert page[0] == 200
    assert everybody.SECRET.encode() in page[3]
    items = re.compile(rf"/meetings/[^/]+/{bids[1].key}")
    assert [before["chair", a][0] for a in addresses if items.fullmatch(a)].count(200) == 1
    file = before["assessor", f"/files/{bids[0].file}"]
    assert (file[0], "file.pdf" in file[2]) == (200, True)


@pytest.mark.feature("D9")
@pytest.mark.feature("R10")
def test_chair_who_reads_without_names_runs_the_meeting_and_signs_the_minute(app, blind, sign_in):
    world, bids, areas, clients = blind
    put(app, world, bids, areas, (0, 1))
    chair, manager = clients["chair"], sign_in(app.test_client(), world.people["manager"])
    with app.app_context():
        meeting = db.session.query(Meeting).one()
        place = f"/meetings/{meeting.key}"
        record = db.session.get_one(Application, bids[1].id)
        reference, title = record.reference, record.title

    pages = [
        chair.get(address).get_data(as_text=True)
        for address in (place, f"{place}/{bids[1].key}", f"{place}/minute")
    ]

    assert all(reference in page and "Project 1" in page for page in pages[1:])
    assert not any(name in page for page in pages for name in (*NAMES, title))
    assert title in manager.get(f"{place}/minute").get_data(as_text=True)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', pages[2])[1]
    assert chair.post(f"{place}/minute/signature", data={"seen": seen}).status_code == 302
    signed = chair.get(f"{place}/minute").get_data(as_text=True)
    paper = text_of(chair.get(f"{place}/minute.pdf").data)
    assert "Signed by" in signed
    assert reference in signed
    assert reference in paper
    assert not any(name in shown for shown in (signed, paper) for name in (*NAMES, title))
    assert title in manager.get(f"{place}/minute").get_data(as_text=True)


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


@pytest.mark.feature("R10")
def test_file_that_tells_who_applies_is_closed_to_a_blind_reader_alone(app, blind, sign_in) -> None:
    world, bids, _, clients = blind
    manager = sign_in(app.test_client(), world.people["manager"])
    with app.app_context():
        db.session.execute(sa.update(Attachment).values(is_identifying=True))
        db.session.commit()
    address = f"/files/{bids[0].file}"

    assert clients["assessor"].get(address).status_code == 404
    assert manager.get(address).status_code == 200


@pytest.mark.feature("R10")
def test_pack_and_workbook_of_a_blind_reader_hold_no_name(app, blind) -> None:
    world, bids, areas, _ = blind
    put(app, world, bids, areas, (0, 1))
    with app.app_context():
        reader = build.actor_of(world.person("assessor"))
        job = large_packs.ask(reader, world.round_key, now=NOW)
        worker.run_due(NOW)
        pack = large_packs.fetch(reader, job, now=NOW)
        sheet = score_workbooks.make(reader, world.round_key, now=NOW)

    pages = pypdf.PdfReader(io.BytesIO(pack.data)).pages
    with zipfile.ZipFile(io.BytesIO(sheet.data)) as parts:
        cells = " ".join(parts.read(name).decode(errors="ignore") for name in parts.namelist())
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert everybody.SECRET in text
    assert not [name for name in NAMES if name in text + cells]


class Office:
    """A blind round that has closed, with two applications and two assessors."""

    def __init__(self) -> None:
        programme = build.programme()
        self.manager = build.actor_of(build.person(Role.FUND_MANAGER, at=programme))
        self.round = build.round_("adult", programme, is_blind=True, closes_in=dt.timedelta(-1))
        owner = build.person()
        self.made = [
            build.application(
                self.round, build.organisation(name), owner, state=ApplicationState.SUBMITTED
            )
            for name in ("Zeta", "alpha")
        ]
        self.people = [build.person(Role.ASSESSOR, at=programme) for _ in range(2)]
        self.reader = build.actor_of(self.people[0])
        build.kept(
            ApplicationPartner(
                application_id=self.made[0].id, row="p", name="Middle  Ltd", partner_type="other"
            )
        )

    def answer(self, *names: str, tie: str = "board") -> None:
        services.answer(self.reader, self.round.key, names, tie, now=NOW)


@pytest.fixture
def office(context) -> Office:
    return Office()


@pytest.mark.feature("R10")
def test_bodies_stand_by_name_and_belong_to_no_application(office) -> None:
    page = beforehand.bodies(office.reader, office.round.key, now=NOW)
    names = [name for name in page.bodies if name in {"alpha", "Middle Ltd", "Zeta"}]

    assert names == ["alpha", "Middle Ltd", "Zeta"]
    early = beforehand.bodies(office.reader, office.round.key, now=NOW - dt.timedelta(days=9))
    assert early.bodies == ()
    with pytest.raises(NotFound):
        beforehand.bodies(build.actor_of(build.person()), office.round.key, now=NOW)


@pytest.mark.feature("R10")
@pytest.mark.feature("R8")
def test_tick_makes_a_conflict_before_anything_is_handed_out(office) -> None:
    office.answer("Middle Ltd")
    office.answer("Middle Ltd")

    row = db.session.query(Conflict).one()
    assert (row.application_id, row.kind) == (office.made[0].id, "office-bearer")
    assert db.session.query(PersonInterest).one().round_id == office.round.id
    found = allocate.propose(office.manager, office.round.key, Wish(2, 9), now=NOW)
    assert [one.reference for one in found.given] == [office.made[1].reference]


@pytest.mark.feature("R10")
def test_tick_takes_away_what_was_handed_out(office) -> None:
    office.answer()
    assign.assign(office.manager, office.made[0].key, office.people[0].key, now=NOW)

    office.answer("Zeta")

    assert db.session.query(Assessment).one().state == AssessmentState.CONFLICTED
    assert db.session.query(Conflict).count() == 1


@pytest.mark.feature("R10")
def test_nobody_is_given_a_blind_round_before_they_answered(office) -> None:
    with pytest.raises(Blocked, match="Has not said yet"):
        assign.assign(office.manager, office.made[0].key, office.people[0].key, now=NOW)
    office.answer()

    found = allocate.propose(office.manager, office.round.key, Wish(2, 9), now=NOW)

    assert {one.names for one in found.given} == {(office.people[0].name,)}
    rows = assignments.readers_of(office.manager, office.made[0].key, now=NOW).people
    assert [bool(row.barred) for row in rows if row.key == office.people[1].key] == [True]


def test_answer_refuses_what_is_not_on_the_page(office) -> None:
    with pytest.raises(NotFound):
        office.answer("Nobody's")
    with pytest.raises(Blocked, match="Choose what"):
        office.answer("Zeta", tie="")
    db.session.get_one(Round, office.round.id).closes_at = NOW + dt.timedelta(days=1)
    db.session.commit()
    with pytest.raises(MoveNotAllowed):
        office.answer()
