"""Passwords: chosen by a link that works once, changed from one's account, never easy."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import OneTimeLink, SignInSession
from grants.rules.refusals import Blocked, NotFound
from grants.services import passwords, sign_in, tries
from grants.services.hashing import Hashing
from tests import build
from tests.build import NOW, PASSWORD

QUICK = Hashing(memory=64, passes=1)
GOOD = "otter lantern gravel moss"


def ask(email: str, now: dt.datetime = NOW) -> None:
    passwords.forgotten(email, base_url="https://g.example.org", address="192.0.2.1", now=now)


def token() -> str:
    bodies = db.session.scalars(sa.select(OutboxMessage.body).order_by(OutboxMessage.id.desc()))
    return re.search(r"/links/(\S+)", bodies.first()).group(1)


def take(link: str, password: str = GOOD, now: dt.datetime = NOW) -> None:
    passwords.claim(link, password, hashing=QUICK, now=now)


def may_enter(email: str, password: str) -> bool:
    try:
        sign_in.sign_in(email, password, address="192.0.2.9", hashing=QUICK, now=NOW)
    except Blocked:
        return False
    return True


@pytest.fixture
def person(context):
    return build.person()


def test_link_sets_a_new_password_and_ends_every_session(person):
    build.session_token(person)
    ask(person.email)

    take(token())

    assert db.session.scalars(sa.select(SignInSession.ended_at)).all() == [NOW]
    assert may_enter(person.email, GOOD)
    assert not may_enter(person.email, PASSWORD)


def test_link_works_once(person):
    ask(person.email)
    link = token()
    take(link)

    with pytest.raises(NotFound):
        take(link, "another lantern gravel moss")


def test_looking_at_a_link_uses_nothing_up(person):
    ask(person.email)
    link = token()

    seen = [passwords.link_of(link, now=NOW) for _ in range(3)]

    assert seen == [passwords.Link("password", person.name, person.email)] * 3


def test_link_lives_a_quarter_of_an_hour(person):
    ask(person.email)
    link = token()

    passwords.link_of(link, now=NOW + dt.timedelta(minutes=14, seconds=59))
    with pytest.raises(NotFound):
        passwords.link_of(link, now=NOW + dt.timedelta(minutes=15))


def test_newer_link_ends_the_older(person):
    ask(person.email)
    older = token()
    ask(person.email)

    with pytest.raises(NotFound):
        take(older)
    take(token())


def test_link_of_a_disabled_person_is_over(person):
    ask(person.email)
    person.disabled_at = NOW
    db.session.commit()

    with pytest.raises(NotFound):
        take(token())


def test_link_is_kept_as_a_fingerprint(person):
    ask(person.email)

    row = db.session.scalars(sa.select(OneTimeLink)).one()

    assert row.token_sha256 == tries.digest(token())


def test_no_account_gets_no_mail_and_the_same_traces(person):
    ask(person.email)
    first = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))

    ask("nobody@example.org")

    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 2 * first
    assert db.session.scalars(sa.select(OutboxMessage.recipient)).all() == [person.email]


@pytest.mark.parametrize("exists", [True, False])
def test_sixth_asking_is_refused_whether_the_account_exists(person, exists):
    email = person.email if exists else "nobody@example.org"
    for _ in range(5):
        ask(email)

    with pytest.raises(Blocked) as refusal:
        ask(email)

    assert str(refusal.value) == tries.TOO_MANY


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short otter", passwords.TOO_SHORT),
        ("passwordpassword", passwords.TOO_EASY),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", passwords.TOO_EASY),
        ("x7" * 101, passwords.TOO_LONG),
        (GOOD, ""),
        ("trì faclan gun cheangal", ""),
    ],
)
def test_strength(password, sentence):
    try:
        passwords.check_strength(password, "Mòrag Person", "morag@example.org")
        said = ""
    except Blocked as refusal:
        said = str(refusal)

    assert said == sentence


def test_own_name_is_easy_to_guess():
    with pytest.raises(Blocked) as refusal:
        passwords.check_strength("marjoriebanks1", "Fenella Marjoriebanks", "f@example.org")

    assert str(refusal.value) == passwords.TOO_EASY


def test_weak_password_uses_no_link_up(person):
    ask(person.email)
    link = token()

    with pytest.raises(Blocked):
        take(link, "passwordpassword")

    take(link)


def test_change_keeps_this_session_and_ends_the_others(person):
    here, there = build.session_token(person), build.session_token(person)
    life = {"longest": dt.timedelta(hours=12), "idle": dt.timedelta(hours=2)}
    session = sign_in.session_of(here, now=NOW, **life)

    passwords.change(session, PASSWORD, GOOD, hashing=QUICK, now=NOW)

    assert sign_in.session_of(here, now=NOW, **life) is not None
    assert sign_in.session_of(there, now=NOW, **life) is None
    assert may_enter(person.email, GOOD)
    assert db.session.scalars(sa.select(OutboxMessage.kind)).all() == ["password_changed"]


def test_change_asks_for_the_present_password(person):
    session = sign_in.session_of(
        build.session_token(person),
        now=NOW,
        longest=dt.timedelta(hours=12),
        idle=dt.timedelta(hours=2),
    )

    with pytest.raises(Blocked):
        passwords.change(session, "wrong", GOOD, hashing=QUICK, now=NOW)

    assert may_enter(person.email, PASSWORD)
