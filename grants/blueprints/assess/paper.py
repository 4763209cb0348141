"""The doors of: typing what an assessor scored on paper, and holding it against the sheets."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import OtherwiseForm, PaperForm, SheetsForm, score_form
from grants.blueprints.assess.words import SheetWords
from grants.queries import earlier_texts
from grants.queries import paper_scores as pages
from grants.queries.paper_scores import PaperPage
from grants.rules.actions import Action
from grants.rules.paper import Checker
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason, Stale
from grants.services import paper_scans, paper_scores
from grants.services.answer_sheet import Saved, Sent
from grants.web import autosaving, clashes
from grants.web.answer_places import reasons_of, versions_text
from grants.web.clashes import Around
from grants.web.downloads import download
from grants.web.filters import time_short
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now, settings

MEGABYTE = 1024 * 1024
UNKEPT, CHANGED = 422, 409
PLACE = "/applications/<uuid:key>/readers/<uuid:person>/paper"


@blueprint.route(PLACE, methods=["GET", "POST"])
@needs(Action.TYPE_SCORES, "application")
def paper(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """How an assessor's scores came on paper; the form to type them, or what is typed to check."""
    form = PaperForm()
    if request.method == "GET":
        return _page(key, person)
    try:
        paper_scores.begin(
            current_actor(), key, person, form.checker.data, form.day.date, now=now()
        )
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _page(key, person, begin_form=form)
    return redirect(_sheets(key, person) if _by_colleague(form) else _home(key, person))


