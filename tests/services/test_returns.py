"""Writing, sending, asking about and accepting a return, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
    ReturnQuery,
    ReturnSpend,
)
from grants.models.project import Project
from grants.rules.frozen import fingerprint
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ReturnState
from grants.services import returns
from grants.services.answer_sheet import Refused, Sent
from tests import build, counting, returning
from tests.returning import FUNDS, actor, fill, kept, record_of, send

NOW = build.NOW
LATER = NOW + dt.timedelta(days=1)
GAELIC = "Tha an sgioba toilichte 💚 – “fìor mhath”, a’ cumail a’ dol"


def rows(model: object, *columns: str) -> list[tuple[object, ...]]:
    found = db.session.scalars(sa.select(model).order_by(model.id))
    return [tuple(getattr(row, name) for name in columns) for row in found]


@pytest.mark.feature("T1")
@pytest.mark.parametrize("fund", FUNDS)
def test_accepted_award_owes_a_return_for_each_project_and_period(context, fund):
    at = returning.scene(fund, projects=2)
    periods = returning.fund_at(at).return_form.periods

    owed = rows(ReturnObligation, "period", "starts_on", "ends_on", "due_on")

    assert sorted(owed) == sorted(
        2
        * [
            (
                period.key,
                *(dt.date.fromisoformat(day) for day in (period.starts, period.ends, period.due)),
            )
            for period in periods
        ]
    )
    assert rows(OutcomeReturn, "state") == [(ReturnState.OPEN,)] * 2 * len(periods)


@pytest.mark.parametrize(
    "text", [GAELIC, "x" * 10_000, "<script>alert(1)</script>", "\u202eabc", "=1+1"]
)
def test_text_is_kept_word_for_word(context, text):
    at = returning.scene()

    returns.save(actor(at, "reporter"), at.returns[0], Sent(texts={("worked", ""): text}), now=NOW)

    assert kept(at) == {("worked", ""): text}


def test_text_that_cannot_be_kept_is_refused_and_the_rest_is_kept(context):
    at = returning.scene()
    texts = {
        ("worked", ""): "a\x00b",
        ("sessions", ""): "12",
        ("no_such", ""): "x",
        ("spending.spent", "b9"): "1",
    }

    saved = returns.save(actor(at, "reporter"), at.returns[0], Sent(texts=texts), now=NOW)

    sentence = "The text holds a character that cannot be shown. Delete it or type it again."
    assert saved.refused == (Refused("worked", "", sentence),)
    assert kept(at) == {("sessions", ""): "12"}


def test_two_people_do_not_overwrite_each_other(context):
    at = returning.scene()
    place = ("worked", "")
    returns.save(
        actor(at, "reporter"), at.returns[0], Sent(texts={place: "Ours"}, seen={}), now=NOW
    )

    saved = returns.save(
        actor(at, "editor"), at.returns[0], Sent(texts={place: "Theirs"}, seen={}), now=NOW
    )

    assert [(clash.yours, clash.theirs, clash.by) for clash in saved.clashes] == [
        ("Theirs", "Ours", "Ruaraidh Reporter")
    ]
    assert kept(at) == {place: "Ours"}


def test_saving_costs_a_fixed_number_of_statements(context):
    at = returning.scene()
    reporter, texts = actor(at, "reporter"), returning.answers(returning.fund_at(at))
    db.session.commit()

    with counting.statements(db.engine) as one:
        returns.save(reporter, at.returns[0], Sent(texts={("worked", ""): "Well"}), now=NOW)
    with counting.statements(db.engine) as all_of_them:
        returns.save(reporter, at.returns[0], Sent(texts=texts), now=NOW)

    assert (len(one), len(all_of_them)) == (4, 4)


@pytest.mark.parametrize("who", ["rival", "finance", "evaluator", "assessor"])
def test_stranger_finds_no_return(context, who):
    at = returning.scene()

    with pytest.raises(NotFound):
        returns.save(actor(at, who), at.returns[0], Sent(texts={("worked", ""): "x"}), now=NOW)
    with pytest.raises(NotFound):
        returns.submit(actor(at, who), at.returns[0], {}, now=NOW)
    with pytest.raises(NotFound):
        returns.accept(actor(at, who), at.returns[0], now=NOW)


@pytest.mark.parametrize("who", ["signatory", "manager", "approver"])
def test_reader_may_not_write(context, who):
    at = returning.scene()

    with pytest.raises(Forbidden):
        returns.save(actor(at, who), at.returns[0], Sent(texts={("worked", ""): "x"}), now=NOW)
    assert kept(at) == {}


def test_editor_of_the_lead_body_writes_and_does_not_send(context):
    at = returning.scene()
    fill(at, "editor")

    with pytest.raises(Forbidden):
        returns.submit(actor(at, "editor"), at.returns[0], {}, now=NOW)


@pytest.mark.parametrize("fund", FUNDS)
@pytest.mark.parametrize("who", ["reporter", "submitter"])
def test_sending_makes_typed_rows_of_what_was_written(context, fund, who):
    at = returning.scene(fund)

    send(at, who)

    written = kept(at)
    figures = {(q, c): n for q, c, n in rows(ReturnFigure, "question", "code", "number")}
    singles = {
        (question.key, ""): 3
        for section in returning.fund_at(at).return_form.sections
        for question in section.questions
        if question.kind == "number"
    }
    tables = {
        (place.removesuffix(".people"), row): 20
        for (place, row) in written
        if place.endswith(".people")
    }
    money = {("other_money", ""): 100_000} if ("other_money", "") in written else {}
    assert figures == singles | {("unique_people", ""): 20} | tables | money
    assert rows(OutcomeResult, "started", "baseline", "paired", "improved", "same", "worse") == [
        (20, 18, 10, 6, 3, 1)
    ]
    assert rows(ReturnSpend, "heading", "spent", "reason") == [("grant", 250_050, "Hall")]
    record = record_of(at)
    assert (record.state, record.submitted_at) == (ReturnState.SUBMITTED, NOW)
    assert record.content["answers"] == [[*place, text] for place, text in sorted(written.items())]
    assert record.sha256 == fingerprint({"answers": record.content["answers"]})


def test_sending_costs_twelve_statements_and_one_commit(context):
    at = returning.scene()
    fill(at)
    reporter = actor(at, "reporter")
    db.session.commit()
    commits: list[object] = []
    note = commits.append
    sa.event.listen(db.engine, "commit", note)

    with counting.statements(db.engine) as found:
        returns.submit(reporter, at.returns[0], {}, now=NOW)

    sa.event.remove(db.engine, "commit", note)
    assert (len(found), len(commits)) == (12, 1), found


def test_sending_is_audited_and_told(context):
    at = returning.scene()

    send(at)
    returns.submit(actor(at, "reporter"), at.returns[0], {}, now=LATER)

    entries = [
        row for row in rows(AuditEntry, "action", "before", "after") if row[0] == "submit-return"
    ]
    assert entries == [
        (
            "submit-return",
            {"state": "open"},
            {"state": "submitted", "sha256": record_of(at).sha256, "changed": []},
        )
    ]
    project = db.session.scalar(sa.select(Project.reference).order_by(Project.id).limit(1))
    assert rows(OutboxMessage, "kind", "recipient", "subject") == [
        ("return_received", at.people["manager"], f"{project}: a return came in")
    ]


def test_sending_what_is_not_whole_is_refused_and_keeps_nothing(context):
    at = returning.scene()
    fill(at, unique_people="", signatory_name="")

    with pytest.raises(Blocked) as refusal:
        returns.submit(actor(at, "reporter"), at.returns[0], {}, now=NOW)

    assert [reason.key for reason in refusal.value.reasons] == ["unique_people", "signatory_name"]
    assert (record_of(at).state, record_of(at).sha256, rows(ReturnFigure, "id")) == (
        ReturnState.OPEN,
        None,
        [],
    )


@pytest.mark.feature("T4")
def test_figure_far_from_its_promise_wants_a_reason_that_is_kept(context):
    at = returning.scene()
    fill(at, unique_people="90")
    reporter, place = actor(at, "reporter"), ("_reason.unique_people", "")

    with pytest.raises(Blocked) as refusal:
        returns.submit(reporter, at.returns[0], {}, now=NOW)
    with pytest.raises(Blocked):
        returns.submit(reporter, at.returns[0], {place: "  "}, now=NOW)
    returns.submit(reporter, at.returns[0], {place: "The hall was full."}, now=NOW)

    assert refusal.value.reasons == (
        Reason(
            "Different people reached: give a reason, or put it right.", "_reason.unique_people"
        ),
    )
    assert [*place, "The hall was full."] in record_of(at).content["answers"]


def test_sent_return_cannot_be_written(context):
    at = returning.scene()
    send(at)

    with pytest.raises(MoveNotAllowed):
        returns.save(
            actor(at, "reporter"), at.returns[0], Sent(texts={("worked", ""): "x"}), now=NOW
        )


@pytest.mark.feature("T6")
def test_query_is_answered_and_the_return_compared_with_what_was_sent(context):
    at = returning.scene()
    send(at)
    manager, reporter = actor(at, "manager"), actor(at, "reporter")
    first = record_of(at).sha256

    returns.query(manager, at.returns[0], {"sessions": "Only 3?", "worked": " "}, now=NOW)
    with pytest.raises(Blocked) as refusal:
        returns.submit(reporter, at.returns[0], {}, now=LATER)
    changes = {("sessions", ""): "12", ("_reply.sessions", ""): "A slip: 12."}
    returns.save(reporter, at.returns[0], Sent(texts=changes), now=LATER)
    returns.submit(reporter, at.returns[0], {}, now=LATER)

    assert refusal.value.reasons == (
        Reason("Sessions or events held: answer the fund's question.", "_reply.sessions"),
    )
    record = record_of(at)
    assert (record.state, record.submitted_at) == (ReturnState.SUBMITTED, LATER)
    assert record.sha256 != first
    assert record.content["changed"] == [["sessions", "", "3"]]
    assert rows(ReturnQuery, "question", "text", "reply", "answered_at") == [
        ("sessions", "Only 3?", "A slip: 12.", LATER)
    ]
    sent = sa.select(ReturnFigure.number).where(ReturnFigure.question == "sessions")
    assert list(db.session.scalars(sent)) == [12]
    assert [place for place in kept(at) if place[0].startswith("_")] == []
    told = [row for row in rows(OutboxMessage, "kind", "recipient") if row[0] == "return_queried"]
    assert told == [("return_queried", at.people["reporter"])]


def test_question_about_the_whole_is_answered_too(context):
    at = returning.scene()
    send(at)
    returns.query(actor(at, "manager"), at.returns[0], {"": "Is this all?"}, now=NOW)

    reply = {("_reply.the-whole", ""): "It is."}
    returns.submit(actor(at, "reporter"), at.returns[0], reply, now=LATER)

    assert rows(ReturnQuery, "question", "reply") == [("", "It is.")]


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ({}, (Reason("Ask about at least one answer.", ""),)),
        ({"worked": " \n"}, (Reason("Ask about at least one answer.", ""),)),
        ({"no_such": "x"}, (Reason("This return has no such question.", ""),)),
        ({"worked": "x" * 10_001}, (Reason("Use 10,000 characters or fewer.", "worked"),)),
        (
            {"worked": "a\x00"},
            (
                Reason(
                    "The text holds a character that cannot be shown. Delete it or type it again.",
                    "worked",
                ),
            ),
        ),
    ],
)
def test_query_that_cannot_be_sent_is_refused(context, asked, reasons):
    at = returning.scene()
    send(at)

    with pytest.raises(Blocked) as refusal:
        returns.query(actor(at, "manager"), at.returns[0], asked, now=NOW)

    assert refusal.value.reasons == reasons
    assert (record_of(at).state, rows(ReturnQuery, "id")) == (ReturnState.SUBMITTED, [])


def test_accepting_twice_is_accepting_once(context):
    at = returning.scene()
    send(at)

    returns.accept(actor(at, "manager"), at.returns[0], now=NOW)
    returns.accept(actor(at, "manager"), at.returns[0], now=LATER)

    record = record_of(at)
    assert (record.state, record.accepted_at) == (ReturnState.ACCEPTED, NOW)
    assert [
        row for row in rows(OutboxMessage, "kind", "recipient") if row[0] == "return_accepted"
    ] == [("return_accepted", at.people["reporter"])]


@pytest.mark.parametrize("verb", ["accept", "query"])
def test_return_that_is_not_with_the_fund_cannot_be_decided(context, verb):
    at = returning.scene()
    manager = actor(at, "manager")

    verbs = {
        "accept": lambda: returns.accept(manager, at.returns[0], now=NOW),
        "query": lambda: returns.query(manager, at.returns[0], {"worked": "Why?"}, now=NOW),
    }

    with pytest.raises(MoveNotAllowed):
        verbs[verb]()


def test_approver_reads_and_does_not_decide(context):
    at = returning.scene()
    send(at)

    with pytest.raises(Forbidden):
        returns.accept(actor(at, "approver"), at.returns[0], now=NOW)


def test_officer_of_another_fund_finds_nothing(context):
    at = returning.scene()
    elsewhere = build.person(Role.FUND_MANAGER, at=build.programme())

    with pytest.raises(NotFound):
        returns.accept(build.actor_of(elsewhere), at.returns[0], now=NOW)


def test_not_shown_questions_and_unfinished_outcomes_make_no_rows(context):
    at = returning.scene()
    fill(at)
    first = next(row for place, row in kept(at) if place == "outcomes.n_same")
    texts = {("outcomes.n_started", first): ""}
    returns.save(actor(at, "reporter"), at.returns[0], Sent(texts=texts), now=NOW)

    returns.submit(actor(at, "reporter"), at.returns[0], {}, now=NOW)

    assert rows(OutcomeResult, "id") == []
