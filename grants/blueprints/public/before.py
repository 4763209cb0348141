"""The doors before applying: is it for me, every question on paper, what will be asked afterwards."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from grants.blueprints.public import blueprint
from grants.funds.definition import Fund
from grants.queries import public as queries
from grants.rules.money import parse_pounds
from grants.rules.refusals import Blocked
from grants.services import question_sets
from grants.web.downloads import download
from grants.web.forms import Form, MoneyField, RadiosField
from grants.web.guards import current_actor, now, public

CHECK = "/rounds-open/<string:reference>"


class SizeForm(Form):
    """How large a grant is thought of."""

    size = MoneyField("How much will the project be given?", hint="A guess will do.")


@blueprint.route(f"{CHECK}/check", methods=["GET", "POST"])
@public
def check(reference: str) -> ResponseReturnValue:
    """Whether this fund is for me. Needs no account, and keeps nothing."""
    page = queries.round_page(current_actor(), reference, now=now())
    form = _check_form(page.fund)()
    sentences: list[str] | None = None
    if form.validate_on_submit():
        for item in page.fund.eligibility:
            if form[f"asked_{item.key}"].data not in {"yes", "no"}:
                form.add_problem(f"asked_{item.key}", "Choose yes or no.")
        if not form.errors:
            sentences = [
                item.sentence
                for item in page.fund.eligibility
                if form[f"asked_{item.key}"].data != item.wanted
            ]
    shown = render_template(
        "public/check.html", round=page.round, fund=page.fund, form=form, sentences=sentences
    )
    return shown, form.status


def _check_form(fund: Fund) -> type[Form]:
    options = [("yes", "Yes"), ("no", "No")]
    fields = {
        item.key: RadiosField(item.question, options=options, name=item.key)
        for item in fund.eligibility
    }
    return type("CheckForm", (Form,), {f"asked_{key}": made for key, made in fields.items()})


@blueprint.get(f"{CHECK}/questions.pdf")
@public
def questions(reference: str) -> Response:
    """Every question, the criteria and what is asked afterwards, on paper."""
    made = question_sets.question_set(current_actor(), reference, now=now())
    return download(made.data, name=made.name, media_type=made.media_type)


@blueprint.get(f"{CHECK}/afterwards")
@public
def afterwards(reference: str) -> ResponseReturnValue:
    """What will be asked afterwards, and when, of a grant of this size: what its award will make."""
    page = queries.round_page(current_actor(), reference, now=now())
    form = SizeForm(formdata=request.args if "size" in request.args else None)
    amount = None
    if "size" in request.args:
        try:
            amount = parse_pounds(form.size.data)
        except Blocked as refusal:
            form.add_problem("size", str(refusal))
    shown = render_template(
        "public/afterwards.html",
        round=page.round,
        fund=page.fund,
        form=form,
        amount=amount,
        periods=page.fund.return_form.asked_of(amount) if amount is not None else (),
    )
    return shown, form.status
