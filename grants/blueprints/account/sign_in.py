"""The doors of signing in: password, second factor, out again."""

from __future__ import annotations

import segno
from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.account import blueprint
from grants.blueprints.account.forms import CodeForm, SignInForm
from grants.rules.refusals import Blocked, NotFound
from grants.services import second_factor as codes
from grants.services import sign_in as services
from grants.services.hashing import Hashing
from grants.services.sign_in import Session, Ticket
from grants.web.gate import clear_cookie, set_cookie
from grants.web.guards import current_session, now, public, settings, signed_in
from grants.web.own_paths import own_path

SECRET = "second_factor_secret"  # noqa: S105 (the name of a place in the browser's signed cookie)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """E-mail and password; afterwards back to the page that was asked for."""
    form = SignInForm()
    if form.validate_on_submit():
        before = current_session()
        try:
            ticket = services.sign_in(
                form.email.data,
                form.password.data or "",
                address=request.remote_addr or "",
                hashing=hashing(),
                now=now(),
                replaces=before.id if before else None,
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            return enter_with(ticket)
    return render_template("account/sign_in.html", form=form, next=next_path()), form.status


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@signed_in
def second_factor() -> ResponseReturnValue:
    """A code of the authenticator app."""
    person = _half_signed_in()
    if person is None:
        return redirect(next_path() or url_for("home.index"))
    if not person.has_code:
        return redirect(url_for("account.set_up", next=next_path() or None))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            return enter_with(codes.give_code(person, form.code.data, now=now()))
        except Blocked as refusal:
            form.add_reasons(refusal)
    shown = codes.code_for_demonstration(person, now()) if settings().demonstration else ""
    page = render_template("account/second_factor.html", form=form, next=next_path(), shown=shown)
    return page, form.status


@blueprint.route("/sign-in/set-up", methods=["GET", "POST"])
@signed_in
def set_up() -> ResponseReturnValue:
    """Set up the authenticator app, once."""
    person = _half_signed_in()
    if person is None or person.has_code:
        return redirect(url_for("account.second_factor", next=next_path() or None))
    secret = session.setdefault(SECRET, codes.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        try:
            ticket = codes.set_up(person, secret, form.code.data, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            session.pop(SECRET, None)
            return enter_with(ticket)
    drawing = segno.make(codes.setup_address(secret, person.actor.email), error="m")
    page = render_template(
        "account/set_up.html",
        form=form,
        next=next_path(),
        image=drawing.svg_data_uri(scale=5, border=3),
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    )
    return page, form.status


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this session on the server; the browser's cookie is then worth nothing."""
    person = current_session()
    if person is not None:
        services.sign_out(person, now=now())
    session.clear()
    return clear_cookie(_to(url_for("public.index")))


def _half_signed_in() -> Session | None:
    """Who still owes a code; None for who owes none."""
    person = current_session()
    if person is None:
        raise NotFound("There is no such page.")
    return person if person.needs_code else None


def enter_with(ticket: Ticket) -> Response:
    """The new cookie, and on to what is still to be done or to the page that was asked for."""
    after = next_path()
    if ticket.needs_code:
        place = url_for("account.second_factor", next=after or None)
    else:
        place = after or url_for("home.index")
    return _cookie(_to(place), ticket.token)


def _cookie(response: Response, token: str) -> Response:
    return set_cookie(response, token, secure=settings().secure_cookies or request.is_secure)


def _to(place: str) -> Response:
    return make_response(redirect(place))


def next_path() -> str:
    """The path of our own to go on to, or nothing."""
    return own_path(request.values.get("next"))


def hashing() -> Hashing:
    """The costs of a password's hash, as set."""
    return Hashing(settings().argon_memory_kib, settings().argon_passes)
