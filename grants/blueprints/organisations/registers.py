"""The door of the registers: what is loaded, and a newer file in its place."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.organisations import blueprint
from grants.blueprints.organisations.forms import REGISTERS, RegisterForm
from grants.queries import registers as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import registers as services
from grants.web.guards import current_actor, needs, now, settings


@blueprint.route("/staff/registers", methods=["GET", "POST"])
@needs(Action.MANAGE_ORGANISATIONS, "register")
def registers() -> ResponseReturnValue:
    """Which registers are loaded, of which day; load a newer one."""
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            entries = services.load(current_actor(), form.given(), now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash(f"{entries:,} numbers are loaded.", "success")
            return redirect(url_for("organisations.registers"))
    page = render_template(
        "organisations/registers.html",
        form=form,
        words=REGISTERS,
        loads=queries.loads(current_actor()),
        most_megabytes=settings().upload_megabytes,
    )
    return page, form.status
