"""The doors of: asking an applicant about named answers, and what changed between two versions."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.query_forms import boxes, key_of, points_of, query_form
from grants.queries import applications as texts
from grants.queries import asked, awards, compared
from grants.queries.applications import ApplicationText
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.services import asking
from grants.services.asking import Wanted
from grants.web.forms import DateField, Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.route("/staff/applications/<uuid:key>/query", methods=["GET", "POST"])
@needs(Action.RETURN, "application")
def query(key: uuid.UUID) -> ResponseReturnValue:
    """Mark answers, say what is asked of each and by when; send it as one query."""
    actor = current_actor()
    work = awards.work(actor, key)
    text = texts.content(actor, key)
    if not any(move.action == Action.RETURN for move in work.moves):
        if request.method == "POST":
            raise MoveNotAllowed("Nothing can be asked about this application as it stands now.")
        return redirect(url_for("award.application", key=key))
    form = query_form(text)
    if form.validate_on_submit():
        try:
            asking.ask(actor, key, _wanted(form, text), now=now())
        except Blocked as blocked:
            _show(form, blocked.reasons)
        else:
            flash("The query is sent. The application is with its people again.", "success")
            return redirect(url_for("award.application", key=key))
    page = render_template(
        "award/query.html", text=text, work=work, form=form, boxes=_by_question(text)
    )
    return page, UNKEPT if form.errors else 200


@blueprint.get("/staff/applications/<uuid:key>/changes")
@needs(Action.READ_QUERIES, "application")
def changes(key: uuid.UUID) -> ResponseReturnValue:
    """Two versions side by side: the last two, or those that the address names."""
    actor = current_actor()
    latest = texts.content(actor, key)
    newer = request.args.get("to", latest.number, type=int)
    older = request.args.get("from", newer - 1, type=int)
    if not 0 < older < newer <= latest.number:
        raise NotFound("There is no such page.")
    work = awards.work(actor, key)
    return render_template(
        "award/changes.html",
        work=work,
        found=compared.compare(actor, key, older, newer),
        queries=[q for q in asked.history(actor, key) if older <= q.about_number < newer],
    )


def _wanted(form: Form, text: ApplicationText) -> Wanted:
    day = form["answer_by"]
    return Wanted(
        points=points_of(form, text),
        number=request.form.get("number", 0, type=int),
        answer_by=day.date if isinstance(day, DateField) else None,
        words=str(form["words"].data),
    )


def _show(form: Form, reasons: tuple[Reason, ...]) -> None:
    """Put each reason at its box; what is about all of it at the top."""
    for reason in reasons:
        question, _, row = reason.key.partition("|")
        name = reason.key if reason.key in form else key_of((question, row))
        form.add_problem(name if name in form else "", reason.text)


def _by_question(text: ApplicationText) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for box in boxes(text):
        found.setdefault(box.question, []).append(box)
    return found
