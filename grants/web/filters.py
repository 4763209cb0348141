"""How values are printed on pages. The only place where a time becomes local."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request, url_for
from markupsafe import Markup, escape

from grants.documents.dot_strips import dot_strip
from grants.rules import money
from grants.rules.states import (
    AdditionState,
    ApplicationState,
    AssessmentState,
    AwardState,
    Finding,
    JobState,
    LetterState,
    LineDecision,
    MessageState,
    ReturnState,
    RoundState,
    ScanState,
    Tier,
)
from grants.web import field_view

UK = ZoneInfo("Europe/London")
_NOON = 12
_KIB = 1024

# Each state's word and its colour, the same on every page.
STATES: Mapping[type[StrEnum], Mapping[str, tuple[str, str]]] = {
    RoundState: {
        RoundState.DRAFT: ("Draft", "grey"),
        RoundState.OPEN: ("Open", "green"),
        RoundState.CLOSED: ("Closed", "darkblue"),
    },
    Tier: {
        Tier.NATIONAL: ("National", "blue"),
        Tier.LOCAL: ("Local", "teal"),
    },
    ApplicationState: {
        ApplicationState.DRAFT: ("Draft", "grey"),
        ApplicationState.SUBMITTED: ("Submitted", "blue"),
        ApplicationState.RETURNED: ("Sent back", "orange"),
        ApplicationState.ASSESSING: ("Being assessed", "purple"),
        ApplicationState.MODERATION: ("Being decided", "teal"),
        ApplicationState.WITHDRAWN: ("Withdrawn", "grey"),
    },
    AssessmentState: {
        AssessmentState.ASSIGNED: ("To do", "yellow"),
        AssessmentState.SCORING: ("Scoring", "purple"),
        AssessmentState.SUBMITTED: ("Scored", "green"),
        AssessmentState.CONFLICTED: ("Conflict of interest", "red"),
    },
    AwardState: {
        AwardState.NONE: ("Not decided", "grey"),
        AwardState.RECOMMENDED: ("Recommended", "purple"),
        AwardState.APPROVED: ("Approved", "blue"),
        AwardState.REFUSED: ("Refused", "red"),
        AwardState.RELEASED: ("Offered", "yellow"),
        AwardState.DECLINED: ("Not funded", "red"),
        AwardState.ACCEPTED: ("Accepted", "green"),
        AwardState.OFFER_DECLINED: ("Offer turned down", "orange"),
        AwardState.LAPSED: ("Offer lapsed", "orange"),
        AwardState.CLOSED: ("Closed", "darkblue"),
    },
    AdditionState: {
        AdditionState.RECOMMENDED: ("Recommended", "purple"),
        AdditionState.APPROVED: ("Approved", "blue"),
        AdditionState.DROPPED: ("Left in reserve", "grey"),
        AdditionState.RELEASED: ("Offered", "yellow"),
        AdditionState.ACCEPTED: ("Accepted", "green"),
        AdditionState.DECLINED: ("Turned down", "orange"),
        AdditionState.LAPSED: ("Lapsed", "orange"),
    },
    LineDecision: {
        LineDecision.UNDECIDED: ("Not decided", "grey"),
        LineDecision.FULL: ("In full", "green"),
        LineDecision.PART: ("In part", "teal"),
        LineDecision.RESERVE: ("Reserve", "yellow"),
        LineDecision.OUT: ("Out", "red"),
    },
    Finding: {
        Finding.SATISFACTORY: ("Satisfactory", "green"),
        Finding.CONCERN: ("Concern", "orange"),
        Finding.NOT_NEEDED: ("Not needed", "grey"),
    },
    LetterState: {
        LetterState.DRAFTED: ("Drafted", "grey"),
        LetterState.ISSUED: ("Issued", "green"),
        LetterState.SUPERSEDED: ("Replaced", "orange"),
    },
    ReturnState: {
        ReturnState.OPEN: ("To do", "yellow"),
        ReturnState.SUBMITTED: ("Sent", "blue"),
        ReturnState.QUERIED: ("Question for you", "orange"),
        ReturnState.ACCEPTED: ("Accepted", "green"),
    },
    JobState: {
        JobState.QUEUED: ("Waiting", "grey"),
        JobState.RUNNING: ("Running", "blue"),
        JobState.DONE: ("Finished", "green"),
        JobState.FAILED: ("Failed", "red"),
    },
    MessageState: {
        MessageState.QUEUED: ("Waiting", "grey"),
        MessageState.HELD: ("Held", "yellow"),
        MessageState.SENDING: ("Sending", "blue"),
        MessageState.SENT: ("Sent", "green"),
        MessageState.UNKNOWN: ("May have been sent", "orange"),
        MessageState.FAILED: ("Not sent", "red"),
    },
    ScanState: {
        ScanState.WAITING: ("Being checked", "grey"),
        ScanState.CLEAN: ("Checked", "green"),
        ScanState.INFECTED: ("Not safe", "red"),
    },
}

# How far one part of a task list is.
TASKS: Mapping[str, tuple[str, str]] = {
    "complete": ("Complete", "green"),
    "in progress": ("In progress", "blue"),
    "not started": ("Not started", "grey"),
    "cannot start": ("Cannot start yet", "grey"),
    "problem": ("Needs attention", "red"),
}


def state_words(state: StrEnum) -> str:
    """The word for a state, as people read it."""
    return STATES[type(state)][state][0]


def state_colour(state: StrEnum) -> str:
    """The colour of a state's tag."""
    return STATES[type(state)][state][1]


def tag(state: StrEnum) -> Markup:
    """A state's word in its colour."""
    kind = type(state)
    if (kind, state) not in _TAGS:
        word, colour = STATES[kind][state]
        _TAGS[kind, state] = Markup('<strong class="ds_tag ds_tag--{}">{}</strong>').format(
            colour, word
        )
    return _TAGS[kind, state]


