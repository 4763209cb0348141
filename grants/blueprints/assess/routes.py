"""The doors of: assessing, for the assessor."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.blueprints.assess.forms import NONE, ConflictForm, DeclarationForm, score_form
from grants.blueprints.assess.words import SheetWords
from grants.queries import (
    applicants,
    assessments,
    beforehand,
    calibrating,
    earlier_texts,
    interests,
    own_interests,
)
from grants.queries.assessments import AssessmentPage
from grants.queries.earlier_texts import EarlierRow
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason
from grants.services import assess
from grants.services.answer_sheet import Saved, Sent
from grants.web import autosaving, clashes
from grants.web.answer_places import reasons_of, versions_text
from grants.web.clashes import Around
from grants.web.filters import time_short
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
TOO_LATE = 409


@blueprint.get("/assessments")
@needs(Action.DECLARE)
def index() -> ResponseReturnValue:
    """What is assigned to me: to declare, to score, done."""
    page = request.args.get("page", 1, type=int)
    return render_template(
        "assess/index.html",
        duties=assessments.mine(current_actor(), page=page),
        asked=beforehand.asked(current_actor(), now=now()),
        chaired=own_interests.chaired(current_actor()),
        calibrations=calibrating.asked(current_actor()),
    )


@blueprint.get("/assessments/<uuid:key>")
@needs(Action.DECLARE, "assessment")
def show(key: uuid.UUID) -> ResponseReturnValue:
    """The summary and the declaration; once that is made, the application and the score form."""
    return _page(key)


@blueprint.post("/assessments/<uuid:key>/declaration")
@needs(Action.DECLARE, "assessment")
def declare(key: uuid.UUID) -> ResponseReturnValue:
    """Declare an interest, or that there is none."""
    interest = request.form.get("interest", "")
    if interest == NONE:
        assess.declare_none(current_actor(), key, now=now())
        return redirect(url_for("assess.show", key=key))
    try:
        assess.declare_conflict(
            current_actor(), key, interest, request.form.get("detail", ""), now=now()
        )
    except Blocked:
        said = "Say whether you have an interest in this application."
        return _page(key, declaration=(Reason(said, "interest"),))
    flash(
        "Thank you. This application is no longer yours to assess: the fund has been told.", "info"
    )
    return redirect(url_for("assess.index"))


@blueprint.post("/assessments/<uuid:key>")
@needs(Action.SCORE, "assessment")
def score(key: uuid.UUID) -> ResponseReturnValue:
    """Save what is written, or submit it."""
    sent, unfit = autosaving.received(request)
    is_last = "submit" in request.form and not unfit
    try:
        saved = _kept(key, sent, is_last=is_last)
    except Blocked as blocked:
        return _page(key, problems=blocked.reasons)
    if saved.clashes:
        return clashes.both_texts(_around(key), saved.clashes, (*unfit, *saved.refused))
    if unfit or saved.refused:
        return _page(key, problems=reasons_of((*unfit, *saved.refused)))
    if is_last:
        flash("Your scores are submitted. They can't be changed now.", "success")
        return redirect(url_for("assess.index"))
    flash(f"Saved at {time_short(now())}. You can go on now or later.", "success")
    return redirect(url_for("assess.show", key=key))


@blueprint.post("/assessments/<uuid:key>/choose")
@needs(Action.SCORE, "assessment")
def choose(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what was chosen where two windows stood against each other."""
    around = _around(key)

    def save(sent: Sent) -> Saved:
        return assess.save(current_actor(), key, sent, now=now()).saved

    return clashes.settle(around, request, save)


@blueprint.post("/assessments/<uuid:key>/newest")
@needs(Action.SCORE, "assessment")
def take_newest(key: uuid.UUID) -> ResponseReturnValue:
    """Go on with the latest version. What was written stays."""
    assess.take_newest(current_actor(), key, now=now())
    flash("You now read and score the latest version. What you wrote is kept.", "success")
    return redirect(url_for("assess.show", key=key))


@blueprint.post("/assessments/<uuid:key>/scores")
@needs(Action.SCORE, "assessment")
def autosave(key: uuid.UUID) -> ResponseReturnValue:
    """Save as it is typed: JSON with the time, both texts of a clash, or what cannot be kept."""
    sent, unfit = autosaving.received(request)
    try:
        kept = assess.autosave(current_actor(), key, sent, now=now())
    except (Forbidden, MoveNotAllowed) as refusal:
        return {"message": str(refusal)}, TOO_LATE
    total = None if kept.total is None else str(kept.total)
    return autosaving.told(
        kept.saved, unfit, total=total, marked=kept.marked, criteria=kept.criteria
    )


def _kept(key: uuid.UUID, sent: Sent, *, is_last: bool) -> Saved:
    if is_last:
        return assess.submit(current_actor(), key, sent, now=now())
    return assess.save(current_actor(), key, sent, now=now()).saved


def _around(key: uuid.UUID) -> Around:
    """Where a choice between two texts is sent, and the way back."""
    page = assessments.page_of(current_actor(), key)
    return Around(
        SheetWords(page), url_for("assess.choose", key=key), url_for("assess.show", key=key)
    )


def _page(
    key: uuid.UUID,
    *,
    problems: tuple[Reason, ...] = (),
    declaration: tuple[Reason, ...] = (),
) -> ResponseReturnValue:
    page = assessments.page_of(current_actor(), key)
    sheet_form = score_form(page) if page.may_score else None
    declare_form: Form = DeclarationForm() if page.text is None else ConflictForm()
    faulty = declare_form if declaration or sheet_form is None else sheet_form
    for reason in problems or declaration:
        faulty.add_problem(reason.key, reason.text)
    may_know = page.text is not None and not page.fund.stages.blind
    past = applicants.past(current_actor(), page.application_key, now=now()) if may_know else None
    is_asked = page.text is None and not page.fund.stages.blind
    reasons = (
        interests.reasons_for(current_actor(), page.application_key, now=now()) if is_asked else ()
    )
    shown = render_template(
        "assess/show.html",
        page=page,
        reasons=reasons,
        past=past,
        form=faulty,
        sheet_form=sheet_form,
        declare_form=declare_form,
        versions=versions_text(page.versions),
        earlier=_earlier(page) if page.may_score and page.was_replaced else (),
    )
    return shown, UNKEPT if problems or declaration else 200


def _earlier(page: AssessmentPage) -> list[tuple[str, EarlierRow]]:
    """The texts that another window's took the place of, each with the field it stood in."""
    words = SheetWords(page)
    return [
        (words.label((text.question, text.row)), text) for text in earlier_texts.of_assessment(page)
    ]
