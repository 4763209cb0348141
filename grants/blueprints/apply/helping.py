"""The doors of typing an application for a group that gave it on paper, by phone or in person."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.entry_forms import NEW, EntryForm, EvidenceForm, LookForm
from grants.queries import entered, rounds
from grants.queries.rounds import RoundRow
from grants.rules.actions import Action
from grants.rules.helping import CHANNELS, EVIDENCE
from grants.rules.refusals import Blocked
from grants.services import attachments, entering
from grants.services.attachments import Upload
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024
UNKEPT = 422


@blueprint.get("/rounds/<uuid:key>/entries")
@needs(Action.ENTER_FOR_GROUP, "round")
def entries(key: uuid.UUID) -> ResponseReturnValue:
    """What was typed for groups in this round."""
    record = _round(key)
    page = min(request.args.get("page", 1, type=int), 10_000)
    return render_template(
        "apply/entries.html",
        record=record,
        found=entered.of_round(current_actor(), record, page=page),
        channels=CHANNELS,
    )


@blueprint.get("/rounds/<uuid:key>/entries/look")
@needs(Action.ENTER_FOR_GROUP, "round")
def look(key: uuid.UUID) -> ResponseReturnValue:
    """Look for the organisation before one is made a second time."""
    record = _round(key)
    form = _look_form(record)
    name, area = request.args.get("name", "").strip(), request.args.get("area", "")
    if "name" in request.args and not name:
        form.add_problem("name", "Enter the name of the organisation.")
    if "name" in request.args and area not in {choice[0] for choice in form.area.choices}:
        form.add_problem("area", "Choose the share of the round.")
    number = request.args.get("number", "")
    found = (
        entered.alike(current_actor(), record, area, name, number)
        if name and not form.errors
        else None
    )
    page = render_template("apply/entry_look.html", record=record, form=form, found=found)
    return page, UNKEPT if form.errors else 200


@blueprint.route("/rounds/<uuid:key>/entries/new", methods=["GET", "POST"])
@needs(Action.ENTER_FOR_GROUP, "round")
def enter(key: uuid.UUID) -> ResponseReturnValue:
    """How it came and that they agreed; then the same pages as everybody's."""
    record = _round(key)
    chosen, name = request.args.get("organisation", ""), request.args.get("name", "").strip()
    area = request.args.get("area", "")
    form = EntryForm()
    if not name or not area:
        return redirect(url_for("apply.look", key=key))
    if form.validate_on_submit():
        try:
            made = entering.begin(
                current_actor(), key, area, form.group(chosen, name), form.given(), now=now()
            )
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            flash("The application is begun. Type what they gave you.", "success")
            return redirect(url_for("apply.tasks", key=made))
    page = render_template(
        "apply/entry_new.html",
        record=record,
        form=form,
        name=name,
        area=area,
        is_new=chosen in {"", NEW},
    )
    return page, UNKEPT if form.errors else 200


@blueprint.route("/applications/<uuid:key>/entry", methods=["GET", "POST"])
@needs(Action.ENTER_FOR_GROUP, "application")
def entry(key: uuid.UUID) -> ResponseReturnValue:
    """How this one came, the scan of the form, and an account for the group."""
    actor = current_actor()
    found = entered.own_entry(actor, key)
    form = EvidenceForm()
    if form.validate_on_submit():
        try:
            _take(key, form)
        except Blocked as blocked:
            form.add_problem("file", str(blocked))
        else:
            return redirect(url_for("apply.entry", key=key))
    page = render_template("apply/entry.html", found=found, form=form, channels=CHANNELS)
    return page, UNKEPT if form.errors else 200


@blueprint.post("/applications/<uuid:key>/entry/help")
@needs(Action.ENTER_FOR_GROUP, "application")
def help_type(key: uuid.UUID) -> ResponseReturnValue:
    """Go on typing what a colleague began."""
    entering.take_part(current_actor(), key, now=now())
    flash("You type for them too. You can have no part in deciding on it now.", "info")
    return redirect(url_for("apply.tasks", key=key))


@blueprint.post("/applications/<uuid:key>/entry/invite")
@needs(Action.ENTER_FOR_GROUP, "application")
def invite_group(key: uuid.UUID) -> ResponseReturnValue:
    """An account for who gave it."""
    try:
        entering.invite(current_actor(), key, base_url=settings().base_url, now=now())
    except Blocked as blocked:
        flash(str(blocked), "warning")
    else:
        flash("They are invited. Once they have signed in they can take it over.", "success")
    return redirect(url_for("apply.entry", key=key))


@blueprint.post("/applications/<uuid:key>/take-over")
@needs(Action.EDIT_APPLICATION, "application")
def take_over(key: uuid.UUID) -> ResponseReturnValue:
    """The group goes on with it; nobody types for them any more."""
    entering.take_over(current_actor(), key, now=now())
    flash("The application is yours now. Nobody at the fund can change it.", "success")
    return redirect(url_for("apply.tasks", key=key))


def _round(key: uuid.UUID) -> RoundRow:
    return rounds.one(current_actor(), key)


def _look_form(record: RoundRow) -> LookForm:
    form = LookForm(formdata=request.args, meta={"csrf": False})
    form.area.choices = entered.places_for(current_actor(), record)
    return form


def _take(key: uuid.UUID, form: EvidenceForm) -> None:
    sent = getattr(form.file, "files", ())
    if not sent:
        raise Blocked("Choose a file first.")
    for file in sent:
        most = settings().upload_megabytes * MEGABYTE
        upload = Upload(EVIDENCE, file.filename, file.stream, most)
        attachments.add(current_actor(), key, upload, now=now())
