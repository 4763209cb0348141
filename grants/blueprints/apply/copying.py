"""The doors of copying: choose an earlier application, see both texts, tick what is taken."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.queries import copying as queries
from grants.queries import drafts
from grants.queries.answer_words import AnswerText, sections_in_words
from grants.queries.drafts import Draft
from grants.rules.actions import Action
from grants.rules.copying import Offer, Texts
from grants.rules.refusals import Blocked, MoveNotAllowed
from grants.services import copying as services
from grants.services.copying import Comparison
from grants.web.answer_places import seen_in, versions_text
from grants.web.filters import plural
from grants.web.guards import current_actor, needs, now


@dataclass(frozen=True, slots=True)
class Pair:
    """One question with what stands here, and what would stand here."""

    offer: Offer
    here: AnswerText | None
    there: AnswerText | None
    is_ticked: bool


@blueprint.get("/applications/<uuid:key>/copy-answers")
@needs(Action.EDIT_APPLICATION, "application")
def choose_source(key: uuid.UUID) -> ResponseReturnValue:
    """The earlier applications of the same organisation."""
    draft = drafts.draft(current_actor(), key)
    _require_writable(draft)
    rows = queries.sources(current_actor(), draft)
    return render_template("apply/choose_source.html", draft=draft, rows=rows)


@blueprint.route("/applications/<uuid:key>/copy-answers/<uuid:source>", methods=["GET", "POST"])
@needs(Action.EDIT_APPLICATION, "application")
def copy_answers(key: uuid.UUID, source: uuid.UUID) -> ResponseReturnValue:
    """Both texts of each question side by side, and a tick for each that is copied."""
    at = services.compare(current_actor(), key, source)
    _require_writable(at.draft)
    if request.method == "GET":
        return _shown(at, [o.question.key for o in at.offers if o.fits and not o.replaces])
    picked = request.form.getlist("picked")
    try:
        copied = services.copy(
            current_actor(), (key, source), picked, seen=seen_in(request) or {}, now=now()
        )
    except Blocked as blocked:
        return _shown(services.compare(current_actor(), key, source), picked, str(blocked)), 422
    flash(f"Copied {plural(copied, 'answer', 'answers')} from {at.source.reference}.", "success")
    return redirect(url_for("apply.tasks", key=key))


def _require_writable(draft: Draft) -> None:
    if not draft.may_be_written(now()):
        raise MoveNotAllowed("This application can't be changed as it stands now.")


def _shown(at: Comparison, ticked: Collection[str], problem: str = "") -> str:
    here = _words(at.draft, at.draft.answers)
    would_be = _words(
        at.draft,
        {**at.draft.answers, **{p: t for o in at.offers for p, t in o.texts.items()}},
    )
    said = {a.key: a for s in at.source.in_words() for a in s.answers}
    titles = {q.key: s.title for s in at.draft.fund.sections for q in s.questions}
    sections: dict[str, list[Pair]] = {}
    for offer in at.offers:
        key = offer.question.key
        there = (would_be.get(key) if offer.fits else None) or said.get(key)
        pair = Pair(offer, here.get(key), there, offer.fits and key in ticked)
        sections.setdefault(titles[key], []).append(pair)
    return render_template(
        "apply/copy_answers.html",
        at=at,
        sections=sections,
        problem=problem,
        versions=versions_text(at.seen()),
        copyable=any(offer.fits for offer in at.offers),
    )


def _words(draft: Draft, answers: Texts) -> dict[str, AnswerText]:
    """Answers to this draft's form in words, by question."""
    found = sections_in_words(draft.fund, answers)
    return {answer.key: answer for section in found for answer in section.answers}
