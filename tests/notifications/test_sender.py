"""One message to one person over real SMTP, and what becomes of it."""

from __future__ import annotations

import dataclasses
import email
import email.policy

import pytest

from grants.config import Settings
from grants.notifications import sender
from grants.notifications.sender import Mail, Outcome
from tests.clock import Clock
from tests.notifications.servers import postbox

MAIL = Mail(
    message_id="<one@grants>",
    sender="grants@example.org",
    recipient="a@example.org",
    subject="Your letter",
    body="Halò Mòrag,\n\n£10 – well done.\n.\nA line that begins with a dot.\n",
    at=Clock.START,
)


@pytest.fixture
def box():
    with postbox() as (found, port):
        found.port = port
        yield found


def send(box, mail: Mail = MAIL, attachment: tuple[str, bytes] | None = None) -> sender.Answer:
    settings = Settings(secret_key="k", smtp_host="127.0.0.1", smtp_port=box.port, testing=True)
    with sender.line(settings) as line:
        return line.send(mail, attachment)


def taken(box) -> email.message.EmailMessage:
    return email.message_from_bytes(box.taken[-1].content, policy=email.policy.default)


def test_message_arrives_as_it_was_written(box):
    assert send(box).outcome == Outcome.SENT

    got = taken(box)
    assert (got["To"], got["Subject"], got["Message-ID"], got["Auto-Submitted"]) == (
        "a@example.org",
        "Your letter",
        "<one@grants>",
        "auto-generated",
    )
    assert got.get_content().splitlines() == MAIL.body.splitlines()
    assert box.taken[-1].content.isascii()


def test_attachment_arrives_with_its_name_and_kind(box):
    send(box, attachment=("letter £.pdf", b"%PDF-1.7\x00\xff"))

    (part,) = taken(box).iter_attachments()
    assert (part.get_content_type(), part.get_filename(), part.get_content()) == (
        "application/pdf",
        "letter £.pdf",
        b"%PDF-1.7\x00\xff",
    )


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        ("greylist", Outcome.LATER),
        ("full", Outcome.LATER),
        ("stranger", Outcome.NEVER),
        ("cut before keeping", Outcome.UNKNOWN),
        ("cut after keeping", Outcome.UNKNOWN),
    ],
)
def test_answer_says_what_became_of_it(box, mood, outcome):
    box.mood = mood

    assert send(box).outcome == outcome


def test_refused_recipient_leaves_the_line_usable(box):
    settings = Settings(secret_key="k", smtp_host="127.0.0.1", smtp_port=box.port, testing=True)
    with sender.line(settings) as line:
        box.mood = "stranger"
        first = line.send(MAIL)
        box.mood = ""
        second = line.send(MAIL)

    assert (first.outcome, second.outcome) == (Outcome.NEVER, Outcome.SENT)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nDATA",
        "a@example.org, b@example.org",
        "a@example.org b@example.org",
        "<a@example.org>",
        "a",
        "@example.org",
        "",
        "à@example.org",
    ],
)
def test_only_one_plain_address_is_sent_to(box, recipient):
    answer = send(box, dataclasses.replace(MAIL, recipient=recipient))

    assert (answer.outcome, answer.fault, box.taken) == (Outcome.NEVER, sender.BAD_ADDRESS, [])


@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("field", ["subject", "message_id"])
def test_line_break_bends_no_header(box, field):
    value = getattr(MAIL, field) + "\r\nBcc: b@example.org"
    send(box, dataclasses.replace(MAIL, **{field: value}))

    assert [got.rcpt_tos for got in box.taken] == []


def test_no_server_is_said_in_a_sentence():
    settings = Settings(secret_key="k", smtp_host="127.0.0.1", smtp_port=1, testing=True)

    with pytest.raises(sender.Unreachable, match="could not be reached"), sender.line(settings):
        pass
