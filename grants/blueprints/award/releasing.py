"""The doors of: releasing a round's outcomes together."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import CountForm, show
from grants.queries import outcomes
from grants.rules.actions import Action
from grants.rules.permissions import could
from grants.rules.refusals import Blocked
from grants.services import release as releases
from grants.web.filters import plural
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/rounds/<uuid:key>/release")
@needs(Action.READ_DECISION, "round")
def release(key: uuid.UUID) -> ResponseReturnValue:
    """What would be released, line by line."""
    return _page(key, CountForm(formdata=None))


@blueprint.post("/rounds/<uuid:key>/release")
@needs(Action.RELEASE, "round")
def release_all(key: uuid.UUID) -> ResponseReturnValue:
    """Release all of it, once the number was typed."""
    form = CountForm()
    try:
        count = releases.release(current_actor(), key, typed=form.typed.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    if count:
        flash(f"{plural(count, 'outcome', 'outcomes')} released. Applicants are told.", "success")
    return redirect(url_for("award.letters", key=key))


def _page(key: uuid.UUID, form: Form) -> ResponseReturnValue:
    actor = current_actor()
    waiting = outcomes.to_release(actor, key)
    page = render_template(
        "award/release.html",
        waiting=waiting,
        form=form,
        may_release=could(actor, Action.RELEASE)
        and not waiting.has_interest
        and not waiting.is_own,
    )
    return page, UNKEPT if form.errors else 200
