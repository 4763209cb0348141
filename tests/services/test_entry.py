"""Signing in by a link: equal answers, once, for half an hour, and never past the second factor."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.jobs import worker
from grants.models.audit import AuditEntry
from grants.models.job import Job
from grants.models.outbox import OutboxMessage
from grants.models.person import OneTimeLink, SignInSession
from grants.rules.people import Role
from grants.rules.refusals import Blocked, NotFound
from grants.services import entry, passwords, sign_in, tries
from grants.services.hashing import Hashing
from tests import build
from tests.build import NOW, PASSWORD

pytestmark = pytest.mark.feature("A1")
QUICK = Hashing(memory=64, passes=1)
LIFE = {"longest": dt.timedelta(hours=12), "idle": dt.timedelta(hours=2)}


def ask(email: str, *, after: str = "", now: dt.datetime = NOW) -> None:
    entry.ask(email, base_url="https://g.example.org", after=after, address="192.0.2.1", now=now)


def mailed(email: str, *, after: str = "", now: dt.datetime = NOW) -> str:
    """The address in the mail that was sent for this asking."""
    ask(email, after=after, now=now)
    worker.run_due(now)
    bodies = db.session.scalars(sa.select(OutboxMessage.body).order_by(OutboxMessage.id.desc()))
    return re.search(r"https://\S+", bodies.first()).group(0)


def token(email: str, now: dt.datetime = NOW) -> str:
    return mailed(email, now=now).rpartition("/")[2]


def enter(link: str, now: dt.datetime = NOW, **rest) -> sign_in.Ticket:
    return entry.enter(link, address="192.0.2.9", now=now, **rest)


def session_of(ticket: sign_in.Ticket) -> sign_in.Session | None:
    return sign_in.session_of(ticket.token, now=NOW, **LIFE)


@pytest.fixture
def person(context):
    return build.person(Role.APPLICANT_EDITOR, at=build.organisation())


def test_link_begins_a_session(person):
    session = session_of(enter(token(f"  {person.email.upper()} ")))

    assert session.actor == build.actor_of(person)
    acts = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["ask-entry-link", "sign-in"]


def test_session_of_this_browser_is_renewed(person):
    build.session_token(person)
    before = db.session.scalars(sa.select(SignInSession.id)).one()

    enter(token(person.email), replaces=before)

    ended = db.session.scalars(sa.select(SignInSession.ended_at).order_by(SignInSession.id)).all()
    assert ended == [NOW, None]


@pytest.mark.parametrize("role", [Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER])
def test_link_never_skips_the_second_factor(context, role):
    email = build.person(role, at=build.programme()).email

    ticket = enter(token(email))

    assert ticket.needs_code
    session = session_of(ticket)
    assert (session.needs_code, session.actor.held) == (True, ())


def test_link_works_once(person):
    link = token(person.email)
    enter(link)

    with pytest.raises(NotFound):
        enter(link)
    with pytest.raises(NotFound):
        entry.holder_of(link, now=NOW)


def test_looking_at_a_link_uses_nothing_up(person):
    link = token(person.email)

    seen = [entry.holder_of(link, now=NOW) for _ in range(3)]

    assert seen == [entry.Holder(person.name, person.email)] * 3
    enter(link)


def test_link_lives_half_an_hour(person):
    link = token(person.email)

    entry.holder_of(link, now=NOW + dt.timedelta(minutes=29, seconds=59))
    with pytest.raises(NotFound):
        enter(link, now=NOW + dt.timedelta(minutes=30))


def test_newer_link_ends_the_older(person):
    older = token(person.email)
    newer = token(person.email)

    with pytest.raises(NotFound):
        enter(older)
    enter(newer)


def test_changed_password_ends_the_link(person):
    link = token(person.email)
    session = sign_in.session_of(build.session_token(person), now=NOW, **LIFE)

    passwords.change(session, PASSWORD, "otter lantern gravel moss", hashing=QUICK, now=NOW)

    with pytest.raises(NotFound):
        enter(link)


def test_link_of_a_disabled_person_is_over(person):
    link = token(person.email)
    person.disabled_at = NOW
    db.session.commit()

    with pytest.raises(NotFound):
        enter(link)


def test_links_of_other_purposes_let_nobody_in(person):
    passwords.forgotten(person.email, base_url="https://x", address="192.0.2.1", now=NOW)
    body = db.session.scalars(sa.select(OutboxMessage.body)).one()
    of_password = re.search(r"/links/(\S+)", body).group(1)

    with pytest.raises(NotFound):
        enter(of_password)
    with pytest.raises(NotFound):
        passwords.claim(token(person.email), "otter lantern gravel moss", hashing=QUICK, now=NOW)


def test_link_is_kept_as_a_fingerprint(person):
    link = token(person.email)

    assert db.session.scalars(sa.select(OneTimeLink.token_sha256)).one() == tries.digest(link)


def test_page_that_was_asked_for_goes_along(person):
    address = mailed(person.email, after="/applications?sort=-asked")

    assert address.endswith("?next=%2Fapplications%3Fsort%3D-asked")


def test_unknown_address_costs_the_same_statements_and_gets_no_mail(person, count_statements):
    counts = []
    for email in (person.email, "nobody@example.org"):
        with count_statements() as found:
            ask(email)
        counts.append(len(found))

    worker.run_due(NOW)

    assert counts[0] == counts[1]
    assert db.session.scalars(sa.select(OutboxMessage.recipient)).all() == [person.email]
    assert db.session.scalars(sa.select(Job.fault)).all() == ["", ""]


@pytest.mark.parametrize("exists", [True, False])
def test_sixth_asking_is_refused_whether_the_account_exists(person, exists):
    email = person.email if exists else "nobody@example.org"
    for _ in range(5):
        ask(email)

    with pytest.raises(Blocked) as refusal:
        ask(email)

    assert str(refusal.value) == tries.TOO_MANY


def test_tries_of_one_address_are_limited(person):
    link = token(person.email)
    for _ in range(tries.LIMITS["address"]):
        with pytest.raises(NotFound):
            enter("nothing")

    with pytest.raises(Blocked):
        enter(link)
