"""The doors of writing: a section, saving as one types, files in and out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint, forms
from grants.blueprints.apply.taken import taken_here
from grants.funds.definition import Fills, Question, Section
from grants.queries import comments, confirmations, drafts, earlier_texts, registers
from grants.queries.drafts import Draft
from grants.queries.earlier_texts import EarlierRow
from grants.rules.actions import Action
from grants.rules.eligibility import filled_rows, totals
from grants.rules.money import Pence
from grants.rules.opening import LOCKED
from grants.rules.profile import NUMBERS
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound
from grants.rules.registers import Finding, Register, doubt
from grants.services import answers, attachments
from grants.services.answer_sheet import LONGEST_ROW_KEY, Sent
from grants.services.attachments import Upload
from grants.web import autosaving, clashes
from grants.web.answer_places import At, seen_in, unfit_fields, versions_text
from grants.web.clashes import Around, FormWords
from grants.web.downloads import download
from grants.web.form_builder import RowsField, attach, new_row_key, row_command, typed
from grants.web.forms import FileField, Form, TypedField
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024
NEW = "new"


@dataclass(frozen=True, slots=True)
class Page:
    """A section, or one row of a wide table of it, as it is being written."""

    draft: Draft
    section: Section
    table: Question | None = None
    row: str = ""

    @property
    def address(self) -> str:
        """Where it stands."""
        return url_for(
            "apply.section", key=self.draft.key, section=self.section.key, row=self.row or None
        )

    def form(self) -> Form:
        """Its questions with what is there, or with what was sent."""
        if self.table is not None:
            return forms.row_form(self.draft, self.section, self.table, self.row)
        blank = request.args.get("blank", "")
        return forms.section_form(self.draft, self.section, blank)


@blueprint.route("/applications/<uuid:key>/sections/<string:section>", methods=["GET", "POST"])
@needs(Action.EDIT_APPLICATION, "application")
def section(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """One section of the form."""
    page = _page(key, section)
    if not page.draft.is_editor or page.draft.state not in drafts.EDITABLE:
        return _not_writable(page)
    if not _is_open(page):
        return _not_asked(page)
    if request.args.get("row") == NEW:
        return redirect(_new_row(page))
    if request.method == "POST":
        return _save(page)
    return _shown(page, page.form())


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
    page = _page(key, section)
    around = _around(page)
    found = clashes.read_back(around, request)
    sent = clashes.chosen(found, request)
    if sent is None:
        return clashes.ask_again(around, found, request)
    saved = answers.save(current_actor(), key, replace(sent, section=page.section.key), now=now())
    if saved.clashes:
        return clashes.both_texts(around, saved.clashes, saved.refused)
    flash("Saved as you chose.", "success")
    return redirect(page.address)


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


def _page(key: uuid.UUID, name: str) -> Page:
    draft = drafts.draft(current_actor(), key)
    found = draft.fund.section(name)
    if found is None:
        raise NotFound("There is no such page.")
    row = request.args.get("row", "")
    tables = forms.listed_tables(draft, found)
    if not row or not tables:
        return Page(draft, found)
    if len(row) > LONGEST_ROW_KEY or not row.replace("-", "").replace("_", "").isalnum():
        raise NotFound("There is no such page.")
    return Page(draft, found, _table(tables), row)


def _is_open(page: Page) -> bool:
    """Whether anything of this page may be changed now."""
    opening, table = page.draft.opening, page.table
    if opening.is_whole:
        return True
    if table is None:
        return any(opening.touches(question.key) for question in page.section.questions)
    if page.row == NEW:
        return opening.takes_all_of(table.key)
    return any(opening.takes((f"{table.key}.{c.key}", page.row)) for c in table.columns)


def _not_asked(page: Page) -> ResponseReturnValue:
    """The fund asks about other answers: what stands here is locked."""
    if request.method == "POST":
        raise MoveNotAllowed(LOCKED)
    return redirect(url_for("apply.tasks", key=page.draft.key))


def _table(tables: tuple[Question, ...]) -> Question:
    asked = request.args.get("table", "")
    return next((table for table in tables if table.key == asked), tables[0])


def _new_row(page: Page) -> str:
    table = page.table
    keys = filled_rows(table, page.draft.answers) if table else ()
    return replace(page, row=new_row_key(keys)).address


def _save(page: Page) -> ResponseReturnValue:
    """Keep what can be kept, then say what is wrong with the rest. What was typed stays in sight."""
    form = page.form()
    unfit = unfit_fields(request)
    kept_out = {(problem.question, problem.row) for problem in unfit}
    texts = {place: text for place, text in typed(form).items() if place not in kept_out}
    seen = seen_in(request)
    try:
        saved = answers.save(
            current_actor(),
            page.draft.key,
            Sent(texts=texts, seen=seen, section=page.section.key),
            now=now(),
        )
    except Blocked as blocked:
        form.add_problem("", str(blocked))
        return _shown(page, form), 422
    attach(form, unfit)
    attach(form, saved.refused)
    refused = _take_files(page, form)
    if saved.clashes:
        return clashes.both_texts(_around(page), saved.clashes, (*unfit, *saved.refused))
    if unfit or saved.refused or refused:
        return _shown(_again(page), form), 422
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
        return _shown(fresh, form), 422
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


def _shown(page: Page, form: Form) -> str:
    draft, section = page.draft, page.section
    return render_template(
        "apply/row.html" if page.table is not None else "apply/section.html",
        draft=draft,
        section=section,
        place=[found.key for found in draft.fund.sections].index(section.key) + 1,
        page=page,
        form=form,
        heading=_heading(page),
        cells=_cells(form) if page.table is not None else (),
        versions=versions_text(_versions_here(page)),
        earlier=_earlier(page),
        taken=taken_here(page.draft, section),
        findings=_findings(page),
        doubts={kind: doubt(kind, text) for kind, text in _numbers(page).items()},
        lists=() if page.row else [_listed(draft, t) for t in forms.listed_tables(draft, section)],
        files=draft.files,
        others=_others(page),
        totals=draft.totals if _has_money(section) else None,
        in_time=draft.takes(now()),
        threads=comments.threads(draft),
        signed=confirmations.of_draft(draft, now=now()).sign_off,
        most_megabytes=settings().upload_megabytes,
    )


def _earlier(page: Page) -> list[tuple[str, EarlierRow]]:
    """The texts of this page that somebody else's took the place of, each with its question."""
    asked = {q.key: q for q in page.section.questions}
    labels = {key: question.label for key, question in asked.items()} | {
        f"{key}.{column.key}": f"{question.label}, {column.label}"
        for key, question in asked.items()
        for column in question.columns
    }
    found = earlier_texts.of_draft(page.draft, labels)
    return [(labels[e.question], e) for e in found if not page.row or e.row == page.row]


