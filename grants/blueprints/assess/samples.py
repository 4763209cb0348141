"""The doors of writing a sample: made up, on the round's own form, before the set opens."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess import calibration_forms as forms
from grants.funds.definition import Section
from grants.queries import calibration as queries
from grants.queries.calibration import SamplePage
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import samples
from grants.web.answer_places import unfit_fields
from grants.web.form_builder import RowCommand, attach, row_command, row_keys, typed
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

SAMPLE = "/calibration/<uuid:key>"


@blueprint.route(f"{SAMPLE}/name", methods=["GET", "POST"])
@needs(Action.HOLD_CALIBRATION, "sample")
def name_sample(key: uuid.UUID) -> ResponseReturnValue:
    """What a sample is called, and who is said to apply."""
    page = _to_write(key)
    form = forms.name_form(page)
    if request.method == "POST":
        title, applicant = form["title"].data, form["applicant"].data
        seen = forms.seen_of(request)
        try:
            samples.name_sample(current_actor(), key, title, applicant, seen=seen, now=now())
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            return _back(key)
    shown = render_template("assess/sample_name.html", page=page, record=page.round, form=form)
    return shown, form.status


@blueprint.route(f"{SAMPLE}/sections/<string:section>", methods=["GET", "POST"])
@needs(Action.HOLD_CALIBRATION, "sample")
def sample_section(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """One section of the round's form, as the sample answers it."""
    page = _to_write(key)
    found = page.fund.section(section)
    if found is None:
        raise NotFound("There is no such page.")
    form = forms.section_form(page, found, request.args.get("blank", ""))
    if request.method == "POST":
        command = row_command(request.form)
        if _is_kept(page, form, command):
            return _onward(key, section, command)
        page = queries.sample(current_actor(), key, now=now())
    return _shown(page, found, form)


@blueprint.post("/rounds/<uuid:key>/calibration/samples/<uuid:sample>/removal")
@needs(Action.HOLD_CALIBRATION, "round")
def take_out_sample(key: uuid.UUID, sample: uuid.UUID) -> ResponseReturnValue:
    """Take a sample out of a set that is not open yet."""
    samples.take_out_sample(current_actor(), key, sample, now=now())
    flash("The sample is taken out.", "success")
    return redirect(url_for("assess.calibration", key=key))


def _to_write(key: uuid.UUID) -> SamplePage:
    """The sample, while its text may be changed; afterwards there is no page to change it."""
    page = queries.sample(current_actor(), key, now=now())
    if page.set.opened_at is not None and request.method == "GET":
        raise NotFound("There is no such page.")
    return page


def _is_kept(page: SamplePage, form: Form, command: RowCommand | None) -> bool:
    """Keep what was typed. Where it cannot be, the form says why and still holds all of it."""
    unfit = unfit_fields(request)
    out = {(problem.question, problem.row) for problem in unfit}
    texts = {place: text for place, text in typed(form).items() if place not in out}
    rows = {table: set(keys) for table, keys in row_keys(form).items()}
    if command is not None and command.verb == "remove":
        rows.get(command.question, set()).discard(command.row)
        texts = {place: text for place, text in texts.items() if not _is_in(place, command)}
    try:
        samples.write_section(
            current_actor(), page.key, texts, rows=rows, seen=forms.seen_of(request), now=now()
        )
    except Blocked as blocked:
        form.add_reasons(blocked)
    attach(form, unfit)
    return not form.errors


def _is_in(place: tuple[str, str], row: RowCommand) -> bool:
    return place[0].partition(".")[0] == row.question and place[1] == row.row


def _onward(key: uuid.UUID, section: str, command: RowCommand | None) -> ResponseReturnValue:
    if command is None:
        return _back(key)
    blank = command.question if command.verb == "add" else None
    address = url_for(
        "assess.sample_section", key=key, section=section, blank=blank, _anchor=command.question
    )
    return redirect(address)


def _back(key: uuid.UUID) -> ResponseReturnValue:
    flash("Saved.", "success")
    return redirect(url_for("assess.calibration_sample", key=key))


def _shown(page: SamplePage, section: Section, form: Form) -> ResponseReturnValue:
    shown = render_template(
        "assess/sample_section.html",
        page=page,
        record=page.round,
        section=forms.written(section),
        form=form,
    )
    return shown, form.status
