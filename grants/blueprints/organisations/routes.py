"""The doors of profiles: one's own organisations, each profile, its areas."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.organisations import blueprint
from grants.blueprints.organisations.forms import AreasForm, profile_form
from grants.funds.definition import CodeList, Question
from grants.funds.loader import all_funds
from grants.queries import profiles as queries
from grants.queries import registers
from grants.queries.profiles import Profile
from grants.rules.actions import Action
from grants.rules.profile import NUMBERS, SECTION, TABLES, rulebook
from grants.rules.refusals import Blocked, NotFound
from grants.rules.registers import doubt
from grants.services import profiles as services
from grants.services.profiles import Theirs
from grants.web.form_builder import attach, row_command, typed
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

Texts = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two people's texts differ."""

    label: str
    yours: str
    theirs: str


@blueprint.get("/organisations")
@needs(Action.READ_PROFILE, "organisation")
def index() -> ResponseReturnValue:
    """One's own organisations; straight to the profile where there is one alone."""
    rows = queries.own(current_actor())
    if len(rows) == 1:
        return redirect(url_for("organisations.profile", key=rows[0].key))
    return render_template("organisations/index.html", rows=rows)


@blueprint.get("/staff/organisations")
@needs(Action.MANAGE_ORGANISATIONS, "organisation")
def everybody() -> ResponseReturnValue:
    """Every organisation, for administrators."""
    search = request.args.get("search", "").strip()[:200]
    number = request.args.get("page", 1, type=int)
    page = queries.all_of_them(current_actor(), search=search, number=number)
    return render_template("organisations/everybody.html", page=page, search=search)


@blueprint.get("/organisations/<uuid:key>")
@needs(Action.READ_PROFILE, "organisation")
def profile(key: uuid.UUID) -> ResponseReturnValue:
    """What the organisation says of itself, with what the registers say beside its numbers."""
    found = queries.profile(current_actor(), key)
    numbers = {kind: found.texts.get((name, ""), "") for name, kind in NUMBERS.items()}
    return render_template(
        "organisations/profile.html",
        found=found,
        shown={place[0]: text for place, text in found.texts.items() if not place[1]},
        tables={q.key: (q, _rows(found, q)) for q in TABLES},
        titles={q.key: [(column.label, None, "") for column in q.columns] for q in TABLES},
        labels={q.key: q.label for q in SECTION.questions},
        lists=_lists(),
        findings=registers.look_up(current_actor(), numbers),
        doubts={kind: doubt(kind, number) for kind, number in numbers.items()},
    )


@blueprint.route("/organisations/<uuid:key>/edit", methods=["GET", "POST"])
@needs(Action.EDIT_PROFILE, "organisation")
def edit(key: uuid.UUID) -> ResponseReturnValue:
    """Change the profile. Whatever is wrong, what was typed stays in sight."""
    found = queries.profile(current_actor(), key)
    if not found.may_edit:
        raise NotFound("There is no such page.")
    if request.method == "GET":
        return _shown(found, profile_form(found.texts), found.version)
    form = profile_form(found.texts)
    seen = request.form.get("_version", 0, type=int)
    if row_command(request.form) is not None:
        return _shown(found, _other_rows(form), seen)
    outcome = services.save(current_actor(), key, typed(form), seen=seen, now=now())
    if outcome.faults:
        attach(form, outcome.faults)
        return _shown(found, form, seen), 422
    if outcome.theirs is not None:
        return _shown(found, form, outcome.theirs.version, outcome.theirs), 422
    flash("The profile is saved. New applications begin with it.", "success")
    return redirect(url_for("organisations.profile", key=key))


@blueprint.route("/organisations/<uuid:key>/areas", methods=["GET", "POST"])
@needs(Action.MANAGE_ORGANISATIONS, "organisation")
def areas(key: uuid.UUID) -> ResponseReturnValue:
    """Where the organisation works: that decides where it may apply, so the fund's team says it."""
    found = queries.profile(current_actor(), key)
    form = AreasForm(data={"areas": found.area_codes})
    if form.validate_on_submit():
        try:
            services.set_areas(current_actor(), key, form.areas.codes, form.reason.data, now=now())
        except Blocked as refusal:
            form.add_reasons(refusal)
        else:
            flash("The council areas are changed.", "success")
            return redirect(url_for("organisations.profile", key=key))
    return render_template("organisations/areas.html", found=found, form=form), form.status


def _other_rows(form: Form) -> Form:
    """The same texts with a row more or less; nothing is saved yet."""
    command = row_command(request.form)
    texts = typed(form)
    if command is None:
        return form
    if command.verb == "add":
        return profile_form(texts, blank=command.question, formdata=None)
    left = {
        place: text
        for place, text in texts.items()
        if not (place[0].startswith(f"{command.question}.") and place[1] == command.row)
    }
    return profile_form(left, formdata=None)


def _shown(found: Profile, form: Form, version: int, theirs: Theirs | None = None) -> str:
    return render_template(
        "organisations/edit.html",
        found=found,
        form=form,
        version=version,
        theirs=theirs,
        differences=_differences(typed(form), theirs.texts) if theirs else (),
    )


def _differences(yours: Texts, theirs: Texts) -> tuple[Difference, ...]:
    places = sorted({*yours, *theirs}, key=lambda place: (_order(place[0]), place[1]))
    return tuple(
        Difference(_label(place), yours.get(place, ""), theirs.get(place, ""))
        for place in places
        if yours.get(place, "").strip() != theirs.get(place, "")
    )


def _order(question: str) -> int:
    return [q.key for q in SECTION.questions].index(question.partition(".")[0])


def _label(place: tuple[str, str]) -> str:
    table, _, column = place[0].partition(".")
    question = next(q for q in SECTION.questions if q.key == table)
    if not column:
        return question.label
    words = next(entry.label for entry in question.columns if entry.key == column)
    return f"{question.label}, {words}"


def _rows(found: Profile, table: Question) -> list[list[str]]:
    """The rows of a table as people read them."""
    keys = sorted({row for key, row in found.texts if key.startswith(f"{table.key}.")})
    return [
        [
            _words(column, found.texts.get((f"{table.key}.{column.key}", key), ""))
            for column in table.columns
        ]
        for key in keys
    ]


def _words(column: Question, text: str) -> str:
    return _lists()[column.choices].label(text) if column.choices and text else text


def _lists() -> Mapping[str, CodeList]:
    return rulebook(all_funds().values()).code_lists
