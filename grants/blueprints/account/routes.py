"""The doors of one's own account."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import ChangePasswordForm
from grants.blueprints.account.sign_in import hashing
from grants.queries import people
from grants.rules.refusals import Blocked, NotFound
from grants.services import passwords, sign_in
from grants.services.sign_in import Session
from grants.web.guards import current_session, now, settings, signed_in


@blueprint.get("/account")
@signed_in
def index() -> ResponseReturnValue:
    """One's own roles and sign-ins."""
    session = _session()
    lives = settings()
    return render_template(
        "account/index.html",
        account=session,
        roles=people.roles_of(session.actor, now=now()),
        sessions=people.sessions_of(
            session.actor,
            session.id,
            since=now() - dt.timedelta(hours=lives.session_hours),
            idle=now() - dt.timedelta(minutes=lives.idle_minutes),
        ),
    )


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Choose another password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        old, new = form.old.data or "", form.password.data or ""
        try:
            passwords.change(_session(), old, new, hashing=hashing(), now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("Your password is changed. Your other sign-ins have ended.", "success")
            return redirect(url_for("account.index"))
    return render_template("account/password.html", form=form), form.status


@blueprint.post("/account/sessions/end")
@signed_in
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    sign_in.sign_out_elsewhere(_session(), now=now())
    flash("You are signed out everywhere else.", "success")
    return redirect(url_for("account.index"))


def _session() -> Session:
    session = current_session()
    if session is None:
        raise NotFound("There is no such page.")
    return session
