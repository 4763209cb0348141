"""The doors of: a project in reserve that joins its released award, decided and answered."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import AcceptForm, DeclineForm, ReasonForm, show
from grants.queries import awards, outcomes
from grants.queries.additions import AdditionRow
from grants.queries.definitions import departures_of
from grants.rules.actions import Action
from grants.rules.recommendation import REASONS, approvals_needed, reason_words
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import AdditionState
from grants.services import additions, joining
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
NO_SUCH = "There is no such page."


@blueprint.get("/awards/<uuid:key>/additions/<uuid:addition>")
@needs(Action.READ_DECISION, "award")
def addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """What would join the award, and what one may do about it."""
    return _page(key, addition)


@blueprint.post("/awards/<uuid:key>/additions/<uuid:addition>/approval")
@needs(Action.APPROVE, "award")
def approve_addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """Approve what the page showed."""
    seen = request.form.get("seen", "")
    try:
        is_done = additions.approve(current_actor(), key, addition, seen=seen, now=now())
    except Blocked as blocked:
        return _page(key, addition, problems=tuple(reason.text for reason in blocked.reasons))
    flash(
        "Approved. The money is set aside until it is released."
        if is_done
        else "Your approval is kept. One more person must approve.",
        "success",
    )
    return redirect(url_for("award.addition", key=key, addition=addition))


@blueprint.post("/awards/<uuid:key>/additions/<uuid:addition>/refusal")
@needs(Action.REFUSE, "award")
def refuse_addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """Leave the project in reserve."""
    form = ReasonForm(prefix="refusal")
    try:
        additions.refuse(current_actor(), key, addition, reason=form.reason.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, addition, refusal=form)
    flash("Refused. The project stays in reserve.", "success")
    return redirect(url_for("award.addition", key=key, addition=addition))


@blueprint.post("/awards/<uuid:key>/additions/<uuid:addition>/taking-back")
@needs(Action.AMEND, "award")
def take_addition_back(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """Take it back before its release."""
    form = ReasonForm(prefix="back")
    try:
        additions.take_back(current_actor(), key, addition, reason=form.reason.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, addition, back=form)
    flash("Taken back. The project is in reserve again and the money is free.", "success")
    return redirect(url_for("award.addition", key=key, addition=addition))


def _page(
    key: uuid.UUID,
    addition: uuid.UUID,
    *,
    refusal: Form | None = None,
    back: Form | None = None,
    problems: tuple[str, ...] = (),
) -> ResponseReturnValue:
    found = awards.decision(current_actor(), key)
    row = _one(found.additions, addition)
    listed = found.fund.code_lists.get(REASONS)
    failed = refusal or back
    page = render_template(
        "award/addition.html",
        found=found,
        row=row,
        needed=approvals_needed(found.fund.settings, found.amount + row.amount),
        refusal=refusal or ReasonForm(formdata=None, prefix="refusal"),
        back=back or ReasonForm(formdata=None, prefix="back"),
        failed=failed,
        problems=problems,
        why=reason_words(row.reason, listed),
        departure=reason_words(row.departure, departures_of(found.fund)),
    )
    return page, UNKEPT if failed or problems else 200


def _one(listed: tuple[AdditionRow, ...], key: uuid.UUID) -> AdditionRow:
    for row in listed:
        if row.key == key:
            return row
    raise NotFound(NO_SUCH)


@blueprint.get("/outcomes/<uuid:key>/additions/<uuid:addition>")
@needs(Action.READ_OUTCOME, "award")
def offered_addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """What is offered in addition, to its applicant."""
    return _offer(key, addition, AcceptForm(formdata=None), DeclineForm(formdata=None))


@blueprint.post("/outcomes/<uuid:key>/additions/<uuid:addition>/acceptance")
@needs(Action.ACCEPT, "award")
def accept_addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """Accept it in one's own name."""
    form = AcceptForm()
    try:
        joining.accept(
            current_actor(),
            key,
            addition,
            typed_name=form.typed_name.data,
            agrees=form.agrees.data == "yes",
            now=now(),
        )
    except Blocked as blocked:
        show(form, blocked)
        return _offer(key, addition, form, DeclineForm(formdata=None))
    flash("You have accepted the addition. Thank you.", "success")
    return redirect(url_for("award.outcome", key=key))


@blueprint.post("/outcomes/<uuid:key>/additions/<uuid:addition>/declining")
@needs(Action.DECLINE_OFFER, "award")
def decline_addition(key: uuid.UUID, addition: uuid.UUID) -> ResponseReturnValue:
    """Turn it down; the award stays as it was."""
    form = DeclineForm(prefix="no")
    try:
        joining.decline(
            current_actor(),
            key,
            addition,
            reason=form.reason.data,
            typed_name=form.typed_name.data,
            now=now(),
        )
    except Blocked as blocked:
        show(form, blocked)
        return _offer(key, addition, AcceptForm(formdata=None), form)
    flash("You have turned the addition down. Your award stays as it was.", "info")
    return redirect(url_for("award.outcome", key=key))


def _offer(key: uuid.UUID, addition: uuid.UUID, form: Form, declining: Form) -> ResponseReturnValue:
    found = outcomes.outcome(current_actor(), key)
    row = _one(found.additions, addition)
    may_answer = found.may_answer_additions and row.state == AdditionState.RELEASED
    failed = next((one for one in (form, declining) if one.errors), None)
    page = render_template(
        "award/offered_addition.html",
        found=found,
        row=row,
        form=form,
        declining=declining if failed is declining else DeclineForm(formdata=None, prefix="no"),
        failed=failed,
        may_answer=may_answer,
    )
    return page, UNKEPT if failed else 200
