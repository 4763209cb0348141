"""Filling: all of it or nothing, exact where figures are published, the same each time."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from grants import audit, demo
from grants.demo.world import world
from grants.extensions import db
from grants.funds import reference
from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.person import Membership, Person
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.rules.people import Actor, Role
from grants.rules.refusals import Blocked
from grants.rules.states import AwardState
from grants.services import accept, acting, apply, decide
from grants.services.hashing import Hashing
from grants.services.transaction import transaction
from tests.clock import Clock
from tests.demo.books import check_books

COMPLETE = world().closed[0].reference
PUBLISHED = {
    "social": 434,
    "further": 287,
    "peer_support": 227,
    "sport": 203,
    "arts": 110,
    "financial_inclusion": 77,
    "education": 52,
    "equipment": 27,
    "other": 13,
}
# Ids differ from run to run on PostgreSQL; messages have random keys, passwords a salt.
# What marks an organisation, and what a scenario keeps, are made of ids.
UNTOLD = {"letter", "outbox_message", "audit_entry", "audit_head", "identity_mark", "scenario"}
UNTOLD_COLUMNS = {"id", "password_hash", "recommended_sha256"}


def fill(size: str = "small", *, with_letters: bool = False) -> None:
    demo.fill(size, Clock.START, hashing=Hashing(64, 1), with_letters=with_letters)


def digest() -> str:
    """Of every row's content, whatever its id."""
    found = hashlib.sha256()
    for name, table in sorted(db.metadata.tables.items()):
        untold = UNTOLD_COLUMNS | ({"sha256"} if name == "approval" else set())
        columns = [c for c in table.columns if not (c.foreign_keys or c.name in untold)]
        if columns and name not in UNTOLD:
            rows = sorted(repr(tuple(row)) for row in db.session.execute(sa.select(*columns)))
            found.update(repr((name, rows)).encode())
    return found.hexdigest()


class _EnoughError(Exception):
    """Nothing of it is to be kept."""


def digest_of_a_filling() -> str:
    """Fill, look, and keep nothing."""
    seen = []

    def fill_and_look() -> None:
        with transaction():
            fill()
            seen.append(digest())
            raise _EnoughError

    with pytest.raises(_EnoughError):
        fill_and_look()
    return seen[0]


@pytest.fixture
def national(context) -> Round:
    fill("national")
    return db.session.scalars(sa.select(Round).where(Round.reference == COMPLETE)).one()


@pytest.mark.feature("E2")
def test_national_size_has_the_published_figures(national):
    mine = Project.round_id == national.id
    activities = db.session.scalars(sa.select(Project.activity_type).where(mine))
    groups = sa.select(sa.func.count(Project.organisation_id.distinct())).where(mine)
    partnerships = sa.select(sa.func.count()).where(
        Organisation.kind == OrganisationKind.PARTNERSHIP
    )
    awards = db.session.execute(
        sa.select(AllocationArea.name, Award.amount, Award.onward, Award.state)
        .join(Award, Award.allocation_area_id == AllocationArea.id)
        .where(Award.round_id == national.id)
    )

    source = db.session.scalar(
        sa.select(AllocationArea.source).where(
            AllocationArea.round_id == national.id, AllocationArea.name == "Clackmannanshire"
        )
    )

    assert Counter(activities) == PUBLISHED
    assert db.session.scalar(groups) == 1379
    assert {name: rest for name, *rest in awards} == {
        row.name: [row.pence, row.pence, AwardState.ACCEPTED]
        for row in reference.allocations("2023-24")
    }
    assert (national.allocated, national.committed) == (1_499_999_998, 1_499_999_998)
    assert db.session.scalar(partnerships) == 32
    assert "Printed as “Clackmannanshire and Stirling”" in source
    check_books()


def test_same_instant_makes_the_same_world(context):
    assert digest_of_a_filling() == digest_of_a_filling()


def test_database_that_holds_anything_is_refused(context):
    fill()
    before = digest()

    with pytest.raises(Blocked, match="not empty"):
        fill()

    assert digest() == before


def test_filling_is_remembered_and_the_trail_holds(context):
    fill()

    verdict = audit.verify()
    kept = 2 * (len(world().open) + 1)  # scenarios, as who runs the round keeps them
    held = 5  # a meeting: planned, attended, two outcomes and a mark
    begun = 2  # a local round, and that it was opened
    samples = 3 + 1 + 12 + 1  # added, opened, scored, talked about
    assert (verdict.is_whole, verdict.entries) == (
        True,
        3 + kept + begun + held + samples,
    )  # itself and two registers


def test_filling_that_fails_leaves_nothing(context, monkeypatch):
    monkeypatch.setitem(world().texts, "summary", "{nowhere}")

    with pytest.raises(KeyError):
        fill()

    assert not demo.is_filled()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 0


def actor_of(email: str) -> Actor:
    person = db.session.scalars(sa.select(Person.id).where(Person.email == email)).one()
    return acting.actor_with_id(person, now=Clock.START)


def in_state(table: type[Application | Award], state: str) -> list[Any]:
    return list(db.session.scalars(sa.select(table).where(table.state == state).order_by(table.id)))


@pytest.mark.feature("A2")
def test_what_waits_can_go_on(context):
    """Drafts can be sent, recommendations approved, offers accepted: nothing is a mock-up."""
    fill(with_letters=True)
    before = {state: len(in_state(Award, state)) for state in ("approved", "accepted")}
    draft = in_state(Application, "draft")[0]
    recommended = in_state(Award, "recommended")[0]
    released = in_state(Award, "released")[0]
    signatory = _signatory_of(released)

    apply.submit(actor_of("shetland.submitter@example.org"), draft.key, now=Clock.START)
    decide.approve(
        actor_of("approver@example.org"),
        recommended.key,
        seen=recommended.recommended_sha256,
        now=Clock.START,
    )
    accept.accept(signatory, released.key, typed_name=signatory.name, agrees=True, now=Clock.START)

    assert draft.state == "submitted"
    assert {state: len(in_state(Award, state)) - n for state, n in before.items()} == {
        "approved": 1,
        "accepted": 1,
    }
    check_books()


def _signatory_of(award: Award) -> Actor:
    email = db.session.scalars(
        sa.select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .join(Application, Application.organisation_id == Membership.organisation_id)
        .where(Application.id == award.application_id, Membership.role == Role.SIGNATORY)
    ).one()
    return actor_of(email)
