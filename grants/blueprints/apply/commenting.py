"""The doors of comments: every thread, or those about one question; saying, answering, resolving."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.forms import CommentForm, row_title
from grants.funds.definition import QuestionKind
from grants.queries import comments as queries
from grants.queries import drafts
from grants.queries.drafts import Draft
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import comments
from grants.web.guards import current_actor, needs, now

NO_SUCH = "There is no such page."
LONGEST_ROW = 60


@blueprint.route("/applications/<uuid:key>/comments", methods=["GET", "POST"])
@needs(Action.COMMENT, "application")
def comments_on(key: uuid.UUID) -> ResponseReturnValue:
    """The threads, all or those of one place, and a form to begin one there."""
    draft = _draft(key)
    place = _place(draft)
    form = CommentForm()
    if form.validate_on_submit():
        if not place[0]:
            raise NotFound(NO_SUCH)
        try:
            comments.add(current_actor(), key, place, form.text.data, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            return redirect(_address(key, place))
    return _page(draft, place, form)


@blueprint.post("/applications/<uuid:key>/comments/<uuid:thread>/answers")
@needs(Action.COMMENT, "application")
def answer_comment(key: uuid.UUID, thread: uuid.UUID) -> ResponseReturnValue:
    """Answer in a thread."""
    draft = _draft(key)
    place = _place(draft)
    form = CommentForm()
    try:
        comments.add(current_actor(), key, place, form.text.data, answers_to=thread, now=now())
    except Blocked as refusal:
        form.add_reasons(refusal)
        return _page(draft, place, form, thread)
    return redirect(_address(key, place))


@blueprint.post("/applications/<uuid:key>/comments/<uuid:thread>/resolution")
@needs(Action.COMMENT, "application")
def resolve_comment(key: uuid.UUID, thread: uuid.UUID) -> ResponseReturnValue:
    """Say that a thread is dealt with."""
    place = _place(_draft(key))
    comments.resolve(current_actor(), key, thread, now=now())
    flash("Marked as dealt with. An answer opens it again.", "success")
    return redirect(_address(key, place))


def _page(
    draft: Draft, place: tuple[str, str], form: CommentForm, answered: uuid.UUID | None = None
) -> ResponseReturnValue:
    found = queries.threads(draft)
    shown = [
        thread
        for thread in found
        if not place[0] or (thread.question == place[0] and place[1] in {"", thread.row})
    ]
    page = render_template(
        "apply/comments.html",
        draft=draft,
        place=place,
        title=_title(draft, place) if place[0] else "",
        threads=[
            (thread, _title(draft, (thread.question, thread.row)))
            for thread in sorted(shown, key=lambda thread: not thread.is_open)
        ],
        form=form,
        answered=answered,
    )
    return page, form.status


def _draft(key: uuid.UUID) -> Draft:
    draft = drafts.draft(current_actor(), key)
    if not draft.is_commenter:
        raise NotFound(NO_SUCH)
    return draft


def _place(draft: Draft) -> tuple[str, str]:
    """The question and the row that the address names; nothing for all of them."""
    question, row = request.args.get("question", ""), request.args.get("row", "")
    if (question and draft.fund.question(question) is None) or len(row) > LONGEST_ROW:
        raise NotFound(NO_SUCH)
    return question, row if question else ""


def _address(key: uuid.UUID, place: tuple[str, str]) -> str:
    return url_for("apply.comments_on", key=key, question=place[0] or None, row=place[1] or None)


def _title(draft: Draft, place: tuple[str, str]) -> str:
    """What a comment is about, in words."""
    question = draft.fund.question(place[0])
    if question is None:
        return "A question that is no longer asked"
    if place[1] and question.kind == QuestionKind.ROWS:
        return f"{question.label}: {row_title(draft, question, place[1])}"
    return question.label
