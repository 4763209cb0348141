"""The doors of the offline workbook: take it away, load it back, look at what changes, say yes."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.queries import drafts
from grants.queries.drafts import Draft
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, MoveNotAllowed
from grants.services import answers, workbooks
from grants.services.answer_sheet import Saved, Sent
from grants.web import clashes
from grants.web.clashes import Around, FormWords
from grants.web.downloads import download
from grants.web.forms import FileField, Form
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024
CHOOSE_ONE = "Choose the workbook that you filled in."


class WorkbookForm(Form):
    """The filled-in workbook."""

    file = FileField("The workbook that you filled in", hint="An XLSX file.", accept=".xlsx")


@blueprint.route("/applications/<uuid:key>/workbook", methods=["GET", "POST"])
@needs(Action.EDIT_APPLICATION, "application")
def workbook(key: uuid.UUID) -> ResponseReturnValue:
    """Take the form away as a spreadsheet, and load it back."""
    draft = _draft(key)
    form = WorkbookForm()
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            return redirect(url_for("apply.preview", key=key, load=_load(key, form)))
        except Blocked as blocked:
            problems = [reason.text for reason in blocked.reasons]
    page = render_template(
        "apply/workbook.html",
        draft=draft,
        form=form,
        problems=problems,
    )
    return page, 422 if problems or form.errors else 200


@blueprint.get("/applications/<uuid:key>/workbook.xlsx")
@needs(Action.EDIT_APPLICATION, "application")
def workbook_file(key: uuid.UUID) -> ResponseReturnValue:
    """The workbook itself, with what is there."""
    made = workbooks.make(current_actor(), key, now=now())
    return download(made.data, name=made.name, media_type=made.media_type)


@blueprint.route("/applications/<uuid:key>/workbook/<uuid:load>", methods=["GET", "POST"])
@needs(Action.EDIT_APPLICATION, "application")
def preview(key: uuid.UUID, load: uuid.UUID) -> ResponseReturnValue:
    """Before and after, and the button that saves it."""
    draft = _draft(key)
    if request.method == "POST":
        return _confirm(draft, load)
    found = workbooks.preview(current_actor(), key, load)
    return render_template("apply/workbook_preview.html", draft=draft, found=found)


@blueprint.post("/applications/<uuid:key>/workbook/choose")
@needs(Action.EDIT_APPLICATION, "application")
def choose_in_workbook(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what was chosen where the workbook and the web page differ."""
    around = _around(_draft(key))

    def save(sent: Sent) -> Saved:
        return answers.save(current_actor(), key, sent, now=now())

    return clashes.settle(around, request, save)


def _draft(key: uuid.UUID) -> Draft:
    draft = drafts.draft(current_actor(), key)
    if not draft.is_editor or draft.state not in drafts.EDITABLE:
        raise MoveNotAllowed("This application can't be changed as it stands now.")
    return draft


def _load(key: uuid.UUID, form: WorkbookForm) -> uuid.UUID:
    sent = list(getattr(form.file, "files", ()))
    if not sent:
        raise Blocked(CHOOSE_ONE)
    most = settings().upload_megabytes * MEGABYTE
    return workbooks.load(current_actor(), key, sent[0].stream, most=most, now=now())


def _confirm(draft: Draft, load: uuid.UUID) -> ResponseReturnValue:
    saved = workbooks.confirm(current_actor(), draft.key, load, now=now())
    if saved.clashes:
        return clashes.both_texts(_around(draft), saved.clashes, saved.refused)
    flash("The answers of the workbook are saved.", "success")
    return redirect(url_for("apply.tasks", key=draft.key))


def _around(draft: Draft) -> Around:
    return Around(
        FormWords(draft.fund),
        url_for("apply.choose_in_workbook", key=draft.key),
        url_for("apply.tasks", key=draft.key),
    )
