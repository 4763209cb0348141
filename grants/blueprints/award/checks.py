"""The doors of: due diligence, and what the applicant did with earlier money."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import check_form, show
from grants.queries import applicants
from grants.queries.applicants import Checks
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import due_diligence
from grants.services.due_diligence import Seen
from grants.web.forms import DateField, Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/staff/applications/<uuid:key>/checks")
@needs(Action.READ_CHECKS, "application")
def checks(key: uuid.UUID) -> ResponseReturnValue:
    """What was looked at about the applicant, and what stands."""
    return _page(key)


@blueprint.post("/staff/applications/<uuid:key>/checks")
@needs(Action.RECORD_CHECK, "application")
def record_check(key: uuid.UUID) -> ResponseReturnValue:
    """Keep one look."""
    form = check_form(_found(key).rows)
    day = form["checked_on"]
    seen = Seen(
        form["item"].data,
        form["finding"].data,
        form["note"].data,
        day.date if isinstance(day, DateField) else None,
    )
    try:
        due_diligence.record(current_actor(), key, seen, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    flash("Recorded.", "success")
    return redirect(url_for("award.checks", key=key))


def _page(key: uuid.UUID, form: Form | None = None) -> ResponseReturnValue:
    found = _found(key)
    page = render_template(
        "award/checks.html",
        found=found,
        past=applicants.past(current_actor(), key, now=now()),
        form=form or check_form(found.rows, today=dates.today(now())),
    )
    return page, UNKEPT if form else 200


def _found(key: uuid.UUID) -> Checks:
    found = applicants.checks(current_actor(), key)
    if found is None:
        raise NotFound("There is no such page.")
    return found
