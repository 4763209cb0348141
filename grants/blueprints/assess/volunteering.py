"""The doors of: what volunteers give and spend."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import ExpenseForm, TimeForm, TrainingForm
from grants.queries import rounds
from grants.queries import volunteering as logs
from grants.queries.volunteering import Log
from grants.rules.actions import Action
from grants.rules.money import parse_pounds
from grants.rules.refusals import Blocked
from grants.rules.volunteering import Kind
from grants.services import volunteering
from grants.services.volunteering import Entry
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
FORMS: dict[Kind, type[Form]] = {
    Kind.TIME: TimeForm,
    Kind.TRAINING: TrainingForm,
    Kind.EXPENSE: ExpenseForm,
}
NO_DAY = dt.date.min  # what no check lets through


@blueprint.route("/rounds/<uuid:key>/volunteering", methods=["GET", "POST"])
@needs(Action.LOG_TIME, "round")
def volunteering_log(key: uuid.UUID) -> ResponseReturnValue:
    """One's own hours, training and expenses in a round: to read, and to add to."""
    log = logs.log(current_actor(), key)
    if request.method == "GET":
        return _page(log)
    kind = Kind(request.form["kind"]) if request.form.get("kind") in set(Kind) else Kind.TIME
    form = _form(kind, log)
    try:
        volunteering.note(current_actor(), key, _entry(kind, form), now=now())
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _page(log, {kind: form}), UNKEPT
    flash("Noted.", "success")
    return redirect(url_for("assess.volunteering_log", key=key))


@blueprint.post("/rounds/<uuid:key>/volunteering/<uuid:entry>/removal")
@needs(Action.LOG_TIME, "round")
def take_out_entry(key: uuid.UUID, entry: uuid.UUID) -> ResponseReturnValue:
    """Take out a line of one's own log."""
    volunteering.take_out(current_actor(), key, entry, now=now())
    flash("Taken out.", "success")
    return redirect(url_for("assess.volunteering_log", key=key))


@blueprint.get("/rounds/<uuid:key>/volunteers")
@needs(Action.READ_VOLUNTEERS, "round")
def volunteers(key: uuid.UUID) -> ResponseReturnValue:
    """What the panel gave in all, and the expenses to approve."""
    found = logs.volunteers(current_actor(), key)
    record = rounds.one(current_actor(), key)
    return render_template("assess/volunteers.html", found=found, record=record)


@blueprint.post("/rounds/<uuid:key>/volunteers/<uuid:entry>/approval")
@needs(Action.APPROVE_EXPENSE, "round")
def approve_expense(key: uuid.UUID, entry: uuid.UUID) -> ResponseReturnValue:
    """Approve an expense. Nothing is paid from here."""
    volunteering.approve(current_actor(), key, entry, now=now())
    flash("Approved. It is paid as your organisation pays expenses.", "success")
    return redirect(url_for("assess.volunteers", key=key))


def _page(log: Log, typed: dict[Kind, Form] | None = None) -> str:
    forms = {kind: _form(kind, log, fresh=True) for kind in Kind} | (typed or {})
    faulty = next(iter((typed or {}).values()), None)
    keys = {kind: _next(log, kind) for kind in Kind}
    return render_template(
        "assess/volunteering.html", log=log, forms=forms, form=faulty, keys=keys, kinds=Kind
    )


def _form(kind: Kind, log: Log, *, fresh: bool = False) -> Form:
    # Names are told apart on the page by what stands before them.
    form = (
        FORMS[kind](formdata=None, prefix=kind.value) if fresh else FORMS[kind](prefix=kind.value)
    )
    if kind == Kind.TIME:
        whole = ("", "The round as a whole")
        form["bid"].choices = (whole, *((str(bid), words) for bid, words in log.bids))
    return form


def _entry(kind: Kind, form: Form) -> Entry:
    typed = {field.short_name: str(field.data or "") for field in form}
    return Entry(
        key=_key(),
        kind=kind,
        day=form["day"].date or NO_DAY,
        minutes=_minutes(typed.get("hours", ""), typed.get("minutes", "")),
        amount=_amount(typed.get("amount", "")),
        note=typed.get("note", ""),
        bid=_uuid(typed.get("bid", "")),
    )


def _next(log: Log, kind: Kind) -> uuid.UUID:
    """Of the line that comes next: the same page makes the same key, so a double click is one line."""
    newest = str(log.rows[0].key) if log.rows else ""
    said = f"{current_actor().person_id}/{kind}/{len(log.rows)}/{newest}"
    return uuid.uuid5(log.round_key, said)


def _key() -> uuid.UUID:
    return _uuid(request.form.get("key", "")) or uuid.uuid4()


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _minutes(hours: str, minutes: str) -> int | None:
    parts = [part.strip() or "0" for part in (hours, minutes)]
    if not all(part.isdecimal() and len(part) < 5 for part in parts):  # noqa: PLR2004 (digits)
        return None
    return int(parts[0]) * 60 + int(parts[1])


def _amount(text: str) -> int | None:
    try:
        return parse_pounds(text) if text.strip() else None
    except Blocked:
        return None
