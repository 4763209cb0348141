"""The bar at the top: each place once, shown to those whose roles can go there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from grants.config import Settings
from grants.queries.rounds import RoundRow
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.permissions import could, could_here
from grants.web.guards import current_actor, current_session, mark_of, now, person_mark


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the bar. ``roles`` are those to whom it is of use."""

    label: str
    endpoint: str
    action: Action | None = None
    roles: frozenset[Role] = frozenset()


FUNDERS = frozenset(
    {
        Role.FUND_MANAGER,
        Role.APPROVER,
        Role.FINANCE,
        Role.EVALUATOR,
        Role.AUDITOR,
        Role.PARTNERSHIP_OFFICER,
    }
)
OWN = frozenset(
    {Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.SIGNATORY, Role.PROJECT_REPORTER}
)
PLACES = (
    Place("Home", "home.index"),
    Place("Rounds", "rounds.index", Action.READ_ROUND, FUNDERS),
    Place("Applications", "apply.index", Action.READ_APPLICATION, OWN - {Role.PROJECT_REPORTER}),
    Place("Assessments", "assess.index", Action.DECLARE, frozenset({Role.ASSESSOR})),
    Place(
        "Returns",
        "returns.index",
        Action.READ_RETURN,
        OWN | {Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER},
    ),
    Place("Evaluation", "evaluate.index", Action.READ_STATISTICS, FUNDERS),
    Place(
        "Organisation", "organisations.index", Action.READ_PROFILE, OWN | {Role.PARTNERSHIP_OFFICER}
    ),
    Place("Members", "admin.members", Action.MANAGE_MEMBERS),
    Place("People", "admin.people", Action.MANAGE_PEOPLE),
    Place("Organisations", "organisations.everybody", Action.MANAGE_ORGANISATIONS),
    Place("Audit trail", "admin.audit_trail", Action.READ_AUDIT),
    Place("Outbox", "admin.outbox", Action.READ_OUTBOX),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as the top of the page says it."""

    name: str
    detail: str
    mark: str  # the browser keeps this person's unsent text under it


def install(app: Flask, settings: Settings) -> None:
    """Give every template the bar, the person and whether this is a demonstration."""

    app.jinja_env.globals["round_places"] = round_places  # imported macros see globals alone
    app.jinja_env.globals["may_knock"] = may_knock
    app.jinja_env.globals["opens_here"] = opens_here

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        session = current_session()
        actor = current_actor()
        return {
            "actor": actor,
            "person": None if session is None else Person(actor.name, actor.email, person_mark()),
            "now": now(),
            "navigation": bar(actor),
            "demonstration": settings.demonstration,
            "playing": bool(session and session.rehearsed),
            "home_url": _address("home.index" if actor.is_signed_in else "public.index"),
            "account_url": _address("account.index")
            if actor.is_signed_in and not actor.played_by
            else "",
            "sign_in_url": _address("account.sign_in"),
            "sign_out_url": _address("account.sign_out"),
            "accessibility_url": _address("public.accessibility"),
            "privacy_url": _address("public.privacy"),
        }


def may_knock(endpoint: str) -> bool:
    """Whether this person's roles could ever open this door: what tabs and links are drawn by."""
    mark = mark_of(current_app.view_functions.get(endpoint))
    actor = current_actor()
    if mark is None or mark.action is None:
        return mark is not None
    return could(actor, mark.action)


def opens_here(endpoint: str, record: RoundRow) -> bool:
    """Whether this door could open to this person in this round: roles elsewhere do not count."""
    mark = mark_of(current_app.view_functions.get(endpoint))
    if mark is None or mark.action is None:
        return mark is not None
    return could_here(current_actor(), mark.action, record.place)


def round_places(
    places: list[tuple[str, str]], record: RoundRow, current: str
) -> list[tuple[str, str, None, bool]]:
    """(label, address, no count, whether it is where we are) of a round's pages for this person."""
    return [
        (label, url_for(endpoint, key=record.key), None, endpoint == current)
        for label, endpoint in places
        if opens_here(endpoint, record)
    ]


def bar(actor: Actor) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is where we are) of each place for this person."""
    if not actor.is_signed_in:
        return []
    return [
        (place.label, _address(place.endpoint), request.endpoint == place.endpoint)
        for place in PLACES
        if not (actor.played_by and place.endpoint.startswith("admin."))
        and _is_of_use(place, actor)
        and (place.action is None or could(actor, place.action))
    ]


def _is_of_use(place: Place, actor: Actor) -> bool:
    """Who was invited to an application has a place of their own, whatever their roles."""
    is_shared = place.action == Action.READ_APPLICATION and bool(actor.shares)
    return not place.roles or bool(place.roles & actor.roles) or is_shared


def _address(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
