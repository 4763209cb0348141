"""The marks on doors. Every view carries exactly one; a view without one is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flask import current_app, g, request

from grants.config import Settings
from grants.rules.actions import Action
from grants.rules.people import NOBODY, Actor
from grants.services.sign_in import Session

P = ParamSpec("P")
T = TypeVar("T")
MARK = "door_mark"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who may knock: anybody, whoever is signed in, or those with a role that could do ``action``."""

    kind: str  # public, signed-in or needs
    action: Action | None = None
    thing: str = ""


def _marked(mark: Mark) -> Callable[[Callable[P, T]], Callable[P, T]]:
    def mark_view(view: Callable[P, T]) -> Callable[P, T]:
        if hasattr(view, MARK):
            raise TypeError(f"{view.__name__} carries two marks")
        setattr(view, MARK, mark)
        return view

    return mark_view


def public(view: Callable[P, T]) -> Callable[P, T]:
    """Anybody may see this page."""
    return _marked(Mark("public"))(view)


def signed_in(view: Callable[P, T]) -> Callable[P, T]:
    """Whoever is signed in may see this page; it shows only what is theirs."""
    return _marked(Mark("signed-in"))(view)


def needs(action: Action, thing: str = "") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Only those with a role that could do this. The record itself is asked for in services."""
    return _marked(Mark("needs", action, thing))


def mark_of(view: object) -> Mark | None:
    """The mark of a view, or None."""
    mark = getattr(view, MARK, None)
    return mark if isinstance(mark, Mark) else None


def current_actor() -> Actor:
    """Who asks. The only place where the request becomes a person."""
    session = current_session()
    return NOBODY if session is None else session.actor


def current_session() -> Session | None:
    """The sign-in of this request, or None."""
    session: Session | None = g.get("session_of_person")
    return session


def person_mark() -> str:
    """What the browser keeps unsent text under: one person's is never shown to another."""
    session = current_session()
    if session is None:
        return ""
    return hashlib.sha256(f"unsent text of {session.person_key}".encode()).hexdigest()[:32]


def wants_json() -> bool:
    """Whether a script asks, and no page is to be shown."""
    return request.accept_mimetypes.best == "application/json"


def now() -> dt.datetime:
    """The instant at which this request arrived, by the server's clock."""
    if "now" not in g:
        g.now = settings().clock()
    return g.now  # type: ignore[no-any-return]  # flask.g is untyped


def settings() -> Settings:
    """The settings that the application was made with."""
    return current_app.config["SETTINGS"]  # type: ignore[no-any-return]  # config is untyped
