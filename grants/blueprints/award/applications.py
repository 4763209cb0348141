"""The doors of: a round's applications, and one application with the work beside it."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import ModerationForm, ReturnForm, show
from grants.queries import (
    applicants,
    asked,
    awards,
    duplicates,
    entered,
    fairness,
    scores,
    staff_applications,
    triages,
)
from grants.queries import applications as texts
from grants.queries.asked import PointText, QueryText
from grants.queries.staff_applications import Wanted
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.helping import CHANNELS
from grants.rules.opening import label_of
from grants.rules.refusals import Blocked
from grants.rules.states import ApplicationState, AwardState
from grants.services import asking, phases
from grants.web.filters import plural, state_words
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
SENT = tuple(state for state in ApplicationState if state != ApplicationState.DRAFT)
RETURN, MODERATION = "return", "moderation"


@blueprint.get("/rounds/<uuid:key>/applications")
@needs(Action.READ_ROUND, "round")
def applications(key: uuid.UUID) -> ResponseReturnValue:
    """The list, as its address says it."""
    address = request.args
    wanted = Wanted(
        text=address.get("search", ""),
        area=address.get("area", ""),
        state=address.get("state", ""),
        award=address.get("award", ""),
        sort=address.get("sort", ""),
        page=address.get("page", 1, type=int),
    )
    found = staff_applications.of_round(current_actor(), key, wanted)
    return render_template(
        "award/applications.html",
        found=found,
        wanted=wanted,
        areas=[(name, name) for name in found.areas],
        states=[(state.value, state_words(state)) for state in SENT],
        award_states=[(state.value, state_words(state)) for state in AwardState],
    )


@blueprint.get("/staff/applications/<uuid:key>")
@needs(Action.READ_ROUND, "application")
def application(key: uuid.UUID) -> ResponseReturnValue:
    """The application as it was sent at the left, the work at the right."""
    return _page(key)


def _page(key: uuid.UUID, form: Form | None = None) -> ResponseReturnValue:
    actor = current_actor()
    work = awards.work(actor, key)
    forms: dict[str, Form] = {
        RETURN: ReturnForm(formdata=None, prefix=RETURN),
        MODERATION: ModerationForm(formdata=None, prefix=MODERATION),
    }
    if form is not None:
        forms[RETURN if isinstance(form, ReturnForm) else MODERATION] = form
    text = texts.content(actor, key)
    queries = asked.history(actor, key)
    return (
        render_template(
            "award/application.html",
            work=work,
            text=text,
            queries=queries,
            entry=entered.entry_of(actor, key) if text.channel else None,
            channels=CHANNELS,
            doubles=duplicates.of_application(actor, key),
            labels={p.place: label_of(text.fund, p.place, text.answers) for p in _points(queries)},
            today=dates.today(now()),
            scores=scores.of_application(actor, key),
            fair=fairness.of_application(actor, key),
            past=applicants.past(actor, key, now=now()),
            checks=applicants.checks(actor, key),
            triage=triages.of_application(actor, key),
            forms=forms,
            form=form,
        ),
        UNKEPT if form is not None else 200,
    )


def _points(queries: tuple[QueryText, ...]) -> list[PointText]:
    return [point for query in queries for point in query.points]


@blueprint.post("/staff/applications/<uuid:key>/return")
@needs(Action.RETURN, "application")
def return_for_correction(key: uuid.UUID) -> ResponseReturnValue:
    """Send the application back with a reason."""
    form = ReturnForm(prefix=RETURN)
    try:
        asking.return_for_correction(current_actor(), key, form.reason.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    flash("Sent back. Its people have been told.", "success")
    return redirect(url_for("award.application", key=key))


@blueprint.post("/staff/applications/<uuid:key>/assessing")
@needs(Action.OPEN_ASSESSING, "application")
def open_assessing(key: uuid.UUID) -> ResponseReturnValue:
    """Let one application be assessed."""
    phases.open_assessing(current_actor(), key, now=now())
    flash("Open for assessment.", "success")
    return redirect(url_for("award.application", key=key))


@blueprint.post("/staff/applications/<uuid:key>/moderation")
@needs(Action.OPEN_MODERATION, "application")
def open_moderation(key: uuid.UUID) -> ResponseReturnValue:
    """Open moderation of one application."""
    form = ModerationForm(prefix=MODERATION)
    try:
        award = phases.open_moderation(current_actor(), key, reason=form.reason.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    flash("You can recommend now.", "success")
    return redirect(url_for("award.decision", key=award))


@blueprint.post("/rounds/<uuid:key>/applications/assessing")
@needs(Action.OPEN_ASSESSING, "round")
def open_assessing_all(key: uuid.UUID) -> ResponseReturnValue:
    """Let every submitted application of a round be assessed."""
    count = phases.open_assessing_all(current_actor(), key, now=now())
    flash(f"{plural(count, 'application', 'applications')} opened for assessment.", "success")
    return redirect(url_for("award.applications", key=key))


@blueprint.post("/rounds/<uuid:key>/applications/moderation")
@needs(Action.OPEN_MODERATION, "round")
def open_moderation_all(key: uuid.UUID) -> ResponseReturnValue:
    """Open moderation where every score is in."""
    count = phases.open_moderation_all(current_actor(), key, now=now())
    flash(f"{plural(count, 'application', 'applications')} can be recommended now.", "success")
    return redirect(url_for("award.ranking", key=key))
