"""Inviting people to one application: who may, what it opens, and that it ends."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.share import Share
from grants.queries import assessors
from grants.queries import shares as queries
from grants.queries.shares import Standing
from grants.rules import conflicts
from grants.rules.people import Right, Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState
from grants.services import assign, shares
from grants.services.acting import actor_with_id
from grants.services.hashing import Hashing
from grants.services.shares import Invitation
from tests import applying, build

NOW = build.NOW
CHEAP = Hashing(64, 1)
DAY = NOW.date() + dt.timedelta(days=30)
BASE = "https://grants.example.org"


@pytest.fixture
def at(context):
    return applying.place("adult")


def invite(at, key, email, right=Right.VIEW, who="sender", day=DAY):
    """Invite, and give the token of the link that was mailed."""
    wanted = Invitation("Beathag Board", email, right, day)
    shares.invite(applying.actor(at, who), key, wanted, base_url=BASE, now=NOW)
    return token_for(email)


def token_for(email):
    body = db.session.scalars(
        sa.select(OutboxMessage.body)
        .where(OutboxMessage.recipient == email.lower(), OutboxMessage.kind == "share")
        .order_by(OutboxMessage.id.desc())
    ).first()
    return re.search(rf"{BASE}/invitations/(\S+)", body)[1]


@pytest.mark.feature("A9")
def test_invited_person_makes_an_account_by_the_link_and_has_the_right(at):
    key = applying.drafted(at)
    token = invite(at, key, "Board@example.org", Right.COMMENT)

    assert not shares.offer(token, now=NOW).has_account
    shares.claim(token, "seal kelp harbour lamp", hashing=CHEAP, now=NOW)

    person = db.session.query(Person).filter_by(email="board@example.org").one()
    made = db.session.query(Application).filter_by(key=key).one()
    assert actor_with_id(person.id, now=NOW).shares == ((made.id, Right.COMMENT),)
    actions = [row.action for row in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions[:1] == ["invite-to-application"]
    assert "take-invitation" in actions


@pytest.mark.parametrize(
    "name",
    [
        " ",
        "Your account is locked: https://evil.example",
        "Go to www.evil.example",
        "Or evil.example/now",
    ],
)
def test_our_mail_greets_nobody_by_a_link(at, name):
    wanted = Invitation(name, "board@example.org", Right.VIEW, DAY)
    key = applying.drafted(at)

    with pytest.raises(Blocked, match="Enter"):
        shares.invite(applying.actor(at, "sender"), key, wanted, base_url=BASE, now=NOW)

    assert db.session.query(OutboxMessage).filter_by(kind="share").count() == 0


@pytest.mark.feature("A9")
def test_link_works_once(at):
    key = applying.drafted(at)
    rival = applying.actor(at, "rival")
    token = invite(at, key, rival.email)
    assert shares.take(rival, token, now=NOW) == key

    with pytest.raises(NotFound):
        shares.take(rival, token, now=NOW)
    with pytest.raises(NotFound):
        shares.offer(token, now=NOW)


def test_link_is_for_its_own_mailbox(at):
    token = invite(at, applying.drafted(at), "board@example.org")

    with pytest.raises(Forbidden):
        shares.take(applying.actor(at, "rival"), token, now=NOW)


def test_link_makes_no_second_password_for_an_account(at):
    token = invite(at, applying.drafted(at), at.people["rival"])

    with pytest.raises(MoveNotAllowed):
        shares.claim(token, "seal kelp harbour lamp", hashing=CHEAP, now=NOW)


@pytest.mark.feature("A9")
@pytest.mark.parametrize("who", ["editor", "signatory", "rival", "manager", "assessor"])
def test_who_may_not_send_may_not_invite(at, who):
    key = applying.drafted(at)

    with pytest.raises((Forbidden, NotFound)):
        invite(at, key, "board@example.org", who=who)


@pytest.mark.feature("A9")
@pytest.mark.parametrize("right", Right)
def test_who_was_invited_may_not_invite(at, right):
    key = applying.drafted(at)
    rival = db.session.query(Person).filter_by(email=at.people["rival"]).one()
    shares.take(build.actor_of(rival), invite(at, key, rival.email, right), now=NOW)
    wanted = Invitation("Another", "another@example.org", Right.VIEW, DAY)

    with pytest.raises(Forbidden):
        shares.invite(build.actor_of(rival), key, wanted, base_url=BASE, now=NOW)


@pytest.mark.feature("A9")
def test_right_ends_with_its_last_day_and_when_it_is_taken_back(at):
    key = applying.drafted(at)
    rival = applying.actor(at, "rival")
    shares.take(rival, invite(at, key, rival.email, Right.EDIT), now=NOW)
    record = db.session.query(Share).one()

    assert len(actor_with_id(rival.person_id, now=NOW).shares) == 1
    assert actor_with_id(rival.person_id, now=record.ends_at).shares == ()
    sender = applying.actor(at, "sender")
    shares.end(sender, key, record.key, now=NOW)
    assert actor_with_id(rival.person_id, now=NOW).shares == ()
    found = queries.people(sender, key, now=NOW)
    assert [share.standing for share in found.shares] == [Standing.ENDED]
    assert found.shares[0].invited_by == sender.name


def test_invitation_that_was_taken_back_cannot_be_taken_up(at):
    key = applying.drafted(at)
    rival = applying.actor(at, "rival")
    token = invite(at, key, rival.email)
    shares.end(applying.actor(at, "sender"), key, db.session.query(Share).one().key, now=NOW)

    with pytest.raises(NotFound):
        shares.take(rival, token, now=NOW)


def test_new_link_voids_the_old(at):
    key = applying.drafted(at)
    old = invite(at, key, "board@example.org")
    share = db.session.query(Share).one().key
    shares.again(applying.actor(at, "sender"), key, share, base_url=BASE, now=NOW)

    with pytest.raises(NotFound):
        shares.offer(old, now=NOW)
    assert shares.offer(token_for("board@example.org"), now=NOW).email == "board@example.org"


@pytest.mark.parametrize(
    ("email", "day", "field"),
    [
        ("nonsense", DAY, "email"),
        ("board@example.org", NOW.date() - dt.timedelta(days=1), "last_day"),
        ("board@example.org", NOW.date() + dt.timedelta(days=900), "last_day"),
        ("board@example.org", None, "last_day"),
    ],
)
def test_invitation_that_makes_no_sense_is_refused(at, email, day, field):
    key = applying.drafted(at)

    with pytest.raises(Blocked) as refused:
        invite(at, key, email, day=day)

    assert [reason.key for reason in refused.value.reasons] == [field]
    assert db.session.query(Share).count() == 0


def test_same_person_is_not_invited_twice(at):
    key = applying.drafted(at)
    invite(at, key, "board@example.org")

    with pytest.raises(Blocked):
        invite(at, key, "board@example.org")


@pytest.mark.feature("A9")
def test_assessor_cannot_take_part_and_the_applicant_cannot_tell(at):
    key = applying.drafted(at)
    assessor = applying.actor(at, "assessor")
    token = invite(at, key, assessor.email)  # refused neither here…

    with pytest.raises(Blocked):  # …but where the assessor would take it up
        shares.take(assessor, token, now=NOW)
    found = queries.people(applying.actor(at, "sender"), key, now=NOW)
    assert [share.standing for share in found.shares] == [Standing.INVITED]


@pytest.mark.feature("A9")
def test_who_took_part_may_never_assess_it(at):
    key = applying.drafted(at, state=ApplicationState.SUBMITTED)
    made = db.session.query(Application).filter_by(key=key).one()
    helper = build.person(name="Helper")
    share = build.share(made, helper, db.session.query(Person).first(), Right.VIEW)
    share.ended_at, share.ended_by = NOW, helper.id  # even once it has ended
    funder = db.session.get_one(build.Round, at.round_id).organisation_id
    build.kept(
        build.Membership(
            person_id=helper.id,
            organisation_id=funder,
            role=Role.ASSESSOR,
            starts_at=NOW - dt.timedelta(days=9),
        )
    )
    manager = applying.actor(at, "manager")

    with pytest.raises(Blocked) as refused:
        assign.assign(manager, key, helper.key, now=NOW)

    assert "Took part in writing it" in str(refused.value)
    pool = assessors.pool(manager, at.round_key, now=NOW)
    assert (helper.id, made.id) in pool.barred


def test_helper_is_barred_by_the_rule_alone():
    parties = conflicts.Parties(1, helpers=frozenset({7}))

    assert conflicts.bar(conflicts.Candidate(7), parties, 9) == "Took part in writing it"
    assert conflicts.bar(conflicts.Candidate(8), parties, 9) == ""
