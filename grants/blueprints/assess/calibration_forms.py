"""The forms of a calibration: what a sample begins with, what it says, what was agreed of it."""

from __future__ import annotations

from dataclasses import replace

from flask import Request

from grants.funds.definition import Question, QuestionKind, Section
from grants.queries.calibration import SamplePage, SetPage
from grants.services.calibration import Agreed
from grants.web.form_builder import page_form
from grants.web.forms import (
    Form,
    LongTextField,
    SelectField,
    TextField,
    TickField,
    TypedField,
)

SEEN = "_seen"


def source_form(page: SetPage) -> Form:
    """What to begin a sample with."""
    fields = {"source": SelectField("Begin with", options=page.sources)}
    form: Form = type("SourceForm", (Form,), fields)()
    return form


def gate_form(page: SetPage) -> Form:
    """Whether samples come before applications."""
    label = "Real applications open to an assessor only after they have scored every sample"
    fields = {"required": TickField(label, default="yes" if page.set.is_required else "")}
    form: Form = type("GateForm", (Form,), fields)()
    return form


def name_form(page: SamplePage) -> Form:
    """What a sample is called, and who is said to apply."""
    fields = {
        "title": TextField("Title", hint="Say in it that it is made up.", default=page.title),
        "applicant": TextField(
            "Who is said to apply", hint="A made-up name.", default=page.applicant, optional=True
        ),
    }
    form: Form = type("NameForm", (Form,), fields)()
    return form


def written(section: Section) -> Section:
    """The section with what can be written in a sample: everything but files."""
    asked: tuple[Question, ...] = tuple(
        question for question in section.questions if question.kind != QuestionKind.UPLOAD
    )
    return replace(section, questions=asked)


def section_form(page: SamplePage, section: Section, blank: str = "") -> Form:
    """One section of the round's own form, with what the sample says."""
    return page_form(written(section), page.fund, page.answers, blank=blank)()


def agreement_form(page: SamplePage) -> Form:
    """A mark and a reason for each criterion."""
    scoring = page.fund.scoring
    scores = [(str(mark), str(mark)) for mark in range(scoring.lowest, scoring.highest + 1)]
    fields: dict[str, TypedField] = {}
    for criterion in scoring.criteria:
        mark, reason = page.agreed.get(criterion.key, (None, ""))
        fields[f"mark.{criterion.key}"] = SelectField(
            f"Agreed score for {criterion.title}",
            options=[("", "None agreed"), *scores],
            default="" if mark is None else str(mark),
            optional=True,
        )
        fields[f"reason.{criterion.key}"] = LongTextField(
            f"Why, for {criterion.title}", default=reason, optional=True
        )
    form: Form = type("AgreementForm", (Form,), fields)()
    return form


def agreed(form: Form, page: SamplePage) -> dict[str, Agreed]:
    """What was typed, by criterion."""
    return {
        criterion.key: Agreed(
            mark=form[f"mark.{criterion.key}"].data, reason=form[f"reason.{criterion.key}"].data
        )
        for criterion in page.fund.scoring.criteria
    }


def seen_of(request: Request) -> int:
    """The version of the sample that the page was made with; 0 where it says none."""
    text = request.form.get(SEEN, "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0  # noqa: PLR2004 (digits)
