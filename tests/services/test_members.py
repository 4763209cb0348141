"""Members: a submitter looks after their own organisation, and no further."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.outbox import OutboxMessage
from grants.models.person import Membership, Person
from grants.queries import home
from grants.queries import people as queries
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.services import acting, members
from tests import build
from tests.build import NOW


@pytest.fixture
def own(context) -> Organisation:
    return build.organisation()


@pytest.fixture
def lead(own) -> Person:
    return build.person(Role.APPLICANT_SUBMITTER, at=own)


def invite(lead: Person, own: Organisation, email: str, role: Role = Role.SIGNATORY) -> None:
    members.invite(
        build.actor_of(lead), own.key, "A Colleague", email, role, base_url="https://g", now=NOW
    )


def remove(lead: Person, own: Organisation, person: Person) -> None:
    held = db.session.scalars(sa.select(Membership).where(Membership.person_id == person.id)).one()
    members.remove(build.actor_of(lead), own.key, held.id, now=NOW)


def roles(email: str) -> list[tuple[Role, int, str | None]]:
    rows = db.session.execute(
        sa.select(Membership.role, Membership.organisation_id, Membership.fund)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.email == email, Membership.ends_at.is_(None))
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("role", members.MAY_INVITE)
def test_colleague_is_invited(lead, own, role):
    invite(lead, own, "new@example.org", role)

    assert roles("new@example.org") == [(role, own.id, None)]
    assert db.session.scalars(sa.select(OutboxMessage.kind)).all() == ["invitation"]


def test_fund_of_the_role_is_the_submitters(own):
    lead = build.person(Role.APPLICANT_SUBMITTER, at=own, fund="a-fund")

    invite(lead, own, "new@example.org")

    assert roles("new@example.org") == [(Role.SIGNATORY, own.id, "a-fund")]


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(set(Role) - set(members.MAY_INVITE)))
def test_no_other_role_can_be_given(lead, own, role):
    with pytest.raises(Forbidden):
        invite(lead, own, "new@example.org", role)

    assert roles("new@example.org") == []


@pytest.mark.feature("M1")
def test_other_organisations_do_not_exist(lead):
    with pytest.raises(NotFound):
        invite(lead, build.organisation(), "new@example.org")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPLICANT_SUBMITTER}))
def test_nobody_else_invites(own, role):
    other = build.person(role, at=own)

    with pytest.raises(NotFound):
        invite(other, own, "new@example.org")


def test_own_role_cannot_be_raised(lead, own):
    with pytest.raises(Forbidden):
        invite(lead, own, lead.email)


def test_funders_people_are_not_drawn_in(lead, own):
    manager = build.person(Role.FUND_MANAGER, at=build.programme())

    with pytest.raises(Blocked):
        invite(lead, own, manager.email)


def test_person_of_another_group_is_added_and_told(lead, own):
    reporter = build.person(Role.PROJECT_REPORTER, at=build.organisation())

    invite(lead, own, reporter.email)

    assert [role[0] for role in roles(reporter.email)] == [Role.PROJECT_REPORTER, Role.SIGNATORY]
    assert db.session.scalars(sa.select(OutboxMessage.kind)).all() == ["role_given"]


def test_last_submitter_stays(lead, own):
    disabled = build.person(Role.APPLICANT_SUBMITTER, at=own)
    disabled.disabled_at = NOW
    build.person(Role.APPLICANT_SUBMITTER, at=own, fund="a-fund")

    with pytest.raises(Blocked):
        remove(lead, own, lead)


def test_submitter_goes_when_another_stays(lead, own):
    build.person(Role.APPLICANT_SUBMITTER, at=own)

    remove(lead, own, lead)

    assert roles(lead.email) == []


def test_member_of_another_organisation_is_not_removed(lead, own):
    other = build.person(Role.APPLICANT_EDITOR, at=build.organisation())

    with pytest.raises(NotFound):
        remove(lead, own, other)


def test_officer_of_the_partnership_is_not_theirs_to_remove(lead, own):
    officer = build.person(Role.PARTNERSHIP_OFFICER, at=own)

    with pytest.raises(NotFound):
        remove(lead, own, officer)


def test_list_shows_own_people_alone(lead, own):
    build.person(Role.PARTNERSHIP_OFFICER, at=own)
    build.person(Role.APPLICANT_EDITOR, at=build.organisation())
    editor = build.person(Role.APPLICANT_EDITOR, at=own)

    found = queries.members(build.actor_of(lead), now=NOW)

    assert [each.key for each in found] == [own.key]
    assert sorted(row.email for row in found[0].members) == sorted([lead.email, editor.email])


@pytest.mark.feature("A8")
def test_colleague_shares_the_organisations_applications_while_they_belong_to_it(lead, own):
    round_ = build.round_("adult", own)
    made = build.application(round_, own, lead)
    elsewhere = build.organisation("Another group (fictional)")
    build.application(round_, elsewhere, lead)

    def to_write():
        actor = acting.actor_with_id(_id_of("colleague@a.org"), now=NOW)
        return [row.key for row in home.to_write(actor, now=NOW).rows]

    invite(lead, own, "colleague@a.org", Role.APPLICANT_EDITOR)
    assert to_write() == [made.key]

    remove(lead, own, db.session.get_one(Person, _id_of("colleague@a.org")))
    assert to_write() == []


def _id_of(email: str) -> int:
    return db.session.scalars(sa.select(Person.id).where(Person.email == email)).one()
