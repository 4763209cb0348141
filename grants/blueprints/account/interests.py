"""The doors of: what bodies one has to do with, told once."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import InterestForm
from grants.queries import own_interests as queries
from grants.rules.refusals import Blocked
from grants.services import interests as services
from grants.services.interests import Typed
from grants.web.guards import current_actor, now, signed_in


@blueprint.route("/account/interests", methods=["GET", "POST"])
@signed_in
def interests() -> ResponseReturnValue:
    """What one told, and one more."""
    form = InterestForm()
    if form.validate_on_submit() and _days_are_real(form):
        typed = Typed(
            tie=form.tie.data,
            body=form.body.data,
            number=form.number.data,
            postcode=form.postcode.data,
            starts_on=form.starts_on.date,
            ends_on=form.ends_on.date,
        )
        try:
            services.tell(current_actor(), typed, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("Kept. We look at it whenever applications are handed out.", "success")
            return redirect(url_for("account.interests"))
    told = queries.told_by(current_actor())
    return render_template("account/interests.html", form=form, told=told), form.status


@blueprint.post("/account/interests/<uuid:key>/removal")
@signed_in
def take_back_interest(key: uuid.UUID) -> ResponseReturnValue:
    """Say that it was a mistake."""
    services.take_back(current_actor(), key, now=now())
    flash("Taken back.", "success")
    return redirect(url_for("account.interests"))


def _days_are_real(form: InterestForm) -> bool:
    for field in (form.starts_on, form.ends_on):
        if field.data and field.date is None:
            form.add_problem(field.name, "Enter a real date, or leave it empty.")
    return not form.errors
