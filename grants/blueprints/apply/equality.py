"""The page of equality questions: apart from the application, asked once, each answer optional."""

from __future__ import annotations

import uuid
from functools import cache

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.funds.reference import equality_questions
from grants.queries.equality import invitation
from grants.rules.actions import Action
from grants.rules.equality import options
from grants.services import equality as service
from grants.web.forms import Form, RadiosField
from grants.web.guards import current_actor, needs, now

THANKS = "Thank you. What you answered is kept as counts, apart from your application."


@cache
def _form() -> type[Form]:
    return type(
        "EqualityForm",
        (Form,),
        {
            f"asked_{question.key}": RadiosField(
                question.label,
                name=question.key,
                hint=question.hint,
                options=options(question),
                optional=True,
                show_when=(question.follows[0], question.follows[1:]) if question.follows else None,
            )
            for question in equality_questions()
        },
    )


@blueprint.route("/applications/<uuid:key>/equality", methods=["GET", "POST"])
@needs(Action.ANSWER_EQUALITY, "application")
def equality(key: uuid.UUID) -> ResponseReturnValue:
    """Ten short questions, or none of them."""
    asked = invitation(current_actor(), key, now=now())
    receipt = url_for("apply.receipt", key=key)
    if not asked.is_open and request.method == "GET":
        return redirect(receipt)
    form = _form()()
    if form.validate_on_submit():
        answers = {} if "none" in request.form else _typed()
        service.answer(current_actor(), key, answers, now=now())
        flash(THANKS, "success")
        return redirect(receipt)
    return render_template("apply/equality.html", asked=asked, form=form)


def _typed() -> dict[str, str]:
    return {question.key: request.form.get(question.key, "") for question in equality_questions()}
