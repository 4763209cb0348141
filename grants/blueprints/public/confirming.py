"""The doors of whoever was asked to confirm an application: a link, a code, the text, an answer."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from grants.blueprints.public import blueprint
from grants.rules.refusals import Blocked, NotFound, Stale
from grants.services import confirming
from grants.services.confirming import Asked, Shown
from grants.services.tries import digest
from grants.web.forms import Form, LongTextField, TextField
from grants.web.guards import now, public

ALONE = {"Referrer-Policy": "no-referrer"}  # the address holds a secret
VISITS = "confirming"  # a place in the browser's signed cookie
MOST_VISITS = 4


class CodeForm(Form):
    """The six figures that were mailed."""

    code = TextField(
        "Code", [InputRequired("Enter the six figures.")], hint="Six figures, from our e-mail."
    )


class SendBackForm(Form):
    """What should be changed."""

    words = LongTextField("What should be changed?", hint="They read this as you write it.")


@blueprint.get("/confirmations/<string:token>")
@public
def confirmation(token: str) -> ResponseReturnValue:
    """Who asks; and, in the browser in which the code was typed, the application."""
    return _page(token, Form())


@blueprint.post("/confirmations/<string:token>/code")
@public
def send_code(token: str) -> ResponseReturnValue:
    """Mail a code to the address that was asked."""
    try:
        seen = request.form.get("sent", confirming.MOST_CODES, type=int)
        confirming.send_code(token, seen=seen, address=request.remote_addr or "", now=now())
    except NotFound:
        return _over()
    except Blocked as refusal:
        form = CodeForm(formdata=None)
        form.add_reasons(refusal)
        return _page(token, form, status=422)
    return _to(token)


@blueprint.post("/confirmations/<string:token>/entry")
@public
def enter_code(token: str) -> ResponseReturnValue:
    """Take the code."""
    form = CodeForm()
    try:
        if form.validate_on_submit():
            visit = confirming.enter(
                token, form.code.data, address=request.remote_addr or "", now=now()
            )
            _keep(token, visit)
            return _to(token)
    except NotFound:
        return _over()
    except Blocked as refusal:
        form.add_reasons(refusal)
    return _page(token, form, status=form.status)


@blueprint.post("/confirmations/<string:token>/confirm")
@public
def confirm(token: str) -> ResponseReturnValue:
    """Sign off, or confirm one's part, as it was shown."""
    form = Form()
    try:
        confirming.confirm(token, _visit(token), request.form.get("seen", ""), now=now())
    except NotFound:
        return _over()
    except Stale as refusal:
        form.add_problem("", str(refusal))
        return _page(token, form, status=409)
    except Blocked as refusal:
        form.add_reasons(refusal)
        return _page(token, form, status=422)
    flash("Thank you. Your answer is kept, and they are told.", "success")
    return _to(token)


@blueprint.post("/confirmations/<string:token>/send-back")
@public
def send_back(token: str) -> ResponseReturnValue:
    """Ask for a change, in words."""
    form = SendBackForm()
    try:
        confirming.send_back(token, _visit(token), form.words.data, now=now())
    except NotFound:
        return _over()
    except Blocked as refusal:
        form.add_reasons(refusal)
        return _page(token, form, status=422)
    flash("Thank you. Your answer is kept, and they are told.", "success")
    return _to(token)


def _page(token: str, form: Form, status: int = 200) -> ResponseReturnValue:
    try:
        shown = confirming.shown(token, _visit(token), now=now())
        asked = shown.asked if shown else confirming.asked(token, now=now())
    except NotFound:
        return _over()
    return _drawn(token, form, asked, shown), status, ALONE


def _drawn(token: str, form: Form, asked: Asked, shown: Shown | None) -> str:
    is_about_code = isinstance(form, CodeForm)
    return render_template(
        "public/confirmation.html",
        token=token,
        form=form,
        code_form=form if is_about_code else CodeForm(formdata=None),
        back_form=form if isinstance(form, SendBackForm) else SendBackForm(formdata=None),
        asked=asked,
        shown=shown,
    )


def _over() -> ResponseReturnValue:
    return render_template("public/confirmation_over.html"), 404, ALONE


def _to(token: str) -> ResponseReturnValue:
    return redirect(url_for("public.confirmation", token=token))


def _keep(token: str, visit: str) -> None:
    """The latest few visits of this browser, by the fingerprint of their link."""
    kept = dict(list(session.get(VISITS, {}).items())[-(MOST_VISITS - 1) :])
    session[VISITS] = {**kept, digest(token)[:16]: visit}


def _visit(token: str) -> str:
    return str(session.get(VISITS, {}).get(digest(token)[:16], ""))
