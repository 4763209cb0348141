"""What the fund asks, as the task list shows it, and the boxes to answer in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, url_for

from grants.blueprints.apply.forms import is_listed
from grants.queries.applications import content
from grants.queries.drafts import Draft
from grants.rules.opening import Place, is_changed, label_of
from grants.services.replies import REPLY
from grants.services.replies import name_of as reply_name
from grants.web.answer_places import name_of, versions_text
from grants.web.forms import Form, LongTextField, as_typed
from grants.web.guards import current_actor


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
            field=reply_name(point.id),
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
        reply_name(point.id): LongTextField(
            "Or answer in words",
            name=reply_name(point.id),
            default=point.reply,
            optional=True,
        )
        for point in (draft.query.points if draft.query else ())
    }
    made: Form = type("ReplyForm", (Form,), dict(fields))()
    return made


def reply_versions(draft: Draft) -> str:
    """The versions of what was said so far, as the page carries them."""
    points = draft.query.points if draft.query else ()
    return versions_text({(reply_name(point.id), ""): point.version for point in points})


def replies_in(request: Request) -> dict[Place, str]:
    """What was sent, by the field that it answers in."""
    return {
        (name, ""): as_typed(text)
        for name, text in request.form.items()
        if name.startswith(REPLY) and name.removeprefix(REPLY).isdecimal()
    }


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """What the boxes are called, and how their texts read."""

    draft: Draft

    def label(self, place: Place) -> str:
        """The answer that is asked about."""
        points = self.draft.query.points if self.draft.query else ()
        asked = next((one.place for one in points if reply_name(one.id) == place[0]), None)
        return label_of(self.draft.fund, asked, self.draft.answers) if asked else "Your answer"

    def in_words(self, place: Place, text: str) -> str:
        """As it was typed."""
        del place
        return text

    def is_writing(self, place: Place) -> bool:
        """Two texts may stand one under the other."""
        del place
        return True
