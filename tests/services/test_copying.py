"""Copying answers from an earlier application: whose, what is written, and what is never lost."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import AnswerOrigin, Application
from grants.models.audit import AuditEntry
from grants.models.earlier_text import EarlierText
from grants.models.person import Person
from grants.models.round import Round
from grants.queries import copying as queries
from grants.queries import drafts, profiles
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, RoundState
from grants.services import answers, copying
from grants.services.answer_sheet import Sent
from tests import applying, build
from tests.build import NOW

pytestmark = pytest.mark.feature("A12")
TEXT = ("governance", "")


@pytest.fixture
def at(context) -> applying.Place:
    return applying.place("adult")


@pytest.fixture
def earlier(at) -> uuid.UUID:
    return applying.drafted(at, state=ApplicationState.SUBMITTED)


@pytest.fixture
def draft(at, earlier) -> uuid.UUID:
    """An empty one in another round of another fund year."""
    funder = db.session.get_one(Round, at.round_id).organisation_id
    record = build.round_("adult", db.session.get_one(build.Organisation, funder))
    by = db.session.query(Person).filter_by(email=at.people["editor"]).one()
    applicant = db.session.get_one(build.Organisation, at.organisation_id)
    return build.application(record, applicant, by, answers={}).key


def all_of(actor, draft, source) -> tuple[list[str], dict]:
    found = copying.compare(actor, draft, source)
    return [offer.question.key for offer in found.offers if offer.fits], dict(found.seen())


def copy(actor, draft, source, picked=None, seen=None) -> int:
    every, fresh = all_of(actor, draft, source)
    return copying.copy(
        actor,
        (draft, source),
        every if picked is None else picked,
        seen=fresh if seen is None else seen,
        now=NOW,
    )


def write(actor, draft, text: str, place=TEXT) -> None:
    answers.save(actor, draft, Sent(texts={place: text}), now=NOW)


def test_everything_that_is_ticked_is_copied_and_remembered(at, earlier, draft):
    editor = applying.actor(at, "editor")

    copied = copy(editor, draft, earlier)

    here, there = applying.answers_of(draft), applying.answers_of(earlier)
    assert copied > 10
    assert here[TEXT] == there[TEXT]
    assert here["projects.title", "0001"] == there["projects.title", "0001"]
    taken = profiles.taken(editor, drafts.draft(editor, draft))
    reference = db.session.scalar(
        sa.select(Application.reference).where(Application.key == earlier)
    )
    assert {row.reference for row in taken} == {reference}
    assert {(row.question, row.row) for row in taken} == {p for p, text in here.items() if text}
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.after["copied_from"] == reference
    assert "governance" in entry.after["questions"]


def test_copied_twice_is_copied_once(at, earlier, draft):
    editor = applying.actor(at, "editor")
    picked, seen = all_of(editor, draft, earlier)
    copying.copy(editor, (draft, earlier), picked, seen=seen, now=NOW)
    before = (drafts.draft(editor, draft).versions, db.session.query(AuditEntry).count())

    again = copying.copy(editor, (draft, earlier), picked, seen=seen, now=NOW)

    assert again == 0
    assert (drafts.draft(editor, draft).versions, db.session.query(AuditEntry).count()) == before


def test_only_what_is_ticked_is_written(at, earlier, draft):
    editor = applying.actor(at, "editor")

    copy(editor, draft, earlier, ["governance"])

    assert set(applying.answers_of(draft)) == {TEXT}


def test_answer_that_stands_there_stays_unless_it_is_ticked(at, earlier, draft):
    editor = applying.actor(at, "editor")
    write(editor, draft, "Ours")

    copy(editor, draft, earlier, ["administration"])
    assert applying.answers_of(draft)[TEXT] == "Ours"
    copy(editor, draft, earlier, ["governance"])

    assert applying.answers_of(draft)[TEXT] == applying.answers_of(earlier)[TEXT]
    assert db.session.scalars(sa.select(EarlierText.text)).all() == ["Ours"]


def test_rows_that_are_replaced_are_put_aside(at, earlier, draft):
    editor = applying.actor(at, "editor")
    write(editor, draft, "Old one", ("partners.name", "9000"))

    copy(editor, draft, earlier, ["partners"])

    here = applying.answers_of(draft)
    assert {row for question, row in here if question.startswith("partners.")} == {"0001"}
    assert db.session.scalars(sa.select(EarlierText.text)).all() == ["Old one"]


def test_answer_changed_meanwhile_stops_the_copying_of_all(at, earlier, draft):
    editor, other = applying.actor(at, "editor"), applying.actor(at, "sender")
    picked, seen = all_of(editor, draft, earlier)
    write(other, draft, "Typed meanwhile")

    with pytest.raises(Blocked) as refusal:
        copying.copy(editor, (draft, earlier), picked, seen=seen, now=NOW)

    assert "“Who decides, and how are decisions checked?”" in str(refusal.value)
    assert set(applying.answers_of(draft)) == {TEXT}
    assert applying.answers_of(draft)[TEXT] == "Typed meanwhile"


def test_row_added_meanwhile_stops_it_too(at, earlier, draft):
    editor = applying.actor(at, "editor")
    _, seen = all_of(editor, draft, earlier)
    write(applying.actor(at, "sender"), draft, "New partner", ("partners.name", "9000"))

    with pytest.raises(Blocked):
        copying.copy(editor, (draft, earlier), ["partners"], seen=seen, now=NOW)


def test_nothing_ticked_is_said(at, earlier, draft):
    with pytest.raises(Blocked) as refusal:
        copy(applying.actor(at, "editor"), draft, earlier, [])

    assert str(refusal.value) == copying.NOTHING_TICKED


@pytest.mark.parametrize(
    ("who", "refusal"), [("rival", NotFound), ("manager", NotFound), ("signatory", Forbidden)]
)
def test_only_those_who_write_it_copy(at, earlier, draft, who, refusal):
    picked, seen = all_of(applying.actor(at, "editor"), draft, earlier)

    with pytest.raises(refusal):
        copying.copy(applying.actor(at, who), (draft, earlier), picked, seen=seen, now=NOW)


def test_application_of_another_organisation_is_no_source(at, draft):
    """Somebody who works for two organisations copies nothing from the one to the other."""
    record = db.session.get_one(Round, at.round_id)
    other = build.organisation("Other (fictional)", build.OrganisationKind.PARTNERSHIP)
    by = db.session.query(Person).filter_by(email=at.people["editor"]).one()
    role = build.Role.APPLICANT_EDITOR
    build.kept(
        build.Membership(
            person_id=by.id,
            organisation_id=other.id,
            role=role,
            starts_at=NOW - dt.timedelta(days=1),
        )
    )
    theirs = build.application(record, other, by, answers={TEXT: "Secret"}).key
    editor = build.actor_of(by)

    with pytest.raises(NotFound):
        copying.compare(editor, draft, theirs)
    with pytest.raises(NotFound):
        copying.compare(editor, draft, draft)
    assert theirs not in {row.key for row in queries.sources(editor, drafts.draft(editor, draft))}


def test_sources_are_those_of_any_round_with_answers(at, earlier, draft):
    editor = applying.actor(at, "editor")

    rows = queries.sources(editor, drafts.draft(editor, draft))

    assert [row.key for row in rows] == [earlier]


def test_application_that_was_sent_takes_nothing(at, earlier, draft):
    with pytest.raises(MoveNotAllowed):
        copying.copy(
            applying.actor(at, "editor"), (earlier, draft), ["governance"], seen={}, now=NOW
        )


def test_closed_round_takes_nothing(at, earlier, draft):
    editor = applying.actor(at, "editor")
    picked, seen = all_of(editor, draft, earlier)
    db.session.execute(sa.update(Round).values(state=RoundState.CLOSED))
    db.session.commit()

    with pytest.raises(Blocked):
        copying.copy(editor, (draft, earlier), picked, seen=seen, now=NOW)
    assert db.session.query(AnswerOrigin).count() == 0
