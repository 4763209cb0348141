"""The verbs of applying: what each keeps, and what it refuses."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import (
    Answer,
    Application,
    ApplicationPartner,
    ApplicationVersion,
    BudgetLine,
    ProposedProject,
)
from grants.models.audit import AuditEntry
from grants.models.organisation import Organisation
from grants.models.outbox import OutboxMessage
from grants.models.search import SearchText
from grants.rules.frozen import fingerprint
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState as State
from grants.services import answers, apply, asking
from grants.services.answer_sheet import Sent
from grants.services.apply import Choice
from tests import applying, build

NOW = build.NOW
FUNDS = sorted(all_funds())


BOTH = pytest.mark.parametrize("at", FUNDS, indirect=True)


@pytest.fixture
def at(context, request):
    return applying.place(getattr(request, "param", FUNDS[0]))


def choice(at, area="Shetland Islands") -> Choice:
    return Choice(at.round_key, at.organisation_key, area)


def record(key: uuid.UUID) -> Application:
    return db.session.query(Application).filter_by(key=key).one()


def sent(at, **more) -> uuid.UUID:
    key = applying.drafted(at, **more)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    return key


@BOTH
def test_begun_application_knows_its_place_and_the_profile(at):
    key = apply.begin(applying.actor(at, "editor"), choice(at), now=NOW)

    made = record(key)
    assert (made.state, made.reference.rpartition("-")[2]) == (State.DRAFT, "0001")
    assert applying.answers_of(key) == {
        ("lead_organisation", ""): "Comann Shealtainn (fictional)",
        ("organisation_address", ""): "1 Made-up Street",
        ("postcode", ""): "ZE1 0AA",
        ("council_areas", ""): "S12000027",
        ("contact_email", ""): db.session.get_one(Organisation, made.organisation_id).email,
    }


def test_begun_twice_is_one_application(at):
    keys = {
        apply.begin(applying.actor(at, who), choice(at), now=NOW) for who in ("editor", "sender")
    }

    assert (len(keys), db.session.query(Application).count()) == (1, 1)


@pytest.mark.parametrize("who", ["rival", "signatory", "assessor", "manager"])
def test_nobody_begins_for_another_organisation(at, who):
    with pytest.raises(NotFound):
        apply.begin(applying.actor(at, who), choice(at), now=NOW)


def test_share_of_another_place_is_not_there(at):
    with pytest.raises(NotFound):
        apply.begin(applying.actor(at, "editor"), choice(at, "Orkney Islands"), now=NOW)


@pytest.mark.parametrize("days", [-31, 31])
def test_nothing_begins_outside_the_dates(at, days):
    with pytest.raises(Blocked):
        apply.begin(applying.actor(at, "editor"), choice(at), now=NOW + dt.timedelta(days=days))


@BOTH
@pytest.mark.feature("A28")
def test_sending_makes_a_row_of_every_proposed_project(at):
    made = record(sent(at, projects=3))

    lines = db.session.query(ProposedProject).order_by(ProposedProject.line).all()
    assert [(row.line, row.title, row.asked, row.minimum, row.people) for row in lines] == [
        (n, f"Tuesday Table {n}", 400_000, 250_050, 40) for n in (1, 2, 3)
    ]
    codes = lines[0].codes
    assert [kind for kind, _ in codes] == ["group", "group", "theme", "theme", "area", "area"]
    assert codes[0] == ["group", lines[0].main_group]
    assert (made.projects_count, made.asked) == (3, 3 * 400_000 + 75_000)


@BOTH
@pytest.mark.feature("A15")
def test_sending_parts_own_costs_from_money_passed_on(at):
    sent(at)

    rows = db.session.query(BudgetLine).order_by(BudgetLine.line).all()
    assert [(row.amount, row.is_onward) for row in rows] == [(800_000, True), (75_000, False)]


@BOTH
@pytest.mark.feature("A27")
def test_sending_keeps_partners_and_the_plan(at):
    made = record(sent(at))

    partner = db.session.query(ApplicationPartner).one()
    version = db.session.query(ApplicationVersion).one()
    assert (partner.name, partner.part) == (
        "Hillside Carers’ Collective (fictional)",
        "Hillside Carers’ Collective (fictional)",
    )
    kept = {question for question, _, _ in version.content["answers"]}
    assert {"collaboration", "governance", "plan_summary", "plan_themes", "plan_link"} <= kept
    assert (version.number, version.sha256) == (made.number, fingerprint(version.content))


@BOTH
def test_routing_council_is_kept_where_the_fund_needs_one(at):
    made = record(sent(at))

    needs = all_funds()[at.fund].settings.needs_routing_council
    assert (made.routing_council is not None) is needs


def test_sent_application_is_found_without_accents(at):
    key = sent(at)

    text = db.session.query(SearchText).filter_by(application_id=record(key).id).one().text
    phrases = ("comann shealtainn", "tuesday table 1", "contact@example.org")
    assert [phrase in text for phrase in phrases] == [True, True, False]


def test_answers_to_questions_not_asked_are_not_sent(at):
    key = applying.drafted(at)
    by = applying.actor(at, "editor")
    answers.save(by, key, Sent(texts={("other_funding", ""): "a secret"}), now=NOW)

    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    version = db.session.query(ApplicationVersion).one()
    assert [text for q, _, text in version.content["answers"] if q == "other_funding"] == []


def test_sent_twice_is_sent_once(at):
    key = sent(at)

    apply.submit(applying.actor(at, "sender"), key, now=NOW + dt.timedelta(seconds=1))

    assert (db.session.query(ApplicationVersion).count(), record(key).submitted_at) == (1, NOW)


def test_sending_is_audited_once(at):
    sent(at)

    entry = db.session.query(AuditEntry).filter_by(action="submit").one()
    assert (entry.person_name, entry.after["version"], entry.after["in_grace"]) == (
        "Seonaidh Sender",
        1,
        False,
    )


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("editor", Forbidden), ("signatory", Forbidden), ("rival", NotFound), ("manager", NotFound)],
)
def test_only_a_submitter_sends(at, who, refusal):
    key = applying.drafted(at)

    with pytest.raises(refusal):
        apply.submit(applying.actor(at, who), key, now=NOW)

    assert record(key).state == State.DRAFT


@pytest.mark.feature("A6")
def test_over_the_word_limit_is_not_sent(at):
    key = applying.drafted(at)
    long = "facal " * 600
    answers.save(
        applying.actor(at, "editor"), key, Sent(texts={("plan_summary", ""): long}), now=NOW
    )

    with pytest.raises(Blocked, match="100 words over"):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)

    assert (record(key).state, applying.answers_of(key)["plan_summary", ""]) == (State.DRAFT, long)


@pytest.mark.feature("A15")
@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("7,999", "The budget sets aside £7,999 for projects"),
        ("200,000", "The most that can be asked for is £100,000"),
    ],
)
def test_money_that_does_not_agree_is_not_sent(at, amount, sentence):
    key = applying.drafted(at)
    place = ("budget.amount", "0001")
    answers.save(applying.actor(at, "editor"), key, Sent(texts={place: amount}), now=NOW)

    with pytest.raises(Blocked, match=sentence):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)


@pytest.mark.asvs("2.3.5")
@pytest.mark.parametrize(
    ("seconds", "grace", "is_sent"),
    [(-1, 0, True), (0, 0, False), (0, 5, True), (299, 5, True), (300, 5, False)],
)
def test_deadline_is_the_servers_instant_and_its_recorded_grace(at, seconds, grace, is_sent):
    key = applying.drafted(at)
    round_record = db.session.get_one(build.Round, at.round_id)
    round_record.grace_minutes = grace
    when = round_record.closes_at + dt.timedelta(seconds=seconds)
    db.session.commit()

    with contextlib.nullcontext() if is_sent else pytest.raises(Blocked, match="no more now"):
        apply.submit(applying.actor(at, "sender"), key, now=when)

    entries = db.session.query(AuditEntry).filter_by(action="submit").all()
    assert [entry.after["in_grace"] for entry in entries] == ([seconds >= 0] if is_sent else [])


def test_late_application_loses_nothing(at):
    key = applying.drafted(at)
    before = applying.answers_of(key)

    with pytest.raises(Blocked, match="Everything you saved before is kept"):
        apply.submit(applying.actor(at, "sender"), key, now=NOW + dt.timedelta(days=40))

    assert applying.answers_of(key) == before


@BOTH
def test_returned_application_is_put_right_and_sent_again_after_the_deadline(at):
    key = sent(at)
    before = {row.row: (row.id, row.key) for row in db.session.query(ProposedProject)}
    late = NOW + dt.timedelta(days=40)

    asking.return_for_correction(applying.actor(at, "manager"), key, "Say which hall.", now=late)
    reason = record(key).returned_reason
    answers.remove_row(applying.actor(at, "editor"), key, "projects", "0001", now=late)
    texts = {("projects.title", "0002"): "The right hall", ("budget.amount", "0001"): "4,000"}
    answers.save(applying.actor(at, "editor"), key, Sent(texts=texts), now=late)
    applying.confirmed(key)
    apply.submit(applying.actor(at, "sender"), key, now=late)

    lines = db.session.query(ProposedProject).all()
    assert (reason, [(row.title, row.line) for row in lines]) == (
        "Say which hall.",
        [("The right hall", 1)],
    )
    assert (lines[0].id, lines[0].key) == before["0002"]
    assert [v.number for v in db.session.query(ApplicationVersion)] == [1, 2]
    assert (record(key).number, record(key).asked, record(key).returned_reason) == (2, 475_000, "")


def test_return_asks_for_a_reason_and_tells_its_people(at):
    key = sent(at)
    with pytest.raises(Blocked, match="Give a reason"):
        asking.return_for_correction(applying.actor(at, "manager"), key, "  ", now=NOW)

    asking.return_for_correction(applying.actor(at, "manager"), key, "Say which hall.", now=NOW)

    told = {row.recipient for row in db.session.query(OutboxMessage).filter_by(kind="returned")}
    assert told == {at.people[who] for who in ("editor", "sender", "signatory")}


@pytest.mark.parametrize("who", ["sender", "rival", "assessor"])
def test_only_the_fund_returns_an_application(at, who):
    key = sent(at)

    with pytest.raises((Forbidden, NotFound)):
        asking.return_for_correction(applying.actor(at, who), key, "x", now=NOW)


@pytest.mark.feature("A19")
@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED])
def test_withdrawn_with_a_reason(at, state):
    key = applying.drafted(at, state=state)

    apply.withdraw(applying.actor(at, "sender"), key, "Our hall burnt down.", now=NOW)

    entry = db.session.query(AuditEntry).filter_by(action="withdraw").one()
    assert (record(key).state, record(key).withdrawn_at, entry.reason) == (
        State.WITHDRAWN,
        NOW,
        "Our hall burnt down.",
    )


@pytest.mark.feature("A19")
@pytest.mark.parametrize(("who", "reason"), [("sender", " "), ("editor", "x"), ("rival", "x")])
def test_not_withdrawn_without_a_reason_or_by_another(at, who, reason):
    key = applying.drafted(at)

    with pytest.raises((Blocked, Forbidden, NotFound)):
        apply.withdraw(applying.actor(at, who), key, reason, now=NOW)

    assert record(key).state == State.DRAFT


def test_application_in_assessment_is_not_sent_again(at):
    key = applying.drafted(at, state=State.ASSESSING)

    with pytest.raises(MoveNotAllowed):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)


def test_longest_name_of_a_row_fits_its_column(at):
    key = applying.drafted(at)
    text = "x" * 400
    answers.save(
        applying.actor(at, "editor"), key, Sent(texts={("projects.title", "0001"): text}), now=NOW
    )

    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    first = db.session.query(ProposedProject).order_by(ProposedProject.line).first()
    kept = db.session.query(Answer).filter_by(question="projects.title", row="0001").one()
    assert (first.title, kept.text) == ("x" * 300, text)
