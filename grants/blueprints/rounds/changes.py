"""The doors of changes after opening: a new version of the rulebook, and later deadlines."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds.faults import faults_of
from grants.blueprints.rounds.forms import LONDON, NOON
from grants.blueprints.rounds.pages import bench, form_page, guarded, to_change
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.definition_changes import Weight, between, is_safe
from grants.rules.refusals import NotFound
from grants.services import deadlines, revisions
from grants.web.forms import DateField, Form, LongTextField, TextField
from grants.web.guards import current_actor, needs, now

ROUND = "/rounds/<uuid:key>"
WEIGHT_WORDS = {
    Weight.SAFE: ("Safe", "green"),
    Weight.HOLDS: ("Drafts stay behind", "orange"),
    Weight.REFUSED: ("Not once open", "red"),
}
VERBS = {
    "begin": (revisions.begin, "You are writing a new version."),
    "discard": (revisions.discard, "The new version is given up. The one in force stays."),
    "publish": (revisions.publish, "The new version is in force. Holders of drafts are told."),
}


class ExtensionForm(Form):
    """A later deadline for everybody."""

    closes = DateField("New closing date", hint="Applications close at noon on this day, UK time.")
    reason = LongTextField("Reason", hint="It is kept with the round.")


class LateForm(ExtensionForm):
    """A later deadline for one draft."""

    reference = TextField(
        "Reference of the draft",
        hint="It stands at the top of the draft: ask the applicant for it.",
    )


@blueprint.get(f"{ROUND}/version")
@needs(Action.SET_UP_ROUND, "round")
def version(key: uuid.UUID) -> ResponseReturnValue:
    """What the version being written changes, and what that means for drafts."""
    desk = bench(key)
    actor = current_actor()
    in_force = fund_of(actor, desk.record.definition_id)
    changes = between(in_force, desk.fund)
    return render_template(
        "rounds/version.html",
        bench=desk,
        record=desk.record,
        changes=changes,
        words=WEIGHT_WORDS,
        is_safe=is_safe(changes),
        faults=faults_of(key, desk.fund) if desk.is_open_to_change else [],
    )


@blueprint.post(f"{ROUND}/version/<string:verb>")
@needs(Action.SET_UP_ROUND, "round")
def change_version(key: uuid.UUID, verb: str) -> ResponseReturnValue:
    """Begin, give up or publish a new version."""
    if verb not in VERBS:
        raise NotFound("There is no such page.")
    step, words = VERBS[verb]
    step(current_actor(), key, now=now())
    flash(words, "success")
    return redirect(url_for("rounds.form" if verb == "begin" else "rounds.show", key=key))


@blueprint.route(f"{ROUND}/extension", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def extension(key: uuid.UUID) -> ResponseReturnValue:
    """Move the deadline for everybody."""
    record = to_change(key)
    form = ExtensionForm()
    back = url_for("rounds.show", key=key)
    if (
        form.validate_on_submit()
        and (until := _noon(form)) is not None
        and guarded(
            form,
            lambda: deadlines.extend(current_actor(), key, until, form.reason.data, now=now()),
        )
    ):
        flash("The deadline is moved. Everybody who holds a draft is told.", "success")
        return redirect(back)
    return form_page(form, "Extend the deadline", back, record=record, button_text="Extend")


@blueprint.route(f"{ROUND}/late", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def late(key: uuid.UUID) -> ResponseReturnValue:
    """Let one draft be sent after the deadline."""
    record = to_change(key)
    form = LateForm()
    back = url_for("rounds.show", key=key)
    if form.validate_on_submit() and (until := _noon(form)) is not None:
        reference, reason = form.reference.data, form.reason.data
        if guarded(
            form,
            lambda: deadlines.allow_late(current_actor(), key, reference, until, reason, now=now()),
        ):
            flash(f"{reference.strip()} may be sent late. Its people are told.", "success")
            return redirect(back)
    return form_page(form, "Allow a late application", back, record=record, button_text="Allow")


def _noon(form: ExtensionForm) -> dt.datetime | None:
    day = form.closes.date
    if day is None:
        form.add_problem("closes", "Enter the closing date, such as 27 3 2027.")
        return None
    return dt.datetime.combine(day, NOON, LONDON).astimezone(dt.UTC)
