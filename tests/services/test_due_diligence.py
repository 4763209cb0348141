"""The due-diligence record: who may keep it, what it refuses, what stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.due_diligence import ApplicantCheck
from grants.queries import applicants
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason
from grants.rules.states import ApplicationState, AssessmentState, Finding
from grants.services import due_diligence
from grants.services.due_diligence import Seen
from tests import build, deciding

TODAY = build.NOW.date()
WELL = Seen("accounts", "satisfactory", "", TODAY)


@pytest.fixture
def scene(context):
    return deciding.scene()


def kept():
    return [
        (row.item, row.finding, row.note)
        for row in db.session.scalars(sa.select(ApplicantCheck).order_by(ApplicantCheck.id))
    ]


@pytest.mark.feature("R20")
def test_a_look_is_kept_once_and_the_latest_stands(scene):
    key = scene.applications[0]
    for seen in (WELL, WELL, replace(WELL, finding="concern", note="No signature")):
        due_diligence.record(scene.manager, key, seen, now=build.NOW)

    found = applicants.checks(scene.approver, key)

    assert kept() == [
        ("accounts", Finding.SATISFACTORY, ""),
        ("accounts", Finding.CONCERN, "No signature"),
    ]
    accounts = next(row for row in found.rows if row.item.code == "accounts")
    assert [look.finding for look in accounts.looks] == [Finding.CONCERN, Finding.SATISFACTORY]
    assert (found.done, found.concerns, found.may_record) == (1, 1, False)


def test_a_look_is_audited(scene):
    due_diligence.record(scene.manager, scene.applications[0], WELL, now=build.NOW)

    entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "record-check"))
    assert [entry.after for entry in entries] == [
        {"item": "accounts", "finding": "satisfactory", "on": TODAY.isoformat()}
    ]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (replace(WELL, item="shoes"), Reason("Choose what you looked at.", "item")),
        (replace(WELL, finding=""), Reason("Say what you found.", "finding")),
        (replace(WELL, finding="concern"), Reason("Say why in a few words.", "note")),
        (replace(WELL, note="x" * 2_001), Reason("Use 2,000 characters or fewer.", "note")),
        (replace(WELL, checked_on=None), Reason("Type the day you looked.", "checked_on")),
        (
            replace(WELL, checked_on=TODAY + dt.timedelta(days=1)),
            Reason("The day you looked can't be in the future.", "checked_on"),
        ),
    ],
)
def test_a_faulty_look_is_refused_with_its_sentence(scene, seen, reason):
    with pytest.raises(Blocked) as refused:
        due_diligence.record(scene.manager, scene.applications[0], seen, now=build.NOW)

    assert (refused.value.reasons, kept()) == ((reason,), [])


def test_only_those_who_weigh_may_record(scene):
    key = scene.applications[0]

    with pytest.raises(Forbidden):
        due_diligence.record(scene.approver, key, WELL, now=build.NOW)
    with pytest.raises(NotFound):
        due_diligence.record(
            build.actor_of(build.person(Role.EVALUATOR, at=build.programme())),
            key,
            WELL,
            now=build.NOW,
        )


@pytest.mark.feature("R20")
def test_assessors_and_applicants_do_not_read_it(scene):
    key = scene.applications[0]
    due_diligence.record(scene.manager, key, WELL, now=build.NOW)
    made = db.session.query(build.Application).filter_by(key=key).one()
    made.state = ApplicationState.ASSESSING
    funder = db.session.get_one(build.Round, scene.round_id).organisation_id
    reader = build.person(Role.ASSESSOR, at=db.session.get_one(build.Organisation, funder))
    by = db.session.query(build.Person).filter_by(email=scene.emails["manager"]).one()
    build.assessment(made, reader, by, state=AssessmentState.SCORING)

    assert applicants.checks(build.actor_of(reader), key) is None
    assert applicants.checks(scene.applicant, key) is None