@blueprint.post(PLACE + "/hand")
@needs(Action.TYPE_SCORES, "application")
def take_paper(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Type on what a colleague began, or look at it to check it."""
    paper_scores.join(current_actor(), key, person, now=now())
    return redirect(_home(key, person))


@blueprint.post(PLACE + "/typing")
@needs(Action.TYPE_SCORES, "application")
def type_scores(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Save what is typed, or hand it on to be checked."""
    sent, unfit = autosaving.received(request)
    is_last = "submit" in request.form and not unfit
    try:
        saved = _kept(key, person, sent, is_last=is_last)
    except Blocked as blocked:
        return _page(key, person, problems=blocked.reasons)
    if saved.clashes:
        return clashes.both_texts(_around(key, person), saved.clashes, (*unfit, *saved.refused))
    if unfit or saved.refused:
        return _page(key, person, problems=reasons_of((*unfit, *saved.refused)))
    said = "Handed on to be checked." if is_last else f"Saved at {time_short(now())}."
    flash(said, "success")
    return redirect(_home(key, person))


@blueprint.post(PLACE + "/scores")
@needs(Action.TYPE_SCORES, "application")
def autosave_typed(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Save as it is typed."""
    sent, unfit = autosaving.received(request)
    try:
        kept = paper_scores.autosave(current_actor(), key, person, sent, now=now())
    except (Forbidden, MoveNotAllowed) as refusal:
        return {"message": str(refusal)}, CHANGED
    return autosaving.told(kept.saved, unfit, marked=kept.marked, criteria=kept.criteria)


@blueprint.post(PLACE + "/choose")
@needs(Action.TYPE_SCORES, "application")
def choose_typed(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Keep what was chosen where two windows stood against each other."""
    around = _around(key, person)

    def save(sent: Sent) -> Saved:
        return paper_scores.save(current_actor(), key, person, sent, now=now()).saved

    return clashes.settle(around, request, save)


@blueprint.post(PLACE + "/confirmation")
@needs(Action.CONFIRM_SCORES, "application")
def confirm_typed(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Send what a colleague typed."""
    try:
        paper_scores.confirm(current_actor(), key, person, request.form.get("seal", ""), now=now())
    except Blocked as blocked:
        return _page(key, person, problems=blocked.reasons)
    except Stale as stale:
        shown, _ = _page(key, person, problems=(Reason(str(stale)),))
        return shown, CHANGED
    flash("The scores are in.", "success")
    return redirect(url_for("assess.readers", key=key))


@blueprint.post(PLACE + "/otherwise")
@needs(Action.CONFIRM_SCORES, "application")
def send_typed_back(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Say what is otherwise on paper."""
    form = OtherwiseForm()
    try:
        paper_scores.send_back(current_actor(), key, person, form.note.data, now=now())
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _page(key, person, otherwise_form=form)
    flash("It is open to be typed again.", "success")
    return redirect(_home(key, person))


@blueprint.route(PLACE + "/sheets", methods=["GET", "POST"])
@needs(Action.TYPE_SCORES, "application")
def paper_sheets(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """The scanned sheets, while the scores are typed."""
    form = SheetsForm()
    if request.method == "POST":
        try:
            _take(key, person, form)
        except Blocked as blocked:
            form.add_problem("file", str(blocked))
        else:
            return redirect(_sheets(key, person))
    page = pages.page(current_actor(), key, person)
    if not page.may_type:
        return redirect(_home(key, person))
    shown = render_template("assess/paper_sheets.html", page=page, form=form)
    return shown, form.status


@blueprint.get(PLACE + "/sheets/<uuid:scan>")
@needs(Action.TYPE_SCORES, "application")
def paper_sheet(key: uuid.UUID, person: uuid.UUID, scan: uuid.UUID) -> ResponseReturnValue:
    """One scanned file."""
    found = paper_scans.open_scan(current_actor(), key, person, scan)
    return download(found.data, name=found.name, media_type=found.media_type)


@blueprint.post(PLACE + "/sheets/<uuid:scan>/removal")
@needs(Action.TYPE_SCORES, "application")
def remove_paper_sheet(key: uuid.UUID, person: uuid.UUID, scan: uuid.UUID) -> ResponseReturnValue:
    """Take a scanned file out."""
    paper_scans.remove(current_actor(), key, person, scan, now=now())
    flash("Removed.", "success")
    return redirect(_sheets(key, person))


def _kept(key: uuid.UUID, person: uuid.UUID, sent: Sent, *, is_last: bool) -> Saved:
    if is_last:
        return paper_scores.finish(current_actor(), key, person, sent, now=now())
    return paper_scores.save(current_actor(), key, person, sent, now=now()).saved


def _take(key: uuid.UUID, person: uuid.UUID, form: SheetsForm) -> None:
    sent = getattr(form.file, "files", ())
    if not sent:
        raise Blocked("Choose a file first.")
    most = settings().upload_megabytes * MEGABYTE
    for file in sent:
        paper_scans.add(
            current_actor(), key, person, file.filename, file.stream, most=most, now=now()
        )


def _page(
    key: uuid.UUID,
    person: uuid.UUID,
    *,
    problems: tuple[Reason, ...] = (),
    begin_form: PaperForm | None = None,
    otherwise_form: OtherwiseForm | None = None,
) -> tuple[str, int]:
    page = pages.page(current_actor(), key, person)
    sheet_form: Form | None = score_form(page, "Their") if page.may_type else None
    faulty = begin_form or otherwise_form or sheet_form or OtherwiseForm(formdata=None)
    for reason in problems:
        faulty.add_problem(reason.key, reason.text)
    shown = render_template(
        "assess/paper.html",
        page=page,
        form=faulty,
        sheet_form=sheet_form,
        begin_form=begin_form or _how_it_came(page),
        otherwise_form=otherwise_form or OtherwiseForm(formdata=None),
        versions=versions_text(page.versions),
        earlier=_earlier(page) if page.may_type else (),
    )
    return shown, UNKEPT if problems or begin_form or otherwise_form else 200


def _how_it_came(page: PaperPage) -> PaperForm:
    """The form as it was last sent."""
    typed = page.typed
    if typed is None:
        return PaperForm(formdata=None)
    return PaperForm(
        formdata=None, data={"day": typed.received_on.isoformat(), "checker": typed.checker.value}
    )


def _earlier(page: PaperPage) -> list[tuple[str, earlier_texts.EarlierRow]]:
    words = SheetWords(page)
    return [
        (words.label((text.question, text.row)), text) for text in earlier_texts.of_assessment(page)
    ]


def _around(key: uuid.UUID, person: uuid.UUID) -> Around:
    page = pages.page(current_actor(), key, person)
    return Around(
        SheetWords(page),
        url_for("assess.choose_typed", key=key, person=person),
        _home(key, person),
    )


def _by_colleague(form: PaperForm) -> bool:
    return bool(form.checker.data == Checker.COLLEAGUE)


def _home(key: uuid.UUID, person: uuid.UUID) -> str:
    return url_for("assess.paper", key=key, person=person)


def _sheets(key: uuid.UUID, person: uuid.UUID) -> str:
    return url_for("assess.paper_sheets", key=key, person=person)
