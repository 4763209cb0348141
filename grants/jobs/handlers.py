"""Which service does which kind of job. Each handler is safe to run again after it was cut short."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from flask import current_app

from grants.config import Settings
from grants.services import (
    accept,
    allocate_later,
    attachments,
    comments,
    copies,
    duplicates,
    entry,
    extracts,
    joining,
    large_packs,
    letters,
    mail,
    paper_scans,
    reminders,
)


class Progress(Protocol):
    """Says how far a job is: keeps its lease and shows the figures. Call it outside transactions."""

    def __call__(self, done: int, total: int, /) -> None: ...


class Handler(Protocol):
    """Does one job. Gives back what the person who asked should find, if anything."""

    def __call__(
        self, payload: dict[str, Any], *, now: dt.datetime, progress: Progress
    ) -> dict[str, Any] | None: ...


class Counting(Protocol):
    """A service that looks after everything that is due, and counts it."""

    def __call__(self, *, now: dt.datetime) -> int: ...


def counted(service: Counting) -> Handler:
    """A job that needs no payload: whatever is due."""

    def handle(payload: dict[str, Any], *, now: dt.datetime, progress: Progress) -> dict[str, Any]:
        del payload, progress
        return {"count": service(now=now)}

    return handle


def deliver_outbox(*, now: dt.datetime) -> int:
    """Send what waits in the outbox."""
    settings: Settings = current_app.config["SETTINGS"]
    return mail.deliver(settings, now=now).total()


def scan_uploads(*, now: dt.datetime) -> int:
    """Ask the scanner about every file that waits: applicants', and sheets that assessors filled in."""
    return attachments.scan_waiting(now=now) + paper_scans.scan_waiting(now=now)


HANDLERS: dict[str, Handler] = {
    "deliver_outbox": counted(deliver_outbox),
    "send_receipts": counted(copies.send_receipts),
    "scan_uploads": counted(scan_uploads),
    "lapse_offers": counted(accept.lapse_overdue),
    "lapse_additions": counted(joining.lapse_overdue),
    "remind_drafts": counted(reminders.remind_drafts),
    "remind_queries": counted(reminders.remind_queries),
    "tell_comments": counted(comments.tell),
    "mark_identities": counted(duplicates.mark_waiting),
    "clear_extracts": counted(extracts.clear_expired),
    "clear_packs": counted(large_packs.clear_expired),
    allocate_later.WORK_OUT: allocate_later.work_out,
    allocate_later.MAKE: allocate_later.make,
    letters.JOB: letters.make,
    extracts.JOB: extracts.make,
    large_packs.JOB: large_packs.make,
    entry.JOB: entry.send,
}
# What the clock does by itself, and how many seconds lie between two times.
CLOCK_WORK: dict[str, float] = {
    "send_receipts": 4,
    "deliver_outbox": 2,
    "scan_uploads": 10,
    "lapse_offers": 600,
    "lapse_additions": 600,
    "remind_drafts": 3600,
    "remind_queries": 3600,
    "tell_comments": 300,
    "mark_identities": 10,
    "clear_extracts": 3600,
    "clear_packs": 3600,
}
