"""People, the audit trail and authority: for administrators, in a fixed number of statements."""

from __future__ import annotations

import datetime as dt

import pytest

from grants import audit
from grants.queries import audit_trail, people
from grants.queries.audit_trail import Search
from grants.rules.people import CLOCK, Role
from grants.rules.refusals import NotFound
from grants.services import trail
from grants.services.transaction import transaction
from tests import build
from tests.build import NOW


@pytest.fixture
def programme(context):
    return build.programme()


@pytest.fixture
def administrator(programme):
    return build.actor_of(build.person(Role.ADMINISTRATOR, at=programme, name="Zoë Last"))


def find(actor, search: str = "", role: str = "", number: int = 1):
    return people.people(actor, search=search, role=role, number=number, now=NOW)


@pytest.mark.parametrize("search", ["mhairi", "MHAIRI@EXAMPLE", "airi"])
def test_person_is_found_by_part_of_name_or_address(administrator, search):
    found = build.person(name="Mhairi NicLeòid")
    found.email = "mhairi@example.org"
    build.kept(found)
    build.person(name="Somebody else")

    assert [row.name for row in find(administrator, search).rows] == ["Mhairi NicLeòid"]


def test_signs_of_a_search_are_plain_text(administrator):
    build.person(name="Nobody")

    assert find(administrator, "%").total == 0
    assert find(administrator, "_").total == 0


def test_role_of_a_search_is_one_in_force(administrator, programme):
    build.person(Role.APPROVER, at=programme, name="Approver")
    former = build.person(Role.APPROVER, at=programme, name="Former")
    row = people._roles_of([former.id], NOW)[former.id][0]
    membership = build.db.session.get_one(build.Membership, row.id)
    membership.ends_at = NOW
    build.db.session.commit()

    assert [row.name for row in find(administrator, role="approver").rows] == ["Approver"]


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_people_are_nobody_elses_to_see(programme, role):
    other = build.actor_of(build.person(role, at=programme))
    somebody = build.person()

    assert find(other).total == 0
    assert people.waiting_changes(other) == ()
    with pytest.raises(NotFound):
        people.person(other, somebody.key, now=NOW)


@pytest.mark.parametrize("rows", [3, 300])
def test_list_costs_three_statements_however_many_people(
    administrator, programme, count_statements, rows
):
    for _ in range(rows):
        build.person(Role.ASSESSOR, at=programme)

    with count_statements() as found:
        page = find(administrator)

    assert len(found) == 3
    assert (len(page.rows), page.total) == (min(60, rows + 1), rows + 1)


def test_pages_follow_one_another(administrator):
    for n in range(60):
        build.person(name=f"Person {n:02}")

    first, second = find(administrator), find(administrator, number=2)

    assert [row.name for row in second.rows] == ["Zoë Last"]
    assert (first.pages, second.number, find(administrator, number=9).number) == (2, 2, 2)


def test_person_page_says_when_a_role_is_over_or_to_come(administrator, programme):
    somebody = build.person(Role.ASSESSOR, Role.AUDITOR, Role.FINANCE, at=programme)
    held = build.db.session.query(build.Membership).filter_by(person_id=somebody.id).all()
    held[1].ends_at = NOW
    held[2].starts_at = NOW + dt.timedelta(days=1)
    build.db.session.commit()

    page = people.person(administrator, somebody.key, now=NOW)

    assert {row.role: (row.is_current, row.is_over) for row in page.roles} == {
        "Assessor": (True, False),
        "Auditor": (False, True),
        "Finance": (False, False),
    }
    assert not page.needs_second_factor


def write(*references: str) -> None:
    with transaction():
        for reference in references:
            audit.record(
                CLOCK,
                "try",
                ("thing", 1, reference),
                now=NOW,
                before={"state": "draft"},
                after={"state": "sent", "amount": 5},
            )


@pytest.mark.feature("M2")
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_trail_shows_old_and_new_the_latest_first(programme, role):
    reader = build.actor_of(build.person(role, at=programme))
    write("A-1", "B-2")

    rows = audit_trail.entries(reader, Search(), 1).rows

    assert [row.reference for row in rows] == ["B-2", "A-1"]
    assert (rows[0].before, rows[0].after) == ("state: draft", "state: sent\namount: 5")
    assert (rows[0].person, rows[0].at) == ("The system", NOW)


@pytest.mark.parametrize(
    ("search", "count"),
    [
        (Search(reference="a-1"), 1),
        (Search(action="try"), 2),
        (Search(action="tr"), 0),
        (Search(person="system"), 2),
        (Search(person="system", reference="B"), 1),
    ],
)
def test_trail_is_searched(administrator, search, count):
    write("A-1", "B-2")

    assert audit_trail.entries(administrator, search, 1).total == count


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.AUDITOR}))
def test_trail_is_nobody_elses(programme, role):
    other = build.actor_of(build.person(role, at=programme))
    write("A-1")

    assert audit_trail.entries(other, Search(), 1).total == 0
    with pytest.raises(NotFound):
        trail.verdict(other)
