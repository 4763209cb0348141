"""Likely duplicates: found across rounds and areas, for those who may know, silenced by a verdict."""

from __future__ import annotations

import uuid

import pytest

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.identity import IdentityMark
from grants.models.organisation import OrganisationKind
from grants.queries import duplicates as found
from grants.rules.people import Role
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import ApplicationState as State
from grants.services import duplicates
from tests import build

NOW = build.NOW
A25 = pytest.mark.feature("A25")


class Scene:
    """Two rounds of one year, one of another, and their people."""

    def __init__(self) -> None:
        self.funder = build.programme()
        self.round = build.round_("adult", self.funder)
        self.second = build.round_("adult", self.funder)
        self.old = build.round_("adult", self.funder, year="2025-26")
        self.elsewhere = build.round_("adult", build.programme())
        self.by = build.person()
        self.manager = build.actor_of(build.person(Role.FUND_MANAGER, at=self.funder))
        self.approver = build.actor_of(build.person(Role.APPROVER, at=self.funder))
        self.assessor = build.actor_of(build.person(Role.ASSESSOR, at=self.funder))

    def sent(self, name, *, at=None, answers=None, title="", **more):
        organisation = build.organisation(name, OrganisationKind.PARTNERSHIP)
        organisation.postcode = organisation.email = None
        for key, value in more.items():
            setattr(organisation, key, value)
        db.session.commit()
        made = build.application(
            at or self.round, organisation, self.by, state=State.SUBMITTED, answers=answers
        )
        for line in db.session.query(build.ProposedProject).filter_by(application_id=made.id):
            line.title, line.group_name = title or f"Work {made.id} {line.line}", "Those"
        db.session.commit()
        return made

    def groups(self, actor=None):
        duplicates.mark_waiting(now=NOW)
        page = found.of_round(actor or self.manager, self.round.key).page
        return [{member.reference for member in group.members} for group in page.rows]

    def equal(self):
        page = found.of_round(self.manager, self.round.key).page
        return {like.words for group in page.rows for like in group.likenesses}

    def judge(self, *records, is_same=False, reason="Two towns.", actor=None):
        keys = [record.key for record in records]
        who = actor or self.manager
        duplicates.judge(who, self.round.key, keys, is_same=is_same, reason=reason, now=NOW)


@pytest.fixture
def scene(context):
    return Scene()


@A25
@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ({"name": "The Hall Folk Ltd"}, {"name": "Hall Fòlk"}, "Same name"),
        (
            {"name": "Aspen", "charity_number": "SC012345"},
            {"name": "Birch", "charity_number": "sc 12345"},
            "Same charity number",
        ),
        (
            {"name": "Aspen", "company_number": "SC200300"},
            {"name": "Birch", "company_number": "SC 200300"},
            "Same company number",
        ),
        (
            {"name": "Aspen Garden", "postcode": "ZE1 0AA"},
            {"name": "Garden Birch", "postcode": "ze10aa"},
            "Same postcode and a like name",
        ),
        (
            {"name": "Aspen", "answers": {("contact_email", ""): "mo.rag+a@example.org"}},
            {"name": "Birch", "email": "morag@example.org"},
            "Same e-mail address",
        ),
        (
            {"name": "Aspen", "answers": {("contact_phone", ""): "+44 1950 555 0123"}},
            {"name": "Birch", "phone": "01950 5550123"},
            "Same phone number",
        ),
    ],
)
def test_what_is_written_in_two_ways_is_found(scene, one, other, words):
    first, second = scene.sent(**one), scene.sent(**other, at=scene.second)
    scene.sent("Cedar", postcode="KW15 1AA", phone="01856 555 0100")

    assert scene.groups() == [{first.reference, second.reference}]
    assert scene.equal() == {words}


@A25
def test_same_project_and_group_in_several_is_found(scene):
    first, second = scene.sent("Aspen"), scene.sent("Birch")
    for line in db.session.query(build.ProposedProject):
        line.title, line.group_name = "The Tuesday Table", "Hall Folk Ltd"
    db.session.commit()

    assert scene.groups() == [{first.reference, second.reference}]


@A25
def test_one_body_in_two_areas_is_found(scene):
    first = scene.sent("Aspen")
    organisation = db.session.get_one(build.Organisation, first.organisation_id)
    second = build.application(
        scene.round,
        organisation,
        scene.by,
        state=State.ASSESSING,
        area=build.area_of(scene.round, 1),
    )

    assert scene.groups() == [{first.reference, second.reference}]
    assert "Same organisation" in scene.equal()


@A25
def test_other_years_other_funders_and_drafts_are_left_alone(scene):
    scene.sent("Hall Folk")
    scene.sent("Hall Folk", at=scene.old)
    scene.sent("Hall Folk", at=scene.elsewhere)
    gone = scene.sent("Hall Folk")
    gone.state, gone.withdrawn_at = State.WITHDRAWN, NOW
    db.session.commit()

    assert scene.groups() == []


