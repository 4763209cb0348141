"""The doors of: setting up rounds."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint, forms
from grants.blueprints.rounds.faults import faults_of
from grants.blueprints.rounds.pages import form_page, guarded, may_set_up, to_change
from grants.funds import reference
from grants.funds.definition import Fund
from grants.funds.loader import all_funds
from grants.queries import rounds as queries
from grants.queries.definitions import fund_of, working
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.strands import strand_balances
from grants.rules.actions import Action
from grants.rules.dates import due_before_closing
from grants.rules.money import pounds
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import RoundState
from grants.services import definitions, rounds
from grants.web.filters import deadline
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now


@blueprint.get("/rounds")
@needs(Action.READ_ROUND, "round")
def index() -> ResponseReturnValue:
    """Every round that one works on."""
    actor = current_actor()
    return render_template(
        "rounds/index.html",
        rounds=queries.listed(actor),
        may_set_up=bool(queries.funders(actor)),
        may_open_local=queries.may_open_local(actor),
    )


@blueprint.route("/rounds/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def create() -> ResponseReturnValue:
    """Begin a round from a fund's edition of today."""
    actor = current_actor()
    places = _places(actor)
    if not places:
        raise NotFound("There is no such page.")
    form = forms.NewRoundForm()
    form.fund.choices = tuple((code, label) for code, label, _ in places)
    if form.validate_on_submit():
        key = _create(actor, form, places)
        if key is not None:
            return redirect(url_for("rounds.show", key=key))
    return form_page(form, "Set up a round", url_for("rounds.index"), button_text="Begin")


def _places(actor: Actor) -> list[tuple[str, str, int]]:
    """(choice, label, organisation) of each fund that this person may open rounds of."""
    return [
        (f"{organisation}:{fund.slug}", f"{fund.name} ({name})", organisation)
        for organisation, name, only in queries.funders(actor)
        for fund in all_funds().values()
        if only in {None, fund.slug}
    ]


def _create(
    actor: Actor, form: forms.NewRoundForm, places: list[tuple[str, str, int]]
) -> uuid.UUID | None:
    chosen = next((place for place in places if place[0] == form.fund.data), None)
    if chosen is None:
        form.add_problem("fund", "Choose a fund.")
    fund, organisation = (chosen[0].partition(":")[2], chosen[2]) if chosen else ("", 0)
    new = _typed_round(form, fund, organisation)
    if new is None:
        return None
    try:
        return rounds.create(actor, new, now=now())
    except Blocked as error:
        form.add_reasons(error)
        return None


def _typed_round(form: forms.CopyForm, fund: str, organisation: int) -> rounds.NewRound | None:
    times, pot = form.times(), forms.money_of(form, "pot")
    if not forms.is_fund_year(form.fund_year.data):
        form.add_problem("fund_year", "Enter a financial year, such as 2027-28.")
    if form.errors or times is None or pot is None:
        return None
    return rounds.NewRound(
        fund=fund,
        organisation_id=organisation,
        title=form.title.data,
        fund_year=form.fund_year.data.strip(),
        opens_at=times[0],
        closes_at=times[1],
        pot=pot,
    )


