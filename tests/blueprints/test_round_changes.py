"""After a round has opened: new versions of its form, later deadlines, and one that may come late."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.round import DeadlineChange, Round, RoundDefinition
from grants.rules.people import Role
from grants.rules.states import ApplicationState
from tests import build, setting_up


@pytest.fixture
def desk(app, client):
    made = setting_up.desk(app, client)
    made.done("moves/open-round")
    return made


@pytest.fixture
def holder(app, desk):
    """A draft in the round, of one person."""
    with app.app_context():
        here = build.organisation(
            "Comann (fictional)", build.OrganisationKind.PARTNERSHIP, "S12000027"
        )
        person = build.person(Role.APPLICANT_SUBMITTER, at=here)
        record = db.session.get_one(Round, desk.id)
        made = build.application(record, here, person, answers={("need", ""): "Gaelic: ò"})
        return made.id, made.reference, person.email


def versions(app, desk):
    with app.app_context():
        rows = (
            db.session.query(RoundDefinition)
            .filter_by(round_id=desk.id)
            .order_by(RoundDefinition.version)
        )
        record = db.session.get_one(Round, desk.id)
        return [(row.version, row.is_published, row.id == record.definition_id) for row in rows]


def version_of(app, application_id):
    with app.app_context():
        made = db.session.get_one(Application, application_id)
        return db.session.get_one(RoundDefinition, made.definition_id).version


def told(app):
    with app.app_context():
        rows = db.session.query(OutboxMessage).order_by(OutboxMessage.id)
        return [(row.kind, row.recipient, row.body) for row in rows]


@pytest.mark.feature("S5")
def test_new_version_is_written_apart_and_published(app, desk):
    before = desk.fund()
    desk.done("version/begin")
    desk.done("version/begin")
    assert versions(app, desk) == [(1, True, True), (2, False, False)]

    desk.done("forms/form/sections/need", title="Need and evidence", intro="")
    assert "You are writing version 2" in desk.get("form")
    assert "The words of the section “Need and evidence” changed." in desk.get("version")
    assert "Need and evidence" not in desk.client.get(f"/rounds-open/{reference(app, desk)}").text

    desk.done("version/publish")
    assert versions(app, desk) == [(1, True, False), (2, True, True)]
    assert "Need and evidence" in desk.client.get(f"/rounds-open/{reference(app, desk)}").text
    with app.app_context():
        first = db.session.query(RoundDefinition).filter_by(round_id=desk.id, version=1).one()
        assert setting_up.from_document(first.content) == before


def reference(app, desk):
    with app.app_context():
        return db.session.get_one(Round, desk.id).reference


@pytest.mark.feature("S5")
def test_draft_moves_when_safe_and_its_holder_is_told(app, desk, holder):
    desk.done("version/begin")
    where = desk.done("forms/form/sections/need/questions/new", label="Anything else?", kind="text")
    desk.done(where, label="Anything else?", required="")
    page = desk.get("version")
    assert "All these changes are safe" in page
    assert "1 draft" not in page

    desk.done("version/publish")

    assert version_of(app, holder[0]) == 2
    assert [(kind, who) for kind, who, _ in told(app)] == [("form_changed", holder[2])]
    assert "- The question “Anything else?” is new; it may be left empty." in told(app)[0][2]
    with app.app_context():
        kept = db.session.query(Answer).filter_by(application_id=holder[0]).one()
        assert (kept.question, kept.text, kept.version) == ("need", "Gaelic: ò", 1)


@pytest.mark.feature("S5")
def test_draft_is_held_when_not_safe_and_its_holder_is_told(app, desk, holder):
    desk.done("version/begin")
    desk.done("forms/form/remove/question/need")
    desk.done("version/publish")

    assert version_of(app, holder[0]) == 1
    assert [(kind, who) for kind, who, _ in told(app)] == [("form_held", holder[2])]

    desk.done("version/begin")
    desk.done("forms/form/sections/need", title="Evidence", intro="")
    desk.done("version/publish")
    assert version_of(app, holder[0]) == 1


@pytest.mark.feature("S5")
def test_sent_applications_stay_on_their_version(app, desk, holder):
    with app.app_context():
        made = db.session.get_one(Application, holder[0])
        by, here = (
            db.session.get_one(build.Person, made.created_by),
            db.session.get_one(build.Organisation, made.organisation_id),
        )
        sent = build.application(
            db.session.get_one(Round, desk.id), here, by, state=ApplicationState.SUBMITTED
        ).id
    desk.done("version/begin")
    desk.done("forms/form/sections/need", title="Evidence", intro="")
    desk.done("version/publish")

    assert (version_of(app, holder[0]), version_of(app, sent)) == (2, 1)


@pytest.mark.feature("S5")
def test_version_with_faults_or_without_a_difference_is_not_published(app, desk):
    desk.done("version/begin")
    status, page = desk.post("version/publish")
    assert (status, "Nothing has changed in this version." in page) == (422, True)

    desk.done("forms/form/remove/question/has_other_funding")
    status, page = desk.post("version/publish")
    assert (status, "which is no earlier question" in page) == (422, True)
    assert versions(app, desk) == [(1, True, True), (2, False, False)]

    desk.done("version/discard")
    assert versions(app, desk) == [(1, True, True)]
    assert desk.post("version/discard")[0] == 409


@pytest.mark.feature("S5")
def test_criteria_and_stages_stay_as_they_opened(desk):
    desk.done("version/begin")
    sent = {
        "readers": "3",
        "approvals_needed": "2",
        "second_approval_over": "",
        "acceptance_days": "14",
    }

    assert desk.post("stages", **sent)[0] == 409
    weights = {item.key: item.weight for item in desk.fund().scoring.criteria}
    assert desk.post("criteria/weights", **weights)[0] == 409


LATER = {"closes": ["11", "1", "2027"], "reason": "Ferries were cancelled."}


def test_extension_is_kept_with_its_reason_and_told_to_all_who_hold_drafts(app, desk, holder):
    desk.done("extension", **LATER)

    with app.app_context():
        record = db.session.get_one(Round, desk.id)
        kept = db.session.query(DeadlineChange).one()
        entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert record.closes_at == dt.datetime(2027, 1, 11, 12, tzinfo=dt.UTC)
        assert (kept.after, kept.reason, kept.application_id) == (
            record.closes_at,
            LATER["reason"],
            None,
        )
        assert entry.reason == LATER["reason"]
    messages = told(app)
    assert [(kind, who) for kind, who, _ in messages] == [("extended", holder[2])]
    assert "noon on Monday 11 January 2027" in messages[0][2]
    assert "Ferries were cancelled." in desk.get()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": " "}, "Give a reason."),
        ({"closes": ["1", "12", "2026"]}, "Enter a time that is later than the deadline and now."),
        ({"closes": ["32", "1", "2027"]}, "Enter the closing date"),
    ],
)
def test_extension_needs_a_later_time_and_a_reason(app, desk, changes, sentence):
    status, page = desk.post("extension", **{**LATER, **changes})

    assert (status, sentence in page) == (422, True)
    with app.app_context():
        assert db.session.query(DeadlineChange).count() == 0


def test_one_draft_may_come_late_by_a_recorded_act(app, clock, desk, holder):
    clock.move(days=40)
    with app.app_context():
        build.sign_in(
            desk.client, db.session.get_one(build.Person, desk.actor.person_id), clock.now
        )
    other = app.test_client()
    with app.app_context():
        person = db.session.query(build.Person).filter_by(email=holder[2]).one()
        key = db.session.get_one(Application, holder[0]).key
        build.sign_in(other, person, clock.now)
    page = f"/applications/{key}/sections/need"
    assert other.post(page, data={"need": "Too late"}).status_code == 422

    desk.done("late", **LATER, reference=holder[1])
    assert other.post(page, data={"need": "In time", "later": "1"}).status_code == 302

    clock.now = dt.datetime(2027, 1, 11, 12, tzinfo=dt.UTC)
    with app.app_context():
        build.sign_in(
            other, db.session.query(build.Person).filter_by(email=holder[2]).one(), clock.now
        )
    assert other.post(page, data={"need": "Too late again"}).status_code == 422
    with app.app_context():
        assert (
            db.session.query(Answer).filter_by(application_id=holder[0], question="need").one().text
            == "In time"
        )
        assert db.session.query(DeadlineChange).one().application_id == holder[0]


def test_late_application_needs_the_reference_of_a_draft(desk, holder):
    status, page = desk.post("late", **LATER, reference="NOBODY-1")

    assert (status, "There is no draft with this reference in this round." in page) == (422, True)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ASSESSOR, Role.ADMINISTRATOR])
def test_others_move_no_deadline(app, client, desk, role):
    with app.app_context():
        programme = db.session.get_one(build.Organisation, desk.programme_id)
        build.sign_in(client, build.person(role, at=programme))

    pages = ("extension", "late", "version/begin", "version/publish")
    assert [desk.post(page, **LATER, reference="X")[0] for page in pages] == [404] * 4


@pytest.mark.feature("S5")
def test_version_that_changes_nothing_is_not_offered_for_publishing(desk):
    desk.done("version/begin")
    before = desk.get("version")

    desk.done("forms/form/sections/new", title="Getting there", intro="")

    assert ("Publish this version" in before, "Give this version up" in before) == (False, True)
    assert "Publish this version" in desk.get("version")


def test_round_published_before_its_day_says_when_it_opens(app, client, clock):
    desk = setting_up.desk(app, client)
    with app.app_context():
        record = db.session.get_one(Round, desk.id)
        record.opens_at = clock.now + dt.timedelta(days=9)
        record.closes_at = clock.now + dt.timedelta(days=90)
        db.session.commit()

    desk.done("moves/open-round")

    assert "The round is published. It opens " in desk.get()