def _numbers(page: Page) -> dict[Register, str]:
    """The numbers of registers that this page asks for."""
    asked = {question.key for question in page.section.questions}
    return {
        kind: page.draft.answers.get((key, ""), "") for key, kind in NUMBERS.items() if key in asked
    }


def _findings(page: Page) -> dict[str, Finding]:
    """What the registers say of them, by question."""
    numbers = _numbers(page)
    found = registers.look_up(current_actor(), numbers) if numbers else {}
    return {key: found[kind] for key, kind in NUMBERS.items() if kind in found}


def _others(page: Page) -> Pence:
    """What the other rows of proposed projects ask for: the sum on the page begins there."""
    rest = {place: text for place, text in page.draft.answers.items() if place[1] != page.row}
    return totals(page.draft.fund, rest).projects if page.row else 0


def _heading(page: Page) -> str:
    """What the page is called: the section, or the row."""
    if page.table is None:
        return page.section.title
    return forms.row_title(page.draft, page.table, page.row)


def _cells(form: Form) -> list[TypedField]:
    """The fields of the one row."""
    return [cell for field in form if isinstance(field, RowsField) for _, cell in field.cells()]


def _versions_here(page: Page) -> dict[tuple[str, str], int]:
    """The versions of the answers on this page."""
    here = {question.key for question in page.section.questions}
    return {
        place: number
        for place, number in page.draft.versions.items()
        if place[0].partition(".")[0] in here and (not page.row or place[1] == page.row)
    }


def _listed(draft: Draft, table: Question) -> dict[str, Any]:
    """A wide table as the section lists it: the words of each row that tell it from the others."""
    troubled = {p.row for p in draft.problems if p.question.startswith(f"{table.key}.")}
    text = draft.in_words()
    answer = next(a for s in text for a in s.answers if a.key == table.key)
    columns = [column.key for column in table.columns]
    opening = draft.opening
    named = opening.rows_of(table.key)
    return {
        "table": table,
        "may_add": opening.takes_all_of(table.key),
        "rows": [
            {
                "key": row.key,
                "title": row.cells[0].strip() or f"{table.label}, row {number}",
                "cells": dict(zip(columns, row.cells, strict=True)),
                "is_complete": row.key not in troubled,
                "may_change": opening.takes_all_of(table.key) or row.key in named,
                "may_remove": opening.takes_row(table.key, row.key),
            }
            for number, row in enumerate(answer.rows, start=1)
        ],
    }


def _has_money(section: Section) -> bool:
    return any(question.fills in {Fills.PROJECTS, Fills.BUDGET} for question in section.questions)
