"""The doors of one's own organisation's people."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.admin import blueprint
from grants.blueprints.admin.forms import MemberForm
from grants.queries import people as queries
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import members as services
from grants.web.guards import current_actor, needs, now, settings
from grants.web.numbers import row_number


@blueprint.get("/members")
@needs(Action.MANAGE_MEMBERS, "organisation")
def members() -> ResponseReturnValue:
    """Who is in one's organisation."""
    return render_template(
        "admin/members.html", organisations=queries.members(current_actor(), now=now())
    )


@blueprint.route("/members/<uuid:key>/invite", methods=["GET", "POST"])
@needs(Action.MANAGE_MEMBERS, "organisation")
def invite_member(key: uuid.UUID) -> ResponseReturnValue:
    """Invite a colleague."""
    form = MemberForm()
    if form.validate_on_submit():
        try:
            services.invite(
                current_actor(),
                key,
                form.name.data,
                form.email.data,
                form.chosen(),
                base_url=settings().base_url,
                now=now(),
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("They are invited, and have been told by e-mail.", "success")
            return redirect(url_for("admin.members"))
    found = queries.members(current_actor(), now=now())
    own = next((each for each in found if each.key == key), None)
    if own is None:
        raise NotFound("There is no such page.")
    return render_template("admin/invite_member.html", form=form, organisation=own), form.status


@blueprint.post("/members/<uuid:key>/remove")
@needs(Action.MANAGE_MEMBERS, "organisation")
def remove_member(key: uuid.UUID) -> ResponseReturnValue:
    """End a role in one's organisation."""
    services.remove(current_actor(), key, row_number("membership"), now=now())
    flash("The role has ended.", "success")
    return redirect(url_for("admin.members"))
