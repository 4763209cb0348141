"""The doors of links that were e-mailed: an invitation, a forgotten password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import ForgottenForm, NewPasswordForm
from grants.blueprints.account.sign_in import hashing
from grants.rules.refusals import Blocked, NotFound
from grants.services import passwords
from grants.web.guards import now, public, settings

ALONE = {"Referrer-Policy": "no-referrer"}  # the address holds a secret


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Ask for a link to choose a new password. The answer is the same for every address."""
    form = ForgottenForm()
    if form.validate_on_submit():
        try:
            passwords.forgotten(
                form.email.data,
                base_url=settings().base_url,
                address=request.remote_addr or "",
                now=now(),
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            return redirect(url_for("account.forgotten_sent"))
    return render_template("account/forgotten.html", form=form), form.status


@blueprint.get("/forgotten/sent")
@public
def forgotten_sent() -> ResponseReturnValue:
    """What happens next, whoever asked."""
    return render_template("account/forgotten_sent.html")


@blueprint.route("/links/<string:token>", methods=["GET", "POST"])
@public
def link(token: str) -> ResponseReturnValue:
    """Looking uses nothing up (mail scanners look at links); choosing a password does."""
    form = NewPasswordForm()
    try:
        found = passwords.link_of(token, now=now())
        if form.validate_on_submit() and _claim(token, form):
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("account.sign_in"))
    except NotFound:
        return render_template("account/link_over.html"), 404, ALONE
    return render_template("account/link.html", form=form, link=found), form.status, ALONE


def _claim(token: str, form: NewPasswordForm) -> bool:
    try:
        passwords.claim(token, form.password.data or "", hashing=hashing(), now=now())
    except Blocked as refusal:
        form.add_reasons(refusal)
        return False
    return True
