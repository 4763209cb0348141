"""The doors of: what a blind round asks its assessors before it is handed out."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import bodies_form
from grants.queries import beforehand as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import beforehand as services
from grants.web.guards import current_actor, needs, now


@blueprint.route("/assessments/rounds/<uuid:key>", methods=["GET", "POST"])
@needs(Action.ANSWER_BEFOREHAND, "round")
def beforehand(key: uuid.UUID) -> ResponseReturnValue:
    """Every body of the round, to tick those that one has to do with."""
    page = queries.bodies(current_actor(), key, now=now())
    form = bodies_form(page)
    if form.validate_on_submit():
        names, tie = form["bodies"].codes, form["tie"].data
        try:
            services.answer(current_actor(), key, names, tie, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("Thank you. You can be given applications of this round now.", "success")
            return redirect(url_for("assess.index"))
    return render_template("assess/beforehand.html", page=page, form=form), form.status
