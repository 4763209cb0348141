"""Comments: among an application's people, by question; told once an hour; never the funder's."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.share import Comment
from grants.queries import comments as queries
from grants.queries import drafts
from grants.rules.people import Right
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.services import apply, comments, copies
from tests import applying, build, counting, crawling, everybody

NOW = build.NOW
NEED = ("need", "")
WORDS = "Is this what the trust board said?"


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def key(at):
    return applying.drafted(at)


def invited(key, right):
    made = db.session.query(Application).filter_by(key=key).one()
    person = build.person(name=f"Invited to {right}")
    build.share(made, person, db.session.query(Person).first(), right)
    return build.actor_of(person)


def threads(actor, key):
    return queries.threads(drafts.draft(actor, key))


def mails():
    return [
        (m.recipient, m.subject) for m in db.session.query(OutboxMessage).order_by(OutboxMessage.id)
    ]


@pytest.mark.feature("A9")
def test_thread_is_begun_answered_and_dealt_with(at, key):
    editor, helper = applying.actor(at, "editor"), invited(key, Right.COMMENT)
    comments.add(helper, key, NEED, WORDS, now=NOW)
    (thread,) = threads(editor, key)
    comments.add(editor, key, ("", ""), "It is.", answers_to=thread.key, now=NOW)
    comments.resolve(editor, key, thread.key, now=NOW)

    (thread,) = threads(helper, key)
    assert [said.text for said in thread.said] == [WORDS, "It is."]
    assert (thread.is_open, thread.resolved_by) == (False, editor.name)
    assert queries.open_counts((thread,)) == {}
    comments.add(helper, key, NEED, "Then say so.", answers_to=thread.key, now=NOW)
    assert queries.open_counts(threads(editor, key)) == {NEED: 1}


@pytest.mark.feature("A9")
def test_what_is_sent_twice_is_said_once(at, key):
    editor, helper = applying.actor(at, "editor"), invited(key, Right.COMMENT)
    for _ in range(2):
        comments.add(helper, key, NEED, WORDS, now=NOW)
    (thread,) = threads(editor, key)
    for _ in range(2):
        comments.add(editor, key, NEED, "Yes.", answers_to=thread.key, now=NOW)
    comments.add(helper, key, NEED, "Yes.", answers_to=thread.key, now=NOW)
    later = NOW + dt.timedelta(minutes=10)
    comments.add(helper, key, NEED, "Yes.", answers_to=thread.key, now=later)

    (thread,) = threads(editor, key)
    assert [said.by for said in thread.said] == [helper.name, editor.name, *[helper.name] * 2]
    assert db.session.query(AuditEntry).filter_by(action="comment").count() == 4


@pytest.mark.feature("A9")
def test_who_may_only_read_neither_reads_nor_writes_comments(at, key):
    comments.add(applying.actor(at, "editor"), key, NEED, WORDS, now=NOW)
    viewer = invited(key, Right.VIEW)

    assert threads(viewer, key) == ()
    with pytest.raises(Forbidden):
        comments.add(viewer, key, NEED, "Hello", now=NOW)


@pytest.mark.parametrize("who", ["rival", "manager", "assessor"])
def test_others_say_nothing(at, key, who):
    with pytest.raises((Forbidden, NotFound)):
        comments.add(applying.actor(at, who), key, NEED, WORDS, now=NOW)


def test_comment_says_something_about_a_question_of_the_form(at, key):
    editor = applying.actor(at, "editor")
    for text in ("  ", "x" * 5_001, "a\x00b"):
        with pytest.raises(Blocked):
            comments.add(editor, key, NEED, text, now=NOW)
    with pytest.raises(NotFound):
        comments.add(editor, key, ("no-such", ""), WORDS, now=NOW)


def test_thread_of_another_application_is_not_there(at, key):
    editor = applying.actor(at, "editor")
    other = applying.drafted(at)
    comments.add(editor, other, NEED, WORDS, now=NOW)
    (thread,) = threads(editor, other)

    with pytest.raises(NotFound):
        comments.add(editor, key, NEED, "Here?", answers_to=thread.key, now=NOW)
    with pytest.raises(NotFound):
        comments.resolve(editor, key, thread.key, now=NOW)


@pytest.mark.feature("A9")
def test_others_are_told_once_an_hour_without_the_words(at, key):
    editor, helper = applying.actor(at, "editor"), invited(key, Right.COMMENT)
    invited(key, Right.VIEW)
    comments.add(editor, key, NEED, WORDS, now=NOW)
    comments.add(helper, key, NEED, "No.", now=NOW)

    assert comments.tell(now=NOW) == 1
    told = dict(mails())
    assert set(told) == {
        helper.email,
        *(at.people[who] for who in ("editor", "sender", "signatory")),
    }
    assert told[at.people["sender"]].endswith("2 new comments")
    assert told[helper.email].endswith("1 new comment")
    assert all(WORDS not in m.body for m in db.session.query(OutboxMessage))
    comments.add(helper, key, NEED, "Again.", now=NOW)
    assert comments.tell(now=NOW + dt.timedelta(minutes=59)) == 0
    assert comments.tell(now=NOW + dt.timedelta(minutes=61)) == 1
    assert comments.tell(now=NOW + dt.timedelta(hours=5)) == 0


@pytest.mark.feature("A9")
def test_comments_go_into_no_version_copy_or_trail(at, key):
    sender = applying.actor(at, "sender")
    comments.add(sender, key, NEED, WORDS, now=NOW)
    apply.submit(sender, key, now=NOW)

    assert WORDS not in repr(db.session.query(ApplicationVersion).one().content)
    assert WORDS.encode() not in copies.copy_of(sender, key).data
    assert WORDS not in repr([entry.after for entry in db.session.query(AuditEntry)])


@pytest.mark.feature("A9")
@pytest.mark.parametrize("who", ["manager", "assessor", "approver", "auditor", "administrator"])
def test_funder_reads_no_comment_on_any_page(app, sign_in, who):
    with app.app_context():
        world = everybody.world()
        made = everybody.bid(world, "moderation")
        comments.add(build.actor_of(world.person("editor")), made.key, NEED, WORDS, now=NOW)
        db.session.remove()
    client = sign_in(app.test_client(), world.people[who])

    shown = [
        address
        for address in crawling.addresses(app, ("need",))
        if WORDS.encode() in client.get(address).data
    ]

    assert shown == []
    own = sign_in(app.test_client(), world.people["editor"])
    assert WORDS in own.get(f"/applications/{made.key}/check").text


@pytest.mark.parametrize("number", [3, 300])
def test_threads_cost_one_statement(at, key, number):
    editor = applying.actor(at, "editor")
    draft = drafts.draft(editor, key)
    writer = editor.person_id
    db.session.add_all(
        Comment(
            application_id=draft.id, question="need", text=WORDS, written_at=NOW, written_by=writer
        )
        for _ in range(number)
    )
    db.session.commit()

    with counting.statements(db.engine) as found:
        assert len(queries.threads(draft)) == number
    assert len(found) == 1
