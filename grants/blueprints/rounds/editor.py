"""The doors of the form editor: sections, questions, columns, and when a question is asked."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds import editor_forms as forms
from grants.blueprints.rounds.faults import faults_of
from grants.blueprints.rounds.pages import Bench, bench, form_page, take
from grants.funds.definition import Question, QuestionKind, ShowWhen
from grants.rules import form_edits
from grants.rules.actions import Action
from grants.rules.form_edits import DOWN, UP
from grants.rules.refusals import NotFound
from grants.web.forms import Form
from grants.web.guards import needs

PART = "/rounds/<uuid:key>/forms/<any(form, return):part>"
TITLES = {"form": "Application form", "return": "Return form"}


@blueprint.get("/rounds/<uuid:key>/form", defaults={"part": "form"}, endpoint="form")
@blueprint.get("/rounds/<uuid:key>/return-form", defaults={"part": "return"}, endpoint="form")
@needs(Action.SET_UP_ROUND, "round")
def overview(key: uuid.UUID, part: str) -> ResponseReturnValue:
    """Every section and question of one form."""
    desk = bench(key)
    return render_template(
        "rounds/editor.html",
        bench=desk,
        record=desk.record,
        fund=desk.fund,
        part=part,
        heading=TITLES[part],
        sections=form_edits.sections_of(desk.fund, part),
        kinds=forms.KIND_WORDS,
        condition=partial(forms.condition_words, desk.fund),
        faults=[fault for fault in faults_of(desk.record.key, desk.fund) if fault.part == part],
    )


@blueprint.app_url_defaults
def _application_form(endpoint: str, values: dict[str, Any]) -> None:
    """A link that names no form means the application's: the router would take either."""
    if endpoint == "rounds.form":
        values.setdefault("part", "form")


def _back(key: uuid.UUID, part: str, anchor: str = "") -> str:
    return url_for("rounds.form", key=key, part=part, _anchor=anchor or None)


@blueprint.post(f"{PART}/moves")
@needs(Action.SET_UP_ROUND, "round")
def form_move(key: uuid.UUID, part: str) -> ResponseReturnValue:
    """Move a section, a question or a column one place."""
    way, _, thing = request.form.get("move", "").partition(" ")
    kind, _, name = thing.partition(" ")
    step = {"up": UP, "down": DOWN}.get(way)
    if step is None:
        raise NotFound("There is no such page.")
    if kind == "section":
        take(None, key, lambda f: form_edits.move_section(f, part, name, step), f"moved {name}")
        return redirect(_back(key, part, f"section-{name}"))
    if kind == "column":
        table, _, column = name.partition(".")
        take(
            None,
            key,
            lambda f: form_edits.move_column(f, part, table, column, step),
            f"moved {name}",
        )
        return redirect(_question_page(key, part, table))
    take(None, key, lambda f: form_edits.move_question(f, part, name, step), f"moved {name}")
    return redirect(_back(key, part, f"question-{name}"))


@blueprint.route(
    f"{PART}/sections/new", methods=["GET", "POST"], defaults={"section": ""}, endpoint="section"
)
@blueprint.route(f"{PART}/sections/<string:section>", methods=["GET", "POST"], endpoint="section")
@needs(Action.SET_UP_ROUND, "round")
def section_(key: uuid.UUID, part: str, section: str) -> ResponseReturnValue:
    """Add a section, or change its words."""
    desk = bench(key)
    known = form_edits.section_of(desk.fund, part, section) if section else None
    form = forms.SectionForm(data={"title": known.title, "intro": known.intro} if known else None)
    if form.validate_on_submit():
        title, intro = form.title.data, form.intro.data
        made = take(
            form,
            key,
            lambda fund: (
                form_edits.save_section(fund, part, section, title, intro)
                if section
                else form_edits.add_section(fund, part, title, intro)
            ),
            section or "a new section",
        )
        if made is not None:
            return redirect(_back(key, part, f"section-{made}"))
    heading = f"Section: {known.title}" if known else "A new section"
    return form_page(form, heading, _back(key, part), record=desk.record)


