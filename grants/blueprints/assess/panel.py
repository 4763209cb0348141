"""The doors of: on what terms an assessor sits in a round, and standing down."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import StandDownForm, terms_form
from grants.queries import panel as panels
from grants.queries.panel import TermsPage
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, Reason
from grants.services import panel
from grants.services.panel import Terms
from grants.web.filters import plural
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
YES = "yes"


@blueprint.get("/rounds/<uuid:key>/assignments/assessors/<uuid:person>")
@needs(Action.ASSIGN, "round")
def reader(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """One assessor's terms in this round."""
    page = panels.page(current_actor(), key, person, now=now())
    return _page(page, terms_form(page))


@blueprint.post("/rounds/<uuid:key>/assignments/assessors/<uuid:person>")
@needs(Action.ASSIGN, "round")
def settle(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Keep the terms that were typed."""
    actor = current_actor()
    page = panels.page(actor, key, person, now=now())
    form = terms_form(page)
    most = form["most"].data.strip()
    if most and not most.isdecimal():
        form.add_problem("most", "Enter a whole number, or leave it empty.")
        return _page(page, form)
    terms = Terms(
        most=int(most) if most else None,
        is_lived=form["seat"].data == YES,
        areas=frozenset(int(code) for code in form["areas"].codes if code.isdecimal()),
    )
    try:
        panel.settle(actor, key, person, terms, now=now())
    except Blocked as blocked:
        return _page(page, form, *blocked.reasons)
    flash(f"Saved for {page.name}.", "success")
    return redirect(url_for("assess.assign", key=key, by="assessor"))


@blueprint.post("/rounds/<uuid:key>/assignments/assessors/<uuid:person>/standing-down")
@needs(Action.ASSIGN, "round")
def stand_down(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Take back what is not begun, and give nothing more."""
    form = StandDownForm()
    count = panel.stand_down(
        current_actor(), key, person, with_begun=form.begun.data == YES, now=now()
    )
    taken = plural(count, "application was", "applications were")
    flash(f"{taken} taken back. Propose an allocation to find other readers.", "success")
    return redirect(url_for("assess.proposal", key=key))


@blueprint.post("/rounds/<uuid:key>/assignments/assessors/<uuid:person>/coming-back")
@needs(Action.ASSIGN, "round")
def come_back(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Let the assessor take applications again."""
    panel.come_back(current_actor(), key, person, now=now())
    flash("They can be given applications again.", "success")
    return redirect(url_for("assess.reader", key=key, person=person))


def _page(page: TermsPage, form: Form, *reasons: Reason) -> ResponseReturnValue:
    for reason in reasons:
        form.add_problem(reason.key, reason.text)
    shown = render_template(
        "assess/reader.html",
        page=page,
        record=page.round,
        form=form,
        leaving=StandDownForm(formdata=None),
    )
    return shown, UNKEPT if form.errors or form.form_errors else 200
