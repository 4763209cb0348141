"""The doors of: figures and extracts."""

from __future__ import annotations

import uuid

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.evaluate import blueprint
from grants.blueprints.evaluate.forms import ExtractForm
from grants.queries import evaluation as queries
from grants.rules.actions import Action
from grants.rules.permissions import Case, may
from grants.rules.refusals import Blocked
from grants.services import equality as equality_figures
from grants.services import evaluate, extracts
from grants.services.extracts import Desk
from grants.web import downloads
from grants.web.guards import current_actor, needs, now, signed_in

WRONG = 422


@blueprint.get("/evaluation")
@needs(Action.READ_STATISTICS, "round")
def index() -> ResponseReturnValue:
    """The rounds whose figures one may read."""
    return render_template("evaluate/index.html", rounds=queries.rounds(current_actor()))


@blueprint.get("/rounds/<uuid:key>/evaluation")
@needs(Action.READ_STATISTICS, "round")
def round(key: uuid.UUID) -> ResponseReturnValue:  # noqa: A001 (a round is a round)
    """A round in figures: each table with its chart."""
    found = evaluate.evaluation(current_actor(), key, now=now())
    case = Case(fund=found.round.fund, funder_id=found.round.organisation_id)
    return render_template(
        "evaluate/round.html",
        record=found.round,
        found=found,
        has_equality=found.whose.fund.stages.equality
        and may(current_actor(), Action.READ_EQUALITY, case),
    )


@blueprint.get("/rounds/<uuid:key>/equality")
@needs(Action.READ_EQUALITY, "round")
def equality(key: uuid.UUID) -> ResponseReturnValue:
    """Equality monitoring of a round: counts alone."""
    found = equality_figures.figures(current_actor(), key, now=now())
    return render_template("evaluate/equality.html", found=found)


@blueprint.route("/rounds/<uuid:key>/extracts", methods=["GET", "POST"], endpoint="extracts")
@needs(Action.EXTRACT, "round")
def extracts_of(key: uuid.UUID) -> ResponseReturnValue:
    """Choose tables and a format, say why, and find what one took before."""
    desk = extracts.desk(current_actor(), key, now=now())
    form = ExtractForm(data={"format": "xlsx", "tables": [table.name for table in desk.tables]})
    form.offer((table.name, table.title, table.counts) for table in desk.tables)
    if form.validate_on_submit():
        job = _ask(desk, form)
        if job is not None:
            return redirect(url_for("evaluate.job", key=job))
    status = WRONG if form.errors else 200
    return render_template(
        "evaluate/extracts.html", desk=desk, record=desk.round, form=form
    ), status


def _ask(desk: Desk, form: ExtractForm) -> uuid.UUID | None:
    try:
        return extracts.ask(
            current_actor(),
            desk.round.key,
            form.tables.codes,
            form.format.data,
            form.reason.data,
            now=now(),
        )
    except Blocked as error:
        for reason in error.reasons:
            form.add_problem(reason.key, reason.text)
        return None


@blueprint.get("/jobs/<uuid:key>")
@signed_in
def job(key: uuid.UUID) -> ResponseReturnValue:
    """How far one's own job is, and where its result is."""
    found = extracts.progress_of(current_actor(), key, now=now())
    page = render_template("evaluate/job.html", found=found, key=key)
    response = Response(page)
    if found.state in {"queued", "running"} and request.args.get("wait") != "no":
        response.headers["Refresh"] = "5"
    return response


@blueprint.get("/extracts/<uuid:key>/file")
@needs(Action.EXTRACT, "extract")
def download(key: uuid.UUID) -> ResponseReturnValue:
    """The file, for its maker alone, sent bit by bit."""
    file = extracts.fetch(current_actor(), key, now=now())
    response = send_file(file.stream, mimetype=file.media_type)
    response.headers["Content-Disposition"] = downloads.disposition(file.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
