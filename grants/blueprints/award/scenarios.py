"""The doors of: a round's scenarios side by side, and adopting one."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import adoption_form
from grants.queries import comparison, rounds
from grants.queries import scenarios as queries
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import adoption
from grants.services.adoption import Plan, Words
from grants.web.filters import plural
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/rounds/<uuid:key>/scenarios")
@needs(Action.READ_SCENARIO, "round")
def scenarios(key: uuid.UUID) -> ResponseReturnValue:
    """Every scenario that was kept, and two of them compared."""
    found = comparison.of_round(
        current_actor(),
        key,
        request.args.get("left", None, type=uuid.UUID),
        request.args.get("right", None, type=uuid.UUID),
    )
    choices = [(str(one.key), f"{one.name} ({one.made_by})") for one in found.listed]
    return render_template("award/scenarios.html", found=found, choices=choices)


@blueprint.get("/scenarios/<uuid:key>/adoption")
@needs(Action.PLAN_AWARDS, "scenario")
def adoption_preview(key: uuid.UUID) -> ResponseReturnValue:
    """What adopting it would do, line by line. Nothing is changed."""
    return _page(key)


def _page(key: uuid.UUID, problems: tuple[str, ...] = ()) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.one(actor, key)
    record = rounds.one(actor, row.round_key, Action.PLAN_AWARDS)
    form = adoption_form(fund_of(actor, record.definition_id), request.values)
    plan = adoption.rehearse(actor, key, words_of(form))
    page = render_template(
        "award/adoption.html",
        row=row,
        round=record,
        form=form,
        plan=plan,
        problems=problems,
    )
    return page, UNKEPT if problems else 200


def words_of(form: Form) -> Words:
    """The reasons that were chosen."""
    return Words(less=form["less"].data, out=form["out"].data)


@blueprint.post("/scenarios/<uuid:key>/adoption")
@needs(Action.PLAN_AWARDS, "scenario")
def adopt(key: uuid.UUID) -> ResponseReturnValue:
    """Adopt it as it was shown: every recommendation of it, or none."""
    actor = current_actor()
    row = queries.one(actor, key)
    record = rounds.one(actor, row.round_key, Action.PLAN_AWARDS)
    form = adoption_form(fund_of(actor, record.definition_id), request.values)
    seen = request.form.get("seen", "")
    try:
        plan: Plan = adoption.adopt(actor, key, words_of(form), seen=seen, now=now())
    except Blocked as blocked:
        return _page(key, tuple(reason.text for reason in blocked.reasons))
    count = sum(step.does == "award" for step in plan.steps)
    if plan.steps:
        flash(
            f"Adopted. {plural(count, 'award is', 'awards are')} recommended; others approve.",
            "success",
        )
    return redirect(url_for("award.ranking", key=row.round_key, state="recommended"))