@blueprint.route("/rounds/<uuid:key>/copy", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def copy(key: uuid.UUID) -> ResponseReturnValue:
    """Begin another round from this one: forms, guidance, criteria, letters, return and areas."""
    actor = current_actor()
    record = to_change(key)
    form = forms.CopyForm(data={"title": record.title, "pot": pounds(record.pot)})
    if form.validate_on_submit():
        new = _typed_round(form, record.fund, record.organisation_id)
        made: list[uuid.UUID] = []
        if new and guarded(form, lambda: made.append(rounds.copy(actor, key, new, now=now()))):
            return redirect(url_for("rounds.show", key=made[0]))
    back = url_for("rounds.show", key=key)
    return form_page(form, "Copy this round", back, record=record, button_text="Copy")


@blueprint.get("/rounds/<uuid:key>")
@needs(Action.READ_ROUND, "round")
def show(key: uuid.UUID) -> ResponseReturnValue:
    """A round at a glance, and what is left to do before it opens."""
    actor = current_actor()
    record, fund = _round(actor, key)
    may_change = may_set_up(actor, record)
    faults = faults_of(key, fund) if may_change and record.state == RoundState.DRAFT else []
    return render_template(
        "rounds/show.html",
        record=record,
        fund=fund,
        faults=faults,
        tasks=_tasks(record, fund, {fault.part for fault in faults}),
        may_set_up=may_change,
        is_being_changed=may_change and not working(actor, record.id).is_published,
        deadlines=queries.deadline_changes(actor, record),
    )


def _round(actor: Actor, key: uuid.UUID) -> tuple[RoundRow, Fund]:
    record = queries.one(actor, key)
    return record, fund_of(actor, record.definition_id)


PAGES = (
    ("Title and dates", "rounds.dates", ""),
    ("Guidance", "rounds.guidance", "fund"),
    ("Who may apply: questions to ask oneself", "rounds.eligibility", ""),
    ("Areas and their shares", "rounds.areas", "areas"),
    ("Sizes of grants, caps and strands", "rounds.money", "money"),
    ("Application form", "rounds.form", "form"),
    ("Scoring criteria", "rounds.criteria", "criteria"),
    ("Steps that an application goes through", "rounds.steps", "stages"),
    ("Readers and approvals", "rounds.stages", ""),
    ("Words of the letters", "rounds.letter_words", "letters"),
    ("What is asked afterwards, and when", "rounds.periods", "return"),
)


def _tasks(record: RoundRow, fund: Fund, troubled: set[str]) -> list[dict[str, Any]]:
    """What is to be done before a round opens. Most of it stands as the fund has it."""
    wrong = troubled | (set() if record.allocated else {"areas"})
    if due_before_closing(fund.return_form.periods, record.closes_at):
        wrong.add("return")
    return [
        {
            "title": title,
            "url": url_for(endpoint, key=record.key),
            "status": "problem" if part in wrong else "complete",
        }
        for title, endpoint, part in PAGES
    ]


@blueprint.post("/rounds/<uuid:key>/moves/<string:action>")
@needs(Action.SET_UP_ROUND, "round")
def change(key: uuid.UUID, action: str) -> ResponseReturnValue:
    """Open or close a round."""
    verbs = {
        Action.OPEN_ROUND.value: (rounds.open_round, "The round is open."),
        Action.CLOSE_ROUND.value: (rounds.close_round, "The round is closed."),
    }
    if action not in verbs:
        raise NotFound("There is no such page.")
    verb, words = verbs[action]
    verb(current_actor(), key, now=now())
    record = queries.one(current_actor(), key)
    if record.state == RoundState.OPEN and record.opens_at > now():
        words = f"The round is published. It opens {deadline(record.opens_at)}."
    flash(words, "success")
    return redirect(url_for("rounds.show", key=key))


@blueprint.route("/rounds/<uuid:key>/dates", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def dates(key: uuid.UUID) -> ResponseReturnValue:
    """Title and dates of a draft."""
    actor = current_actor()
    record = to_change(key)
    form = forms.DatesForm(data=forms.dates_data(record.title, record.opens_at, record.closes_at))
    back = url_for("rounds.show", key=key)
    if form.validate_on_submit() and (times := form.times()) is not None:
        try:
            rounds.save_dates(
                actor, key, title=form.title.data, opens_at=times[0], closes_at=times[1], now=now()
            )
        except Blocked as error:
            form.add_reasons(error)
        else:
            return redirect(back)
    return form_page(form, "Title and dates", back, record=record)


@blueprint.get("/rounds/<uuid:key>/areas")
@needs(Action.READ_BALANCE, "round")
def areas(key: uuid.UUID) -> ResponseReturnValue:
    """Each area's share of the pot with its running balance."""
    actor = current_actor()
    record = queries.one(actor, key, Action.READ_BALANCE)
    rows = queries.areas(actor, record)
    names = {area.code: area.name for area in reference.council_areas()}
    return render_template(
        "rounds/areas.html",
        record=record,
        areas=[_with_names(row, names) for row in rows],
        strands=strand_balances(actor, record),
        sources=sorted({row.source for row in rows if row.source}),
        is_draft=record.state == RoundState.DRAFT and may_set_up(actor, record),
        years=("2022-23", "2023-24"),
    )


def _with_names(row: AreaRow, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "amount": row.amount,
        "recommended": row.recommended,
        "committed": row.committed,
        "remaining": row.remaining,
        "applications": row.applications,
        "asked": row.asked,
        "is_fictional": row.is_fictional,
        "council_names": [names.get(code, code) for code in row.councils],
    }


@blueprint.route("/rounds/<uuid:key>/areas/new", methods=["GET", "POST"], defaults={"area": None})
@blueprint.route("/rounds/<uuid:key>/areas/<int:area>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def area(key: uuid.UUID, area: int | None) -> ResponseReturnValue:
    """Add or change one share."""
    actor = current_actor()
    record = to_change(key)
    rows = {row.id: row for row in queries.areas(actor, record)}
    if area is not None and area not in rows:
        raise NotFound("There is no such area.")
    form = forms.AreaForm(data=forms.area_data(rows.get(area) if area else None))
    form.councils.choices = tuple((c.code, c.name) for c in reference.council_areas())
    back = url_for("rounds.areas", key=key)
    if form.validate_on_submit() and (amount := forms.money_of(form, "amount")) is not None:
        try:
            rounds.save_area(
                actor,
                key,
                area,
                name=form.name.data,
                amount=amount,
                councils=form.councils.codes,
                now=now(),
            )
        except Blocked as error:
            form.add_reasons(error)
        else:
            return redirect(back)
    return form_page(form, "A share of the pot", back, record=record)


@blueprint.post("/rounds/<uuid:key>/areas/published")
@needs(Action.SET_UP_ROUND, "round")
def published(key: uuid.UUID) -> ResponseReturnValue:
    """Begin with a published table of shares."""
    year = forms.YearForm().year.data
    count = rounds.load_published(current_actor(), key, year, now=now())
    flash(f"{count} areas were added from the published table.", "success")
    return redirect(url_for("rounds.areas", key=key))


@blueprint.get("/rounds/<uuid:key>/criteria")
@needs(Action.READ_ROUND, "round")
def criteria(key: uuid.UUID) -> ResponseReturnValue:
    """The criteria, their weights and what each score means."""
    actor = current_actor()
    record, fund = _round(actor, key)
    return _criteria_page(actor, record, fund, forms.weights_form(fund.scoring)())


def _criteria_page(actor: Actor, record: RoundRow, fund: Fund, form: Form) -> ResponseReturnValue:
    page = render_template(
        "rounds/criteria.html",
        record=record,
        fund=fund,
        form=form,
        is_draft=record.state == RoundState.DRAFT and may_set_up(actor, record),
    )
    return page, form.status


@blueprint.post("/rounds/<uuid:key>/criteria/weights")
@needs(Action.SET_UP_ROUND, "round")
def weights(key: uuid.UUID) -> ResponseReturnValue:
    """Change all the weights together."""
    actor = current_actor()
    record, fund = _round(actor, key)
    form = forms.weights_form(fund.scoring)()
    keys = [item.key for item in fund.scoring.criteria]
    found = forms.weights_of(form, keys) if form.validate_on_submit() else None
    if found is not None:
        try:
            definitions.save_weights(actor, key, found, now=now())
        except Blocked as error:
            form.add_reasons(error)
        else:
            flash("The weights are saved.", "success")
            return redirect(url_for("rounds.criteria", key=key))
    return _criteria_page(actor, record, fund, form)


@blueprint.route("/rounds/<uuid:key>/criteria/<string:criterion>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def criterion(key: uuid.UUID, criterion: str) -> ResponseReturnValue:
    """One criterion's words, its lowest fundable score, and an anchor for every score."""
    actor = current_actor()
    record, fund = _round(actor, key)
    found = next((item for item in fund.scoring.criteria if item.key == criterion), None)
    if found is None:
        raise NotFound("There is no such criterion.")
    form = forms.criterion_form(fund.scoring, found)()
    back = url_for("rounds.criteria", key=key)
    if form.validate_on_submit():
        try:
            definitions.save_criterion(
                actor, key, forms.criterion_of(form, fund, criterion), now=now()
            )
        except Blocked as error:
            form.add_reasons(error)
        else:
            return redirect(back)
    return form_page(form, found.title, back, record=record)
