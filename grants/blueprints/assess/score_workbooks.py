"""The doors of: scoring in a spreadsheet."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import ScoreWorkbookForm
from grants.queries import scoring_desk
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, Stale
from grants.services import score_workbooks
from grants.web.downloads import download
from grants.web.filters import plural
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024
CHOOSE_ONE = "Choose the workbook that you filled in."
CHANGED = 409


@blueprint.route("/rounds/<uuid:key>/score-workbook", methods=["GET", "POST"])
@needs(Action.DECLARE, "round")
def score_workbook(key: uuid.UUID) -> ResponseReturnValue:
    """Take away the sheets of all that one is scoring in a round, and load them back."""
    desk = scoring_desk.desk(current_actor(), key)
    form = ScoreWorkbookForm()
    if request.method == "POST":
        try:
            load = _load(key, form)
        except Blocked as blocked:
            for reason in blocked.reasons:
                form.add_problem("file", reason.text)
        else:
            return redirect(url_for("assess.score_preview", key=key, load=load))
    shown = render_template("assess/score_workbook.html", desk=desk, form=form)
    return shown, form.status


@blueprint.post("/rounds/<uuid:key>/score-workbook.xlsx")
@needs(Action.DECLARE, "round")
def score_workbook_file(key: uuid.UUID) -> ResponseReturnValue:
    """The workbook itself. Taking it away is written down, so it is asked for with a form."""
    try:
        made = score_workbooks.make(current_actor(), key, now=now())
    except Blocked as blocked:
        flash(str(blocked), "warning")
        return redirect(url_for("assess.score_workbook", key=key))
    return download(made.data, name=made.name, media_type=made.media_type)


@blueprint.route("/rounds/<uuid:key>/score-workbook/<uuid:load>", methods=["GET", "POST"])
@needs(Action.DECLARE, "round")
def score_preview(key: uuid.UUID, load: uuid.UUID) -> ResponseReturnValue:
    """Before and after, which of two stays, and the button that saves it."""
    if request.method == "POST":
        try:
            written = score_workbooks.confirm(
                current_actor(),
                key,
                load,
                seal=request.form.get("seal", ""),
                taken=request.form.getlist("take"),
                now=now(),
            )
        except Stale as stale:
            return _preview(key, load, str(stale)), CHANGED
        if written:
            said = plural(written, "cell of the workbook is", "cells of the workbook are")
            flash(f"{said} saved as drafts. Submit each application on its own page.", "success")
        return redirect(url_for("assess.index"))
    return _preview(key, load)


def _preview(key: uuid.UUID, load: uuid.UUID, said: str = "") -> str:
    found = score_workbooks.preview(current_actor(), key, load)
    desk = scoring_desk.desk(current_actor(), key)
    return render_template("assess/score_preview.html", found=found, desk=desk, said=said)


def _load(key: uuid.UUID, form: ScoreWorkbookForm) -> uuid.UUID:
    sent = list(getattr(form.file, "files", ()))
    if not sent:
        raise Blocked(CHOOSE_ONE)
    most = settings().upload_megabytes * MEGABYTE
    return score_workbooks.load(current_actor(), key, sent[0].stream, most=most, now=now())
