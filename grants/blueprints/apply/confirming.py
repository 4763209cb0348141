"""The doors of asking for confirmation: a second person who signs off, and each partner."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.forms import PartnerContactForm, SignOffForm
from grants.queries import confirmations as queries
from grants.queries import drafts
from grants.queries.confirmations import Request
from grants.queries.drafts import Draft
from grants.rules.actions import Action
from grants.rules.confirmations import Kind
from grants.rules.refusals import Blocked, NotFound
from grants.services import confirmations
from grants.services.confirmations import Wanted
from grants.web.guards import current_actor, needs, now, settings

NO_SUCH = "There is no such page."


@blueprint.route("/applications/<uuid:key>/sign-off", methods=["GET", "POST"])
@needs(Action.ASK_CONFIRMATION, "application")
def sign_off(key: uuid.UUID) -> ResponseReturnValue:
    """Who signs it off, how far that is, and a form to name somebody."""
    draft = _writable(key)
    asked = queries.of_draft(draft, now=now()).sign_off
    if asked is None:
        raise NotFound(NO_SUCH)
    form = SignOffForm()
    if form.validate_on_submit() and _ask(form, key, Kind.SIGN_OFF):
        return redirect(url_for("apply.sign_off", key=key))
    page = render_template(
        "apply/sign_off.html",
        draft=draft,
        request=asked,
        form=form,
        problems=len(draft.problems),
    )
    return page, form.status


@blueprint.get("/applications/<uuid:key>/partners")
@needs(Action.ASK_CONFIRMATION, "application")
def partners(key: uuid.UUID) -> ResponseReturnValue:
    """Every partner with how far its confirmation is."""
    draft = _writable(key)
    return render_template(
        "apply/partners.html",
        draft=draft,
        requests=queries.of_draft(draft, now=now()).partners,
    )


@blueprint.route("/applications/<uuid:key>/partners/<string:row>", methods=["GET", "POST"])
@needs(Action.ASK_CONFIRMATION, "application")
def partner(key: uuid.UUID, row: str) -> ResponseReturnValue:
    """Whom to ask at this partner."""
    draft = _writable(key)
    asked = _partner(draft, row)
    form = PartnerContactForm()
    if form.validate_on_submit() and _ask(form, key, Kind.PARTNER, row):
        return redirect(url_for("apply.partners", key=key))
    page = render_template("apply/partner.html", draft=draft, request=asked, form=form)
    return page, form.status


@blueprint.post("/applications/<uuid:key>/requests/<uuid:asked>/again")
@needs(Action.ASK_CONFIRMATION, "application")
def ask_again(key: uuid.UUID, asked: uuid.UUID) -> ResponseReturnValue:
    """Ask the same person once more."""
    back = _back(key, asked)
    try:
        confirmations.ask_again(
            current_actor(), key, asked, base_url=settings().base_url, now=now()
        )
    except Blocked as refusal:
        flash(str(refusal), "warning")
    else:
        flash("They are asked again by e-mail. The old link no longer works.", "success")
    return redirect(back)


@blueprint.post("/applications/<uuid:key>/requests/<uuid:asked>/end")
@needs(Action.ASK_CONFIRMATION, "application")
def end_request(key: uuid.UUID, asked: uuid.UUID) -> ResponseReturnValue:
    """Ask no more."""
    back = _back(key, asked)
    confirmations.take_back(current_actor(), key, asked, now=now())
    flash("They are no longer asked. The link no longer works.", "success")
    return redirect(back)


def _writable(key: uuid.UUID) -> Draft:
    draft = drafts.draft(current_actor(), key)
    if not (draft.is_own and draft.is_editor and draft.state in drafts.EDITABLE):
        raise NotFound(NO_SUCH)
    return draft


def _partner(draft: Draft, row: str) -> Request:
    found = queries.of_draft(draft, now=now()).partners
    for asked in found:
        if asked.row == row:
            return asked
    raise NotFound(NO_SUCH)


def _ask(form: SignOffForm | PartnerContactForm, key: uuid.UUID, kind: Kind, row: str = "") -> bool:
    wanted = Wanted(
        kind=kind, row=row, name=form.name.data, role=form.role.data, email=form.email.data
    )
    seen = request.form.get("seen", type=uuid.UUID)
    base_url = settings().base_url
    try:
        confirmations.ask(current_actor(), key, wanted, seen=seen, base_url=base_url, now=now())
    except Blocked as refusal:
        form.add_reasons(refusal)
        return False
    flash(f"{wanted.name.strip()} is asked by e-mail.", "success")
    return True


def _back(key: uuid.UUID, asked: uuid.UUID) -> str:
    """Where a request is shown: found before it changes."""
    found = queries.of_draft(_writable(key), now=now())
    is_sign_off = found.sign_off is not None and found.sign_off.key == asked
    return url_for("apply.sign_off" if is_sign_off else "apply.partners", key=key)
