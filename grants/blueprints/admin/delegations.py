"""The doors of written authority to approve."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.admin import blueprint
from grants.blueprints.admin.forms import DelegationForm, funds
from grants.queries import delegations as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import delegations as services
from grants.web.guards import current_actor, needs, now
from grants.web.numbers import row_number


@blueprint.get("/delegations")
@needs(Action.MANAGE_DELEGATIONS, "delegation")
def delegations() -> ResponseReturnValue:
    """Who may approve how much, for which fund and year."""
    page = queries.delegations(current_actor(), request.args.get("page", 1, type=int), now=now())
    return render_template("admin/delegations.html", page=page)


@blueprint.route("/delegations/new", methods=["GET", "POST"])
@needs(Action.MANAGE_DELEGATIONS, "delegation")
def delegate() -> ResponseReturnValue:
    """Give authority to an approver."""
    form = DelegationForm()
    form.person.choices = (("", "Choose one"), *queries.approvers(current_actor(), now=now()))
    form.organisation.choices = (
        ("", "Choose one"),
        *queries.funders(current_actor(), now=now()),
    )
    form.fund.choices = (("", "Choose one"), *funds())
    if form.validate_on_submit():
        try:
            services.grant(current_actor(), uuid.UUID(form.person.data), form.limits(), now=now())
        except ValueError:
            form.add_problem("person", "Choose an approver, and whose money it covers.")
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("The authority is given.", "success")
            return redirect(url_for("admin.delegations"))
    return render_template("admin/delegate.html", form=form), form.status


@blueprint.post("/delegations/end")
@needs(Action.MANAGE_DELEGATIONS, "delegation")
def end_delegation() -> ResponseReturnValue:
    """End an authority; what was approved under it stands."""
    services.end(current_actor(), row_number("delegation"), now=now())
    flash("The authority has ended.", "success")
    return redirect(url_for("admin.delegations"))
