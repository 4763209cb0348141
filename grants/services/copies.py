"""The copy of an application: as a PDF on demand, and by e-mail as the receipt of what was sent."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from grants.documents.packs import ApplicationCopy, application_copy_pdf, printed_sections
from grants.extensions import db
from grants.funds.definition import QuestionKind
from grants.models.application import Application, ApplicationVersion
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.models.round import Round
from grants.notifications import outbox
from grants.queries.applications import ApplicationText, content
from grants.queries.assessments import assessed_number
from grants.rules.answers import parse, plain
from grants.rules.people import APPLICANTS, CLOCK, Actor
from grants.services import entering
from grants.services.attachments import Download
from grants.services.telling import members
from grants.services.transaction import transaction
from grants.storage.store import files

LOOK_BACK = dt.timedelta(days=7)
CONTACT = "contact_email"
BATCH = 20
Kept = dict[str, dict[str, object]]


def copy_of(actor: Actor, key: uuid.UUID) -> Download:
    """The PDF of an application as it was last sent; an assessor gets the version they assess.

    Raises NotFound for those who may not read it.
    """
    text = content(actor, key, number=assessed_number(actor, key))
    return Download(_name(text), "application/pdf", _pdf(text))


def send_receipts(*, now: dt.datetime) -> int:
    """Send the receipt, with the copy, of every version that has none yet. Returns how many.

    The versions themselves are the queue: one that was kept and has no receipt is due, so nothing
    is lost by a kill between the two, and cut short, it begins again with the same result.
    """
    due = _due(now)
    for application_key, number in due:
        _send_receipt(content(CLOCK, application_key, number=number), now)
    return len(due)


def _due(now: dt.datetime) -> list[tuple[uuid.UUID, int]]:
    once = (
        sa.literal("received:")
        + sa.cast(Application.id, sa.String)
        + ":"
        + sa.cast(ApplicationVersion.number, sa.String)
    )
    rows = db.session.execute(
        sa.select(Application.key, ApplicationVersion.number)
        .join(Application, Application.id == ApplicationVersion.application_id)
        .where(
            ApplicationVersion.submitted_at > now - LOOK_BACK,
            ~sa.exists().where(OutboxMessage.once == once),
        )
        .order_by(ApplicationVersion.id)
        .limit(BATCH)
    )
    return [(row.key, row.number) for row in rows]


def _send_receipt(text: ApplicationText, now: dt.datetime) -> None:
    """One message to each of its people, and to the contact it names, all with the same copy."""
    storage_key = f"copies/{text.key}/{text.number}.pdf"
    files.write(storage_key, _pdf(text))
    with transaction():
        application, round_record, sender = _around(text)
        people = members(application.organisation_id, APPLICANTS, round_record.fund, now)
        names = {sender.email: sender.name, **{person.email: person.name for person in people}}
        entry = entering.entry_of_application(application.id)
        if entry is not None and entry.email:
            names.setdefault(entry.email, entry.given_by)
        contact = text.answers.get((CONTACT, ""), "").strip().lower()
        if contact and contact not in names:
            names[contact] = text.answers.get(("contact_name", ""), "").strip() or contact
        once = f"received:{application.id}:{text.number}"
        for place, (email, name) in enumerate(names.items()):
            outbox.queue(
                "received_for_you"
                if entry is not None and entry.taken_over_at is None
                else "received",
                email,
                now=now,
                values={
                    "name": name,
                    "reference": text.reference,
                    "title": text.title,
                    "round_title": text.round_title,
                    "organisation": text.organisation,
                },
                once=f"{once}:{email}"[:200] if place else once,
                round_id=round_record.id,
                attachment=(storage_key, _name(text)),
            )


def _around(text: ApplicationText) -> tuple[Application, Round, Person]:
    row: Any = db.session.execute(
        sa.select(Application, Round, Person)
        .join(Round, Round.id == Application.round_id)
        .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
        .join(Person, Person.id == ApplicationVersion.submitted_by)
        .where(Application.key == text.key, ApplicationVersion.number == text.number)
    ).one()
    return row[0], row[1], row[2]


def _pdf(text: ApplicationText) -> bytes:
    return application_copy_pdf(
        ApplicationCopy(
            fund_name=text.fund.name,
            funder=text.fund.funder,
            round_reference=text.round_reference,
            reference=text.reference,
            organisation=text.organisation,
            submitted_by=text.submitted_by,
            submitted_at=text.submitted_at,
            sha256=text.sha256,
            confirmed=tuple((one.what, one.who, one.at) for one in text.confirmed),
            sections=printed_sections(text.fund, kept_values(text)),
            notice=text.round_note,
        )
    )


def kept_values(text: ApplicationText) -> Kept:
    """Every answer as its kind means it, and the names of the files."""
    questions = {
        key: question
        for asked in text.fund.questions()
        for key, question in (
            (asked.key, asked),
            *((f"{asked.key}.{column.key}", column) for column in asked.columns),
        )
    }
    kept: Kept = {}
    for (place, row), typed in text.answers.items():
        if place in questions:
            kept.setdefault(place, {})[row] = plain(parse(questions[place], typed).value)
    for section in text.sections:
        for answer in section.answers:
            if answer.kind == QuestionKind.UPLOAD and answer.files:
                kept[answer.key] = {"": _names([file.name for file in answer.files])}
    return kept


def _names(names: Sequence[str]) -> str:
    return "; ".join(names)


def _name(text: ApplicationText) -> str:
    return f"{text.reference}-version-{text.number}.pdf"
