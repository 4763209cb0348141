"""The doors of: an applicant's outcome, and the answer to an offer."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import AcceptForm, DeclineForm, show
from grants.queries import outcomes
from grants.rules.actions import Action
from grants.rules.recommendation import REASONS, reason_words
from grants.rules.refusals import Blocked
from grants.services import accept
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/outcomes/<uuid:key>")
@needs(Action.READ_OUTCOME, "award")
def outcome(key: uuid.UUID) -> ResponseReturnValue:
    """The outcome with its feedback, letter and what can be answered."""
    return _page(key, AcceptForm(formdata=None))


@blueprint.post("/outcomes/<uuid:key>/acceptance")
@needs(Action.ACCEPT, "award")
def accept_offer(key: uuid.UUID) -> ResponseReturnValue:
    """Accept the offer in one's own name."""
    form = AcceptForm()
    try:
        accept.accept(
            current_actor(),
            key,
            typed_name=form.typed_name.data,
            agrees=form.agrees.data == "yes",
            now=now(),
        )
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    flash("You have accepted the offer. Thank you.", "success")
    return redirect(url_for("award.outcome", key=key))


@blueprint.route("/outcomes/<uuid:key>/declining", methods=["GET", "POST"])
@needs(Action.DECLINE_OFFER, "award")
def decline_offer(key: uuid.UUID) -> ResponseReturnValue:
    """Turn the offer down, with a reason and one's name."""
    form = DeclineForm()
    if form.is_submitted():
        try:
            accept.decline(
                current_actor(),
                key,
                reason=form.reason.data,
                typed_name=form.typed_name.data,
                now=now(),
            )
        except Blocked as blocked:
            show(form, blocked)
        else:
            flash("You have turned the offer down.", "info")
            return redirect(url_for("award.outcome", key=key))
    found = outcomes.outcome(current_actor(), key)
    page = render_template("award/decline_offer.html", found=found, form=form)
    return page, UNKEPT if form.errors else 200


def _page(key: uuid.UUID, form: Form) -> ResponseReturnValue:
    found = outcomes.outcome(current_actor(), key)
    page = render_template(
        "award/outcome.html",
        found=found,
        form=form,
        words=lambda reason: reason_words(reason, found.fund.code_lists.get(REASONS)),
    )
    return page, UNKEPT if form.errors else 200
