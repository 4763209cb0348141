"""The doors of: opening submitted scores again."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import AskToReopenForm, ReopenForm
from grants.queries import assessments, submitted_scores
from grants.queries import rescoring as pages
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import rescoring
from grants.web.guards import current_actor, needs, now


@blueprint.route("/assessments/<uuid:key>/reopening", methods=["GET", "POST"])
@needs(Action.DECLARE, "assessment")
def ask_to_reopen(key: uuid.UUID) -> ResponseReturnValue:
    """Ask the fund to open one's own submitted scores again."""
    form = AskToReopenForm()
    if request.method == "POST":
        try:
            rescoring.ask(current_actor(), key, form.reason.data, now=now())
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            flash("The fund has your request. You will be told what comes of it.", "success")
            return redirect(url_for("assess.show", key=key))
    page = assessments.page_of(current_actor(), key)
    shown = render_template("assess/ask_to_reopen.html", page=page, form=form)
    return shown, form.status


@blueprint.route(
    "/applications/<uuid:key>/readers/<uuid:person>/reopening", methods=["GET", "POST"]
)
@needs(Action.REOPEN_SCORES, "application")
def reopen(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Open an assessor's scores again with a reason, or leave them locked with an answer."""
    form = ReopenForm()
    if request.method == "POST":
        answer = rescoring.leave_locked if "leave" in request.form else rescoring.reopen
        try:
            answer(current_actor(), key, person, form.reason.data, now=now())
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            said = "They stay locked." if "leave" in request.form else "They are open again."
            flash(said, "success")
            return redirect(_back(key))
    page = pages.page(current_actor(), key, person)
    shown = render_template("assess/reopen.html", page=page, form=form)
    return shown, form.status


@blueprint.get("/rounds/<uuid:key>/submitted-scores")
@needs(Action.REOPEN_SCORES, "round")
def submitted(key: uuid.UUID) -> ResponseReturnValue:
    """Whose submitted scores may be opened again: for the chair of the panel."""
    found = submitted_scores.page(current_actor(), key, page=request.args.get("page", 1, type=int))
    return render_template("assess/submitted.html", found=found)


def _back(key: uuid.UUID) -> str:
    """A manager goes back to the readers of the application, the chair to the list of the round."""
    place = pages.place_of(current_actor(), key)
    if place.hands_out:
        return url_for("assess.readers", key=key)
    return url_for("assess.submitted", key=place.round_key)
