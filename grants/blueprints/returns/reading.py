"""The doors of the fund: a round's returns, one as it was sent, asking about it and accepting it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.returns import blueprint, forms
from grants.funds.definition import Question
from grants.queries import return_reports, returns, rounds
from grants.queries.return_reports import Report
from grants.queries.returns import OVERDUE, PeriodCount, Wanted
from grants.rules import return_check
from grants.rules.actions import Action
from grants.rules.answers import unfit
from grants.rules.outcomes import Comparison, promised_against_delivered
from grants.rules.permissions import may
from grants.rules.refusals import Blocked
from grants.rules.return_figures import PEOPLE, SPENDING, reported
from grants.rules.states import ReturnState
from grants.services import returns as service
from grants.web.filters import state_words
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure promised and delivered, and what it is."""

    label: str
    pair: Comparison
    is_money: bool


@blueprint.get("/rounds/<uuid:key>/returns")
@needs(Action.READ_RETURN, "round")
def staff(key: uuid.UUID) -> ResponseReturnValue:
    """Every return of a round: what is due, late, waiting to be read."""
    actor = current_actor()
    record = rounds.one(actor, key)
    wanted = Wanted(
        state=request.args.get("state", ""),
        period=request.args.get("period", ""),
        search=request.args.get("search", "").replace("\x00", ""),
        sort=request.args.get("sort", ""),
        page=min(request.args.get("page", 1, type=int), MOST_PAGES),
    )
    counts = returns.counts(actor, key, now=now())
    return render_template(
        "returns/staff.html",
        record=record,
        found=returns.of_round(actor, key, wanted, now=now()),
        wanted=wanted,
        totals=_totals(counts),
        states=[
            *((state.value, state_words(state)) for state in ReturnState),
            (OVERDUE, "Overdue"),
        ],
        periods=list(dict.fromkeys((row.period, row.label) for row in counts)),
    )


@blueprint.get("/staff/returns/<uuid:key>")
@needs(Action.READ_RETURN, "outcome_return")
def review(key: uuid.UUID) -> ResponseReturnValue:
    """A return as it was sent, beside what was promised."""
    report = return_reports.review(current_actor(), key, now=now())
    return _reviewed(report, forms.query_form(report))


@blueprint.post("/staff/returns/<uuid:key>/query")
@needs(Action.QUERY_RETURN, "outcome_return")
def query(key: uuid.UUID) -> ResponseReturnValue:
    """Send the queries that were typed; the return goes back to its people."""
    report = return_reports.review(current_actor(), key, now=now())
    form = forms.query_form(report)
    wrong = _unfit()
    if not wrong:
        try:
            service.query(current_actor(), key, forms.asked_in(form), now=now())
        except Blocked as blocked:
            wrong = {reason.key: reason.text for reason in blocked.reasons}
        else:
            flash("The queries are sent. The return is with its people again.", "success")
            return redirect(url_for("returns.review", key=key))
    for question, sentence in wrong.items():
        form.add_problem(f"ask_{question}", sentence)
    return _reviewed(report, form), 422


@blueprint.post("/staff/returns/<uuid:key>/accept")
@needs(Action.ACCEPT_RETURN, "outcome_return")
def accept(key: uuid.UUID) -> ResponseReturnValue:
    """Accept the return, unless a query was typed that would be lost."""
    report = return_reports.review(current_actor(), key, now=now())
    form = forms.query_form(report)
    if any(text.strip() for text in forms.asked_in(form).values()):
        form.add_problem(
            "", "You typed a query. Send it, or clear it before you accept the return."
        )
        return _reviewed(report, form), 422
    service.accept(current_actor(), key, now=now())
    flash("The return is accepted. Its figures count from now on.", "success")
    return redirect(url_for("returns.review", key=key))


def _unfit() -> dict[str, str]:
    """What cannot be kept of what was typed, by question: told before the form takes it away."""
    return {
        name.removeprefix(forms.ASK): unfit(text)
        for name, text in request.form.items()
        if name.startswith(forms.ASK) and unfit(text)
    }


def _reviewed(report: Report, form: Form) -> str:
    actor, facts = current_actor(), report.facts
    checked = report.checked
    return render_template(
        "returns/review.html",
        report=report,
        sections=report.in_words() if facts.submitted_at else (),
        form=form,
        boxes={field.name.removeprefix(forms.ASK): field for field in form},
        compared=_compared(report),
        warnings=[
            (
                _label(report, entry.question, entry.row),
                entry.text,
                checked.reasons.get((entry.question, entry.row), ""),
            )
            for entry in checked.warnings
        ],
        notes=[note.text for note in checked.notes],
        changed=_changed(report),
        asked={
            question: _label(report, question, "")
            for question in {q.question for q in report.queries}
        },
        may_decide=facts.state == ReturnState.SUBMITTED
        and may(actor, Action.QUERY_RETURN, facts.case),
    )


def _label(report: Report, question: str, row: str) -> str:
    return return_check.label_of(report.form, question, row) or "The return as a whole"


def _compared(report: Report) -> list[Compared]:
    """What was promised and delivered, where anything was sent."""
    if report.facts.submitted_at is None:
        return []
    read = reported(report.fund.return_form, report.answers, received=report.promise.left)
    spent = sum(read.money.spent.values()) if read.money and read.money.spent else None
    pairs = promised_against_delivered(
        {PEOPLE: report.promise.people, SPENDING: report.promise.left},
        {PEOPLE: read.people, SPENDING: spent},
    )
    return [Compared(_label(report, pair.key, ""), pair, pair.key == SPENDING) for pair in pairs]


def _changed(report: Report) -> dict[str, list[tuple[str, str]]]:
    """What each changed answer said when it was sent before, by question: (which part, text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for (place, row), text in report.changed.items():
        key, _, column = place.partition(".")
        question = report.form.question(key)
        if question is not None:
            part = f"{_label(report, key, row)}, {_column(question, column)}" if column else ""
            found.setdefault(key, []).append((part, text))
    return found


def _column(question: Question, key: str) -> str:
    return next((column.label for column in question.columns if column.key == key), key)


def _totals(counts: tuple[PeriodCount, ...]) -> dict[str, int]:
    """How many stand where, over all periods."""
    totals = {state.value: 0 for state in ReturnState} | {OVERDUE: 0, "all": 0}
    for row in counts:
        totals[row.state] += row.count
        totals[OVERDUE] += row.overdue
        totals["all"] += row.count
    return totals
