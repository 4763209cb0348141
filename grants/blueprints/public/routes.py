"""The doors that stand open: rounds, the register of awards, letters to check, statements."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from grants.blueprints.public import blueprint
from grants.queries import public as queries
from grants.rules.grant_sizes import level_words
from grants.rules.refusals import Blocked
from grants.rules.steps import told
from grants.services import letter_check
from grants.web.forms import Form, TextField
from grants.web.guards import current_actor, now, public


class CodeForm(Form):
    """The code printed on a letter."""

    code = TextField(
        "Verification code",
        [
            InputRequired("Enter the code that is printed on the letter."),
            Length(max=60, message="Enter the code as it is printed on the letter."),
        ],
        hint="It stands at the foot of each page.",
    )


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """What this is, and the rounds that are open."""
    number = request.args.get("page", 1, type=int)
    page = queries.open_rounds(current_actor(), number, now=now())
    return render_template("public/index.html", page=page)


@blueprint.get("/rounds-open/<string:reference>", endpoint="round")
@public
def round_(reference: str) -> ResponseReturnValue:
    """The notice of one round: dates, questions, criteria, and what is asked afterwards."""
    page = queries.round_page(current_actor(), reference, now=now())
    return render_template(
        "public/round.html",
        round=page.round,
        fund=page.fund,
        areas=page.areas,
        steps=tuple(told(page.fund)),
        level_words=level_words,
    )


@blueprint.get("/awards")
@public
def register() -> ResponseReturnValue:
    """Released awards."""
    chosen = request.args.get("round", "")
    found = queries.register(current_actor(), chosen, request.args.get("page", 1, type=int))
    return render_template("public/register.html", register=found, chosen=chosen)


@blueprint.route("/letters/check", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Whether a letter is genuine, and nothing else."""
    form = CodeForm(code=request.args.get("code", ""))
    answer: bool | None = None
    if form.validate_on_submit():
        try:
            answer = letter_check.is_genuine(
                current_actor(), form.code.data, address=request.remote_addr or "", now=now()
            )
        except Blocked as refusal:
            form.add_reasons(refusal)
    return render_template("public/verify.html", form=form, answer=answer), form.status


@blueprint.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """What works, what does not, and how we know."""
    return render_template("public/accessibility.html")


@blueprint.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """What is kept of people, why and how long."""
    return render_template("public/privacy.html")
