"""The outbox is emptied: sent once, tried again after a pause, honest about what is not known."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.notifications import outbox
from grants.notifications.sender import Outcome
from grants.rules.states import MessageState
from grants.services import mail
from grants.services.transaction import transaction
from grants.storage.store import files
from tests.clock import Clock
from tests.notifications.servers import postbox

NOW = Clock.START
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def box(context, settings):
    with postbox() as (found, port):
        found.settings = dataclasses.replace(settings, smtp_host="127.0.0.1", smtp_port=port)
        yield found


def queue(count: int = 1, attachment: tuple[str, str] | None = None) -> None:
    with transaction():
        for n in range(count):
            outbox.queue(
                "accepted",
                f"a{n}@example.org",
                now=NOW,
                values={"name": "A", "reference": "R", "title": "T"},
                attachment=attachment,
            )


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.query(OutboxMessage).order_by(OutboxMessage.id))


def deliver(box, after: dt.timedelta = dt.timedelta(0)) -> dict[Outcome, int]:
    return dict(mail.deliver(box.settings, now=NOW + after))


def test_without_a_mail_server_everything_stays_queued(context, settings):
    queue()

    assert mail.deliver(settings, now=NOW) == {}
    assert [row.state for row in messages()] == [MessageState.QUEUED]


def test_each_message_goes_to_one_person_once(box):
    queue(3)

    assert deliver(box) == {Outcome.SENT: 3}
    assert deliver(box, 5 * MINUTE) == {}
    assert [got.rcpt_tos for got in box.taken] == [[f"a{n}@example.org"] for n in range(3)]
    assert {(row.state, row.sent_at, row.attempts) for row in messages()} == {
        (MessageState.SENT, NOW, 1)
    }


def test_attachment_is_read_from_the_store(box):
    files.write("letters/one.pdf", b"%PDF-1.7")
    queue(attachment=("letters/one.pdf", "Letter.pdf"))

    assert deliver(box) == {Outcome.SENT: 1}
    assert b'filename="Letter.pdf"' in box.taken[0].content


def test_missing_attachment_is_not_sent_without_it(box):
    queue(attachment=("letters/none.pdf", "Letter.pdf"))

    assert deliver(box) == {Outcome.LATER: 1}
    assert (box.taken, messages()[0].fault) == ([], mail.NO_FILE)


def test_refused_for_now_is_tried_again_with_growing_pauses(box):
    box.mood = "greylist"
    queue()
    tried = [minutes for minutes in range(20) if deliver(box, minutes * MINUTE)]
    box.mood = ""

    assert tried == [0, 1, 3, 7, 15]
    assert deliver(box, 60 * MINUTE) == {Outcome.SENT: 1}


def test_refused_too_often_fails(box):
    box.mood = "greylist"
    queue()
    for day in range(mail.MOST_TRIES):
        deliver(box, dt.timedelta(days=day))

    assert [(row.state, row.fault) for row in messages()] == [
        (MessageState.FAILED, "The mail server said 451: Come back later")
    ]


def test_refused_for_good_fails_at_once(box):
    box.mood = "stranger"
    queue()

    assert deliver(box) == {Outcome.NEVER: 1}
    assert messages()[0].state == MessageState.FAILED


def test_cut_while_handing_over_is_tried_once_more_with_the_same_id(box):
    box.mood = "cut after keeping"
    queue()
    assert deliver(box) == {Outcome.UNKNOWN: 1}
    assert messages()[0].state == MessageState.UNKNOWN
    box.mood = ""

    assert deliver(box, MINUTE) == {Outcome.SENT: 1}
    ids = {line for got in box.taken for line in got.content.splitlines() if b"Message-ID" in line}
    assert (len(box.taken), len(ids)) == (2, 1)


def test_cut_twice_stays_unknown_for_staff(box):
    box.mood = "cut before keeping"
    queue()
    for days in range(3):
        deliver(box, dt.timedelta(days=days))

    (row,) = messages()
    assert (row.state, row.next_try_at, row.attempts) == (MessageState.UNKNOWN, None, 2)


def test_sender_that_died_leaves_it_unknown(box):
    queue()
    key = messages()[0].id
    assert mail._claim(key, box.settings, NOW) is not None
    assert deliver(box, MINUTE) == {}

    assert deliver(box, mail.SENDING_FOR) == {Outcome.SENT: 1}
    assert [got.rcpt_tos for got in box.taken] == [["a0@example.org"]]


def test_two_senders_never_take_the_same_message(box):
    queue()
    key = messages()[0].id

    assert mail._claim(key, box.settings, NOW) is not None
    assert mail._claim(key, box.settings, NOW) is None


def test_server_that_is_away_costs_no_try(context, settings):
    queue(2)
    away = dataclasses.replace(settings, smtp_host="127.0.0.1", smtp_port=1)

    assert mail.deliver(away, now=NOW) == {Outcome.LATER: 2}
    assert {(row.state, row.attempts) for row in messages()} == {(MessageState.QUEUED, 0)}
