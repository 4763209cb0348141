"""The doors of: the funding-line workbench and what people pin on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import NameForm, departure_of, pin_form, show, typed_pounds
from grants.queries import workbench as benches
from grants.queries.candidates import TOTAL
from grants.queries.scenarios import ScenarioRow
from grants.queries.workbench import Workbench, WorkRow
from grants.rules import money
from grants.rules.actions import Action
from grants.rules.permissions import could
from grants.rules.recommendation import reason_words
from grants.rules.refusals import Blocked
from grants.rules.states import LineDecision
from grants.services import scenarios
from grants.services.scenarios import Pinned, View
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
PARTS = "X-Parts"  # a script asks for the parts that change, not for the whole page
KINDS = (
    ("full", "In full"),
    ("part", "In part"),
    ("reserve", "In reserve"),
    ("out", "Out"),
    ("straddles", "Where the money ends"),
    ("grey", "In the grey zone"),
    ("pinned", "Decided by hand"),
    ("decided", "Decided already"),
    ("unscored", "No score yet"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address or a form asks of the workbench."""

    wanted: benches.Wanted
    typed: str
    problem: str


def asked_for() -> Asked:
    """Read it from wherever it was sent. A budget that cannot be read moves nothing and is said."""
    values, budget, problem = request.values, None, ""
    typed = values.get("budget", "")
    if typed.strip():
        try:
            budget = money.parse_pounds(typed)
        except Blocked as blocked:
            problem = str(blocked)
    wanted = benches.Wanted(
        scenario=values.get("scenario", None, type=uuid.UUID),
        measure=values.get("measure") or None,
        budget=budget,
        has_budget="budget" in values and not problem,
        area=values.get("area", ""),
        show=values.get("show", ""),
        page=values.get("page", 1, type=int),
    )
    return Asked(wanted, typed, problem)


@blueprint.get("/rounds/<uuid:key>/workbench")
@needs(Action.READ_SCENARIO, "round")
def workbench(key: uuid.UUID) -> ResponseReturnValue:
    """The line, drawn with the budget and by the measure of the address."""
    return _page(key)


def _page(
    key: uuid.UUID, *, pinning: Form | None = None, naming: Form | None = None
) -> ResponseReturnValue:
    actor, asked = current_actor(), asked_for()
    found = benches.of_round(actor, key, asked.wanted)
    may_plan = could(actor, Action.PLAN_AWARDS) and (
        found.scenario is None or found.scenario.is_open
    )
    open_row = _open_row(found) if may_plan else None
    failed = next((form for form in (pinning, naming) if form is not None), None)
    parts = "award/_workbench_parts.html" if request.headers.get(PARTS) else "award/workbench.html"
    page = render_template(
        parts,
        found=found,
        asked=asked,
        typed=asked.typed or (typed_pounds(found.budget) if _is_less(found) else ""),
        kinds=KINDS,
        may_plan=may_plan,
        may_keep=could(actor, Action.PLAN_AWARDS),
        open_row=open_row,
        pin=pinning or (pin_form(open_row, found.fund) if open_row else None),
        naming=naming or NameForm(formdata=None, prefix="keep"),
        failed=failed,
        words=lambda reason: reason_words(reason, found.reasons),
        state=(state := state_of(found)),
        kept={name: value for name, value in state.items() if value},
        measures=[(one.key, one.label) for one in found.measures if one.key != TOTAL],
        areas=[(one.name, one.name) for one in found.areas],
    )
    wrong = (failed is not None and failed.errors) or asked.problem
    return page, UNKEPT if wrong and request.method == "POST" else 200


def _is_less(found: Workbench) -> bool:
    return found.budget < found.ceiling


def _open_row(found: Workbench) -> WorkRow | None:
    """The row whose decision is open for change, if it is on this page."""
    place = request.values.get("pin", "")
    return next(
        (row for row in found.page.rows if row.place == place and row.decided is not None), None
    )


def state_of(found: Workbench) -> dict[str, str]:
    """What a form or a link keeps of how the page is looked at."""
    budget = typed_pounds(found.budget) if _is_less(found) else ""
    return {
        "scenario": str(found.scenario.key) if found.scenario and found.scenario.name else "",
        "measure": found.measure.key,
        "budget": budget,
        "area": found.area,
        "show": request.values.get("show", ""),
        "page": str(found.page.number) if found.page.number > 1 else "",
    }


def view_of(found: Workbench, wanted: benches.Wanted) -> View:
    """What a scenario keeps of it."""
    budgets = benches.budgets_of(found.scenario, wanted, found.area)
    return View(measure=found.measure.key, budgets=budgets)


def _back(key: uuid.UUID, scenario: ScenarioRow | None, anchor: str = "") -> ResponseReturnValue:
    """To the page as it was looked at."""
    names = ("measure", "budget", "area", "show", "page")
    kept = {name: value for name in names if (value := request.values.get(name))}
    if scenario is not None and scenario.name:
        kept["scenario"] = str(scenario.key)
    place = url_for("award.workbench", key=key, **kept)  # type: ignore[arg-type]  # only words
    return redirect(place + (f"#{anchor}" if anchor else ""))


@blueprint.post("/rounds/<uuid:key>/workbench/pins")
@needs(Action.PLAN_AWARDS, "round")
def pin(key: uuid.UUID) -> ResponseReturnValue:
    """Decide one line by hand, or let rank decide it again."""
    actor, asked = current_actor(), asked_for()
    found = benches.of_round(actor, key, asked.wanted)
    row = _open_row(found)
    if row is None:
        return _back(key, found.scenario)
    form = pin_form(row, found.fund)
    chosen, amount = form["decision"].data, 0
    decision = LineDecision(chosen) if chosen in set(LineDecision) else None
    if decision == LineDecision.PART:
        try:
            amount = money.parse_pounds(form["amount"].data)
        except Blocked as blocked:
            form.add_problem("amount", str(blocked))
    wanted = Pinned(
        application=row.candidate.key,
        row=row.line.row,
        decision=decision,
        amount=amount,
        reason=departure_of(form),
    )
    scenario = found.scenario.key if found.scenario and found.scenario.name else None
    if not form.errors:
        try:
            view = view_of(found, asked.wanted)
            scenarios.pin(actor, key, wanted, view, scenario=scenario, now=now())
        except Blocked as blocked:
            show(form, blocked)
    if form.errors:
        return _page(key, pinning=form)
    return _back(key, found.scenario, f"line-{row.place}")


@blueprint.post("/rounds/<uuid:key>/workbench/clearing")
@needs(Action.PLAN_AWARDS, "round")
def clear(key: uuid.UUID) -> ResponseReturnValue:
    """Begin again with an empty workbench."""
    scenarios.clear(current_actor(), key)
    flash("The workbench is empty: the line follows rank and all that is left.", "info")
    return redirect(url_for("award.workbench", key=key))


@blueprint.post("/rounds/<uuid:key>/scenarios")
@needs(Action.PLAN_AWARDS, "round")
def keep_scenario(key: uuid.UUID) -> ResponseReturnValue:
    """Keep what is on the workbench by name."""
    actor, asked = current_actor(), asked_for()
    found = benches.of_round(actor, key, asked.wanted)
    form = NameForm(prefix="keep")
    source = found.scenario.key if found.scenario and found.scenario.name else None
    try:
        view = view_of(found, asked.wanted)
        kept = scenarios.keep(actor, key, form.name.data, view, source=source, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, naming=form)
    flash(f"Kept as “{form.name.data.strip()}”.", "success")
    return redirect(url_for("award.workbench", key=key, scenario=kept))
