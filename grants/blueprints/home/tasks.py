"""What waits, as sentences with links: the most pressing first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app, url_for

from grants.queries.home import Office, Own
from grants.queries.waiting import Waiting

# kind of waiting -> (one, many, endpoint, whether the endpoint asks for the round)
WORDS: dict[str, tuple[str, str, str, bool]] = {
    "calibrate": (
        "sample to score, for practice",
        "samples to score, for practice",
        "assess.samples",
        True,
    ),
    "declare": (
        "application to declare an interest in, or none",
        "applications to declare an interest in, or none",
        "assess.index",
        False,
    ),
    "score": ("application to score", "applications to score", "assess.index", False),
    "reopen": (
        "assessor asks for submitted scores to be opened again",
        "assessors ask for submitted scores to be opened again",
        "assess.submitted",
        True,
    ),
    "confirm-scores": (
        "assessor’s scores on paper to hold against the sheets",
        "assessors’ scores on paper to hold against the sheets",
        "assess.assign",
        True,
    ),
    "approve": ("award to approve", "awards to approve", "award.approvals", True),
    "release": ("outcome to release", "outcomes to release", "award.release", True),
    "issue": ("letter to issue", "letters to issue", "award.letters", True),
    "overdue-return": ("return overdue", "returns overdue", "returns.staff", True),
    "read-return": ("return to read", "returns to read", "returns.staff", True),
    "recommend": (
        "application to recommend on",
        "applications to recommend on",
        "award.ranking",
        True,
    ),
    "draft-letter": ("letter to draft", "letters to draft", "award.letters", True),
    "moderate": (
        "application with every score in, to take on to the decision",
        "applications with every score in, to take on to the decision",
        "award.applications",
        True,
    ),
    "begin-assessing": (
        "application to open for assessment",
        "applications to open for assessment",
        "award.applications",
        True,
    ),
    "open": ("round to set up and open", "rounds to set up and open", "rounds.show", True),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One line: a count in words, where it leads, and what to know beside it."""

    count: int
    words: str
    url: str
    place: str = ""
    due: dt.date | dt.datetime | None = None
    is_late: bool = False


def tasks(
    to_write: Own, to_answer: Own, to_report: Own, waiting: Iterable[Waiting], office: Office
) -> list[Task]:
    """Everything that waits for this person."""
    return [
        *_own(to_write, to_answer, to_report),
        *_in_rounds(waiting),
        *_in_the_office(office),
    ]


def _own(to_write: Own, to_answer: Own, to_report: Own) -> Iterator[Task]:
    if to_answer.total:
        words = "offer to answer" if to_answer.total == 1 else "offers to answer"
        first = to_answer.rows[0]
        url = url_of("award.outcome", key=first.key)
        yield Task(to_answer.total, words, url, due=first.by, is_late=first.is_overdue)
    if to_report.total:
        words = "return to send" if to_report.total == 1 else "returns to send"
        url = url_of("returns.index")
        first = to_report.rows[0]
        yield Task(to_report.total, words, url, due=first.by, is_late=first.is_overdue)
    if to_write.total:
        words = "application to finish" if to_write.total == 1 else "applications to finish"
        yield Task(to_write.total, words, url_of("apply.index"), due=to_write.rows[0].by)


def _in_rounds(waiting: Iterable[Waiting]) -> Iterator[Task]:
    order = list(WORDS)
    for row in sorted(waiting, key=lambda row: (order.index(row.kind), row.round_reference)):
        one, many, endpoint, asks_round = WORDS[row.kind]
        url = url_of(endpoint, key=row.round_key) if asks_round else url_of(endpoint)
        yield Task(
            row.count,
            one if row.count == 1 else many,
            url,
            row.round_reference,
            row.due,
            is_late=row.kind == "overdue-return",
        )


def _in_the_office(office: Office) -> Iterator[Task]:
    if office.to_confirm:
        words = "change to confirm" if office.to_confirm == 1 else "changes to confirm"
        yield Task(office.to_confirm, words, url_of("admin.waiting"))
    if office.unsent:
        words = (
            "message that did not go out" if office.unsent == 1 else "messages that did not go out"
        )
        yield Task(office.unsent, words, url_of("admin.outbox"))


def url_of(endpoint: str, **values: object) -> str:
    """The address, or the home page itself where that door is not there."""
    known = endpoint in current_app.view_functions
    return url_for(endpoint, **values) if known else url_for("home.index")  # type: ignore[arg-type]  # plain values
