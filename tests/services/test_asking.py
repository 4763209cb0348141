"""The fund's query on named answers: what opens, what stays locked, and what comes back."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import ApplicationVersion
from grants.models.application_query import ApplicationQuery
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.queries import asked, assessments, compared, drafts, home
from grants.rules.opening import LOCKED
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Stale
from grants.rules.states import ApplicationState as State
from grants.rules.states import AssessmentState
from grants.services import answers, apply, asking, assess, attachments, replies
from grants.services.answer_sheet import Sent
from grants.services.asking import Wanted
from tests import applying, build
from tests.storage.test_inspect import PLAIN_PDF

NOW = build.NOW
DAY = dt.date(2026, 11, 20)
SUMMARY = ("plan_summary", "")
CELL = ("projects.title", "0001")


@pytest.fixture(params=sorted(all_funds()))
def at(context, request):
    return applying.place(request.param)


@pytest.fixture
def key(at):
    made = applying.drafted(at)
    apply.submit(applying.actor(at, "sender"), made, now=NOW)
    return made


def send(at, key):
    """Sent again, signed off again where the fund asks for it."""
    applying.confirmed(key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)


def record(key):
    return db.session.query(build.Application).filter_by(key=key).one()


def ask(at, key, *, who="manager", **changes):
    points = changes.pop("points", {SUMMARY: "Which hall?", CELL: "Is this its name?"})
    wanted = Wanted(**{"points": points, "number": 1, "answer_by": DAY, **changes})
    asking.ask(applying.actor(at, who), key, wanted, now=NOW)


def save(at, key, texts):
    return answers.save(applying.actor(at, "editor"), key, Sent(texts=texts), now=NOW)


def reply(at, key, text="It is the old school."):
    query = asked.open_query(record(key).id)
    point = next(point.id for point in query.points if point.place == CELL)
    sent = Sent(texts={(replies.name_of(point), ""): text}, section="replies")
    return replies.keep(applying.actor(at, "editor"), key, sent, now=NOW)


@pytest.mark.feature("A20")
def test_query_gives_the_application_back_and_tells_its_people(at, key):
    ask(at, key, words="Two small things.")

    made = drafts.draft(applying.actor(at, "editor"), key)
    told = {row.recipient for row in db.session.query(OutboxMessage).filter_by(kind="returned")}
    assert (made.state, made.returned_reason, made.query.answer_by) == (
        State.RETURNED,
        "Two small things.",
        DAY,
    )
    assert [(p.place, p.text) for p in made.query.points] == [
        (SUMMARY, "Which hall?"),
        (CELL, "Is this its name?"),
    ]
    assert told == {at.people[who] for who in ("editor", "sender", "signatory")}


@pytest.mark.feature("A20")
def test_first_page_says_until_when_the_fund_waits_for_the_answer(at, key):
    ask(at, key)

    (row,) = home.to_write(applying.actor(at, "editor"), now=NOW).rows
    assert (row.is_returned, row.by) == (True, DAY)


@pytest.mark.feature("A20")
def test_only_named_answers_can_be_changed(at, key):
    ask(at, key)
    before = applying.answers_of(key)
    locked = {
        ("governance", ""): "Other words",
        ("projects.title", "0002"): "Another",
        ("projects.asked", "0001"): "1",
        ("projects.title", "new"): "A new row",
    }

    saved = save(at, key, {**locked, SUMMARY: "The old school.", CELL: "Wednesday Table"})

    after = applying.answers_of(key)
    assert {(entry.question, entry.row): entry.text for entry in saved.refused} == dict.fromkeys(
        locked, LOCKED
    )
    assert {place for place in after if after[place] != before.get(place)} == {SUMMARY, CELL}


@pytest.mark.feature("A20")
def test_locked_answer_sent_as_it_stands_is_no_fault(at, key):
    ask(at, key)
    place = ("governance", "")

    assert save(at, key, {place: applying.answers_of(key)[place]}).refused == ()


@pytest.mark.feature("A20")
@pytest.mark.parametrize(
    ("named", "is_open"), [(("projects", ""), True), (("projects", "0001"), True), (CELL, False)]
)
def test_row_is_taken_out_only_where_it_was_named(at, key, named, is_open):
    ask(at, key, points={named: "Do you need it?"})
    actor = applying.actor(at, "editor")

    if is_open:
        answers.remove_row(actor, key, "projects", "0001", now=NOW)
        assert CELL not in applying.answers_of(key)
    else:
        with pytest.raises(Blocked, match="has not asked"):
            answers.remove_row(actor, key, "projects", "0001", now=NOW)


@pytest.mark.feature("A20")
def test_files_of_other_answers_are_locked(at, key):
    ask(at, key)
    file = attachments.Upload("plan_file", "plan.pdf", io.BytesIO(PLAIN_PDF), 10**6)

    with pytest.raises(Blocked, match="has not asked"):
        attachments.add(applying.actor(at, "editor"), key, file, now=NOW)


@pytest.mark.feature("A20")
def test_named_file_can_be_given_and_answers_the_query(at, key):
    ask(at, key, points={("plan_file", ""): "Please send it."})
    file = attachments.Upload("plan_file", "plan.pdf", io.BytesIO(PLAIN_PDF), 10**6)

    attachments.add(applying.actor(at, "editor"), key, file, now=NOW)
    send(at, key)

    assert record(key).number == 2


@pytest.mark.feature("A20")
def test_not_sent_until_each_is_changed_or_answered(at, key):
    ask(at, key)
    save(at, key, {SUMMARY: "The old school."})

    with pytest.raises(Blocked) as refused:
        send(at, key)
    reply(at, key)
    send(at, key)

    assert [reason.key for reason in refused.value.reasons] == ["projects.title"]
    assert record(key).state == State.SUBMITTED


@pytest.mark.feature("A20")
def test_sent_again_it_is_a_new_version_and_history_stays(at, key):
    ask(at, key)
    save(at, key, {SUMMARY: "The old school."})
    reply(at, key)
    send(at, key)

    (query,) = asked.history(applying.actor(at, "manager"), key)
    assert (query.about_number, query.answered_number, query.closed_at) == (1, 2, NOW)
    assert [point.reply for point in query.points] == ["", "It is the old school."]
    assert db.session.query(ApplicationVersion).count() == 2


@pytest.mark.feature("A20")
def test_changed_answers_stand_side_by_side(at, key):
    ask(at, key)
    save(at, key, {SUMMARY: "The old school.", CELL: "Wednesday Table"})
    send(at, key)

    found = compared.compare(applying.actor(at, "manager"), key, 1, 2)

    changed = [answer.key for section in found.sections for answer in section.changed]
    same = [answer.key for section in found.sections for answer in section.same]
    assert sorted(changed) == ["plan_summary", "projects"]
    assert set(changed).isdisjoint(same)
    assert len(same) > 10


@pytest.mark.feature("A20")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"points": {}}, "at least one answer"),
        ({"points": {SUMMARY: "  "}}, "at least one answer"),
        ({"points": {("nothing", ""): "x"}}, "no such answer"),
        ({"points": {("projects", "r9"): "x"}}, "no such answer"),
        ({"points": {SUMMARY: "x\x07"}}, "."),
        ({"answer_by": None}, "Give a date"),
        ({"answer_by": NOW.date()}, "Give a date"),
    ],
)
def test_query_that_makes_no_sense_is_refused(at, key, changes, sentence):
    with pytest.raises(Blocked, match=sentence):
        ask(at, key, **changes)

    assert (record(key).state, db.session.query(ApplicationQuery).count()) == (State.SUBMITTED, 0)


def test_query_about_an_older_version_is_refused(at, key):
    with pytest.raises(Stale):
        ask(at, key, number=0)


@pytest.mark.feature("A20")
@pytest.mark.parametrize("who", ["sender", "editor", "rival", "assessor"])
def test_only_the_fund_asks(at, key, who):
    with pytest.raises((Forbidden, NotFound)):
        ask(at, key, who=who)


@pytest.mark.feature("A20")
def test_assessor_never_learns_who_asked(at, key):
    ask(at, key)
    save(at, key, {SUMMARY: "The old school.", CELL: "Other"})
    send(at, key)

    assert asked.history(applying.actor(at, "assessor"), key) == ()


@pytest.mark.feature("A20")
def test_whole_form_may_still_be_given_back(at, key):
    asking.return_for_correction(applying.actor(at, "manager"), key, "Begin again.", now=NOW)

    saved = save(at, key, {("governance", ""): "Other words"})
    send(at, key)

    (query,) = asked.history(applying.actor(at, "manager"), key)
    assert (saved.refused, query.is_whole, query.answered_number) == ((), True, 2)


def test_answer_in_words_is_for_the_open_query_alone(at, key):
    ask(at, key)
    actor = applying.actor(at, "editor")
    with pytest.raises(NotFound):
        replies.keep(actor, key, Sent(texts={("reply-1000000", ""): "x"}), now=NOW)
    reply(at, key)
    save(at, key, {SUMMARY: "Other"})
    send(at, key)

    with pytest.raises((MoveNotAllowed, Forbidden)):
        replies.keep(actor, key, Sent(texts={("reply-1", ""): "x"}), now=NOW)


@pytest.mark.feature("A20")
def test_answer_in_words_that_somebody_else_changed_meanwhile_is_not_overwritten(at, key):
    ask(at, key)
    point = asked.open_query(record(key).id).points[0].id
    place = (replies.name_of(point), "")
    seen = {place: 0}

    mine = Sent(texts={place: "The old school."}, seen=seen)
    first = replies.keep(applying.actor(at, "editor"), key, mine, now=NOW)
    again = replies.keep(applying.actor(at, "editor"), key, mine, now=NOW)
    theirs = Sent(texts={place: "The new hall."}, seen=seen)
    second = replies.keep(applying.actor(at, "sender"), key, theirs, now=NOW)
    (clash,) = second.clashes
    chosen = Sent(
        texts=theirs.texts, seen={place: clash.version}, chosen=(place,), section="replies"
    )
    third = replies.keep(applying.actor(at, "sender"), key, chosen, now=NOW)

    assert (first.versions, first.written, again.written) == ({place: 1}, 1, 0)
    assert (clash.yours, clash.theirs, clash.version) == ("The new hall.", "The old school.", 1)
    assert (third.versions, third.clashes) == ({place: 2}, ())
    assert asked.open_query(record(key).id).points[0].reply == "The new hall."
    assert db.session.query(AuditEntry).filter_by(action="answer-query").count() == 1


@pytest.fixture
def scored(at, key):
    """An assessor who has begun on the first version, and a second one that came in since."""
    reader = db.session.query(build.Person).filter_by(email=at.people["assessor"]).one()
    made = record(key)
    assessment = build.assessment(made, reader, reader, state=AssessmentState.SCORING)
    ask(at, key)
    save(at, key, {SUMMARY: "The old school.", CELL: "Other"})
    send(at, key)
    made.state = State.ASSESSING
    db.session.commit()
    return assessment.key


@pytest.mark.feature("A20")
def test_assessor_sees_that_it_changed_since(at, scored):
    actor = applying.actor(at, "assessor")

    before = assessments.page_of(actor, scored)
    assess.take_newest(actor, scored, now=NOW)
    after = assessments.page_of(actor, scored)

    assert (before.number, before.newest, before.compared.changes) == (1, 2, 2)
    assert (after.number, after.compared) == (2, None)
