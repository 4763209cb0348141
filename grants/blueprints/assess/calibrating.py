"""The doors of scoring samples, for the assessor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import score_form
from grants.blueprints.assess.words import SheetWords
from grants.queries import calibrating as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason
from grants.services import calibrating as services
from grants.services.answer_sheet import Refused, Saved, Sent
from grants.web import autosaving, clashes
from grants.web.answer_places import At, name_of, versions_text
from grants.web.clashes import Around
from grants.web.filters import time_short
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
TOO_LATE = 409
SAMPLE = "/samples/<uuid:key>"


@blueprint.get("/rounds/<uuid:key>/samples")
@needs(Action.CALIBRATE, "round")
def samples(key: uuid.UUID) -> ResponseReturnValue:
    """The samples of a round, and how far I am with them."""
    return render_template("assess/samples.html", duties=queries.duties(current_actor(), key))


@blueprint.get(SAMPLE)
@needs(Action.CALIBRATE, "sample")
def sample(key: uuid.UUID) -> ResponseReturnValue:
    """A sample and my sheet; once that is sent, how everybody scored."""
    return _page(key)


@blueprint.post(SAMPLE)
@needs(Action.CALIBRATE, "sample")
def score_sample(key: uuid.UUID) -> ResponseReturnValue:
    """Save what is written, or send it."""
    sent, unfit = autosaving.received(request)
    is_last = "submit" in request.form and not unfit
    try:
        saved = _kept(key, sent, is_last=is_last)
    except Blocked as blocked:
        return _page(key, blocked.reasons)
    if saved.clashes:
        return clashes.both_texts(_around(key), saved.clashes, (*unfit, *saved.refused))
    if unfit or saved.refused:
        return _page(key, _reasons((*unfit, *saved.refused)))
    if is_last:
        flash("Your scores are in. This is how everybody scored so far.", "success")
    else:
        flash(f"Saved at {time_short(now())}. You can go on now or later.", "success")
    return redirect(url_for("assess.sample", key=key))


@blueprint.post(f"{SAMPLE}/scores")
@needs(Action.CALIBRATE, "sample")
def autosave_sample(key: uuid.UUID) -> ResponseReturnValue:
    """Save as it is typed: JSON with the time, both texts of a clash, or what cannot be kept."""
    sent, unfit = autosaving.received(request)
    try:
        kept = services.autosave(current_actor(), key, sent, now=now())
    except (Forbidden, MoveNotAllowed) as refusal:
        return {"message": str(refusal)}, TOO_LATE
    total = None if kept.total is None else str(kept.total)
    return autosaving.told(
        kept.saved, unfit, total=total, marked=kept.marked, criteria=kept.criteria
    )


@blueprint.post(f"{SAMPLE}/choose")
@needs(Action.CALIBRATE, "sample")
def choose_for_sample(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what was chosen where two windows stood against each other."""
    around = _around(key)

    def save(sent: Sent) -> Saved:
        return services.save(current_actor(), key, sent, now=now()).saved

    return clashes.settle(around, request, save)


def _kept(key: uuid.UUID, sent: Sent, *, is_last: bool) -> Saved:
    if is_last:
        return services.send(current_actor(), key, sent, now=now())
    return services.save(current_actor(), key, sent, now=now()).saved


def _reasons(unkept: Iterable[At | Refused]) -> tuple[Reason, ...]:
    return tuple(Reason(entry.text, name_of((entry.question, entry.row))) for entry in unkept)


def _around(key: uuid.UUID) -> Around:
    """Where a choice between two texts is sent, and the way back."""
    page = queries.sample(current_actor(), key)
    return Around(
        SheetWords(page),
        url_for("assess.choose_for_sample", key=key),
        url_for("assess.sample", key=key),
    )


def _page(key: uuid.UUID, problems: tuple[Reason, ...] = ()) -> ResponseReturnValue:
    page = queries.sample(current_actor(), key)
    form = score_form(page) if page.may_score else None
    if form is not None:
        for reason in problems:
            form.add_problem(reason.key, reason.text)
    shown = render_template(
        "assess/sample.html", page=page, form=form, versions=versions_text(page.versions)
    )
    return shown, UNKEPT if problems else 200
