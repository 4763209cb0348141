"""Asking again who is there, before what cannot be undone. What was typed goes on with the answer."""

from __future__ import annotations

import datetime as dt

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from grants.rules.actions import FRESH
from grants.rules.refusals import Blocked
from grants.services import second_factor as codes
from grants.services import step_up as proofs
from grants.services.hashing import Hashing
from grants.services.sign_in import Session
from grants.web import errors
from grants.web.forms import Form, TextField
from grants.web.guards import Mark, now, settings, wants_json
from grants.web.own_paths import own_path

PREFIX = "confirming-"
GIVEN = f"{PREFIX}given"
BACK = f"{PREFIX}back"
AGAIN = 403
WRONG = 422
SAID = "Confirm that it is you: open the page again."


class PasswordAgain(Form):
    """For those who sign in with a password alone."""

    given = PasswordField("Your password")


class CodeAgain(Form):
    """For those who have an app that shows codes."""

    given = TextField("Code", hint="The newest six figures of your app. Each code works once.")


def ask_again(mark: Mark, session: Session) -> ResponseReturnValue | None:
    """The page that asks, where it must; None once this person showed lately who they are."""
    if request.method != "POST" or mark.action not in FRESH or _is_fresh(session):
        return None
    if wants_json():
        return jsonify(message=SAID), AGAIN
    if GIVEN not in request.form or not (session.has_code or session.has_password):
        return _page(session, AGAIN)
    costs = Hashing(settings().argon_memory_kib, settings().argon_passes)
    try:
        proofs.confirm(session, request.form[GIVEN], hashing=costs, now=now())
    except Blocked as refusal:
        return _page(session, WRONG, refusal)
    return None


def _is_fresh(session: Session) -> bool:
    return now() - session.confirmed_at < dt.timedelta(minutes=settings().confirm_minutes)


def _page(session: Session, status: int, refusal: Blocked | None = None) -> ResponseReturnValue:
    form = (CodeAgain if session.has_code else PasswordAgain)(formdata=None, prefix=PREFIX)
    if refusal:
        form.add_reasons(refusal)
    back = own_path(request.form.get(BACK)) or errors.way_back()
    is_shown = settings().demonstration and session.has_code
    page = render_template(
        "account/confirm.html",
        form=form,
        how="code" if session.has_code else "password" if session.has_password else "link",
        minutes=settings().confirm_minutes,
        kept=_kept(),
        typed=errors.typed(),
        back=back,
        back_name=BACK,
        link_url=url_for("account.ask_link", next=back),
        shown=codes.code_for_demonstration(session, now()) if is_shown else "",
    )
    return page, status


def _kept() -> list[tuple[str, str]]:
    """All of the form that was sent, for the same door."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.startswith(PREFIX)
    ]
