"""The doors of: the ranking, and the decision on one application."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import (
    ReasonForm,
    decision_form,
    fill,
    recommendation,
    refusal_form,
    refusal_reason,
    show,
)
from grants.queries import applicants, awards, feedback
from grants.queries import ranking as rankings
from grants.queries.awards import Decision
from grants.queries.definitions import departures_of
from grants.queries.ranked import MODERATED
from grants.rules.actions import Action
from grants.rules.feedback import Draft
from grants.rules.permissions import could_here
from grants.rules.recommendation import REASONS, Recommendation, reason_words
from grants.rules.refusals import Blocked
from grants.rules.states import AwardState
from grants.services import accept, decide, recommending
from grants.web.filters import state_words
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
RANKED = (AwardState.RECOMMENDED, AwardState.APPROVED, AwardState.REFUSED, AwardState.RELEASED)


@blueprint.get("/rounds/<uuid:key>/ranking")
@needs(Action.READ_DECISION, "round")
def ranking(key: uuid.UUID) -> ResponseReturnValue:
    """Applications in rank; of one area with their projects and the line."""
    asked = request.args
    found = rankings.of_round(
        current_actor(),
        key,
        area=asked.get("area", ""),
        measure=asked.get("measure", "total"),
        state=asked.get("state", ""),
        page=asked.get("page", 1, type=int),
    )
    chosen = asked.get("measure", "total")
    unused = set() if found.is_moderated else {MODERATED}
    shown = [
        one
        for one in found.measures
        if one.key == chosen or not (one.is_criterion or one.key in unused)
    ]
    return render_template(
        "award/ranking.html",
        found=found,
        reads=could_here(current_actor(), Action.READ_APPLICATION, found.round.place),
        measure=chosen,
        shown=shown,
        state=asked.get("state", ""),
        areas=[(name, name) for name in found.areas],
        measures=[(one.key, one.label) for one in found.measures if one.key != "total"],
        columns=[
            ("Rank", None, "num"),
            ("Application", None, ""),
            ("Organisation", None, ""),
            ("Area", None, ""),
            *((one.label, None, "num") for one in shown),
            ("Decision", None, ""),
            ("Amount", None, "num"),
        ],
        states=[("open", "Not decided"), *((state.value, state_words(state)) for state in RANKED)],
    )


@blueprint.get("/awards/<uuid:key>")
@needs(Action.READ_DECISION, "award")
def decision(key: uuid.UUID) -> ResponseReturnValue:
    """What is recommended or decided, and what one may do about it."""
    return _page(awards.decision(current_actor(), key))


def _page(
    found: Decision,
    *,
    form: Form | None = None,
    failed: Form | None = None,
    problems: tuple[str, ...] = (),
    typed: Recommendation | None = None,
    draft: Draft | None = None,
) -> ResponseReturnValue:
    """The page; ``failed`` is the form in which something was wrong."""
    page = render_template(
        "award/decision.html",
        found=found,
        checks=applicants.checks(current_actor(), found.application_key),
        form=form or (decision_form(found) if found.may(Action.RECOMMEND) else None),
        refusal=_again(failed, "refusal") or refusal_form(found.fund, found.reason),
        holding=_again(failed, "holding") or refusal_form(found.fund, prefix="holding"),
        amendment=failed
        if isinstance(failed, ReasonForm)
        else ReasonForm(formdata=None, prefix="amendment"),
        failed=failed,
        problems=problems,
        typed=typed,
        draft=draft,
        words=lambda reason: reason_words(reason, found.fund.code_lists.get(REASONS)),
        departure=reason_words(found.departure, departures_of(found.fund)),
    )
    return page, UNKEPT if failed or problems else 200


def _again(failed: Form | None, prefix: str) -> Form | None:
    """The form in which something was wrong, if it is the one of this name."""
    is_it = failed is not None and "code" in failed and failed["code"].name.startswith(prefix)
    return failed if is_it else None


@blueprint.post("/awards/<uuid:key>")
@needs(Action.RECOMMEND, "award")
def recommend(key: uuid.UUID) -> ResponseReturnValue:
    """Recommend what was typed, or only work out what it comes to."""
    actor = current_actor()
    found = awards.decision(actor, key)
    form = decision_form(found)
    if "fill" in request.form:
        fill(form)
    drafted = None
    if "draft" in request.form:
        drafted = feedback.draft(actor, found.application_key)
        form["feedback"].data = drafted.text or form["feedback"].data
    wanted = recommendation(form, found)
    if {"total", "fill", "draft"} & set(request.form) and not form.errors:
        return _page(found, form=form, typed=wanted, draft=drafted)
    if not form.errors:
        try:
            recommending.recommend(actor, key, wanted, now=now())
        except Blocked as blocked:
            show(form, blocked)
        else:
            flash("Recommended. Somebody else can decide on it now.", "success")
            return redirect(url_for("award.decision", key=key))
    return _page(found, form=form, failed=form, typed=wanted)


@blueprint.post("/awards/<uuid:key>/approval")
@needs(Action.APPROVE, "award")
def approve(key: uuid.UUID) -> ResponseReturnValue:
    """Approve what the page showed."""
    actor = current_actor()
    try:
        is_done = decide.approve(actor, key, seen=request.form.get("seen", ""), now=now())
    except Blocked as blocked:
        return _page(
            awards.decision(actor, key), problems=tuple(reason.text for reason in blocked.reasons)
        )
    words = (
        "Approved. The money is set aside."
        if is_done
        else "Your approval is kept. One more person must approve."
    )
    flash(words, "success")
    return redirect(url_for("award.decision", key=key))


@blueprint.post("/awards/<uuid:key>/refusal")
@needs(Action.REFUSE, "award")
def refuse(key: uuid.UUID) -> ResponseReturnValue:
    """Refuse the award."""
    actor = current_actor()
    found = awards.decision(actor, key)
    form = refusal_form(found.fund)
    try:
        decide.refuse(actor, key, reason=refusal_reason(form), now=now())
    except Blocked as blocked:
        form.add_problem("code", " ".join(reason.text for reason in blocked.reasons))
        return _page(found, failed=form)
    flash("Refused.", "success")
    return redirect(url_for("award.decision", key=key))


@blueprint.post("/awards/<uuid:key>/reserve")
@needs(Action.HOLD, "award")
def hold(key: uuid.UUID) -> ResponseReturnValue:
    """Put what is recommended in reserve."""
    actor = current_actor()
    form = refusal_form(awards.decision(actor, key).fund, prefix="holding")
    try:
        recommending.hold(actor, key, reason=refusal_reason(form), now=now())
    except Blocked as blocked:
        form.add_problem("code", " ".join(reason.text for reason in blocked.reasons))
        return _page(awards.decision(actor, key), failed=form)
    flash("In reserve. Approvals are void and nothing is promised.", "success")
    return redirect(url_for("award.decision", key=key))


@blueprint.post("/awards/<uuid:key>/amendment")
@needs(Action.AMEND, "award")
def amend(key: uuid.UUID) -> ResponseReturnValue:
    """Take a decision back before it is released."""
    actor = current_actor()
    form = ReasonForm(prefix="amendment")
    try:
        decide.amend(actor, key, reason=form.reason.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(awards.decision(actor, key), failed=form)
    flash("The decision is open again. Approvals are void and the money is free.", "success")
    return redirect(url_for("award.decision", key=key))


@blueprint.post("/awards/<uuid:key>/lapse")
@needs(Action.LAPSE, "award")
def lapse(key: uuid.UUID) -> ResponseReturnValue:
    """Let an offer lapse whose day is over."""
    accept.lapse(current_actor(), key, now=now())
    flash("The offer has lapsed. The money is free.", "success")
    return redirect(url_for("award.decision", key=key))


@blueprint.post("/awards/<uuid:key>/closing")
@needs(Action.CLOSE, "award")
def close(key: uuid.UUID) -> ResponseReturnValue:
    """Close an award whose returns are all accepted."""
    accept.close(current_actor(), key, now=now())
    flash("The award is closed.", "success")
    return redirect(url_for("award.decision", key=key))
