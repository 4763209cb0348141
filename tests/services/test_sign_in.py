"""Signing in: equal answers, limits, a second factor that works once, sessions that die."""

from __future__ import annotations

import datetime as dt
import threading

import pyotp
import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.person import Membership, Person, SignInAttempt, SignInSession
from grants.rules.people import Role
from grants.rules.refusals import Blocked
from grants.services import second_factor, sign_in, tries
from grants.services.hashing import Hashing
from tests import build
from tests.build import NOW, PASSWORD, SECRET

QUICK = Hashing(memory=64, passes=1)
LONGEST, IDLE = dt.timedelta(hours=12), dt.timedelta(minutes=120)


def enter(email: str, password: str = PASSWORD, *, address: str = "192.0.2.1", now=NOW, **rest):
    return sign_in.sign_in(email, password, address=address, hashing=QUICK, now=now, **rest)


def look(token: str, now: dt.datetime = NOW) -> sign_in.Session | None:
    return sign_in.session_of(token, now=now, longest=LONGEST, idle=IDLE)


def refused(email: str, password: str, **rest) -> str:
    with pytest.raises(Blocked) as refusal:
        enter(email, password, **rest)
    return str(refusal.value)


def code(now: dt.datetime, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(int(now.timestamp()))


@pytest.fixture
def applicant(context) -> Person:
    return build.person(Role.APPLICANT_EDITOR, at=build.organisation())


@pytest.fixture
def manager(context) -> Person:
    return build.person(Role.FUND_MANAGER, at=build.programme())


@pytest.fixture
def half(manager) -> sign_in.Session:
    """A manager who has given the password and owes the code."""
    session = look(enter(manager.email).token)
    assert session is not None
    return session


def test_password_right_begins_a_session(applicant):
    ticket = enter(f"  {applicant.email.upper()} ")

    session = look(ticket.token)

    assert not ticket.needs_code
    assert session is not None
    assert session.actor == build.actor_of(applicant)


def test_wrong_words_are_the_same_whether_the_account_exists(applicant):
    invited = build.person()
    invited.password_hash = None
    disabled = build.person()
    disabled.disabled_at = NOW
    db.session.commit()

    answers = {
        refused(applicant.email, "wrong"),
        refused("nobody@example.org", "wrong"),
        refused(invited.email, PASSWORD),
        refused(disabled.email, PASSWORD),
    }

    assert answers == {sign_in.WRONG}


def test_eleventh_guess_is_locked_even_when_right(applicant):
    answers = [refused(applicant.email, "wrong") for _ in range(10)]
    eleventh = refused(applicant.email, PASSWORD)

    assert set(answers) == {sign_in.WRONG}
    assert eleventh == tries.TOO_MANY


def test_eleventh_guess_at_nobody_is_locked_alike(context):
    answers = [refused("nobody@example.org", "wrong") for _ in range(11)]

    assert answers == [sign_in.WRONG] * 10 + [tries.TOO_MANY]


def test_lock_opens_after_five_minutes(applicant):
    for _ in range(11):
        refused(applicant.email, "wrong")

    ticket = enter(applicant.email, now=NOW + tries.WINDOW)

    assert look(ticket.token, NOW + tries.WINDOW) is not None


def test_signing_in_begins_the_count_again(applicant):
    for _ in range(9):
        refused(applicant.email, "wrong")
    enter(applicant.email)

    answers = [refused(applicant.email, "wrong") for _ in range(11)]

    assert answers == [sign_in.WRONG] * 10 + [tries.TOO_MANY]


def test_one_address_may_try_fifty_times_over_all_accounts(context):
    answers = [refused(f"nobody{n}@example.org", "wrong") for n in range(51)]

    assert answers == [sign_in.WRONG] * 50 + [tries.TOO_MANY]
    assert refused("nobody99@example.org", "wrong", address="192.0.2.2") == sign_in.WRONG


def test_own_account_does_not_reset_the_count_of_an_address(applicant):
    for n in range(49):
        refused(f"nobody{n}@example.org", "wrong")
    enter(applicant.email)

    assert refused("nobody50@example.org", "wrong") == sign_in.WRONG
    assert refused("nobody51@example.org", "wrong") == tries.TOO_MANY


def test_guesses_at_once_do_not_pass_the_limit(app):
    passed: list[bool] = []

    def guess() -> None:
        with app.app_context():
            try:
                tries.count(("code", "one person"), now=NOW, field="code")
                passed.append(True)
            except Blocked:
                passed.append(False)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == 16
    assert sum(passed) <= tries.LIMITS["code"]


def test_tries_are_kept_without_saying_at_whom(applicant):
    refused(applicant.email, "wrong")

    kept = db.session.scalars(sa.select(SignInAttempt.subject)).all()

    assert sorted(kept) == sorted([tries.digest(applicant.email), tries.digest("192.0.2.1")])


def test_old_hash_is_made_anew(applicant):
    before = applicant.password_hash

    sign_in.sign_in(
        applicant.email, PASSWORD, address="192.0.2.1", hashing=Hashing(128, 1), now=NOW
    )

    db.session.refresh(applicant)
    assert applicant.password_hash != before
    assert Hashing(128, 1).verify(applicant.password_hash, PASSWORD)


def test_signing_in_again_ends_the_session_before(applicant):
    before = look(enter(applicant.email).token)
    first = enter(applicant.email)
    session = look(first.token)

    enter(applicant.email, replaces=session.id)

    assert before is not None
    assert look(first.token) is None


def test_sign_in_is_in_the_audit_trail(applicant):
    enter(applicant.email)

    entry = db.session.scalars(sa.select(AuditEntry)).one()

    assert (entry.action, entry.person_id, entry.reference) == (
        "sign-in",
        applicant.id,
        applicant.email,
    )


@pytest.mark.asvs("7.4.1")
def test_copied_cookie_is_worth_nothing_after_signing_out(applicant):
    token = enter(applicant.email).token

    sign_in.sign_out(look(token), now=NOW)

    assert look(token) is None


def test_signing_out_elsewhere_leaves_this_session(applicant):
    here, there = enter(applicant.email).token, enter(applicant.email).token

    sign_in.sign_out_elsewhere(look(here), now=NOW)

    assert look(here) is not None
    assert look(there) is None


@pytest.mark.parametrize(
    ("later", "lives"),
    [
        (dt.timedelta(minutes=119), True),
        (dt.timedelta(minutes=120), False),
    ],
)
def test_session_ends_when_nothing_is_done(applicant, later, lives):
    token = enter(applicant.email).token

    assert (look(token, NOW + later) is not None) == lives


def test_session_ends_after_twelve_hours_whatever_is_done(applicant):
    token = enter(applicant.email).token
    for hour in range(1, 12):
        assert look(token, NOW + dt.timedelta(hours=hour)) is not None

    assert look(token, NOW + dt.timedelta(hours=12)) is None


def test_last_seen_is_written_at_most_every_five_minutes(applicant):
    token = enter(applicant.email).token
    seen = sa.select(SignInSession.last_seen_at)

    look(token, NOW + dt.timedelta(minutes=4))
    before = db.session.scalar(seen)
    look(token, NOW + dt.timedelta(minutes=6))
    after = db.session.scalar(seen)

    assert (before, after) == (NOW, NOW + dt.timedelta(minutes=6))


def test_disabled_person_is_out_at_the_next_click(applicant):
    token = enter(applicant.email).token
    applicant.disabled_at = NOW
    db.session.commit()

    assert look(token) is None


@pytest.mark.feature("M1")
def test_role_that_ends_is_gone_at_the_next_click(applicant):
    token = enter(applicant.email).token
    db.session.execute(sa.update(Membership).values(ends_at=NOW))
    db.session.commit()

    assert look(token).actor.held == ()


def test_role_to_come_is_not_held_yet(applicant):
    token = enter(applicant.email).token
    db.session.execute(sa.update(Membership).values(starts_at=NOW + dt.timedelta(days=1)))
    db.session.commit()

    assert look(token).actor.held == ()


def test_staff_hold_nothing_before_the_code(half):
    assert half.needs_code
    assert half.actor.held == ()


def test_funders_role_given_meanwhile_asks_for_a_code(applicant):
    token = enter(applicant.email).token
    build.kept(
        Membership(
            person_id=applicant.id,
            organisation_id=build.programme().id,
            role=Role.APPROVER,
            starts_at=NOW,
        )
    )

    session = look(token)

    assert session.needs_code
    assert session.actor.held == ()


def test_code_opens_a_new_session_in_the_place_of_the_old(manager, half):
    ticket = second_factor.give_code(half, f" {code(NOW)[:3]} {code(NOW)[3:]} ", now=NOW)

    session = look(ticket.token)

    assert session.actor == build.actor_of(manager)
    assert db.session.get(SignInSession, half.id).ended_at == NOW


def test_code_works_once(manager, half):
    second_factor.give_code(half, code(NOW), now=NOW)
    again = look(enter(manager.email).token)

    with pytest.raises(Blocked) as refusal:
        second_factor.give_code(again, code(NOW), now=NOW)

    assert str(refusal.value) == second_factor.NOT_RIGHT


@pytest.mark.parametrize(
    ("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_clock_may_differ_by_one_step(half, steps, passes):
    shown = code(NOW + dt.timedelta(seconds=30 * steps))

    try:
        second_factor.give_code(half, shown, now=NOW)
        passed = True
    except Blocked:
        passed = False

    assert passed == passes


def test_code_of_an_earlier_step_is_refused_after_a_later_one(manager, half):
    second_factor.give_code(half, code(NOW + dt.timedelta(seconds=30)), now=NOW)
    again = look(enter(manager.email).token)

    with pytest.raises(Blocked):
        second_factor.give_code(again, code(NOW), now=NOW)


def test_eleventh_code_is_locked_even_when_right(half):
    for _ in range(10):
        with pytest.raises(Blocked):
            second_factor.give_code(half, "000000", now=NOW)

    with pytest.raises(Blocked) as refusal:
        second_factor.give_code(half, code(NOW), now=NOW)

    assert str(refusal.value) == tries.TOO_MANY


def test_code_without_a_secret_opens_nothing(manager, half):
    manager.totp_secret = None
    db.session.commit()

    with pytest.raises(Blocked):
        second_factor.give_code(half, code(NOW), now=NOW)


def test_second_factor_is_set_up_with_a_code_of_it(manager, half):
    manager.totp_secret = None
    db.session.commit()
    secret = second_factor.new_secret()

    with pytest.raises(Blocked):
        second_factor.set_up(half, secret, "000000", now=NOW)
    before = db.session.scalar(sa.select(Person.totp_secret).where(Person.id == manager.id))
    ticket = second_factor.set_up(half, secret, code(NOW, secret), now=NOW)

    assert before is None
    assert not look(ticket.token).needs_code
    assert look(ticket.token).has_code


def test_second_factor_is_not_set_up_over_another(half):
    secret = second_factor.new_secret()

    with pytest.raises(Blocked):
        second_factor.set_up(half, secret, code(NOW, secret), now=NOW)
