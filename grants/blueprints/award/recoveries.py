"""The doors of: recording money of an award that came back."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import show
from grants.queries import recoveries as queries
from grants.queries.recoveries import Recoveries
from grants.rules import money
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import recovery
from grants.services.recovery import Came
from grants.web.forms import Form, LongTextField, MoneyField, SelectField
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
OWN = "own"


@blueprint.get("/awards/<uuid:key>/recoveries")
@needs(Action.RECORD_RECOVERY, "award")
def recoveries(key: uuid.UUID) -> ResponseReturnValue:
    """Where the money of the award is, and what came back."""
    found = queries.of_award(current_actor(), key)
    return _page(found, _form(found))


@blueprint.post("/awards/<uuid:key>/recoveries")
@needs(Action.RECORD_RECOVERY, "award")
def record_recovery(key: uuid.UUID) -> ResponseReturnValue:
    """Record money that came back."""
    actor = current_actor()
    found = queries.of_award(actor, key)
    form = _form(found)
    came = _came(form)
    if came is not None:
        try:
            recovery.record(actor, key, came, now=now())
        except Blocked as blocked:
            show(form, blocked)
        else:
            flash(f"{money.pounds(came.amount)} came back and is free for others.", "success")
            return redirect(url_for("award.recoveries", key=key))
    return _page(queries.of_award(actor, key), form)


def _form(found: Recoveries) -> Form:
    options = [
        (str(row.key), f"{row.reference}: {row.title}, {money.pounds(row.left)} at most")
        for row in found.sources
        if row.left
    ]
    if found.held:
        options.append((OWN, f"The award itself, {money.pounds(found.held)} at most"))
    fields = {
        "source": SelectField("Whose money came back?", options=(("", "Choose"), *options)),
        "amount": MoneyField("How much?"),
        "reason": LongTextField(
            "Why did it come back?", hint="Kept in the ledger and the audit trail.", max_words=150
        ),
    }
    return type("RecoveryForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def _came(form: Form) -> Came | None:
    """What was typed, or None with what is wrong with it at its field."""
    amount, project = 0, None
    try:
        amount = money.parse_pounds(form["amount"].data)
    except Blocked as blocked:
        form.add_problem("amount", str(blocked))
    source = form["source"].data
    if source != OWN:
        try:
            project = uuid.UUID(source)
        except ValueError:
            form.add_problem("source", recovery.NO_SOURCE)
    if form.errors:
        return None
    return Came(
        project=project,
        amount=amount,
        reason=form["reason"].data,
        seen=request.form.get("seen", -1, type=int),
    )


def _page(found: Recoveries, form: Form) -> ResponseReturnValue:
    page = render_template("award/recoveries.html", found=found, form=form)
    return page, UNKEPT if form.errors else 200
