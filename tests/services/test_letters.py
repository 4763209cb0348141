"""Letters: numbered, frozen, issued by another, replaced but never changed."""

from __future__ import annotations

import hashlib

import pytest

from grants.extensions import db
from grants.models.application import ApplicationVersion
from grants.models.audit import AuditEntry
from grants.models.letter import Letter
from grants.models.outbox import OutboxMessage
from grants.rules.people import CLOCK, NOBODY
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import LetterState
from grants.services import letter_check, letters, release
from grants.storage.store import files
from tests import build, deciding

pytestmark = pytest.mark.usefixtures("context")
VERIFY = "https://grants.example.org/letters/check"


@pytest.fixture
def scene():
    made = deciding.scene(count=3)
    deciding.approve(made, made.awards[0])
    deciding.approve(
        made,
        made.awards[1],
        deciding.in_full(
            made.awards[1], own_costs=10_000, reason="fund_exhausted: others came first"
        ),
    )
    deciding.refuse(made, made.awards[2])
    release.release(made.approver, made.round_key, typed="3", now=build.NOW)
    return made


def draft(scene, place=0):
    return letters.draft(scene.manager, scene.awards[place], verify_address=VERIFY, now=build.NOW)


def letter(key):
    return db.session.query(Letter).filter_by(key=key).populate_existing().one()


def genuine(code):
    return letter_check.is_genuine(NOBODY, code, address="192.0.2.1", now=build.NOW)


@pytest.mark.feature("W4")
def test_draft_is_numbered_frozen_and_fingerprinted(scene):
    key = draft(scene)

    record = letter(key)
    data = files.read(record.storage_key)
    assert record.number == f"{deciding.award(scene.awards[0]).reference}-L1"
    assert record.sha256 == hashlib.sha256(data).hexdigest()
    assert record.content["words"]["kind"] == "award"
    assert draft(scene) == key


def test_kind_of_letter_follows_the_decision(scene):
    kinds = [letter(draft(scene, place)).kind for place in range(3)]

    assert kinds == ["award", "part_award", "decline"]


def test_letter_gives_the_reason_in_words(scene):
    words = letter(draft(scene, 1)).content["words"]

    told = "The money went to higher-ranked applications. others came first"
    assert any(told in paragraph for paragraph in words["paragraphs"])


@pytest.mark.feature("W2")
def test_letter_with_an_empty_place_is_refused_by_name(scene):
    version = db.session.query(ApplicationVersion).order_by(ApplicationVersion.id).first()
    version.content = {"answers": [], "attachments": []}
    db.session.commit()

    with pytest.raises(Blocked, match="nothing to put for “contact_name”"):
        draft(scene)

    assert db.session.query(Letter).count() == 0


def test_no_letter_before_release():
    made = deciding.scene()
    deciding.approve(made, made.awards[0])

    with pytest.raises(Blocked, match="once the outcome is released"):
        draft(made)


@pytest.mark.feature("W15")
def test_drafter_never_issues(scene):
    key = draft(scene)

    with pytest.raises(Forbidden):
        letters.issue(scene.manager, key, now=build.NOW)
    letters.issue(scene.approver, key, now=build.NOW)
    letters.issue(scene.approver, key, now=build.NOW)

    told = db.session.query(OutboxMessage).filter_by(kind="letter").count()
    assert (letter(key).state, told) == (LetterState.ISSUED, 1)


def test_bulk_issue_needs_the_right_count(scene):
    keys = [draft(scene, place) for place in range(3)]

    with pytest.raises(Blocked, match="about to issue: 3"):
        letters.issue_all(scene.approver, scene.round_key, typed="2", now=build.NOW)
    count = letters.issue_all(scene.approver, scene.round_key, typed="3", now=build.NOW)

    assert count == 3
    assert {letter(key).state for key in keys} == {LetterState.ISSUED}


@pytest.mark.feature("W4")
def test_replacing_supersedes_and_the_old_code_no_longer_counts(scene):
    old = draft(scene)
    letters.issue(scene.approver, old, now=build.NOW)
    before = letter(old).sha256, letter(old).content

    new = letters.replace(
        scene.manager, old, reason="A wrong address.", verify_address=VERIFY, now=build.NOW
    )
    letters.issue(scene.approver, new, now=build.NOW)

    states = letter(old).state, letter(new).state
    assert states == (LetterState.SUPERSEDED, LetterState.ISSUED)
    assert letter(new).number.endswith("-L2")
    assert (letter(old).sha256, letter(old).content) == before
    assert [genuine(letter(key).code) for key in (old, new)] == [False, True]


def test_replacing_a_draft_throws_it_away_with_a_trace(scene):
    old = draft(scene)
    sha256 = letter(old).sha256

    letters.replace(scene.manager, old, reason="Wrong.", verify_address=VERIFY, now=build.NOW)

    entry = db.session.query(AuditEntry).filter_by(action="discard-letter").one()
    assert entry.before["sha256"] == sha256
    assert db.session.query(Letter).count() == 1


def test_draft_is_not_genuine_yet(scene):
    assert not genuine(letter(draft(scene)).code)


def test_job_makes_every_missing_letter_and_lists_what_it_cannot(scene):
    version = db.session.query(ApplicationVersion).order_by(ApplicationVersion.id).first()
    version.content = {"answers": [], "attachments": []}
    db.session.commit()
    payload = {
        "round_key": str(scene.round_key),
        "person_id": scene.manager.person_id,
        "verify_address": VERIFY,
    }
    seen = []

    results = [
        letters.make(payload, now=build.NOW, progress=lambda *at: seen.append(at)) for _ in range(2)
    ]

    refused = [[row["reference"] for row in result["refused"]] for result in results]
    assert [result["made"] for result in results] == [2, 0]
    assert refused == [[deciding.award(scene.awards[0]).reference]] * 2
    assert seen == [(1, 3), (2, 3), (3, 3), (1, 1)]


def test_command_line_reads_the_letters_in_force(scene):
    key = draft(scene)
    draft(scene, 1)
    letters.issue(scene.approver, key, now=build.NOW)

    found = list(letters.issued(CLOCK, scene.reference))

    assert [(file.name, file.sha256) for file in found] == [
        (f"{letter(key).number}.pdf", letter(key).sha256)
    ]
    with pytest.raises(NotFound, match="There is no round NO-SUCH"):
        list(letters.issued(CLOCK, "NO-SUCH"))
