"""The gate: sessions, deny by default, cross-site protection, limits, headers."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from grants.config import Settings
from grants.rules.permissions import could
from grants.rules.refusals import NotFound
from grants.services import sign_in
from grants.web import errors, filters, navigation, step_up
from grants.web.guards import current_actor, mark_of, now, wants_json

COOKIE = "grants_sign_in"
SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# All that a password alone opens to a funder's people.
BEFORE_THE_CODE = frozenset({"account.second_factor", "account.set_up", "account.sign_out"})
NOT_PLAYED = frozenset({"apply.people", "apply.end_share", "apply.share_again"})
csrf = CSRFProtect()


def install(app: Flask, settings: Settings) -> None:
    """Put the gate in front of every door."""
    app.before_request(_refuse_nul)
    app.before_request(_who_is_there)
    csrf.init_app(app)
    errors.install(app)
    filters.register(app)
    navigation.install(app, settings)
    app.before_request(_refuse_floods)
    app.before_request(_deny_by_default)
    app.after_request(_headers)
    _limit_floods(app, settings)
    _serve_static(app, settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own advice
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )


def _refuse_nul() -> None:
    """No address of ours holds a NUL, and a database may meet it with a fault. Fields drop theirs."""
    if "\x00" in request.path or "\x00" in "".join(request.args.values()):
        raise NotFound("There is no such page.")


def _who_is_there() -> None:
    token = request.cookies.get(COOKIE, "")
    settings: Settings = _settings()
    g.session_of_person = (
        sign_in.session_of(
            token,
            now=now(),
            longest=dt.timedelta(hours=settings.session_hours),
            idle=dt.timedelta(minutes=settings.idle_minutes),
        )
        if token and request.endpoint != "static"
        else None
    )


def _refuse_floods() -> None:
    """A form of more fields than any page has is refused before anything looks at them one by one.

    The server itself counts only the parts of forms that carry files.
    """
    if request.method == "POST" and len(request.form) > request.max_form_parts:  # type: ignore[operator]  # always set
        raise RequestEntityTooLarge


def _settings() -> Settings:
    from flask import current_app  # noqa: PLC0415 (the proxy, not the application that installs)

    return current_app.config["SETTINGS"]  # type: ignore[no-any-return]  # config is untyped


def _deny_by_default() -> ResponseReturnValue | None:
    """Refuse every door that is not marked, and everybody whom its mark does not let in."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    mark = mark_of(_view())
    if mark is None:
        raise NotFound("There is no such page.")
    if mark.kind == "public":
        return None
    session = g.session_of_person
    if session is None or (wants_json() and (session.needs_code or errors.is_somebody_else())):
        return _sign_in_first()
    if session.needs_code and request.endpoint not in BEFORE_THE_CODE:
        return redirect(
            url_for("account.second_factor") + "?" + urlencode({"next": errors.way_back()})
        )
    if session.rehearsed is not None and _is_ones_own(request.endpoint):
        raise NotFound("There is no such page in a rehearsal.")
    if mark.action is not None and not could(current_actor(), mark.action):
        raise NotFound("There is no such page.")
    # Nothing that is done in a rehearsal stands, so nobody is asked twice who they are.
    return None if session.rehearsed is not None else step_up.ask_again(mark, session)


def _is_ones_own(endpoint: str) -> bool:
    """A page of somebody's account, or one that lets others in: no part of a rehearsal has these."""
    return endpoint in NOT_PLAYED or (
        endpoint.startswith(("account.", "admin.")) and endpoint not in BEFORE_THE_CODE
    )


def _sign_in_first() -> ResponseReturnValue:
    """To the sign-in page and back; what was typed into a form meanwhile is shown, to be kept."""
    if wants_json():
        return errors.signed_out()
    place = url_for("account.sign_in") + "?" + urlencode({"next": errors.way_back()})
    typed = errors.typed()
    if not typed:
        return redirect(place)
    return render_template("errors/signed_out.html", typed=typed, again_url=place), 403


def _view() -> object:
    from flask import current_app  # noqa: PLC0415 (the proxy, not the application that installs)

    return current_app.view_functions.get(request.endpoint or "")


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _limit_floods(app: Flask, settings: Settings) -> None:
    """A guard of one process against floods. What must hold is counted in the database instead."""
    if not settings.testing:
        Limiter(
            get_remote_address,
            app=app,
            default_limits=["1200 per minute"],
            storage_uri="memory://",
        )


def _serve_static(app: Flask, settings: Settings) -> None:
    folder = Path(app.static_folder or "")
    if not settings.testing:
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # wraps the application
            app.wsgi_app, root=str(folder), prefix="static/", max_age=31_536_000
        )
    versions: dict[str, str] = {}

    def add_version(endpoint: str, values: dict[str, object]) -> None:
        """A changed file has a new address, so that browsers may keep the old one for a year."""
        name = str(values.get("filename", ""))
        if endpoint != "static" or not name:
            return
        if name not in versions:
            file = folder / name
            data = file.read_bytes() if file.is_file() else b""
            versions[name] = hashlib.sha256(data).hexdigest()[:10]
        values["v"] = versions[name]

    app.url_defaults(add_version)


def set_cookie(response: Response, token: str, *, secure: bool) -> Response:
    """Give the browser its new session."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=secure, path="/")
    return response


def clear_cookie(response: Response) -> Response:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/")
    return response
