"""The doors of: the check before scoring."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import show, triage_findings, triage_form
from grants.queries import applications as texts
from grants.queries import triages
from grants.queries.triages import TriageDesk
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import triage
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/staff/applications/<uuid:key>/triage")
@needs(Action.READ_CHECKS, "application")
def triage_of(key: uuid.UUID) -> ResponseReturnValue:
    """The application, and beside it what is checked of it."""
    return _page(_desk(key))


@blueprint.post("/staff/applications/<uuid:key>/triage")
@needs(Action.TRIAGE, "application")
def record_triage(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what was found."""
    desk = _desk(key)
    form = triage_form(desk)
    try:
        passes = triage.check(current_actor(), key, triage_findings(form, desk.points), now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(desk, form)
    flash("It can be scored." if passes else "Recorded. It can't be scored as it is.", "success")
    return redirect(url_for("award.application", key=key))


@blueprint.post("/staff/applications/<uuid:key>/refusal")
@needs(Action.SET_ASIDE, "application")
def set_aside(key: uuid.UUID) -> ResponseReturnValue:
    """Go on to the refusal of an application that did not pass."""
    award = triage.set_aside(current_actor(), key, now=now())
    return redirect(url_for("award.decision", key=award))


def _desk(key: uuid.UUID) -> TriageDesk:
    desk = triages.of_application(current_actor(), key)
    if desk is None:
        raise NotFound("There is no such page.")
    return desk


def _page(desk: TriageDesk, form: Form | None = None) -> ResponseReturnValue:
    page = render_template(
        "award/triage_of.html",
        desk=desk,
        text=texts.content(current_actor(), desk.key),
        form=form or triage_form(desk, fresh=True),
    )
    return page, UNKEPT if form else 200
