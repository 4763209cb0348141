"""The doors of: applications of a round that are likely the same, and what is said of them."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.queries import duplicates as found
from grants.rules.actions import Action
from grants.rules.refusals import Blocked, NotFound
from grants.services import duplicates as service
from grants.web.forms import Form, LongTextField, RadiosField
from grants.web.guards import current_actor, needs, now

UNKEPT = 422
VERDICTS = (("different", "Not duplicates"), ("same", "The same, applied for more than once"))


class VerdictForm(Form):
    """What they are, and why."""

    verdict = RadiosField("What are they?", options=VERDICTS)
    reason = LongTextField("Why?", hint="It stays beside them. They are not flagged again.")


@blueprint.get("/rounds/<uuid:key>/duplicates")
@needs(Action.READ_DUPLICATES, "round")
def duplicates(key: uuid.UUID) -> ResponseReturnValue:
    """Groups of applications that are alike, each with what is equal."""
    return _page(key, None)


@blueprint.post("/rounds/<uuid:key>/duplicates")
@needs(Action.JUDGE_DUPLICATES, "round")
def judge_duplicates(key: uuid.UUID) -> ResponseReturnValue:
    """Say of some of them what they are."""
    form = VerdictForm(prefix=request.form.get("group", ""))
    said = {"same": True, "different": False}.get(str(form.verdict.data))
    try:
        service.judge(
            current_actor(),
            key,
            _chosen(),
            is_same=said,
            reason=str(form.reason.data),
            now=now(),
        )
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _page(key, form), UNKEPT
    flash("Your verdict is kept. They are not flagged again.", "success")
    return redirect(url_for("award.duplicates", key=key))


def _page(key: uuid.UUID, form: Form | None) -> str:
    page = min(request.args.get("page", 1, type=int), 10_000)
    listed = found.of_round(current_actor(), key, page=page)
    forms: dict[str, Form] = {}
    for group in listed.page.rows:
        name = f"g{group.members[0].id}-"
        forms[name] = VerdictForm(formdata=None, prefix=name)
    if form is not None:
        forms[request.form.get("group", "")] = form
    return render_template("award/duplicates.html", found=listed, forms=forms, form=form)


def _chosen() -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in request.form.getlist("application")]
    except ValueError as error:
        raise NotFound("There is no such page.") from error
