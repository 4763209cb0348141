"""The doors of: deciding on many recommendations at once."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.queries import outcomes
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.recommendation import REASONS, reason_words
from grants.rules.refusals import Blocked
from grants.services import bulk
from grants.services.bulk import Choice, Step
from grants.web.filters import plural
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
FIRST = "#chosen-0"  # where one begins to tick


@blueprint.get("/rounds/<uuid:key>/approvals")
@needs(Action.APPROVE, "round")
def approvals(key: uuid.UUID) -> ResponseReturnValue:
    """What waits for this person's decision, to tick."""
    return _page(key, is_all="all" in request.args)


@blueprint.post("/rounds/<uuid:key>/approvals/preview")
@needs(Action.READ_DECISION, "round")
def preview_approvals(key: uuid.UUID) -> ResponseReturnValue:
    """What deciding on the ticked ones would do. Nothing is changed."""
    try:
        steps = bulk.rehearse(current_actor(), key, _chosen(), now=now())
    except Blocked as blocked:
        return _page(key, problems=tuple(reason.text for reason in blocked.reasons))
    return _page(key, steps=steps)


@blueprint.post("/rounds/<uuid:key>/approvals")
@needs(Action.APPROVE, "round")
def approve_all(key: uuid.UUID) -> ResponseReturnValue:
    """Decide on the ticked ones; those that can't be decided are listed with why."""
    try:
        steps = bulk.decide_all(current_actor(), key, _chosen(), now=now())
    except Blocked as blocked:
        return _page(key, problems=tuple(reason.text for reason in blocked.reasons))
    done = sum(not step.failure for step in steps)
    if done == len(steps):
        flash(f"{plural(done, 'decision is', 'decisions are')} made.", "success")
        return redirect(url_for("award.approvals", key=key))
    return _page(key, failed=tuple(step for step in steps if step.failure), done=done)


def _chosen() -> tuple[Choice, ...]:
    """The ticks, each with the fingerprint that its row carried; what is no key is left out."""
    found = []
    for text in dict.fromkeys(request.form.getlist("chosen")):
        try:
            key = uuid.UUID(text)
        except ValueError:
            continue
        found.append(Choice(key, request.form.get(f"seen-{key}", "")))
    return tuple(found)


def _page(
    key: uuid.UUID,
    *,
    steps: tuple[Step, ...] = (),
    failed: tuple[Step, ...] = (),
    done: int = 0,
    problems: tuple[str, ...] = (),
    is_all: bool = False,
) -> ResponseReturnValue:
    found = outcomes.awaiting(current_actor(), key)
    ticked = {step.row.key for step in steps if step.row and not step.failure}
    listed = fund_of(current_actor(), found.round.definition_id).code_lists.get(REASONS)
    page = render_template(
        "award/approvals.html",
        found=found,
        steps=steps,
        failed=failed,
        done=done,
        problems=[(problem, FIRST if found.rows else "") for problem in problems],
        chosen={row.key for row in found.rows} if is_all else ticked,
        words=lambda reason: reason_words(reason, listed),
    )
    return page, UNKEPT if problems or failed else 200
