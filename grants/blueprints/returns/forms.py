"""The forms of reporting: a section, what is said on the way out, and the fund's queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grants.funds.definition import RowSource, Section
from grants.queries.return_facts import QueryRow
from grants.queries.return_reports import Report
from grants.rules import return_check
from grants.rules.answers import is_blank
from grants.rules.eligibility import Problem
from grants.rules.money import pounds
from grants.rules.outcomes import Finding
from grants.rules.return_check import GRANT, REASON, reply_place
from grants.web.answer_places import Place, name_of, place_of
from grants.web.form_builder import attach, page_form, typed
from grants.web.forms import Form, LongTextField, TypedField

ASK = "ask."


def section_form(report: Report, section: Section) -> Form:
    """The questions of a section, with a place to answer what the fund asked about them."""
    rows = {
        question.key: [(GRANT, f"The grant of {pounds(report.facts.amount)}")]
        for question in section.questions
        if question.row_source == RowSource.BUDGET
    }
    made = page_form(section, report.form, report.answers, rows=rows)
    return _with(made, _replies(report, queries_about(report, section)))


def sending_form(report: Report) -> Form:
    """What is said on the way out: a reason for each warning, an answer about the whole."""
    reasons = {
        f"reason_{place}": _reason(report, finding)
        for place, finding in enumerate(report.checked.warnings)
    }
    about_all = [query for query in report.open_queries if not query.question]
    return _with(Form, {**reasons, **_replies(report, about_all)})


def query_form(report: Report) -> Form:
    """One box for each question of the return, and one for the whole."""
    boxes: dict[str, Any] = {
        f"ask_{question.key}": _box(question.key, "What do you want to know?")
        for question in report.form.questions()
    }
    return _with(Form, {**boxes, "ask_": _box("", "Ask about the return as a whole")})


def asked_in(form: Form) -> dict[str, str]:
    """What was asked, by question."""
    return {
        field.name.removeprefix(ASK): field.data
        for field in form
        if isinstance(field, TypedField) and field.name.startswith(ASK)
    }


def texts_of(form: Form) -> dict[Place, str]:
    """What was sent, by place, with what stands beside the questions."""
    return {
        place_of(place[0]) if place[0].startswith("_") else place: text
        for place, text in typed(form).items()
    }


def queries_about(report: Report, section: Section) -> tuple[QueryRow, ...]:
    """The open queries about the questions of a section."""
    here = {question.key for question in section.questions}
    return tuple(query for query in report.open_queries if query.question in here)


def attach_faults(form: Form, report: Report, section: Section) -> bool:
    """Put at their fields what is wrong with what was typed. Blank is no fault while it is written."""
    found = [
        problem
        for problem in report.checked.problems
        if problem.section == section.key and not _is_blank_at(report, problem)
    ]
    attach(form, found)
    return bool(found)


def _is_blank_at(report: Report, problem: Problem) -> bool:
    """A missing answer; what is said of a table as a whole is never that."""
    is_table = bool(getattr(report.form.question(problem.question), "columns", ()))
    return not is_table and is_blank(report.answers.get((problem.question, problem.row), ""))


def _with(made: type[Form], more: Mapping[str, Any]) -> Form:
    form: Form = type("PageForm", (made,), dict(more))()
    return form


def _replies(report: Report, queries: Iterable[QueryRow]) -> dict[str, LongTextField]:
    return {
        f"reply_{query.question}": LongTextField(
            "Your answer to the fund",
            name=name_of(reply_place(query.question)),
            default=report.answers.get(reply_place(query.question), ""),
        )
        for query in queries
    }


def _reason(report: Report, finding: Finding) -> LongTextField:
    place = (REASON + finding.question, finding.row)
    label = return_check.label_of(report.form, finding.question, finding.row)
    return LongTextField(
        f"{label}: {finding.text}",
        hint="Put it right, or say in a sentence why it is so.",
        name=name_of(place),
        default=report.answers.get(place, ""),
    )


def _box(question: str, label: str) -> LongTextField:
    return LongTextField(label, name=f"{ASK}{question}", default="")
