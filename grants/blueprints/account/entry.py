"""The doors of signing in by a link: ask for one, and use it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import EntryLinkForm
from grants.blueprints.account.links import ALONE
from grants.blueprints.account.sign_in import enter_with, next_path
from grants.rules.refusals import Blocked, NotFound
from grants.services import entry
from grants.web.guards import current_session, now, public, settings


@blueprint.route("/sign-in/link", methods=["GET", "POST"])
@public
def ask_link() -> ResponseReturnValue:
    """Ask for a link in the place of a password. The answer is the same for every address."""
    form = EntryLinkForm()
    if form.validate_on_submit():
        try:
            entry.ask(
                form.email.data,
                base_url=settings().base_url,
                after=next_path(),
                address=request.remote_addr or "",
                now=now(),
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            return redirect(url_for("account.link_sent", next=next_path() or None))
    return render_template("account/ask_link.html", form=form, next=next_path()), form.status


@blueprint.get("/sign-in/link/sent")
@public
def link_sent() -> ResponseReturnValue:
    """What happens next, whoever asked."""
    return render_template("account/link_sent.html", next=next_path())


@blueprint.route("/sign-in/links/<string:token>", methods=["GET", "POST"])
@public
def enter_by_link(token: str) -> ResponseReturnValue:
    """One button. Looking uses nothing up, for mail scanners open what they find in a mail."""
    before = current_session()
    refused = ""
    try:
        if request.method == "POST":
            ticket = entry.enter(
                token,
                address=request.remote_addr or "",
                now=now(),
                replaces=before.id if before else None,
            )
            return enter_with(ticket)
        holder = entry.holder_of(token, now=now())
    except Blocked as refusal:
        refused, holder = str(refusal), entry.holder_of(token, now=now())
    except NotFound:
        if before is not None and request.method == "POST":  # pressed twice
            return redirect(next_path() or url_for("home.index"))
        page = render_template("account/entry_link_over.html", next=next_path())
        return page, 404, ALONE
    page = render_template("account/enter_by_link.html", holder=holder, refused=refused)
    return page, 422 if refused else 200, ALONE
