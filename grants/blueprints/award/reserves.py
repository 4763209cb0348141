"""The doors of: the reserve list, and promoting from it."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import departure_fields, departure_of, show
from grants.funds.definition import Fund
from grants.queries import reserves as queries
from grants.queries.definitions import fund_of
from grants.queries.reserves import Reserves
from grants.rules import money
from grants.rules.actions import Action
from grants.rules.permissions import could
from grants.rules.refusals import Blocked
from grants.services import reserves as services
from grants.web.forms import Form, SelectField
from grants.web.guards import current_actor, needs, now

UNKEPT = 422


@blueprint.get("/rounds/<uuid:key>/reserves")
@needs(Action.READ_SCENARIO, "round")
def reserves(key: uuid.UUID) -> ResponseReturnValue:
    """Who is in reserve, in order, and what money came free."""
    found, form = _asked(key)
    return _page(found, form)


@blueprint.post("/rounds/<uuid:key>/reserves")
@needs(Action.PLAN_AWARDS, "round")
def promote(key: uuid.UUID) -> ResponseReturnValue:
    """Recommend one of them."""
    actor = current_actor()
    found, form = _asked(key)
    award, _, row = form["row"].data.partition(".")
    try:
        award_key = uuid.UUID(award)
    except ValueError:
        form.add_problem("row", "Choose a project.")
        return _page(found, form)
    try:
        why = departure_of(form)
        amount = services.promote(actor, key, award_key, row, departure=why, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(found, form)
    flash(f"Recommended for {money.pounds(amount)}. Somebody else approves it.", "success")
    return redirect(url_for("award.decision", key=award_key))


def _asked(key: uuid.UUID) -> tuple[Reserves, Form]:
    actor = current_actor()
    found = queries.of_round(actor, key)
    return found, _form(found, fund_of(actor, found.round.definition_id))


def _form(found: Reserves, fund: Fund) -> Form:
    open_ = [row for row in found.rows if row.fits]
    fields = {
        "row": SelectField(
            "Project to promote",
            options=(
                ("", "Choose"),
                *(
                    (
                        f"{row.award_key}.{row.row}",
                        f"{row.reference}: {row.title}, {money.pounds(row.fits)}"
                        + ("" if row.is_next else " (out of order)"),
                    )
                    for row in open_
                ),
            ),
            default=next((f"{row.award_key}.{row.row}" for row in open_ if row.is_next), ""),
        ),
        **departure_fields(fund),
    }
    return type("PromotionForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def _page(found: Reserves, form: Form) -> ResponseReturnValue:
    is_asked = request.method == "POST"
    page = render_template(
        "award/reserves.html",
        found=found,
        form=form,
        failed=form if is_asked else None,
        may_plan=could(current_actor(), Action.PLAN_AWARDS),
    )
    return page, UNKEPT if is_asked and form.errors else 200
