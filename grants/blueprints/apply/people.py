"""The doors of the people on one application: who they are, inviting, taking back."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.forms import InviteForm
from grants.queries import shares as queries
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import shares
from grants.services.shares import Invitation
from grants.web.guards import current_actor, needs, now, settings

USUAL = dt.timedelta(days=60)


@blueprint.route("/applications/<uuid:key>/people", methods=["GET", "POST"])
@needs(Action.SHARE, "application")
def people(key: uuid.UUID) -> ResponseReturnValue:
    """Who works on it, and a form to invite one more."""
    form = InviteForm(data={"last_day": (dates.today(now()) + USUAL).isoformat()})
    if form.validate_on_submit():
        try:
            wanted = Invitation(form.name.data, form.email.data, form.chosen(), form.last_day.date)
            shares.invite(current_actor(), key, wanted, base_url=settings().base_url, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash(f"{wanted.name.strip()} is invited, and has been told by e-mail.", "success")
            return redirect(url_for("apply.people", key=key))
    found = queries.people(current_actor(), key, now=now())
    return render_template("apply/people.html", found=found, form=form), form.status


@blueprint.post("/applications/<uuid:key>/people/<uuid:share>/end")
@needs(Action.SHARE, "application")
def end_share(key: uuid.UUID, share: uuid.UUID) -> ResponseReturnValue:
    """Take an invitation back."""
    shares.end(current_actor(), key, share, now=now())
    flash("They can no longer open this application.", "success")
    return redirect(url_for("apply.people", key=key))


@blueprint.post("/applications/<uuid:key>/people/<uuid:share>/again")
@needs(Action.SHARE, "application")
def share_again(key: uuid.UUID, share: uuid.UUID) -> ResponseReturnValue:
    """Mail a new link."""
    shares.again(current_actor(), key, share, base_url=settings().base_url, now=now())
    flash("A new link is on its way. The old one no longer works.", "success")
    return redirect(url_for("apply.people", key=key))
