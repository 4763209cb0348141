"""Refusals and faults become pages here, once."""

from __future__ import annotations

import structlog
from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Stale

log = structlog.get_logger()
KEPT_LENGTH = 20_000  # of typed text shown back on a page of refusal
HIDDEN = ("password", "code", "csrf_token", "secret")


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


def _not_found(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/404.html"), 404


def _forbidden(error: Exception) -> ResponseReturnValue:
    return render_template("errors/403.html", sentence=str(error), typed=typed()), 403


def _moved_on(error: Exception) -> ResponseReturnValue:
    return render_template("errors/409.html", sentence=str(error), typed=typed()), 409


def _blocked(error: Exception) -> ResponseReturnValue:
    reasons = error.reasons if isinstance(error, Blocked) else ()
    return render_template("errors/422.html", reasons=reasons, typed=typed()), 422


def _not_sure(_error: Exception) -> ResponseReturnValue:
    """The form's token is not this session's: what was typed is shown, so that it can be kept."""
    return render_template("errors/400.html", typed=typed()), 400


def _too_large(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/413.html"), 413


def _too_many(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/429.html"), 429


def _fault(error: Exception) -> ResponseReturnValue:
    log.error("request_failed", endpoint=request.endpoint, kind=type(error).__name__)
    return render_template("errors/500.html"), 500


def _other(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException) and (error.code or 500) < 400:  # noqa: PLR2004 (a redirect)
        return error.get_response()
    code = error.code if isinstance(error, HTTPException) else None
    return render_template("errors/400.html", typed=typed()), code or 500


def typed() -> list[tuple[str, str]]:
    """What the person typed, to copy. Secrets are left out."""
    if request.method != "POST" or "multipart" in (request.content_type or ""):
        return []
    return [
        (name, value[:KEPT_LENGTH])
        for name, value in request.form.items(multi=True)
        if value.strip() and name != "_versions" and not any(h in name for h in HIDDEN)
    ]
