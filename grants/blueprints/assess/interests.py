"""The doors of: the register of declared and suggested interests of a round."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import OverrideForm
from grants.queries import interest_register, rounds
from grants.queries import interests as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import interests as services
from grants.web.guards import current_actor, needs, now


@blueprint.get("/rounds/<uuid:key>/interests")
@needs(Action.READ_INTERESTS, "round")
def interests(key: uuid.UUID) -> ResponseReturnValue:
    """Every interest that was declared or is suggested, and what was set aside."""
    page = request.args.get("page", 1, type=int)
    found = interest_register.register(current_actor(), key, page=page, now=now())
    record = rounds.one(current_actor(), key)
    return render_template("assess/interests.html", register=found, record=record)


@blueprint.route("/applications/<uuid:key>/conflicts/<uuid:person>", methods=["GET", "POST"])
@needs(Action.OVERRIDE_CONFLICT, "application")
def override(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """What suggests a conflict, and the reason why it is none."""
    form = OverrideForm()
    pair = queries.pair(current_actor(), key, person, now=now())
    if form.validate_on_submit():
        try:
            services.override(current_actor(), key, person, form.reason.data, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("Set aside. Your reason stands in the register.", "success")
            return redirect(url_for("assess.interests", key=pair.round_key))
    return render_template("assess/override.html", form=form, pair=pair), form.status
