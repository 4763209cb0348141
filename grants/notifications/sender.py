"""The only speaker of SMTP: one message to one person, and an honest word on what became of it."""

from __future__ import annotations

import datetime as dt
import mimetypes
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum

from grants.config import Settings

SECONDS = 30
OK = range(200, 300)
FOR_GOOD = 500  # from here on the server says: never
ASCII_ONLY = SMTP.clone(cte_type="7bit")  # every server takes it
BROKEN = "The connection was cut while the message was handed over. It may have arrived."
BAD_ADDRESS = "This is not an address that mail can be sent to."
UNREACHABLE = "The mail server could not be reached."

File = tuple[str, bytes]  # the name shown, and the content


class Outcome(StrEnum):
    """What became of one try."""

    SENT = "sent"  # the server said that it has it
    LATER = "later"  # it does not have it: try again
    NEVER = "never"  # it does not have it, and trying again is pointless
    UNKNOWN = "unknown"  # cut while handing over: it may have it


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, and a sentence for staff where something went wrong."""

    outcome: Outcome
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one person. ``message_id`` stays the same over all tries."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    body: str
    at: dt.datetime


class Unreachable(Exception):
    """There is no server to talk to. ``str()`` of it is a sentence for staff."""


@contextmanager
def line(settings: Settings) -> Iterator[Line]:
    """A line to the mail server, closed at the end. Raises Unreachable."""
    try:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
        _introduce(server, settings)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"{UNREACHABLE} ({type(error).__name__})") from error
    try:
        yield Line(server)
    finally:
        server.close()


def _introduce(server: smtplib.SMTP, settings: Settings) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise


class Line:
    """An open connection. ``is_open`` turns false when it was cut."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server
        self.is_open = True

    def send(self, mail: Mail, attachment: File | None = None) -> Answer:
        """Hand over one message. Never raises for what a server or a connection does."""
        try:
            data = compose(mail, attachment)
        except ValueError:
            return Answer(Outcome.NEVER, BAD_ADDRESS)
        try:
            refused = self._envelope(mail)
        except (OSError, smtplib.SMTPException):
            self.is_open = False
            return Answer(Outcome.LATER, UNREACHABLE)
        return refused or self._hand_over(data)

    def _envelope(self, mail: Mail) -> Answer | None:
        """Sender and recipient; an answer when the server takes one of them not."""
        for code, words in (self._server.mail(mail.sender), self._server.rcpt(mail.recipient)):
            if code not in OK:
                self._server.rset()
                return _refused(code, words)
        return None

    def _hand_over(self, data: bytes) -> Answer:
        try:
            code, words = self._server.data(data)
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException):
            self.is_open = False
            return Answer(Outcome.UNKNOWN, BROKEN)
        return Answer(Outcome.SENT) if code in OK else _refused(code, words)


def compose(mail: Mail, attachment: File | None = None) -> bytes:
    """The message as it travels. Raises ValueError for anything that would bend a header."""
    message = EmailMessage(policy=ASCII_ONLY)
    message["From"] = Address("Community Fund Grants", addr_spec=mail.sender)
    message["To"] = _one(mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = mail.at
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    if attachment is not None:
        name, content = attachment
        guessed, _ = mimetypes.guess_type(name)
        kind, _, detail = (guessed or "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=kind, subtype=detail, filename=name)
    return message.as_bytes()


def _one(recipient: str) -> Address:
    """One plain address: no second one, no line break, nothing that needs SMTPUTF8."""
    name, _, place = recipient.rpartition("@")
    is_plain = recipient.isascii() and not any(c in recipient for c in "\r\n\0 ,;<>")
    if not (is_plain and name and place):
        raise ValueError(BAD_ADDRESS)
    try:
        return Address(addr_spec=recipient)
    except MessageError as error:
        raise ValueError(BAD_ADDRESS) from error


def _refused(code: int, words: bytes | str) -> Answer:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    said = " ".join(text.split())[:200]
    outcome = Outcome.NEVER if code >= FOR_GOOD else Outcome.LATER
    return Answer(outcome, f"The mail server said {code}: {said}")
