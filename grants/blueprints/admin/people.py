"""The doors of people: find, invite, give and take roles, disable, reset."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.admin import blueprint
from grants.blueprints.admin.forms import InviteForm, ReasonForm, RoleForm, role_name
from grants.queries import people as queries
from grants.rules.actions import Action
from grants.rules.people import Role
from grants.rules.refusals import Blocked
from grants.services import pending_changes
from grants.services import people as services
from grants.web.guards import current_actor, needs, now, settings
from grants.web.numbers import row_number

WAITS = "Asked for. Another administrator must confirm it before it counts."


@blueprint.get("/people")
@needs(Action.MANAGE_PEOPLE, "person")
def people() -> ResponseReturnValue:
    """Everybody with an account."""
    search, role = request.args.get("search", "").strip(), request.args.get("role", "")
    page = queries.people(
        current_actor(),
        search=search,
        role=role,
        number=request.args.get("page", 1, type=int),
        now=now(),
    )
    roles = [(role.value, role_name(role)) for role in Role]
    return render_template("admin/people.html", page=page, search=search, role=role, roles=roles)


@blueprint.get("/people/waiting")
@needs(Action.MANAGE_PEOPLE, "change")
def waiting() -> ResponseReturnValue:
    """What waits for a second administrator."""
    return render_template("admin/waiting.html", changes=queries.waiting_changes(current_actor()))


@blueprint.route("/people/invite", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE, "person")
def invite() -> ResponseReturnValue:
    """Invite somebody by e-mail, with a first role."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            key = services.invite(
                current_actor(),
                form.name.data,
                form.email.data,
                form.grant(),
                base_url=settings().base_url,
                now=now(),
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("Invited. The link in the e-mail is good for seven days.", "success")
            return redirect(url_for("admin.person", key=key))
    return render_template("admin/invite.html", form=form), form.status


@blueprint.get("/people/<uuid:key>")
@needs(Action.MANAGE_PEOPLE, "person")
def person(key: uuid.UUID) -> ResponseReturnValue:
    """One person: roles, sign-ins, what waits."""
    found = queries.person(current_actor(), key, now=now())
    return render_template("admin/person.html", person_page=found)


@blueprint.route("/people/<uuid:key>/roles", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE, "person")
def grant(key: uuid.UUID) -> ResponseReturnValue:
    """Give a role, or ask for it where it is a funder's."""
    form = RoleForm()
    if form.validate_on_submit():
        try:
            is_given = services.grant_role(
                current_actor(), key, form.grant(), reason=form.reason.data, now=now()
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("The role is given." if is_given else WAITS, "success" if is_given else "info")
            return _back(key)
    found = queries.person(current_actor(), key, now=now())
    return render_template("admin/grant.html", form=form, person_page=found), form.status


@blueprint.post("/people/<uuid:key>/roles/end")
@needs(Action.MANAGE_PEOPLE, "person")
def end_role(key: uuid.UUID) -> ResponseReturnValue:
    """End a role now."""
    services.end_role(current_actor(), key, row_number("membership"), now=now())
    flash("The role has ended.", "success")
    return _back(key)


@blueprint.route("/people/<uuid:key>/disable", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE, "person")
def disable(key: uuid.UUID) -> ResponseReturnValue:
    """Shut somebody out at once."""
    form = ReasonForm()
    if form.validate_on_submit():
        services.disable(current_actor(), key, reason=form.reason.data, now=now())
        flash("Disabled, and signed out everywhere.", "success")
        return _back(key)
    found = queries.person(current_actor(), key, now=now())
    return render_template("admin/disable.html", form=form, person_page=found), form.status


@blueprint.post("/people/<uuid:key>/enable")
@needs(Action.MANAGE_PEOPLE, "person")
def enable(key: uuid.UUID) -> ResponseReturnValue:
    """Let somebody in again."""
    services.enable(current_actor(), key, now=now())
    flash("They can sign in again.", "success")
    return _back(key)


@blueprint.post("/people/<uuid:key>/sign-out")
@needs(Action.MANAGE_PEOPLE, "person")
def end_sessions(key: uuid.UUID) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    services.end_sessions(current_actor(), key, now=now())
    flash("They are signed out everywhere.", "success")
    return _back(key)


@blueprint.post("/people/<uuid:key>/invite-again")
@needs(Action.MANAGE_PEOPLE, "person")
def invite_again(key: uuid.UUID) -> ResponseReturnValue:
    """Send a new link; the old one is over."""
    services.invite_again(current_actor(), key, base_url=settings().base_url, now=now())
    flash("A new link is on its way. It is good for seven days.", "success")
    return _back(key)


@blueprint.route("/people/<uuid:key>/reset", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE, "person")
def reset(key: uuid.UUID) -> ResponseReturnValue:
    """Ask for the second factor to be reset."""
    form = ReasonForm()
    if form.validate_on_submit():
        pending_changes.ask_reset(current_actor(), key, reason=form.reason.data, now=now())
        flash(WAITS, "info")
        return _back(key)
    found = queries.person(current_actor(), key, now=now())
    return render_template("admin/reset.html", form=form, person_page=found), form.status


@blueprint.post("/people/waiting/<uuid:key>/confirm")
@needs(Action.MANAGE_PEOPLE, "change")
def confirm(key: uuid.UUID) -> ResponseReturnValue:
    """As the second administrator, put a change in force."""
    pending_changes.confirm(current_actor(), key, now=now())
    flash("Confirmed. It counts from now on.", "success")
    return redirect(url_for("admin.waiting"))


@blueprint.post("/people/waiting/<uuid:key>/turn-down")
@needs(Action.MANAGE_PEOPLE, "change")
def turn_down(key: uuid.UUID) -> ResponseReturnValue:
    """Drop a change that waits."""
    pending_changes.turn_down(current_actor(), key, now=now())
    flash("Turned down. Nothing has changed.", "success")
    return redirect(url_for("admin.waiting"))


def _back(key: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("admin.person", key=key))
