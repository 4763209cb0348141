"""The minute of a meeting as a file, made for the person who asks from what they may read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from grants.documents.minutes import PrintedMinute, PrintedPart, minute_pdf
from grants.documents.wording import plain_date
from grants.queries import minutes as queries
from grants.queries.definitions import fund_of
from grants.rules.dates import local
from grants.rules.people import Actor


@dataclass(frozen=True, slots=True)
class MinuteFile:
    """A file to keep."""

    name: str
    data: bytes


def pdf(actor: Actor, key: uuid.UUID) -> MinuteFile:
    """The minute on paper; an application that this person may not see is not in it."""
    minute = queries.minute(actor, key)
    meeting, record = minute.page.meeting, minute.page.round
    signed = ""
    if meeting.signed_at is not None:
        day = plain_date(local(meeting.signed_at).date())
        signed = f"Signed by {meeting.signed_by}, chair, on {day}"
    data = minute_pdf(
        PrintedMinute(
            fund_name=fund_of(actor, record.definition_id).name,
            funder=record.organisation,
            round_reference=record.reference,
            held_on=plain_date(meeting.held_on),
            parts=tuple(
                PrintedPart(
                    title=one.title,
                    text=one.text,
                    before=one.recorded if one.corrected else "",
                )
                for one in minute.paragraphs
            ),
            signed=signed,
            sha256=minute.sha256,
            notice=record.note,
        )
    )
    return MinuteFile(f"minute-{record.reference}-{meeting.held_on.isoformat()}.pdf", data)
