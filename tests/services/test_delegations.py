"""Authority to approve: for one fund and year, never to oneself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import runpy
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.audit import AuditEntry
from grants.models.organisation import OrganisationKind
from grants.models.person import Delegation, Membership, Person
from grants.queries import delegations as queries
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.services import delegations
from grants.services.delegations import Limits
from tests import build
from tests.build import NOW

FUND = min(all_funds())
pytestmark = pytest.mark.feature("W15")


@pytest.fixture
def programme(context):
    return build.programme()


@pytest.fixture
def administrator(programme):
    return build.actor_of(build.person(Role.ADMINISTRATOR, at=programme))


@pytest.fixture
def approver(programme) -> Person:
    return build.person(Role.APPROVER, at=programme, fund=FUND)


@pytest.fixture
def limits(programme):
    return Limits(
        organisation=programme.key,
        fund=FUND,
        year="2026-27",
        most_per_award=5_000_000,
        most_in_all=20_000_000,
    )


def test_authority_says_who_what_and_how_much(administrator, approver, limits):
    until = dataclasses.replace(limits, ends_on=dt.date(2027, 3, 31))
    delegations.grant(administrator, approver.key, until, now=NOW)

    row = queries.delegations(administrator, 1, now=NOW).rows[0]

    assert (row.person, row.year, row.most_per_award, row.most_in_all, row.used, row.left) == (
        approver.name,
        "2026-27",
        5_000_000,
        20_000_000,
        0,
        20_000_000,
    )
    assert row.ends_at == dt.datetime(2027, 3, 31, 23, 0, tzinfo=dt.UTC)
    assert row.granted_by == administrator.name
    assert db.session.scalars(sa.select(AuditEntry.after)).one()["most_in_all"] == 20_000_000


def test_nobody_gives_it_to_themselves(programme, limits):
    both = build.person(Role.ADMINISTRATOR, Role.APPROVER, at=programme)

    with pytest.raises(Forbidden):
        delegations.grant(build.actor_of(both), both.key, limits, now=NOW)

    assert db.session.scalars(sa.select(Delegation)).all() == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_but_administrators_gives_it(programme, approver, role, limits):
    with pytest.raises(NotFound):
        delegations.grant(
            build.actor_of(build.person(role, at=programme)), approver.key, limits, now=NOW
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fund": "no-such-fund"}, "fund"),
        ({"year": "2026"}, "year"),
        ({"most_per_award": 0}, "most_per_award"),
        ({"most_in_all": 4_999_999}, "most_in_all"),
        ({"ends_on": dt.date(2026, 11, 1)}, "ends_on"),
        ({"fund": max(all_funds())}, "person"),
        ({"organisation": uuid.uuid4()}, "organisation"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    administrator, approver, change, field, limits
):
    with pytest.raises(Blocked) as refusal:
        delegations.grant(
            administrator, approver.key, dataclasses.replace(limits, **change), now=NOW
        )

    assert [reason.key for reason in refusal.value.reasons] == [field]


def test_second_authority_for_the_same_year_is_refused_until_the_first_ends(
    administrator, approver, limits
):
    delegations.grant(administrator, approver.key, limits, now=NOW)
    held = db.session.scalars(sa.select(Delegation.id)).one()

    with pytest.raises(Blocked):
        delegations.grant(administrator, approver.key, limits, now=NOW)
    delegations.end(administrator, held, now=NOW)
    delegations.grant(administrator, approver.key, limits, now=NOW)

    assert queries.delegations(administrator, 1, now=NOW).total == 2
    with pytest.raises(MoveNotAllowed):
        delegations.end(administrator, held, now=NOW)


def test_choice_of_approvers_leaves_out_oneself(programme, approver):
    both = build.person(Role.ADMINISTRATOR, Role.APPROVER, at=programme)

    found = queries.approvers(build.actor_of(both), now=NOW)

    assert [key for key, _ in found] == [str(approver.key)]


def test_authority_is_for_the_money_of_one_organisation(administrator, approver, limits):
    """Who approves for the programme and for a partnership needs an authority of each."""
    lead = build.organisation(kind=OrganisationKind.PARTNERSHIP)
    local = dataclasses.replace(limits, organisation=lead.key)
    with pytest.raises(Blocked, match="not an approver of this fund at Partnership"):
        delegations.grant(administrator, approver.key, local, now=NOW)
    build.kept(
        Membership(
            person_id=approver.id,
            organisation_id=lead.id,
            fund=FUND,
            role=Role.APPROVER,
            starts_at=NOW,
        )
    )

    delegations.grant(administrator, approver.key, limits, now=NOW)
    delegations.grant(administrator, approver.key, local, now=NOW)

    rows = queries.delegations(administrator, 1, now=NOW).rows
    assert lead.name in {row.covers for row in rows}
    assert len({row.covers for row in rows}) == 2
    assert (str(lead.key), lead.name) in queries.funders(administrator, now=NOW)


def test_old_authority_is_filled_where_it_is_plain_and_covers_nobody_otherwise(programme, approver):
    """The migration's own words, run on authorities of the time before."""
    lead = build.organisation(kind=OrganisationKind.PARTNERSHIP)
    both = build.person(Role.APPROVER, at=programme)
    build.kept(
        Membership(person_id=both.id, organisation_id=lead.id, role=Role.APPROVER, starts_at=NOW)
    )
    for person in (approver, both):
        build.delegation(person, FUND)
    db.session.execute(sa.update(Delegation).values(organisation_id=None))
    path = Path(__file__).parents[2] / "migrations/versions/0037_whose_money.py"

    db.session.execute(sa.text(runpy.run_path(str(path))["FILL"]))

    held = dict(
        db.session.execute(sa.select(Delegation.person_id, Delegation.organisation_id)).all()
    )
    assert held == {approver.id: programme.id, both.id: None}
