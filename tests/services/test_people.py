"""People: invited, given roles by two administrators where it is a funder's, shut out at once."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import Membership, OneTimeLink, PendingChange, Person, SignInSession
from grants.rules.people import STAFF, Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.services import pending_changes, people
from grants.services.roles import Grant
from tests import build
from tests.build import NOW

BASE = "https://grants.example.org"


@pytest.fixture
def programme(context):
    return build.programme()


@pytest.fixture
def first(programme):
    return build.actor_of(build.person(Role.ADMINISTRATOR, at=programme))


@pytest.fixture
def second(programme):
    return build.actor_of(build.person(Role.ADMINISTRATOR, at=programme))


@pytest.fixture
def somebody(programme):
    return build.person()


def asked(role: Role, programme, **rest) -> Grant:
    return Grant(role=role, organisation=programme.reference, **rest)


def held(person: Person) -> list[Role]:
    return list(
        db.session.scalars(sa.select(Membership.role).where(Membership.person_id == person.id))
    )


def waiting() -> PendingChange:
    return db.session.scalars(
        sa.select(PendingChange).where(PendingChange.decided_at.is_(None))
    ).one()


def acts() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def mail() -> list[tuple[str, str]]:
    rows = db.session.execute(
        sa.select(OutboxMessage.kind, OutboxMessage.recipient).order_by(OutboxMessage.id)
    )
    return [tuple(row) for row in rows]


def grant(actor, person, wanted: Grant) -> bool:
    return people.grant_role(actor, person.key, wanted, reason="They asked.", now=NOW)


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(STAFF))
def test_funders_role_counts_only_once_a_second_administrator_confirms(
    first, second, somebody, programme, role
):
    is_given = grant(first, somebody, asked(role, programme, fund="a-fund"))
    before = held(somebody)

    pending_changes.confirm(second, waiting().key, now=NOW)

    membership = db.session.scalars(
        sa.select(Membership).where(Membership.person_id == somebody.id)
    ).one()
    assert not is_given
    assert before == []
    assert (membership.role, membership.fund, membership.granted_by) == (
        role,
        "a-fund",
        first.person_id,
    )
    assert acts() == ["ask-role", "grant-role"]
    assert mail() == [("role_given", somebody.email)]


def test_applicants_role_counts_at_once(first, somebody, programme):
    assert grant(first, somebody, asked(Role.APPLICANT_EDITOR, programme))
    assert held(somebody) == [Role.APPLICANT_EDITOR]


def test_who_asked_may_not_confirm(first, somebody, programme):
    grant(first, somebody, asked(Role.APPROVER, programme))

    with pytest.raises(Forbidden):
        pending_changes.confirm(first, waiting().key, now=NOW)

    assert held(somebody) == []


def test_who_it_is_for_may_not_confirm(first, second, programme):
    grant(first, db.session.get_one(Person, second.person_id), asked(Role.APPROVER, programme))

    with pytest.raises(Forbidden):
        pending_changes.confirm(second, waiting().key, now=NOW)


@pytest.mark.parametrize("role", Role)
def test_nobody_grants_themselves_a_role(first, programme, role):
    with pytest.raises(Forbidden):
        grant(first, db.session.get_one(Person, first.person_id), asked(role, programme))


def test_database_refuses_a_confirmation_by_who_asked(first, somebody, programme):
    grant(first, somebody, asked(Role.APPROVER, programme))

    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(
            sa.update(PendingChange).values(
                decided_by=first.person_id, decided_at=NOW, is_confirmed=True
            )
        )
    db.session.rollback()


def test_change_is_decided_once(first, second, somebody, programme):
    grant(first, somebody, asked(Role.APPROVER, programme))
    key = waiting().key
    pending_changes.turn_down(second, key, now=NOW)

    with pytest.raises(MoveNotAllowed):
        pending_changes.confirm(second, key, now=NOW)

    assert held(somebody) == []


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_else_looks_after_people(programme, somebody, role):
    other = build.actor_of(build.person(role, at=programme))

    for verb in (
        lambda: grant(other, somebody, asked(Role.APPLICANT_EDITOR, programme)),
        lambda: people.disable(other, somebody.key, reason="No.", now=NOW),
        lambda: people.end_sessions(other, somebody.key, now=NOW),
        lambda: pending_changes.ask_reset(other, somebody.key, reason="No.", now=NOW),
        lambda: people.invite(
            other, "A", "a@example.org", asked(Role.SIGNATORY, programme), base_url=BASE, now=NOW
        ),
    ):
        with pytest.raises(NotFound):
            verb()


def test_same_role_is_not_given_twice(first, somebody, programme):
    grant(first, somebody, asked(Role.SIGNATORY, programme))
    grant(first, somebody, asked(Role.APPROVER, programme))

    for role in (Role.SIGNATORY, Role.APPROVER):
        with pytest.raises(Blocked):
            grant(first, somebody, asked(role, programme))


def test_term_is_whole_days_in_london(first, somebody, programme):
    wanted = asked(
        Role.ASSESSOR, programme, starts_on=dt.date(2027, 6, 1), ends_on=dt.date(2027, 6, 30)
    )

    grant(first, somebody, wanted)

    row = db.session.scalars(sa.select(Membership).where(Membership.person_id == somebody.id)).one()
    assert row.starts_at == dt.datetime(2027, 5, 31, 23, 0, tzinfo=dt.UTC)
    assert row.ends_at == dt.datetime(2027, 6, 30, 23, 0, tzinfo=dt.UTC)


def test_last_day_before_the_first_is_refused(first, somebody, programme):
    wanted = asked(Role.ASSESSOR, programme, ends_on=dt.date(2026, 11, 1))

    with pytest.raises(Blocked):
        grant(first, somebody, wanted)


def test_organisation_is_found_by_name_and_asked_for_when_unclear(first, somebody, programme):
    build.organisation("Àite Sàbhailte (fictional)")
    people.grant_role(
        first,
        somebody.key,
        Grant(role=Role.SIGNATORY, organisation="Àite Sàbhailte (fictional)"),
        reason="",
        now=NOW,
    )

    with pytest.raises(Blocked) as refusal:
        grant(first, somebody, Grant(role=Role.ASSESSOR, organisation="Sàbhailte"))

    assert held(somebody) == [Role.SIGNATORY]
    assert "Àite Sàbhailte (fictional) (ORG-" in str(refusal.value)


def test_losing_a_funders_role_ends_every_session(first, programme):
    manager = build.person(Role.FUND_MANAGER, at=programme)
    build.session_token(manager)
    row = db.session.scalars(sa.select(Membership).where(Membership.person_id == manager.id)).one()

    people.end_role(first, manager.key, row.id, now=NOW)

    session = db.session.scalars(
        sa.select(SignInSession).where(SignInSession.person_id == manager.id)
    ).one()
    assert (row.ends_at, session.ended_at) == (NOW, NOW)


def test_administrator_does_not_end_their_own_role(first):
    me = db.session.get_one(Person, first.person_id)
    row = db.session.scalars(sa.select(Membership).where(Membership.person_id == me.id)).one()

    with pytest.raises(Forbidden):
        people.end_role(first, me.key, row.id, now=NOW)


def test_role_of_somebody_else_is_not_ended_by_number(first, second, somebody):
    row = db.session.scalars(
        sa.select(Membership).where(Membership.person_id == second.person_id)
    ).one()

    with pytest.raises(NotFound):
        people.end_role(first, somebody.key, row.id, now=NOW)


def test_disabling_ends_every_session_and_is_remembered(first, somebody):
    build.session_token(somebody)

    people.disable(first, somebody.key, reason="They left.", now=NOW)

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert db.session.scalars(sa.select(SignInSession.ended_at)).all() == [NOW]
    assert (entry.action, entry.reason) == ("disable", "They left.")


def test_nobody_disables_themselves(first):
    with pytest.raises(Forbidden):
        people.disable(
            first, db.session.get_one(Person, first.person_id).key, reason="Why not.", now=NOW
        )


def test_second_factor_is_reset_by_two(first, second, programme):
    approver = build.person(Role.APPROVER, at=programme)
    build.session_token(approver)
    pending_changes.ask_reset(first, approver.key, reason="I called back.", now=NOW)
    with pytest.raises(Forbidden):
        pending_changes.confirm(first, waiting().key, now=NOW)
    before = db.session.get_one(Person, approver.id).totp_secret

    pending_changes.confirm(second, waiting().key, now=NOW)

    db.session.refresh(approver)
    assert before == build.SECRET
    assert approver.totp_secret is None
    assert db.session.scalars(sa.select(SignInSession.ended_at)).all() == [NOW]
    assert mail() == [("second_factor_reset", approver.email)]


def test_invitation_makes_a_person_and_a_link_of_seven_days(first, programme):
    people.invite(
        first,
        " Seonaid  NicDhòmhnaill ",
        "Seonaid@Example.org",
        asked(Role.APPLICANT_EDITOR, programme),
        base_url=BASE,
        now=NOW,
    )

    row = db.session.scalars(sa.select(Person).where(Person.email == "seonaid@example.org")).one()
    link = db.session.scalars(sa.select(OneTimeLink)).one()
    message = db.session.scalars(sa.select(OutboxMessage)).one()
    token = message.body.split(f"{BASE}/links/")[1].split()[0]
    assert (row.name, row.password_hash) == ("Seonaid NicDhòmhnaill", None)
    assert held(row) == [Role.APPLICANT_EDITOR]
    assert link.expires_at == NOW + dt.timedelta(days=7)
    assert token != link.token_sha256
    assert token not in repr(db.session.execute(sa.select(OneTimeLink.__table__)).all())


def test_invitation_to_a_funders_role_waits(first, programme):
    people.invite(
        first,
        "A Person",
        "a.person@example.org",
        asked(Role.APPROVER, programme),
        base_url=BASE,
        now=NOW,
    )

    assert waiting().role == Role.APPROVER


@pytest.mark.parametrize("email", ["", "no-at-sign", "a@b", "two@@example.org"])
def test_wrong_address_is_refused(first, programme, email):
    with pytest.raises(Blocked):
        people.invite(first, "A", email, asked(Role.SIGNATORY, programme), base_url=BASE, now=NOW)


def test_address_is_used_once(first, somebody, programme):
    with pytest.raises(Blocked):
        people.invite(
            first,
            "Another",
            somebody.email.upper(),
            asked(Role.SIGNATORY, programme),
            base_url=BASE,
            now=NOW,
        )
