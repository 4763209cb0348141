"""The doors of: handing out a large round in the background."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import ProposalForm, wish_of
from grants.queries import shortfalls
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import allocate_later
from grants.services.allocate_later import Size
from grants.web.guards import current_actor, needs, now


@blueprint.post("/rounds/<uuid:key>/assignments/plans")
@needs(Action.ASSIGN, "round")
def ask(key: uuid.UUID) -> ResponseReturnValue:
    """Have an allocation worked out."""
    form = ProposalForm()
    try:
        plan = allocate_later.ask(current_actor(), key, wish_of(form), now=now())
    except Blocked as blocked:
        form.add_reasons(blocked)
        return asked(allocate_later.size(current_actor(), key, now=now()), form)
    return redirect(url_for("assess.plan", key=plan))


@blueprint.get("/assignments/plans/<uuid:key>")
@needs(Action.ASSIGN)
def plan(key: uuid.UUID) -> ResponseReturnValue:
    """How far one's own plan is, and what it comes to."""
    return _page(key, ProposalForm(formdata=None))


@blueprint.post("/assignments/plans/<uuid:key>")
@needs(Action.ASSIGN)
def make_plan(key: uuid.UUID) -> ResponseReturnValue:
    """Have the plan made that was shown."""
    form = ProposalForm()
    if form.due_on.data and form.due_on.date is None:
        form.add_problem("due_on", "Enter a real date, or leave it empty.")
        return _page(key, form)
    made = allocate_later.confirm(current_actor(), key, due_on=form.due_on.date, now=now())
    return redirect(url_for("assess.plan", key=made))


def asked(size: Size, form: ProposalForm | None = None) -> tuple[str, int]:
    """The question alone: what is wanted of an allocation that takes a while."""
    if form is None:
        wish = size.usual
        data = {"readers": str(wish.readers), "most": str(wish.most), "lived": str(wish.lived)}
        form = ProposalForm(formdata=None, data=data)
    shown = render_template("assess/plan_question.html", size=size, record=size.round, form=form)
    return shown, form.status


def _page(key: uuid.UUID, form: ProposalForm) -> ResponseReturnValue:
    found = allocate_later.plan(current_actor(), key, now=now())
    gaps = shortfalls.page(current_actor(), found.gaps, request.args.get("page", 1, type=int))
    shown = render_template(
        "assess/plan.html", plan=found, record=found.round, form=form, gaps=gaps
    )
    return shown, form.status
