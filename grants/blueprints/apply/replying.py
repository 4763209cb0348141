"""The doors of answering the fund in words: saved by button, and as one types."""

from __future__ import annotations

import uuid
from dataclasses import replace

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.queries import ReplyWords, replies_in, reply_form
from grants.blueprints.apply.routes import task_page
from grants.queries import drafts
from grants.queries.drafts import Draft
from grants.rules.actions import Action
from grants.rules.refusals import MoveNotAllowed
from grants.services import replies as service
from grants.services.answer_sheet import Refused, Saved, Sent
from grants.web import autosaving, clashes
from grants.web.answer_places import At
from grants.web.clashes import Around
from grants.web.guards import current_actor, needs, now

BY_BUTTON = "replies"  # what is saved, in the trail


@blueprint.post("/applications/<uuid:key>/replies")
@needs(Action.EDIT_APPLICATION, "application")
def replies(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what is said in words to what the fund asks."""
    draft = drafts.draft(current_actor(), key)
    form = reply_form(draft)
    sent, unfit = autosaving.of_page(request, replies_in(request), BY_BUTTON)
    saved = service.keep(current_actor(), key, sent, now=now())
    unkept: list[At | Refused] = [*unfit, *saved.refused]
    if saved.clashes:
        return clashes.both_texts(_around(draft), saved.clashes, unkept)
    if unkept:
        for entry in unkept:
            form.add_problem(entry.question, entry.text)
        return task_page(draft, form), 422
    flash("Your answers are saved. Send the application when all of it is done.", "success")
    return redirect(url_for("apply.tasks", key=key))


@blueprint.post("/applications/<uuid:key>/replies/autosave")
@needs(Action.EDIT_APPLICATION, "application")
def autosave_replies(key: uuid.UUID) -> ResponseReturnValue:
    """What has just been typed. Answers in JSON, never with a page."""
    sent, unfit = autosaving.received(request)
    try:
        saved = service.keep(current_actor(), key, sent, now=now())
    except MoveNotAllowed as refusal:
        return jsonify(message=str(refusal)), 422
    return autosaving.told(saved, unfit)


@blueprint.post("/applications/<uuid:key>/replies/choose")
@needs(Action.EDIT_APPLICATION, "application")
def choose_reply(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what was chosen where two texts stood against each other."""

    def save(sent: Sent) -> Saved:
        by_button = replace(sent, section=BY_BUTTON)
        return service.keep(current_actor(), key, by_button, now=now())

    return clashes.settle(_around(drafts.draft(current_actor(), key)), request, save)


def _around(draft: Draft) -> Around:
    """Where a choice between two texts is sent, and the way back."""
    return Around(
        ReplyWords(draft),
        url_for("apply.choose_reply", key=draft.key),
        url_for("apply.tasks", key=draft.key),
    )
