"""The doors of writing a return: a section, and saving as one types."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.returns import blueprint, forms
from grants.funds.definition import Section
from grants.queries import earlier_texts, return_reports
from grants.queries.return_reports import Report
from grants.rules import return_check
from grants.rules.actions import Action
from grants.rules.money import pounds
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.rules.return_check import REPLY
from grants.rules.return_figures import OUTCOMES, PEOPLE, SPENDING
from grants.services import returns as service
from grants.services.answer_sheet import Saved, Sent
from grants.web import autosaving, clashes
from grants.web.answer_places import (
    place_of,
    versions_text,
)
from grants.web.clashes import Around, FormWords
from grants.web.form_builder import attach
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now


@dataclass(frozen=True, slots=True)
class Page:
    """A section of a return as it is being written."""

    report: Report
    section: Section

    @property
    def place(self) -> int:
        """Which section of the form it is, from 1."""
        return [found.key for found in self.report.form.sections].index(self.section.key) + 1


@blueprint.route("/returns/<uuid:key>/sections/<string:section>", methods=["GET", "POST"])
@needs(Action.EDIT_RETURN, "outcome_return")
def section(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """One section of the return."""
    page = _page(key, section)
    if not page.report.may_be_written:
        if request.method == "POST":
            raise MoveNotAllowed("This return can't be changed as it stands now.")
        return redirect(url_for("returns.check", key=key))
    form = forms.section_form(page.report, page.section)
    return _save(page, form) if request.method == "POST" else _shown(page, form)


@blueprint.post("/returns/<uuid:key>/autosave")
@needs(Action.EDIT_RETURN, "outcome_return")
def autosave(key: uuid.UUID) -> ResponseReturnValue:
    """What has just been typed. Answers in JSON, never with a page."""
    sent, unfit = autosaving.received(request)
    try:
        saved = service.save(current_actor(), key, sent, now=now())
    except MoveNotAllowed as refusal:
        return jsonify(message=str(refusal)), 409
    return autosaving.told(saved, unfit)


@blueprint.post("/returns/<uuid:key>/sections/<string:section>/choose")
@needs(Action.EDIT_RETURN, "outcome_return")
def choose(key: uuid.UUID, section: str) -> ResponseReturnValue:
    """Keep what was chosen where two texts stood against each other."""
    page = _page(key, section)
    around = _around(page)

    def save(sent: Sent) -> Saved:
        return service.save(
            current_actor(), key, replace(sent, section=page.section.key), now=now()
        )

    return clashes.settle(around, request, save)


def _around(page: Page) -> Around:
    """Where a choice between two texts is sent, and the way back."""
    place: dict[str, Any] = {"key": page.report.facts.key, "section": page.section.key}
    return Around(
        FormWords(page.report.form),
        url_for("returns.choose", **place),
        url_for("returns.section", **place),
    )


def _page(key: uuid.UUID, name: str) -> Page:
    report = return_reports.report(current_actor(), key, now=now())
    found = report.form.section(name)
    if found is None:
        raise NotFound("There is no such page.")
    return Page(report, found)


def _save(page: Page, form: Form) -> ResponseReturnValue:
    """Keep what can be kept, then say what is wrong with the rest. What was typed stays in sight."""
    sent, unfit = autosaving.of_page(request, forms.texts_of(form), page.section.key)
    saved = service.save(current_actor(), page.report.facts.key, sent, now=now())
    attach(form, unfit)
    attach(form, saved.refused)
    if saved.clashes:
        return clashes.both_texts(_around(page), saved.clashes, (*unfit, *saved.refused))
    fresh = replace(
        page, report=return_reports.report(current_actor(), page.report.facts.key, now=now())
    )
    if unfit or saved.refused:
        return _shown(fresh, form), 422
    if "later" in request.form:
        flash("Saved. Come back whenever you like, on any device.", "success")
        return redirect(url_for("returns.show", key=page.report.facts.key))
    if forms.attach_faults(form, fresh.report, page.section):
        return _shown(fresh, form), 422
    return redirect(_onward(page))


def _onward(page: Page) -> str:
    """From a section to the next, from the last to the check."""
    key = page.report.facts.key
    after = page.report.form.sections[page.place :]
    if after:
        return url_for("returns.section", key=key, section=after[0].key)
    return url_for("returns.check", key=key)


def _shown(page: Page, form: Form) -> str:
    report = page.report
    here = {question.key for question in page.section.questions}
    return render_template(
        "returns/section.html",
        report=report,
        section=page.section,
        place=page.place,
        form=form,
        earlier=[
            (return_check.label_of(report.form, text.question.partition(".")[0]), text)
            for text in earlier_texts.of_report(report, _places(page))
        ],
        versions=versions_text(
            {
                place: number
                for place, number in report.versions.items()
                if place[0].removeprefix(REPLY).partition(".")[0] in here
            }
        ),
        queries={query.question: query for query in forms.queries_about(report, page.section)},
        replies={
            place_of(field.name)[0].removeprefix(REPLY): field
            for field in form
            if field.name.startswith(REPLY)
        },
        beside=_beside(report),
        promised=set(report.promise.outcomes),
    )


def _places(page: Page) -> list[str]:
    """The questions and columns of this section."""
    return [
        place
        for question in page.section.questions
        for place in (question.key, *(f"{question.key}.{c.key}" for c in question.columns))
    ]


def _beside(report: Report) -> dict[str, str]:
    """What is known already, beside the question that it is about."""
    promise = report.promise
    known = {
        question: f"Last time ({report.before.label}): {text}"
        for question, text in report.last_time().items()
    }
    if promise.people is not None:
        expected = f"The project expected to reach {promise.people:,} people in all."
        known[PEOPLE] = f"{expected} {known[PEOPLE]}" if PEOPLE in known else expected
    known[SPENDING] = (
        f"The grant is {pounds(promise.amount)}. {pounds(promise.spent_before)} was spent before this "
        f"period, so {pounds(promise.left)} is left."
    )
    if report.outcomes:
        known[OUTCOMES] = f"The plan works towards: {'; '.join(report.outcomes)}."
    return known
