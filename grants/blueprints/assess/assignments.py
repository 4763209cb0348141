"""The doors of: handing applications to assessors, for the fund manager."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint, plans
from grants.blueprints.assess.forms import AssignForm, ProposalForm, wish_of
from grants.queries import assignments, paper_scores, rescoring, shortfalls
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound, Reason, Stale
from grants.services import allocate, allocate_later, phases
from grants.services import assign as assigning
from grants.web.filters import plural
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
CHANGED = 409


@blueprint.get("/rounds/<uuid:key>/assignments")
@needs(Action.ASSIGN, "round")
def assign(key: uuid.UUID) -> ResponseReturnValue:
    """The applications of a round and their readers, or the assessors and their loads."""
    if request.args.get("by") == "assessor":
        loads = assignments.loads(current_actor(), key, now=now())
        return render_template("assess/loads.html", loads=loads, record=loads.round)
    board = assignments.board(
        current_actor(),
        key,
        show=request.args.get("show", ""),
        sort=request.args.get("sort", ""),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "assess/assign.html",
        board=board,
        record=board.round,
        waiting=rescoring.waiting(current_actor(), key),
        papers=paper_scores.waiting(current_actor(), key),
    )


@blueprint.post("/rounds/<uuid:key>/assignments/open")
@needs(Action.OPEN_ASSESSING, "round")
def open_all(key: uuid.UUID) -> ResponseReturnValue:
    """Open every submitted application for assessment."""
    count = phases.open_assessing_all(current_actor(), key, now=now())
    flash(f"{plural(count, 'application', 'applications')} opened for assessment.", "success")
    return redirect(url_for("assess.assign", key=key))


@blueprint.get("/rounds/<uuid:key>/assignments/proposal")
@needs(Action.ASSIGN, "round")
def proposal(key: uuid.UUID) -> ResponseReturnValue:
    """A balanced allocation to look at, before it is made. Of a large round only the question."""
    size = allocate_later.size(current_actor(), key, now=now())
    if size.is_large:
        return plans.asked(size)
    return _proposal(key, ProposalForm(request.args))


@blueprint.post("/rounds/<uuid:key>/assignments/proposal")
@needs(Action.ASSIGN, "round")
def make(key: uuid.UUID) -> ResponseReturnValue:
    """Make the allocation that was shown, all of it or nothing."""
    form = ProposalForm()
    if form.due_on.data and form.due_on.date is None:
        return _proposal(key, form, fault=Reason("Enter a real date, or leave it empty.", "due_on"))
    try:
        count = allocate.make(
            current_actor(),
            key,
            wish_of(form),
            request.form.get("mark", ""),
            due_on=form.due_on.date,
            now=now(),
        )
    except Stale as stale:
        shown, _ = _proposal(key, form, fault=Reason(str(stale), ""))
        return shown, CHANGED
    flash(f"{plural(count, 'assignment is', 'assignments are')} made.", "success")
    return redirect(url_for("assess.assign", key=key))


@blueprint.get("/applications/<uuid:key>/readers")
@needs(Action.ASSIGN, "application")
def readers(key: uuid.UUID) -> ResponseReturnValue:
    """One application: who reads it, who might, and who may not."""
    return _readers(key, AssignForm())


@blueprint.post("/applications/<uuid:key>/readers")
@needs(Action.ASSIGN, "application")
def give(key: uuid.UUID) -> ResponseReturnValue:
    """Give the application to one assessor."""
    form = AssignForm()
    if form.due_on.data and form.due_on.date is None:
        form.add_problem("due_on", "Enter a real date, or leave it empty.")
        return _readers(key, form)
    try:
        assigning.assign(
            current_actor(),
            key,
            _person(request.form.get("person", "")),
            due_on=form.due_on.date,
            now=now(),
        )
    except Blocked as blocked:
        form.add_problem("", str(blocked))
        return _readers(key, form)
    flash("Assigned.", "success")
    return redirect(url_for("assess.readers", key=key))


@blueprint.post("/applications/<uuid:key>/readers/<uuid:person>/removal")
@needs(Action.ASSIGN, "application")
def take_back(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Take the application back from an assessor who has not begun."""
    assigning.remove(current_actor(), key, person, now=now())
    flash("Taken back.", "success")
    return redirect(url_for("assess.readers", key=key))


def _readers(key: uuid.UUID, form: AssignForm) -> ResponseReturnValue:
    page = assignments.readers_of(current_actor(), key, now=now())
    has_faults = bool(form.errors or form.form_errors)
    shown = render_template("assess/readers.html", page=page, record=page.round, form=form)
    return shown, UNKEPT if has_faults else 200


def _proposal(
    key: uuid.UUID, form: ProposalForm, *, fault: Reason | None = None
) -> tuple[str, int]:
    actor = current_actor()
    is_asked = bool(form.readers.data or form.most.data)
    try:
        found = allocate.propose(actor, key, wish_of(form) if is_asked else None, now=now())
    except Blocked as blocked:
        found = allocate.propose(actor, key, None, now=now())
        for reason in blocked.reasons:
            form.add_problem(reason.key, reason.text)
    if fault is not None:
        form.add_problem(fault.key, fault.text)
    if not is_asked:
        wish = found.wish
        form.readers.data, form.most.data = str(wish.readers), str(wish.most)
        form.lived.data = str(wish.lived)
    gaps = shortfalls.page(actor, found.gaps, request.args.get("page", 1, type=int))
    shown = render_template(
        "assess/proposal.html", form=form, found=found, record=found.round, gaps=gaps
    )
    return shown, UNKEPT if form.errors or form.form_errors else 200


def _person(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("There is no such page.") from None
