"""What happens next, said plainly for every state."""

from __future__ import annotations

import datetime as dt

from flask import url_for

from grants.queries.asked import QueryText
from grants.queries.confirmations import Request, Requests
from grants.queries.drafts import Draft
from grants.rules import dates
from grants.rules.confirmations import Standing
from grants.rules.states import ApplicationState as State

NEXT = {
    State.SUBMITTED: "We have it. The fund checks that it is complete, then assessors read it. We "
    "write to you if anything is missing. You do not need to do anything now.",
    State.ASSESSING: "Assessors are reading it. We write to you when there is a decision. You do "
    "not need to do anything now.",
    State.MODERATION: "The assessors have read it and it is being decided. We write to you when "
    "there is a decision. You do not need to do anything now.",
    State.RETURNED: "The fund has asked you to put something right. Change it, then send it again.",
    State.WITHDRAWN: "You withdrew this application. Nobody will assess it.",
}
DECIDED = "There is a decision on this application. Open it to read your letter."


def what_next(draft: Draft, now: dt.datetime) -> str:
    """One or two sentences on where it stands and what happens next."""
    if draft.award_key is not None:
        return DECIDED
    if draft.query is not None and not draft.query.is_whole:
        return _asked(draft.query)
    if draft.state != State.DRAFT:
        return NEXT[draft.state]
    if not draft.takes(now):
        closed = dates.describe_deadline(draft.closes_at, max(now, draft.closes_at))
        return f"{closed} It was not sent, so it will not be assessed. Your answers are kept."
    return f"{dates.describe_deadline(draft.closes_at, now)} You can leave and come back: your answers are saved as you type."


def _asked(query: QueryText) -> str:
    many = len(query.points) > 1
    by = f" by {dates.describe_day(query.answer_by)}" if query.answer_by else ""
    return (
        f"The fund asks about {'some of your answers' if many else 'one of your answers'}. Change "
        f"{'each' if many else 'it'} or answer in words, then send the application again{by}. "
        "Everything else stays as you sent it."
    )


STATUS = {
    Standing.NOT_ASKED: "not_started",
    Standing.ASKED: "in_progress",
    Standing.EXPIRED: "problem",
    Standing.CONFIRMED: "complete",
    Standing.VOID: "problem",
    Standing.SENT_BACK: "problem",
}
HINTS = {
    Standing.NOT_ASKED: "Nobody is asked yet.",
    Standing.ASKED: "{0} is asked.",
    Standing.EXPIRED: "{0} was asked and has not answered.",
    Standing.CONFIRMED: "{0} confirmed it.",
    Standing.VOID: "It was changed after {0} confirmed it, so that no longer counts.",
    Standing.SENT_BACK: "{0} asks for a change.",
}


def before_sending(draft: Draft, requests: Requests) -> list[dict[str, object]]:
    """What others must do before it can be sent, as lines of a task list."""
    may_ask = draft.is_own and draft.is_editor
    found = []
    if requests.sign_off is not None:
        url = url_for("apply.sign_off", key=draft.key) if may_ask else None
        found.append(_step("A second person signs it off", url, requests.sign_off))
    for partner in requests.partners:
        url = url_for("apply.partners", key=draft.key) if may_ask else None
        found.append(_step(f"{partner.what} confirms its part", url, partner))
    return found


def _step(title: str, url: str | None, request: Request) -> dict[str, object]:
    return {
        "title": title,
        "url": url,
        "status": STATUS[request.standing],
        "hint": HINTS[request.standing].format(request.name),
    }
