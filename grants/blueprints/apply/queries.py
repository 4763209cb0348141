"""What the fund asks, as the task list shows it, and the boxes to answer in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, url_for

from grants.blueprints.apply.forms import is_listed
from grants.queries.applications import content
from grants.queries.drafts import Draft
from grants.rules.opening import Place, is_changed, label_of
from grants.web.answer_places import name_of
from grants.web.forms import Form, LongTextField, as_typed
from grants.web.guards import current_actor

REPLY = "reply-"


@dataclass(frozen=True, slots=True)
class PointView:
    """One thing that is asked, where it can be changed, and whether something was done about it."""

    field: str
    label: str
    text: str
    url: str
    is_changed: bool
    is_answered: bool


def point_views(draft: Draft) -> list[PointView]:
    """What the fund asks, in its order; nothing where the whole form is open."""
    if draft.query is None or draft.query.is_whole:
        return []
    sent = content(current_actor(), draft.key, number=draft.query.about_number)
    texts = {**sent.answers, **draft.answers}
    files = {(file.question, file.sha256) for file in draft.files}
    before = {
        (file.question, file.sha256)
        for section in sent.sections
        for answer in section.answers
        for file in answer.files
    }
    return [
        PointView(
            field=f"{REPLY}{point.id}",
            label=label_of(draft.fund, point.place, texts),
            text=point.text,
            url=place_url(draft, point.place),
            is_changed=is_changed(point.place, sent.answers, draft.answers)
            or any(question == point.place[0] for question, _ in files ^ before),
            is_answered=bool(point.reply.strip()),
        )
        for point in draft.query.points
    ]


def place_url(draft: Draft, place: Place) -> str:
    """The page, and the field on it, where this can be changed."""
    table, row = place[0].partition(".")[0], place[1]
    question = draft.fund.question(table)
    section = next(s.key for s in draft.fund.sections if question in s.questions)
    own_page = row and question is not None and is_listed(draft, question)
    address = url_for(
        "apply.section",
        key=draft.key,
        section=section,
        table=table if own_page else None,
        row=row if own_page else None,
    )
    return f"{address}#{name_of(place).replace('.', '-')}"


def reply_form(draft: Draft) -> Form:
    """A box for each thing that is asked, with what was said so far."""
    fields = {
        f"{REPLY}{point.id}": LongTextField(
            "Or answer in words",
            name=f"{REPLY}{point.id}",
            default=point.reply,
            optional=True,
        )
        for point in (draft.query.points if draft.query else ())
    }
    made: Form = type("ReplyForm", (Form,), dict(fields))()
    return made


def replies_in(request: Request) -> dict[int, str]:
    """What was sent, by the point it answers."""
    return {
        int(name.removeprefix(REPLY)): as_typed(text)
        for name, text in request.form.items()
        if name.startswith(REPLY) and name.removeprefix(REPLY).isdecimal()
    }
