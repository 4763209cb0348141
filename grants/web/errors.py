"""Refusals and faults become pages here, once."""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Flask, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.exceptions import HTTPException

from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Stale
from grants.web.guards import current_session, person_mark, wants_json

log = structlog.get_logger()
KEPT_LENGTH = 20_000  # of typed text shown back on a page of refusal
SIGNED_OUT = "You have been signed out. Sign in again: what you typed is kept."
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of a row: no word to a person
SEAL = re.compile(r"[0-9a-f]{64}")  # of what a page showed
ONE_BUTTON = "_button"  # in a form that is one button: nobody typed anything into it
HIDDEN = ("password", "code", "csrf_token", "secret")
NOT_TYPED = frozenset(
    {"_versions", "_version", "_chosen", "seen", "sent", "past", "was", "seal"}
    | {"continue", "later", "another", "upload", "add_row", "remove_row", "submit", "draft", "move"}
    | {"kind", "mark", "pin", "measure"}
)


def install(app: Flask) -> None:
    """Say what each refusal looks like."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(MoveNotAllowed, _moved_on)
    app.register_error_handler(Stale, _moved_on)
    app.register_error_handler(Blocked, _blocked)
    app.register_error_handler(CSRFError, _not_sure)
    app.register_error_handler(413, _too_large)
    app.register_error_handler(429, _too_many)
    app.register_error_handler(500, _fault)
    app.register_error_handler(HTTPException, _other)


def signed_out() -> ResponseReturnValue:
    """To a script whose person is no longer signed in: it keeps what it has and offers the way back."""
    return jsonify(message=SIGNED_OUT, sign_in=url_for("account.sign_in")), 401


def is_somebody_else() -> bool:
    """Whether the page that asks was made for another person than is signed in now."""
    made_for = request.headers.get("X-Person", "")
    return bool(made_for) and made_for != person_mark()


def _said(name: str, code: int, said: str, /, **values: Any) -> ResponseReturnValue:
    """The page of a refusal, or its one sentence where a script asks."""
    if wants_json():
        return jsonify(message=said), code
    return render_template(f"errors/{name}.html", **values), code


def _not_found(_error: Exception) -> ResponseReturnValue:
    return _said("404", 404, "There is no such page.")


def _forbidden(error: Exception) -> ResponseReturnValue:
    return _said("403", 403, str(error), sentence=str(error), typed=typed())


def _moved_on(error: Exception) -> ResponseReturnValue:
    return _said("409", 409, str(error), sentence=str(error), typed=typed(), again_url=again())


def _blocked(error: Exception) -> ResponseReturnValue:
    reasons = error.reasons if isinstance(error, Blocked) else ()
    return _said("422", 422, str(error), reasons=reasons, typed=typed(), again_url=again())


def _not_sure(_error: Exception) -> ResponseReturnValue:
    """The form's token is not this session's: what was typed is shown, so that it can be kept.

    A script of the same person's page gets the token of now: no other site can read the answer.
    """
    if not wants_json():
        return render_template("errors/400.html", typed=typed(), again_url=way_back()), 400
    if current_session() is None or is_somebody_else():
        return signed_out()
    return jsonify(message="Open this page again.", token=generate_csrf()), 400


def _too_large(_error: Exception) -> ResponseReturnValue:
    return _said("413", 413, "This is too much to send at once.")


def _too_many(_error: Exception) -> ResponseReturnValue:
    return _said("429", 429, "Too much was sent in a short time. Wait a minute.")


def _fault(error: Exception) -> ResponseReturnValue:
    log.error("request_failed", endpoint=request.endpoint, kind=type(error).__name__)
    return _said("500", 500, "Something went wrong here. We try again.")


def _other(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException) and (error.code or 500) < 400:  # noqa: PLR2004 (a redirect)
        return error.get_response()
    code = error.code if isinstance(error, HTTPException) else None
    return _said("400", code or 500, "This could not be read.", typed=typed())


def way_back() -> str:
    """Where to go after signing in again: this page, or for a form the page that it was on."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    here = request.host_url.rstrip("/")
    came = request.referrer or ""
    return came.removeprefix(here) if came.startswith(f"{here}/") else "/"


def again() -> str:
    """The page of the form that was refused; empty where a page and no form was asked for."""
    return way_back() if request.method == "POST" and request.referrer else ""


def typed() -> list[tuple[str, str]]:
    """What the person typed, to copy. Secrets are left out."""
    if request.method != "POST":
        return []
    try:
        sent = list(request.form.items(multi=True))
    except HTTPException:  # it could not be read the first time either
        return []
    if ONE_BUTTON in request.form:
        return []
    return [(_named(name), value[:KEPT_LENGTH]) for name, value in sent if _is_words(name, value)]


def _is_words(name: str, value: str) -> bool:
    return (
        bool(value.strip())
        and name not in NOT_TYPED
        and not name.endswith(".rows")
        and not name.startswith("seen-")
        and not KEY.fullmatch(value)
        and not SEAL.fullmatch(value)
        and not any(part in name for part in HIDDEN)
    )


def _named(name: str) -> str:
    """A field's name as words: its page, which knows the label, is not at hand."""
    words = re.sub(r"[._]+", " ", KEY.sub("", name)).strip()
    return words[:1].upper() + words[1:]
