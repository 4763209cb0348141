"""The doors of holding a calibration: its set, and what was agreed of a sample."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess import calibration_forms as forms
from grants.queries import calibration as queries
from grants.queries.calibration import SetPage
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import calibration as services
from grants.services import samples
from grants.web.filters import plural
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
SET = "/rounds/<uuid:key>/calibration"
SAMPLE = "/calibration/<uuid:key>"


@blueprint.get(SET)
@needs(Action.HOLD_CALIBRATION, "round")
def calibration(key: uuid.UUID) -> ResponseReturnValue:
    """The samples of a round, who has scored them, and who stands apart."""
    return _set(key)


@blueprint.post(f"{SET}/samples")
@needs(Action.HOLD_CALIBRATION, "round")
def add_sample(key: uuid.UUID) -> ResponseReturnValue:
    """Add a sample."""
    try:
        source = request.form.get("source", "")
        made = samples.add_sample(current_actor(), key, source, seen=_seen(), now=now())
    except Blocked as blocked:
        return _set(key, blocked)
    flash("The sample is added. Read it, and change what you like.", "success")
    return redirect(url_for("assess.calibration_sample", key=made))


@blueprint.post(f"{SET}/gate")
@needs(Action.HOLD_CALIBRATION, "round")
def set_gate(key: uuid.UUID) -> ResponseReturnValue:
    """Say whether samples come before applications."""
    is_required = "yes" in request.form.getlist("required")  # a blank one comes with every tick
    services.require_first(current_actor(), key, is_required=is_required, now=now())
    flash("Saved.", "success")
    return redirect(url_for("assess.calibration", key=key))


@blueprint.post(f"{SET}/opening")
@needs(Action.HOLD_CALIBRATION, "round")
def open_calibration(key: uuid.UUID) -> ResponseReturnValue:
    """Open the set to the assessors, and write to them."""
    try:
        services.open_set(current_actor(), key, now=now())
    except Blocked as blocked:
        return _set(key, blocked)
    flash("The set is open. Every assessor of the round is written to.", "success")
    return redirect(url_for("assess.calibration", key=key))


@blueprint.post(f"{SET}/reminder")
@needs(Action.HOLD_CALIBRATION, "round")
def remind_of_samples(key: uuid.UUID) -> ResponseReturnValue:
    """Write to those whose scores are not in; once a day at most."""
    count = services.remind(current_actor(), key, now=now())
    flash(
        f"{plural(count, 'assessor is', 'assessors are')} reminded, once a day at most.", "success"
    )
    return redirect(url_for("assess.calibration", key=key))


@blueprint.post(f"{SET}/closing")
@needs(Action.HOLD_CALIBRATION, "round")
def close_calibration(key: uuid.UUID) -> ResponseReturnValue:
    """Close the set."""
    services.close(current_actor(), key, now=now())
    flash("The set is closed. Every assessor of the round can read what came of it.", "success")
    return redirect(url_for("assess.calibration", key=key))


@blueprint.get(SAMPLE)
@needs(Action.HOLD_CALIBRATION, "sample")
def calibration_sample(key: uuid.UUID) -> ResponseReturnValue:
    """One sample: its text, how far apart its scores are, and why they were given."""
    number = request.args.get("page", 1, type=int)
    page = queries.sample(current_actor(), key, now=now(), number=number)
    return render_template("assess/calibration_sample.html", page=page, record=page.round)


@blueprint.route(f"{SAMPLE}/agreement", methods=["GET", "POST"])
@needs(Action.HOLD_CALIBRATION, "sample")
def agreement(key: uuid.UUID) -> ResponseReturnValue:
    """The marks that were agreed for a sample, each with its reason."""
    page = queries.sample(current_actor(), key, now=now())
    form = forms.agreement_form(page)
    if request.method == "POST":
        marks = forms.agreed(form, page)
        try:
            services.agree(current_actor(), key, marks, seen=forms.seen_of(request), now=now())
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            flash("What was agreed is kept.", "success")
            return redirect(url_for("assess.calibration_sample", key=key))
    elif page.set.opened_at is None:
        return redirect(url_for("assess.calibration_sample", key=key))
    shown = render_template("assess/agreement.html", page=page, record=page.round, form=form)
    return shown, form.status


def _seen() -> uuid.UUID | None:
    """What was made with the page; nothing where it cannot be read."""
    try:
        return uuid.UUID(request.form.get("seen", ""))
    except ValueError:
        return None


def _mark_of(page: SetPage) -> uuid.UUID:
    """Of the samples as the page shows them: the same page makes the same mark."""
    shown = "/".join(str(row.key) for row in page.samples)
    return uuid.uuid5(page.round.key, f"{current_actor().person_id}/{shown}")


def _set(key: uuid.UUID, blocked: Blocked | None = None) -> ResponseReturnValue:
    page = queries.page(current_actor(), key, now=now())
    source: Form = forms.source_form(page)
    if blocked is not None:
        source.add_reasons(blocked)
    shown = render_template(
        "assess/calibration.html",
        page=page,
        record=page.round,
        form=source,
        seen=_mark_of(page),
        gate=forms.gate_form(page),
    )
    return shown, source.status
