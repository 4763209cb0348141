"""The doors of reporting, for those who report: the list, one return, its check, sending it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.returns import blueprint, forms
from grants.blueprints.returns.words import group_words, heading_of, what_next
from grants.queries import return_reports, returns
from grants.queries.return_reports import Report
from grants.queries.returns import Group
from grants.rules import return_check
from grants.rules.actions import Action
from grants.rules.eligibility import Problem, SectionStatus
from grants.rules.refusals import Blocked
from grants.services import returns as service
from grants.web.answer_places import name_of, sent_texts, unfit_fields, versions_text
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

MOST_PAGES = 10_000
WHY = "Give a reason, or put it right."


@blueprint.get("/returns")
@needs(Action.READ_RETURN)
def index() -> ResponseReturnValue:
    """What one has to report, and for staff the rounds whose returns they read."""
    actor, show = current_actor(), request.args.get("show", "")
    page = min(request.args.get("page", 1, type=int), MOST_PAGES)
    found, counted = returns.own(actor, now=now(), show=show, page=page)
    return render_template(
        "returns/index.html",
        found=found,
        counted=[
            (group, group_words(group), counted[group]) for group in Group if group in counted
        ],
        total=sum(counted.values()),
        show=show,
        groups=_grouped(found.rows),
        rounds=returns.rounds(actor, now=now()),
    )


@blueprint.get("/returns/<uuid:key>")
@needs(Action.READ_RETURN, "outcome_return")
def show(key: uuid.UUID) -> ResponseReturnValue:
    """How far each part of a return is, and what is known of it already."""
    report = return_reports.report(current_actor(), key, now=now())
    statuses = report.statuses(report.checked.problems)
    asked = {query.question for query in report.open_queries}
    return render_template(
        "returns/show.html",
        report=report,
        next_step=what_next(report),
        items=[
            _task(report, section.key, statuses[section.key], asked)
            for section in report.form.sections
        ],
        done=sum(status == SectionStatus.COMPLETE for status in statuses.values()),
    )


@blueprint.get("/returns/<uuid:key>/check")
@needs(Action.READ_RETURN, "outcome_return")
def check(key: uuid.UUID) -> ResponseReturnValue:
    """Every answer, all that is missing, and what wants a reason."""
    report = return_reports.report(current_actor(), key, now=now())
    return _checked(report, forms.sending_form(report))


@blueprint.post("/returns/<uuid:key>/submit")
@needs(Action.SUBMIT_RETURN, "outcome_return")
def submit(key: uuid.UUID) -> ResponseReturnValue:
    """Send it with the reasons typed here. What is in the way is shown where it was sent from."""
    unfit = unfit_fields(request)
    if unfit:
        return _sent_back(key, {name_of((at.question, at.row)): at.text for at in unfit})
    aside = {p: text for p, text in sent_texts(request).items() if p[0].startswith("_")}
    try:
        service.submit(current_actor(), key, aside, now=now())
    except Blocked as blocked:
        return _sent_back(key, _at_fields(blocked))
    flash("The return is sent. Thank you.", "success")
    return redirect(url_for("returns.show", key=key))


def _at_fields(blocked: Blocked) -> dict[str, str]:
    """The sentences that stand at a field of this page; a missing reason is told row by row."""
    return {
        name_of((reason.key, "")): reason.text
        for reason in blocked.reasons
        if reason.key.startswith("_") and not reason.text.endswith(service.NO_REASON)
    }


def _sent_back(key: uuid.UUID, sentences: dict[str, str]) -> ResponseReturnValue:
    """The page it was sent from, with each sentence at the field of its name and what was typed."""
    report = return_reports.report(current_actor(), key, now=now())
    form = forms.sending_form(report)
    for finding in report.checked.unexplained:
        sentences.setdefault(name_of((return_check.REASON + finding.question, finding.row)), WHY)
    for field in form:
        if field.name in sentences and not (sentences[field.name] == WHY and field.data.strip()):
            field.errors = [sentences[field.name]]
    return _checked(report, form), 422


def _checked(report: Report, form: Form) -> str:
    checked = report.checked
    return render_template(
        "returns/check.html",
        report=report,
        sections=report.in_words(),
        problems=[(problem.sentence, _where(report, problem)) for problem in checked.problems],
        notes=[note.text for note in checked.notes],
        unanswered=_unanswered(report),
        form=form,
        versions=versions_text({p: n for p, n in report.versions.items() if p[0].startswith("_")}),
        next_step=what_next(report),
    )


def _task(report: Report, section: str, status: SectionStatus, asked: set[str]) -> dict[str, Any]:
    here = next(found for found in report.form.sections if found.key == section)
    is_asked = any(question.key in asked for question in here.questions)
    return {
        "title": here.title,
        "url": url_for("returns.section", key=report.facts.key, section=section),
        "status": "problem" if is_asked else status,
        "hint": "The fund has a question here." if is_asked else "",
    }


def _unanswered(report: Report) -> list[tuple[str, str]]:
    """The fund's questions that wait for an answer in a section, each with where to give it."""
    sections = {
        question.key: section.key
        for section in report.form.sections
        for question in section.questions
    }
    return [
        (
            f"Answer the fund's question about “{return_check.label_of(report.form, query.question)}”.",
            url_for("returns.section", key=report.facts.key, section=sections[query.question])
            + f"#{query.question}",
        )
        for query in report.open_queries
        if query.question in sections
        and not report.answers.get(return_check.reply_place(query.question), "").strip()
    ]


def _where(report: Report, problem: Problem) -> str:
    """The address of the field that a problem is about."""
    field = name_of((problem.question, problem.row)).replace(".", "-")
    return f"{url_for('returns.section', key=report.facts.key, section=problem.section)}#{field}"


def _grouped(rows: tuple[returns.ReturnRow, ...]) -> list[tuple[str, list[returns.ReturnRow]]]:
    """The rows of a page under their headings, in the order they came."""
    found: list[tuple[str, list[returns.ReturnRow]]] = []
    for row in rows:
        heading = heading_of(row.group)
        if not found or found[-1][0] != heading:
            found.append((heading, []))
        found[-1][1].append(row)
    return found
