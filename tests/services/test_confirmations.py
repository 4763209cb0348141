"""Signing off and confirming: by another person, by link and code, for what was shown and no more."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.audit import AuditEntry
from grants.models.confirmation import Confirmation
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.queries import applications, drafts
from grants.queries import confirmations as queries
from grants.queries.definitions import fund_of
from grants.rules.confirmations import Kind, Reply, Standing, is_same_person, mailbox, partners
from grants.rules.people import NOBODY, Right
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Refusal, Stale
from grants.rules.states import ApplicationState
from grants.services import answers, apply, assign, confirming, copies, tries
from grants.services import confirmations as services
from grants.services.answer_sheet import Sent
from grants.services.confirmations import Wanted
from tests import applying, build
from tests.documents.pdf_checks import text_of

NOW = build.NOW
BASE = "https://grants.example.org"
BOARD = "board@example.org"
HERE = "192.0.2.7"
WORDS = {("need", ""): "Another need, put in afterwards."}


@pytest.fixture
def at(context):
    """The fund that asks for both."""
    return applying.place("children")


@pytest.fixture
def key(at):
    """An application that is finished, and nobody asked yet."""
    made = applying.drafted(at)
    db.session.query(Confirmation).delete()
    db.session.commit()
    return made


def ask(at, key, email=BOARD, name="Beathag Board", who="editor", now=NOW, **more):
    """Ask for a sign-off, seeing what stands there, and give the token of the link."""
    wanted = Wanted(
        **{"kind": Kind.SIGN_OFF, "name": name, "role": "Chair", "email": email, **more}
    )
    actor = applying.actor(at, who)
    services.ask(actor, key, wanted, seen=standing(key, wanted), base_url=BASE, now=now)
    return re.search(rf"{BASE}/confirmations/(\S+)", mail(email))[1]


def standing(key, wanted):
    return db.session.scalar(
        sa.select(Confirmation.key)
        .join(Application, Application.id == Confirmation.application_id)
        .where(
            Application.key == key,
            Confirmation.kind == wanted.kind,
            Confirmation.row == wanted.row,
            Confirmation.reply != Reply.OVER,
        )
    )


def mail(email):
    return db.session.scalars(
        sa.select(OutboxMessage.body)
        .where(OutboxMessage.recipient == email)
        .order_by(OutboxMessage.id.desc())
    ).first()


def send_code(token, now=NOW):
    seen = db.session.scalars(
        sa.select(Confirmation.codes_sent).where(Confirmation.token_sha256 == tries.digest(token))
    ).one()
    confirming.send_code(token, seen=seen, address=HERE, now=now)


def enter(token, email=BOARD, now=NOW):
    send_code(token, now)
    code = re.search(r"\b\d{6}\b", mail(email))[0]
    return confirming.enter(token, code, address=HERE, now=now)


def signed(at, key, **more):
    """Asked, and signed off as it stands."""
    token = ask(at, key, **more)
    visit = enter(token, more.get("email", BOARD))
    shown = confirming.shown(token, visit, now=NOW)
    confirming.confirm(token, visit, shown.sha256, now=NOW)
    return token, visit


def confirm_partners(at, key):
    fund = fund_of(NOBODY, record(key).definition_id)
    for partner in partners(fund, applying.answers_of(key)):
        email = f"{partner.row}@example.org"
        signed(at, key, email=email, kind=Kind.PARTNER, row=partner.row)


def record(key):
    return db.session.query(Application).filter_by(key=key).one()


def requests(at, key, now=NOW):
    return queries.of_draft(drafts.draft(applying.actor(at, "editor"), key), now=now)


@pytest.mark.feature("A13")
@pytest.mark.feature("A14")
def test_nothing_is_sent_before_all_have_confirmed(at, key):
    with pytest.raises(Blocked) as refused:
        apply.submit(applying.actor(at, "sender"), key, now=NOW)

    assert [reason.key for reason in refused.value.reasons] == ["sign_off", "partners"]
    assert record(key).state == ApplicationState.DRAFT


@pytest.mark.feature("A13")
@pytest.mark.feature("A14")
def test_version_keeps_who_confirmed_it_and_the_funder_reads_it(at, key):
    confirm_partners(at, key)
    signed(at, key)

    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    version = db.session.query(ApplicationVersion).one()
    assert [one["kind"] for one in version.confirmed] == ["sign-off", "partner"]
    read = applications.content(applying.actor(at, "manager"), key)
    copy = copies.copy_of(applying.actor(at, "editor"), key)
    assert "Signed off by Beathag Board, Chair" in text_of(copy.data)
    assert [(one.who, one.at) for one in read.confirmed[:1]] == [("Beathag Board, Chair", NOW)]
    assert (
        version.sha256
        == db.session.query(Confirmation).filter_by(kind=Kind.SIGN_OFF).one().content_sha256
    )
    names = {entry.person_name for entry in db.session.query(AuditEntry)}
    assert f"Beathag Board ({BOARD})" in names


@pytest.mark.feature("A13")
def test_any_change_voids_the_sign_off(at, key):
    confirm_partners(at, key)
    signed(at, key)
    assert requests(at, key).sign_off.standing == Standing.CONFIRMED
    answers.save(applying.actor(at, "editor"), key, Sent(texts=WORDS), now=NOW)

    with pytest.raises(Blocked, match="changed after Beathag Board signed it off"):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)
    assert requests(at, key).sign_off.standing == Standing.VOID
    signed(at, key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    assert record(key).state == ApplicationState.SUBMITTED


@pytest.mark.feature("A13")
@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Beathag Board", "{sender}"),
        ("Beathag Board", "{sender_plus}"),
        ("seonaidh  SENDER", BOARD),
    ],
)
def test_only_sender_may_not_sign_off(at, key, name, email):
    mine = at.people["sender"]
    plus = mine.replace("@", "+board@")

    with pytest.raises(Blocked, match="somebody else must sign it off"):
        ask(at, key, name=name, email=email.format(sender=mine, sender_plus=plus))


@pytest.mark.feature("A13")
def test_who_signed_off_cannot_send_where_two_could(at, key):
    organisation = db.session.get_one(build.Organisation, at.organisation_id)
    second = build.person(build.Role.APPLICANT_SUBMITTER, at=organisation, name="Dara Second")
    confirm_partners(at, key)
    signed(at, key, name="Dara Second", email=second.email)

    with pytest.raises(Blocked, match="somebody else must send it"):
        apply.submit(build.actor_of(second), key, now=NOW)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    assert record(key).state == ApplicationState.SUBMITTED


@pytest.mark.feature("A13")
def test_two_people_are_enough(at, key):
    """One who writes and sends, and a board member without an account."""
    confirm_partners(at, key)
    signed(at, key, who="sender")
    people = db.session.query(Person).count()

    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    assert (record(key).state, db.session.query(Person).count()) == ("submitted", people)


@pytest.mark.feature("A13")
def test_sign_off_is_asked_once_nothing_is_missing(at, key):
    answers.save(applying.actor(at, "editor"), key, Sent(texts={("need", ""): ""}), now=NOW)

    with pytest.raises(Blocked, match="Finish the application first"):
        ask(at, key)


@pytest.mark.feature("A13")
def test_sending_back_says_why_and_blocks(at, key):
    token = ask(at, key)
    visit = enter(token)
    with pytest.raises(Blocked, match="Say what"):
        confirming.send_back(token, visit, "  ", now=NOW)
    confirming.send_back(token, visit, "The budget is not ours.", now=NOW)

    request = requests(at, key).sign_off
    assert (request.standing, request.words) == (Standing.SENT_BACK, "The budget is not ours.")
    assert "has answered" in mail(at.people["editor"])
    assert "budget" not in mail(at.people["editor"])
    with pytest.raises(MoveNotAllowed):
        confirming.confirm(token, visit, "0" * 64, now=NOW)


def test_what_is_confirmed_is_what_was_shown(at, key):
    token = ask(at, key)
    visit = enter(token)
    shown = confirming.shown(token, visit, now=NOW)
    answers.save(applying.actor(at, "editor"), key, Sent(texts=WORDS), now=NOW)

    with pytest.raises(Stale):
        confirming.confirm(token, visit, shown.sha256, now=NOW)
    assert requests(at, key).sign_off.standing == Standing.ASKED


def test_link_alone_shows_nothing_and_answers_nothing(at, key):
    token = ask(at, key)

    assert confirming.shown(token, "", now=NOW) is None
    assert confirming.asked(token, now=NOW).hidden_email == "b…@example.org"
    for act in (confirming.confirm, confirming.send_back):
        with pytest.raises(MoveNotAllowed):
            act(token, "", "Any words", now=NOW)


@pytest.mark.feature("A13")
def test_code_is_good_for_five_tries_a_while_and_once(at, key):
    token = ask(at, key)
    send_code(token)
    code = re.search(r"\b\d{6}\b", mail(BOARD))[0]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(Blocked, match="not right"):
            confirming.enter(token, wrong, address=HERE, now=NOW)
    with pytest.raises(Blocked, match="no longer good"):
        confirming.enter(token, code, address=HERE, now=NOW)

    later = NOW + dt.timedelta(minutes=6)
    send_code(token, later)
    code = re.search(r"\b\d{6}\b", mail(BOARD))[0]
    with pytest.raises(Blocked, match="no longer good"):
        confirming.enter(token, code, address=HERE, now=later + dt.timedelta(minutes=15))
    assert confirming.enter(token, f" {code[:3]} {code[3:]}", address=HERE, now=later)
    with pytest.raises(Blocked, match="no longer good"):
        confirming.enter(token, code, address=HERE, now=later)


def test_codes_of_one_request_are_counted(at, key):
    token = ask(at, key)
    for number in range(confirming.MOST_CODES):
        later = NOW + dt.timedelta(minutes=10 * number)
        send_code(token, later)

    with pytest.raises(Blocked, match="codes were sent already"):
        send_code(token, NOW + dt.timedelta(days=1))


def test_codes_are_not_asked_for_in_a_flood(at, key):
    token = ask(at, key)
    for _ in range(tries.LIMITS["link"]):
        send_code(token)

    with pytest.raises(Blocked, match="too many tries"):
        send_code(token)


@pytest.mark.feature("A13")
def test_link_is_over_after_its_days_when_replaced_and_when_sent(at, key):
    first = ask(at, key)
    with pytest.raises(NotFound):
        confirming.asked(first, now=NOW + services.LIVES)
    assert requests(at, key, NOW + services.LIVES).sign_off.standing == Standing.EXPIRED
    second = ask(at, key, email="other@example.org", name="Other Board")
    with pytest.raises(NotFound):
        confirming.asked(first, now=NOW)
    confirm_partners(at, key)
    visit = enter(second, "other@example.org")
    shown = confirming.shown(second, visit, now=NOW)
    confirming.confirm(second, visit, shown.sha256, now=NOW)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    with pytest.raises(NotFound):
        confirming.shown(second, visit, now=NOW)


def test_taking_back_kills_the_link(at, key):
    token = ask(at, key)
    request = requests(at, key).sign_off
    services.take_back(applying.actor(at, "editor"), key, request.key, now=NOW)

    with pytest.raises(NotFound):
        send_code(token)
    assert requests(at, key).sign_off.standing == Standing.NOT_ASKED


@pytest.mark.parametrize("who", ["signatory", "rival", "manager", "assessor"])
def test_others_ask_nobody(at, key, who):
    with pytest.raises((Forbidden, NotFound)):
        ask(at, key, who=who)


def test_who_was_invited_to_edit_asks_nobody(at, key):
    helper = build.person()
    build.share(record(key), helper, db.session.query(Person).first(), Right.EDIT)
    wanted = Wanted(kind=Kind.SIGN_OFF, name="B", role="", email=BOARD)

    with pytest.raises(Forbidden):
        services.ask(build.actor_of(helper), key, wanted, base_url=BASE, now=NOW)


@pytest.mark.feature("A14")
def test_partner_sees_its_own_part_and_a_change_to_it_voids_its_word(at, key):
    fund = fund_of(NOBODY, record(key).definition_id)
    table = fund.table("partners").key
    mine = partners(fund, applying.answers_of(key))[0]
    token, visit = signed(at, key, email="p@example.org", kind=Kind.PARTNER, row=mine.row)
    shown = confirming.shown(token, visit, now=NOW)
    assert shown.sections == ()
    assert mine.name in dict(shown.part).values()
    answers.save(applying.actor(at, "editor"), key, Sent(texts=WORDS), now=NOW)
    assert requests(at, key).partners[0].standing == Standing.CONFIRMED
    part = {(f"{table}.part", mine.row): "A wholly other part"}
    answers.save(applying.actor(at, "editor"), key, Sent(texts=part), now=NOW)

    assert requests(at, key).partners[0].standing == Standing.VOID
    signed(at, key)
    with pytest.raises(Blocked, match="changed after it confirmed it"):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)


@pytest.mark.feature("A14")
def test_partner_is_not_answered_for_by_the_applicant(at, key):
    fund = fund_of(NOBODY, record(key).definition_id)
    row = partners(fund, applying.answers_of(key))[0].row

    with pytest.raises(Blocked, match="your own organisation"):
        ask(at, key, email=at.people["signatory"], kind=Kind.PARTNER, row=row)
    with pytest.raises(NotFound):
        ask(at, key, kind=Kind.PARTNER, row="no-such-row")


@pytest.mark.feature("A14")
def test_late_partner_can_be_taken_out(at, key):
    fund = fund_of(NOBODY, record(key).definition_id)
    table = fund.table("partners").key
    extra = {
        (f"{table}.{column.key}", "late"): applying.answers_of(key)[f"{table}.{column.key}", row]
        for row in [partners(fund, applying.answers_of(key))[0].row]
        for column in fund.table("partners").columns
    }
    answers.save(applying.actor(at, "editor"), key, Sent(texts=extra), now=NOW)
    assert len(requests(at, key).partners) == 2
    answers.remove_row(applying.actor(at, "editor"), key, table, "late", now=NOW)
    confirm_partners(at, key)
    signed(at, key)

    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    assert len(db.session.query(ApplicationVersion).one().confirmed) == 2


@pytest.mark.feature("A13")
def test_fund_that_does_not_ask_needs_none_and_offers_none(context):
    at = applying.place("adult")
    key = applying.drafted(at)

    assert requests(at, key) == queries.Requests()
    with pytest.raises(Refusal):
        ask(at, key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    assert db.session.query(ApplicationVersion).one().confirmed == []


@pytest.mark.feature("A13")
def test_who_works_for_the_fund_signs_nothing_off_and_who_signed_off_assesses_nothing(at, key):
    token = ask(at, key, email=at.people["assessor"])
    visit = enter(token, at.people["assessor"])
    shown = confirming.shown(token, visit, now=NOW)
    with pytest.raises(Blocked, match="You work or assess for this fund"):
        confirming.confirm(token, visit, shown.sha256, now=NOW)

    helper = build.person()
    confirm_partners(at, key)
    signed(at, key, email=helper.email)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    funder = db.session.get_one(build.Round, at.round_id).organisation_id
    build.kept(
        build.Membership(
            person_id=helper.id,
            organisation_id=funder,
            role=build.Role.ASSESSOR,
            starts_at=NOW - dt.timedelta(days=9),
        )
    )
    with pytest.raises(Blocked, match="Took part in writing it"):
        assign.assign(applying.actor(at, "manager"), key, helper.key, now=NOW)


def sent_to(email):
    return db.session.query(OutboxMessage).filter_by(recipient=email).count()


@pytest.mark.feature("A13")
def test_double_click_on_asking_sends_one_mail_and_its_link_works(at, key):
    actor = applying.actor(at, "editor")
    wanted = Wanted(kind=Kind.SIGN_OFF, name="Beathag Board", role="Chair", email=BOARD)
    for _ in range(2):
        services.ask(actor, key, wanted, base_url=BASE, now=NOW)
    first = requests(at, key).sign_off.key

    assert sent_to(BOARD) == 1
    assert db.session.query(AuditEntry).filter_by(action="ask-to-confirm").count() == 1
    for _ in range(2):
        services.ask_again(actor, key, first, base_url=BASE, now=NOW)
    assert sent_to(BOARD) == 2
    token = re.search(rf"{BASE}/confirmations/(\S+)", mail(BOARD))[1]
    assert confirming.asked(token, now=NOW).name == "Beathag Board"


@pytest.mark.feature("A13")
def test_double_click_on_a_code_or_an_answer_is_one(at, key):
    token = ask(at, key)
    for _ in range(2):
        confirming.send_code(token, seen=0, address=HERE, now=NOW)
    assert sent_to(BOARD) == 2
    visit = confirming.enter(token, re.search(r"\b\d{6}\b", mail(BOARD))[0], address=HERE, now=NOW)
    for _ in range(2):
        confirming.send_back(token, visit, "Not yet.", now=NOW)
    with pytest.raises(MoveNotAllowed):
        confirming.send_back(token, visit, "Other words.", now=NOW)
    token, visit = signed(at, key)
    confirming.confirm(token, visit, requests_sha(key), now=NOW)

    acts = [one.action for one in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert (acts.count("send-back"), acts.count("confirm")) == (1, 1)


def requests_sha(key):
    """What was signed off of this application."""
    return db.session.scalars(
        sa.select(Confirmation.content_sha256)
        .join(Application, Application.id == Confirmation.application_id)
        .where(Application.key == key, Confirmation.content_sha256.is_not(None))
    ).one()


def test_one_person_by_mailbox_or_by_name():
    assert mailbox(" A.B+board@Example.org ") == "a.b@example.org"
    assert is_same_person("A B", "x@example.org", "a  b", "y@example.org")
    assert is_same_person("A B", "x+1@example.org", "C D", "X@example.org")
    assert not is_same_person("A B", "x@example.org", "C D", "y@example.org")
