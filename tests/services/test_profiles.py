"""Keeping a profile: whose it is, two people at once, what it gives, and where one works."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Answer, AnswerOrigin, Application
from grants.models.audit import AuditEntry
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.queries import drafts, profiles
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import RoundState
from grants.services import apply
from grants.services import profiles as services
from tests import build
from tests.build import NOW
from tests.rules.test_profile import WHOLE

pytestmark = pytest.mark.feature("A11")


@pytest.fixture
def own(context) -> Organisation:
    return build.organisation("Glen Hall (fictional)", OrganisationKind.PARTNERSHIP, "S12000027")


@pytest.fixture
def editor(own):
    return build.actor_of(build.person(Role.APPLICANT_EDITOR, at=own))


def kept(actor, organisation) -> dict[tuple[str, str], str]:
    return dict(profiles.profile(actor, organisation.key).texts)


def test_profile_is_kept_and_read_back(own, editor):
    outcome = services.save(editor, own.key, WHOLE, seen=1, now=NOW)

    found = profiles.profile(editor, own.key)
    assert outcome == services.Outcome()
    assert dict(found.texts) == WHOLE
    assert (found.version, found.changed_by, found.areas) == (2, editor.name, ("Shetland Islands",))


def test_change_is_audited_with_old_and_new_value(own, editor):
    services.save(editor, own.key, WHOLE, seen=1, now=NOW)

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.reference) == ("edit-profile", own.reference)
    assert entry.after["charity_number"] == "SC099001"
    assert entry.before["charity_number"] == ""
    assert entry.after["people"] == 2  # never their names


def test_saved_twice_is_saved_once(own, editor):
    for _ in range(2):
        outcome = services.save(editor, own.key, WHOLE, seen=1, now=NOW)
        assert outcome == services.Outcome()

    assert db.session.query(AuditEntry).count() == 1


def test_second_of_two_people_is_shown_the_first_ones_texts(own, editor):
    other = build.actor_of(build.person(Role.APPLICANT_SUBMITTER, at=own))
    services.save(other, own.key, {**WHOLE, ("phone", ""): "01595 496111"}, seen=1, now=NOW)

    outcome = services.save(editor, own.key, WHOLE, seen=1, now=NOW)

    assert outcome.theirs.by == other.name
    assert outcome.theirs.texts["phone", ""] == "01595 496111"
    assert kept(editor, own)["phone", ""] == "01595 496111"
    services.save(editor, own.key, WHOLE, seen=outcome.theirs.version, now=NOW)
    assert kept(editor, own) == WHOLE


def test_nothing_is_kept_of_a_profile_with_a_fault(own, editor):
    before = kept(editor, own)

    outcome = services.save(
        editor, own.key, {**WHOLE, ("company_number", ""): "12"}, seen=1, now=NOW
    )

    assert [fault.question for fault in outcome.faults] == ["company_number"]
    assert kept(editor, own) == before


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        (Role.SIGNATORY, Forbidden),
        (Role.PARTNERSHIP_OFFICER, Forbidden),
        (Role.PROJECT_REPORTER, NotFound),
        (Role.FUND_MANAGER, NotFound),
        (Role.ASSESSOR, NotFound),
    ],
)
def test_only_those_who_write_applications_change_it(own, role, refusal):
    actor = build.actor_of(build.person(role, at=own))

    with pytest.raises(refusal):
        services.save(actor, own.key, WHOLE, seen=1, now=NOW)


@pytest.mark.parametrize("role", [Role.APPLICANT_SUBMITTER, Role.SIGNATORY, Role.FUND_MANAGER])
def test_people_of_other_organisations_find_nothing(own, role):
    actor = build.actor_of(build.person(role, at=build.organisation()))

    with pytest.raises(NotFound):
        profiles.profile(actor, own.key)
    with pytest.raises(NotFound):
        services.save(actor, own.key, WHOLE, seen=1, now=NOW)
    with pytest.raises(NotFound):
        services.set_areas(actor, own.key, ["S12000023"], "Because", now=NOW)


def test_areas_are_changed_by_administrators_alone(own, editor):
    administrator = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    with pytest.raises(Forbidden):
        services.set_areas(editor, own.key, ["S12000023"], "We moved", now=NOW)
    with pytest.raises(Blocked):
        services.set_areas(administrator, own.key, ["S12000023"], " ", now=NOW)

    services.set_areas(administrator, own.key, ["S12000023"], "They asked by letter", now=NOW)

    assert db.session.scalars(sa.select(OrganisationArea.area_code)).all() == ["S12000023"]
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.before, entry.after) == ({"areas": ["S12000027"]}, {"areas": ["S12000023"]})
    assert entry.reason == "They asked by letter"


def test_administrators_list_everybody_and_others_nobody(own, editor):
    administrator = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))

    listed = profiles.all_of_them(administrator, search="glen", number=1)

    assert [row.key for row in listed.rows] == [own.key]
    assert profiles.all_of_them(editor, search="", number=1).rows == ()
    assert [row.key for row in profiles.own(editor)] == [own.key]


@pytest.mark.parametrize("count", [3, 300])
def test_list_costs_three_statements_however_long(context, count_statements, count):
    administrator = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    for _ in range(count):
        build.organisation()

    with count_statements() as found:
        profiles.all_of_them(administrator, search="", number=1)

    assert len(found) == 3


def test_new_application_begins_with_the_profile_and_says_so(own, editor):
    services.save(editor, own.key, WHOLE, seen=1, now=NOW)
    record = build.round_("adult", build.programme(), state=RoundState.OPEN)
    area = build.area_of(record)
    choice = apply.Choice(record.key, own.key, area.name)

    key = apply.begin(editor, choice, now=NOW)

    draft = drafts.draft(editor, key)
    assert draft.answers["contact_name", ""] == "Mòrag Made-up"
    assert draft.answers["partners.name", "0001"] == "Hillside Collective (fictional)"
    assert {(row.question, row.row) for row in profiles.taken(editor, draft)} == set(draft.answers)
    assert db.session.query(AnswerOrigin).count() == db.session.query(Answer).count()


def test_answer_that_was_written_over_is_not_said_to_be_taken(own, editor):
    record = build.round_("adult", build.programme(), state=RoundState.OPEN)
    key = apply.begin(
        editor, apply.Choice(record.key, own.key, build.area_of(record).name), now=NOW
    )
    db.session.execute(
        sa.update(Answer).where(Answer.question == "postcode").values(version=Answer.version + 1)
    )

    taken = profiles.taken(editor, drafts.draft(editor, key))

    assert "postcode" not in {row.question for row in taken}
    assert "lead_organisation" in {row.question for row in taken}
    assert db.session.query(Application).count() == 1
