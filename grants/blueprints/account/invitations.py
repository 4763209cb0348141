"""The door of an invitation to one application: it makes an account, or joins the one that is there."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import NewPasswordForm
from grants.blueprints.account.links import ALONE
from grants.blueprints.account.sign_in import hashing
from grants.rules.refusals import Blocked, NotFound
from grants.services import shares
from grants.web.guards import current_actor, current_session, now, public


@blueprint.get("/invitations/<string:token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """Who invites, and to what. Looking uses nothing up: mail scanners look at links."""
    return _page(token, NewPasswordForm())


@blueprint.post("/invitations/<string:token>")
@public
def take_invitation(token: str) -> ResponseReturnValue:
    """Take it up: signed in, or with a new password for a new account."""
    actor, session = current_actor(), current_session()
    form = NewPasswordForm()
    if session is not None and session.needs_code:  # a password alone opens nothing of theirs
        place = url_for("account.invitation", token=token)
        return redirect(url_for("account.second_factor", next=place))
    try:
        if actor.is_signed_in:
            key = shares.take(actor, token, now=now())
            flash("You can now work on this application.", "success")
            return redirect(url_for("apply.tasks", key=key))
        if form.validate_on_submit():
            shares.claim(token, form.password.data or "", hashing=hashing(), now=now())
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("account.sign_in", next=url_for("apply.index")))
    except NotFound:
        return _over()
    except Blocked as refusal:
        form.add_reasons(refusal)
    return _page(token, form)


def _page(token: str, form: NewPasswordForm) -> ResponseReturnValue:
    try:
        offer = shares.offer(token, now=now())
    except NotFound:
        return _over()
    page = render_template(
        "account/invitation.html",
        form=form,
        offer=offer,
        is_them=current_actor().email == offer.email,
        place=url_for("account.invitation", token=token),
    )
    return page, form.status, ALONE


def _over() -> ResponseReturnValue:
    return render_template("account/invitation_over.html"), 404, ALONE