_TAGS: dict[tuple[type[StrEnum], StrEnum], Markup] = {}


def task_words(status: str) -> str:
    """The word for how far a part is."""
    return TASKS[status.replace("_", " ")][0]


def task_colour(status: str) -> str:
    """The colour for how far a part is."""
    return TASKS[status.replace("_", " ")][1]


def pounds(pence: int | None) -> str:
    """Money as people read it; a dash where there is none."""
    return "–" if pence is None else money.pounds(pence)


def number(value: int | None) -> str:
    """A whole number with commas; a dash where there is none."""
    return "–" if value is None else f"{value:,}"


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun: '1 project', '1,430 projects'."""
    return f"{count:,} {one if count == 1 else many}"


def percent(part: float | tuple[int, int], whole: int | None = None) -> str:
    """A share in whole percent; a dash where there is nothing to share."""
    share, base = part if isinstance(part, tuple) else (part, whole)
    return f"{100 * share / base:.0f}%" if base else "–"


def local(value: datetime) -> datetime:
    """The same moment on a clock in Scotland."""
    return value.astimezone(UK)


def date_long(value: date | datetime | str | None) -> str:
    """3 February 2027."""
    day = _day(value)
    return f"{day.day} {day:%B %Y}" if day else ""


def date_short(value: date | datetime | str | None) -> str:
    """3 Feb 2027."""
    day = _day(value)
    return f"{day.day} {day:%b %Y}" if day else ""


def last_day(ends_at: datetime) -> date:
    """The last day of something that is over at this instant."""
    return local(ends_at - timedelta(microseconds=1)).date()


def time_short(value: datetime | None) -> str:
    """14:32, on a clock in Scotland."""
    return f"{local(value):%H:%M}" if value else ""


def datetime_long(value: datetime | None) -> str:
    """2:30pm on 3 February 2027, UK time."""
    return f"{_clock(local(value))} on {date_long(value)}, UK time" if value else ""


def deadline(value: datetime | None) -> str:
    """Noon on Friday 26 February 2027, UK time: with the weekday, as deadlines are told."""
    if value is None:
        return ""
    return f"{_clock(local(value))} on {local(value):%A} {date_long(value)}, UK time"


def in_days(value: date | datetime | str, now: datetime) -> str:
    """How far off a day is: 'in 4 days', 'tomorrow', 'today', '3 days ago'."""
    day = _day(value)
    if day is None:
        return ""
    days = (day - local(now).date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    return f"in {days:,} days" if days > 0 else f"{-days:,} days ago"


def words_list(items: Sequence[str]) -> str:
    """Things in a sentence: 'a, b and c'."""
    *most, last = items or ("",)
    return f"{', '.join(most)} and {last}" if most else last


def word_count(text: str) -> int:
    """How many words, counted as the rules count them: by white space."""
    return len(text.split())


def paragraphs(text: str) -> Markup:
    """Text as people typed it: blank lines part paragraphs, line ends stay, nothing is markup."""
    parts = [part.strip("\n") for part in str(text).replace("\r\n", "\n").split("\n\n")]
    lines = [Markup("<br>").join(escape(line) for line in part.split("\n")) for part in parts]
    return Markup("").join(
        Markup("<p>{}</p>").format(line) for line, part in zip(lines, parts, strict=True) if part
    )


def file_size(size: int) -> str:
    """The size of a file: '940 bytes', '12 KB', '3.4 MB'."""
    if size < _KIB:
        return plural(size, "byte", "bytes")
    if size < _KIB * _KIB:
        return f"{size / _KIB:.0f} KB"
    return f"{size / _KIB / _KIB:.1f} MB"


def near_pages(page: int, pages: int) -> list[int | None]:
    """The pages worth a link: the ends and those beside; None stands for a gap."""
    wanted = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    shown: list[int | None] = []
    for before, this in zip([0, *wanted], wanted, strict=False):
        if this - before > 1:
            shown.append(None)
        shown.append(this)
    return shown


def address(**changes: Any) -> str:
    """The present address with some query arguments changed; None takes one away."""
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query.update(changes)
    kept = {name: value for name, value in query.items() if value not in (None, "", [""])}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept)


def _day(value: date | datetime | str | None) -> date | None:
    if not value:
        return None
    if isinstance(value, str):
        return date.fromisoformat(value)
    return local(value).date() if isinstance(value, datetime) else value


def _clock(value: datetime) -> str:
    if (value.hour, value.minute) == (_NOON, 0):
        return "noon"
    if (value.hour, value.minute) == (0, 0):
        return "midnight"
    minutes = f":{value:%M}" if value.minute else ""
    return f"{value.hour % _NOON or _NOON}{minutes}{'am' if value.hour < _NOON else 'pm'}"


_FILTERS = (
    date_long,
    date_short,
    last_day,
    datetime_long,
    deadline,
    file_size,
    in_days,
    near_pages,
    number,
    paragraphs,
    percent,
    plural,
    pounds,
    state_colour,
    state_words,
    tag,
    task_colour,
    task_words,
    time_short,
    word_count,
    words_list,
)


def register(app: Flask) -> None:
    """Give every template these filters."""
    for function in _FILTERS:
        app.add_template_filter(function)
    app.add_template_filter(dot_strip)
    app.add_template_filter(field_view.kind_of, "kind")
    app.add_template_filter(field_view.options_of, "options")
    app.add_template_filter(field_view.value_of, "value")
    app.add_template_filter(field_view.described, "described")
    app.add_template_filter(field_view.shown_when, "shown_when")
    app.add_template_global(field_view.problems_of, "problems_of")
    app.add_template_global(address, "address")