@blueprint.route(f"{PART}/sections/<string:section>/questions/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def new_question(key: uuid.UUID, part: str, section: str) -> ResponseReturnValue:
    """Add a question: its words and its kind. The rest is on its own page."""
    desk = bench(key)
    home = form_edits.section_of(desk.fund, part, section)
    form = forms.NewQuestionForm()
    if form.validate_on_submit() and (kind := forms.kind_of(form)) is not None:
        label = form.label.data
        made = take(
            form,
            key,
            lambda fund: form_edits.add_question(fund, part, section, kind, label),
            f"a new question in {section}",
        )
        if made is not None:
            return redirect(_question_page(key, part, made))
    heading = f"A new question in {home.title}"
    return form_page(form, heading, _back(key, part), record=desk.record, button_text="Add")


def _question_page(key: uuid.UUID, part: str, question: str) -> str:
    return url_for("rounds.question", key=key, part=part, question=question)


@blueprint.route(f"{PART}/questions/<string:question>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def question(key: uuid.UUID, part: str, question: str) -> ResponseReturnValue:
    """One question's words, limits and choices."""
    desk = bench(key)
    found = form_edits.question_of(desk.fund, part, question)
    form = forms.question_form(desk.fund, found)()
    if form.validate_on_submit():
        changed = forms.typed_question(form, found)
        if changed is not None and (
            take(form, key, lambda fund: form_edits.save_question(fund, part, changed), question)
        ):
            return redirect(_back(key, part, f"question-{question}"))
    return _shown(desk, part, found, form)


def _shown(
    desk: Bench, part: str, found: Question, form: Form, table: Question | None = None
) -> ResponseReturnValue:
    key = desk.record.key
    back = _question_page(key, part, table.key) if table else _back(key, part)
    page = render_template(
        "rounds/question.html",
        bench=desk,
        record=desk.record,
        fund=desk.fund,
        part=part,
        part_title=TITLES[part],
        question=found,
        table=table,
        is_core=found.locked or bool(table and table.locked),
        is_table=found.kind == QuestionKind.ROWS,
        form=form,
        back=back,
        kinds=forms.KIND_WORDS,
        lists=desk.fund.code_lists,
        condition=forms.condition_words(desk.fund, found.show_when),
    )
    return page, form.status


@blueprint.route(f"{PART}/questions/<string:question>/when", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def show_when(key: uuid.UUID, part: str, question: str) -> ResponseReturnValue:
    """Which earlier question this one waits for; its answers are on the next page."""
    desk = bench(key)
    found = form_edits.question_of(desk.fund, part, question)
    waits_for = found.show_when.question if found.show_when else ""
    form = forms.WaitForForm(data={"question": waits_for})
    earlier = form_edits.earlier_than(desk.fund, part, question)
    form.question.choices = tuple(forms.wait_for_options(desk.fund, earlier))
    back = _question_page(key, part, question)
    if form.validate_on_submit():
        chosen = form.question.data
        if chosen:
            return redirect(
                url_for(
                    "rounds.show_when_answers", key=key, part=part, question=question, after=chosen
                )
            )
        if take(
            form, key, lambda fund: form_edits.set_show_when(fund, part, question, None), question
        ):
            return redirect(back)
    heading = "When is this question asked?"
    return form_page(
        form, heading, back, record=desk.record, button_text="Continue", intro=found.label
    )


@blueprint.route(f"{PART}/questions/<string:question>/when/<string:after>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def show_when_answers(key: uuid.UUID, part: str, question: str, after: str) -> ResponseReturnValue:
    """Which answers of the earlier question it waits for."""
    desk = bench(key)
    found = form_edits.question_of(desk.fund, part, question)
    other = form_edits.question_of(desk.fund, part, after)
    before = found.show_when
    kept = before.values if before and before.question == after else ()
    form = forms.answers_form(desk.fund, other, kept)()
    if form.validate_on_submit():
        condition = ShowWhen(question=after, values=form["values"].codes)
        if take(
            form,
            key,
            lambda fund: form_edits.set_show_when(fund, part, question, condition),
            question,
        ):
            return redirect(_question_page(key, part, question))
    back = url_for("rounds.show_when", key=key, part=part, question=question)
    heading = "Which answers bring it up?"
    return form_page(form, heading, back, record=desk.record, intro=found.label)


@blueprint.route(f"{PART}/questions/<string:question>/columns/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def new_column(key: uuid.UUID, part: str, question: str) -> ResponseReturnValue:
    """Add a column to a table: its words and its kind."""
    desk = bench(key)
    table = form_edits.question_of(desk.fund, part, question)
    form = forms.NewColumnForm()
    if form.validate_on_submit() and (kind := forms.kind_of(form)) is not None:
        label = form.label.data
        made = take(
            form,
            key,
            lambda fund: form_edits.add_column(fund, part, question, kind, label),
            f"a new column of {question}",
        )
        if made is not None:
            return redirect(
                url_for("rounds.column", key=key, part=part, question=question, column=made)
            )
    back = _question_page(key, part, question)
    heading = f"A new column of {table.label}"
    return form_page(form, heading, back, record=desk.record, button_text="Add")


@blueprint.route(
    f"{PART}/questions/<string:question>/columns/<string:column>", methods=["GET", "POST"]
)
@needs(Action.SET_UP_ROUND, "round")
def column(key: uuid.UUID, part: str, question: str, column: str) -> ResponseReturnValue:
    """One column's words, limits and choices."""
    desk = bench(key)
    table = form_edits.question_of(desk.fund, part, question)
    found = form_edits.column_of(desk.fund, part, question, column)
    form = forms.question_form(desk.fund, found, is_column=True)()
    if form.validate_on_submit():
        changed = forms.typed_question(form, found)
        if changed is not None and take(
            form,
            key,
            lambda fund: form_edits.save_column(fund, part, question, changed),
            f"{question}.{column}",
        ):
            return redirect(_question_page(key, part, question))
    return _shown(desk, part, found, form, table)


@blueprint.route(f"{PART}/remove/<string:kind>/<string:name>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def remove(key: uuid.UUID, part: str, kind: str, name: str) -> ResponseReturnValue:
    """Ask, then take a section, a question or a column out."""
    desk = bench(key)
    table, _, column = name.partition(".")
    fund = desk.fund
    if kind == "section":
        words = form_edits.section_of(fund, part, name).title
        step = partial(form_edits.remove_section, part=part, key=name)
    elif kind == "column":
        words = form_edits.column_of(fund, part, table, column).label
        step = partial(form_edits.remove_column, part=part, table=table, key=column)
    else:
        words = form_edits.question_of(fund, part, name).label
        step = partial(form_edits.remove_question, part=part, key=name)
    back = _question_page(key, part, table) if kind == "column" else _back(key, part)
    if request.method == "POST":
        take(None, key, step, f"removed {name}")
        return redirect(back)
    return render_template(
        "rounds/remove.html", record=desk.record, kind=kind, words=words, back=back
    )