@A25
@pytest.mark.parametrize("is_same", [True, False])
def test_verdict_silences_those_it_is_about(scene, is_same):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")
    assert len(scene.groups()) == 1

    scene.judge(first, second, is_same=is_same)

    assert (scene.groups(), found.of_application(scene.manager, first.key)) == ([], ())
    (verdict,) = found.of_round(scene.manager, scene.round.key).verdicts
    assert (verdict.is_same, verdict.reason) == (is_same, "Two towns.")
    assert db.session.query(AuditEntry).filter_by(action="judge-duplicates").count() == 2


@A25
def test_third_one_is_flagged_after_a_verdict_on_two(scene):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")
    scene.judge(first, second)
    third = scene.sent("Hall Folk")

    assert scene.groups() == [{first.reference, second.reference, third.reference}]
    assert {one.reference for one in found.of_application(scene.manager, first.key)} == {
        third.reference
    }


@A25
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"reason": " "}, "Give a reason"), ({"is_same": None}, "Say whether")],
)
def test_verdict_needs_a_word_and_a_reason(scene, changes, sentence):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")

    with pytest.raises(Blocked, match=sentence):
        scene.judge(first, second, **changes)
    with pytest.raises(Blocked, match="at least two"):
        scene.judge(first)


@A25
def test_who_may_not_know_of_one_is_told_of_none(scene):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")
    duplicates.mark_waiting(now=NOW)
    person = db.session.get_one(build.Person, scene.manager.person_id)
    build.conflict(second, person)

    assert (scene.groups(), found.of_application(scene.manager, first.key)) == ([], ())
    with pytest.raises(NotFound):
        scene.judge(first, second)
    assert found.of_application(scene.assessor, first.key) == ()
    assert scene.groups(scene.assessor) == []


@A25
def test_verdict_that_is_sent_twice_is_given_once(scene):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")

    scene.judge(first, second)
    scene.judge(second, first)
    assert db.session.query(AuditEntry).filter_by(action="judge-duplicates").count() == 2
    scene.judge(first, second, is_same=True)

    assert len(found.of_round(scene.manager, scene.round.key).verdicts) == 2


@A25
def test_words_about_one_that_is_hidden_are_hidden_with_it(scene):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")
    scene.judge(first, second, is_same=True, reason=f"Withdraw {second.reference}.")
    build.conflict(second, db.session.get_one(build.Person, scene.approver.person_id))

    assert found.of_round(scene.approver, scene.round.key).verdicts == ()
    assert len(found.of_round(scene.manager, scene.round.key).verdicts) == 1


@A25
def test_approver_sees_and_does_not_judge(scene):
    first, second = scene.sent("Hall Folk"), scene.sent("Hall Folk")

    assert len(scene.groups(scene.approver)) == 1
    with pytest.raises(NotFound):
        scene.judge(first, second, actor=scene.approver)


def test_unknown_application_is_not_judged(scene):
    first = scene.sent("Hall Folk")

    with pytest.raises(NotFound):
        duplicates.judge(
            scene.manager,
            scene.round.key,
            [first.key, uuid.uuid4()],
            is_same=True,
            reason="x",
            now=NOW,
        )


@A25
def test_marks_follow_the_latest_version_and_are_made_once(scene):
    record = scene.sent("Hall Folk")
    made = [duplicates.mark_waiting(now=NOW), duplicates.mark_waiting(now=NOW)]
    version = build.version_of(record)
    again = build.ApplicationVersion(
        application_id=record.id,
        number=2,
        content={"answers": [["contact_email", "", "new@example.org"]], "attachments": []},
        sha256=version.sha256,
        submitted_at=NOW,
        submitted_by=version.submitted_by,
    )
    record.number = 2
    build.kept(again)

    assert (made, duplicates.mark_waiting(now=NOW)) == ([1, 0], 1)
    values = {row.value for row in db.session.query(IdentityMark)}
    assert (
        "new@example.org" in values,
        {row.number for row in db.session.query(IdentityMark)},
    ) == (
        True,
        {2},
    )


@A25
@pytest.mark.parametrize("count", [3, 300])
def test_page_costs_the_same_however_many(scene, count_statements, count):
    base = scene.sent("Hall Folk")
    duplicates.mark_waiting(now=NOW)
    rows = [{c: getattr(base, c) for c in columns()} for _ in range(count - 1)]
    for number, row in enumerate(rows):
        row |= {"id": 10_000 + number, "key": uuid.uuid4(), "reference": f"COPY-{number}"}
    db.session.execute(build.Application.__table__.insert(), rows)
    marks = [
        {"application_id": row["id"], "number": 1, "kind": "name", "value": "hall folk"}
        for row in rows
    ]
    db.session.execute(IdentityMark.__table__.insert(), marks)
    db.session.commit()

    here, key = scene.round.key, base.key

    with count_statements() as page:
        listed = found.of_round(scene.manager, here)
    with count_statements() as one:
        found.of_application(scene.manager, key)

    assert (len(listed.page.rows[0].members), len(page), len(one)) == (count, 5, 1)


def columns() -> list[str]:
    return [column.name for column in build.Application.__table__.columns]
