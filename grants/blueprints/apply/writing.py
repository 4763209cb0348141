"""The doors of writing: a section, saving as one types, files in and out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint, forms
from grants.blueprints.apply.section_pages import NEW, Page, is_open, page_of, shown
from grants.queries import drafts
from grants.rules.actions import Action
from grants.rules.eligibility import filled_rows
from grants.rules.opening import LOCKED
from grants.rules.refusals import Blocked, MoveNotAllowed
from grants.services import answers, attachments
from grants.services.answer_sheet import Saved, Sent
from grants.services.attachments import Upload
from grants.web import autosaving, clashes
from grants.web.answer_places import At
from grants.web.clashes import Around, FormWords
from grants.web.downloads import download
from grants.web.form_builder import attach, new_row_key, row_command, typed
from grants.web.forms import FileField, Form
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024


@blueprint.route("/applications/<uuid:key>/sections/<string:section>", methods=["GET", "POST"])
@needs(Action.EDIT_APPLICATION, "application")
def section(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """One section of the form."""
    page = page_of(key, section)
    if not page.draft.is_editor or page.draft.state not in drafts.EDITABLE:
        return _not_writable(page)
    if not is_open(page):
        return _not_asked(page)
    if request.args.get("row") == NEW:
        return redirect(_new_row(page))
    if request.method == "POST":
        return _save(page)
    return shown(page, page.form())


@blueprint.post("/applications/<uuid:key>/autosave")
@needs(Action.EDIT_APPLICATION, "application")
def autosave(key: uuid.UUID) -> ResponseReturnValue:
    """What has just been typed. Answers in JSON, never with a page."""
    sent, unfit = autosaving.received(request)
    try:
        saved = answers.save(current_actor(), key, sent, now=now())
    except (Blocked, MoveNotAllowed) as refusal:
        return jsonify(message=str(refusal)), 422
    return autosaving.told(saved, unfit)


@blueprint.post("/applications/<uuid:key>/sections/<string:section>/choose")
@needs(Action.EDIT_APPLICATION, "application")
def choose(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """Keep what was chosen where two texts stood against each other."""
    page = page_of(key, section)
    around = _around(page)

    def save(sent: Sent) -> Saved:
        return answers.save(
            current_actor(), key, replace(sent, section=page.section.key), now=now()
        )

    return clashes.settle(around, request, save)


@blueprint.post("/applications/<uuid:key>/files/<uuid:file>/remove")
@needs(Action.EDIT_APPLICATION, "application")
def remove_file(key: uuid.UUID, file: uuid.UUID) -> ResponseReturnValue:
    """Take a file out of the draft."""
    attachments.remove(current_actor(), key, file, now=now())
    flash("The file is removed.", "success")
    section = request.args.get("section", "")
    if section:
        return redirect(url_for("apply.section", key=key, section=section))
    return redirect(url_for("apply.tasks", key=key))


@blueprint.get("/files/<uuid:key>", endpoint="download")
@needs(Action.READ_FILE, "attachment")
def download_file(key: uuid.UUID) -> ResponseReturnValue:
    """A file that was found clean."""
    made = attachments.open_file(current_actor(), key)
    return download(made.data, name=made.name, media_type=made.media_type)


def _not_asked(page: Page) -> ResponseReturnValue:
    """The fund asks about other answers: what stands here is locked."""
    if request.method == "POST":
        raise MoveNotAllowed(LOCKED)
    return redirect(url_for("apply.tasks", key=page.draft.key))


def _new_row(page: Page) -> str:
    table = page.table
    keys = filled_rows(table, page.draft.answers) if table else ()
    return replace(page, row=new_row_key(keys)).address


def _save(page: Page) -> ResponseReturnValue:
    """Keep what can be kept, then say what is wrong with the rest. What was typed stays in sight."""
    form = page.form()
    sent, unfit = autosaving.of_page(request, typed(form), page.section.key)
    try:
        saved = answers.save(current_actor(), page.draft.key, sent, now=now())
    except Blocked as blocked:
        form.add_problem("", str(blocked))
        return shown(page, form), 422
    attach(form, unfit)
    attach(form, saved.refused)
    refused = _take_files(page, form)
    if saved.clashes:
        return clashes.both_texts(_around(page), saved.clashes, (*unfit, *saved.refused))
    if unfit or saved.refused or refused:
        return shown(_again(page), form), 422
    return _after_saving(page, form)


def _after_saving(page: Page, form: Form) -> ResponseReturnValue:
    command = row_command(request.form)
    if command and command.verb == "add":
        return redirect(
            url_for(
                "apply.section",
                key=page.draft.key,
                section=page.section.key,
                blank=command.question,
                _anchor=command.question,
            )
        )
    if command:
        answers.remove_row(
            current_actor(), page.draft.key, command.question, command.row, now=now()
        )
        flash("The row is removed.", "success")
        return redirect(url_for("apply.section", key=page.draft.key, section=page.section.key))
    if "upload" in request.form:
        return redirect(page.address)
    if "later" in request.form:
        flash("Saved. Come back whenever you like, on any device.", "success")
        return redirect(url_for("apply.tasks", key=page.draft.key))
    fresh = _again(page)
    if forms.attach_faults(form, fresh.draft, page.section, page.row):
        return shown(fresh, form), 422
    return redirect(_onward(page))


def _onward(page: Page) -> str:
    """From a row back to its list, from a section to the next, from the last to the check."""
    if page.table is not None:
        if "another" in request.form:
            return url_for("apply.section", key=page.draft.key, section=page.section.key, row=NEW)
        return url_for("apply.section", key=page.draft.key, section=page.section.key)
    if not page.draft.opening.is_whole:
        return url_for("apply.tasks", key=page.draft.key)
    keys = [section.key for section in page.draft.fund.sections]
    after = keys[keys.index(page.section.key) + 1 :]
    if after:
        return url_for("apply.section", key=page.draft.key, section=after[0])
    return url_for("apply.check", key=page.draft.key)


def _around(page: Page) -> Around:
    """Where a choice between two texts is sent, and the way back."""
    place: dict[str, Any] = {
        "key": page.draft.key,
        "section": page.section.key,
        "row": page.row or None,
    }
    return Around(FormWords(page.draft.fund), url_for("apply.choose", **place), page.address)


def _again(page: Page) -> Page:
    """The same page with what is kept now."""
    return replace(page, draft=drafts.draft(current_actor(), page.draft.key))


def _take_files(page: Page, form: Form) -> bool:
    """Take in what was sent with the page. Gives back whether any was refused."""
    refused = False
    for field in form:
        if not isinstance(field, FileField):
            continue
        for sent in getattr(field, "files", ()):
            upload = Upload(
                field.name, sent.filename, sent.stream, settings().upload_megabytes * MEGABYTE
            )
            try:
                attachments.add(current_actor(), page.draft.key, upload, now=now())
            except Blocked as blocked:
                refused = True
                attach(form, [At(field.name, "", str(blocked), str(blocked))])
    return refused


def _not_writable(page: Page) -> ResponseReturnValue:
    if request.method == "POST":
        raise MoveNotAllowed("This application can't be changed as it stands now.")
    return redirect(url_for("apply.tasks", key=page.draft.key))
