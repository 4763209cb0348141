"""The doors of: the minute of a meeting, its corrections, its signature and its paper."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.meeting_forms import CorrectionForm
from grants.queries import minutes as queries
from grants.queries.minutes import Minute
from grants.rules.actions import Action
from grants.rules.meetings import Paragraph
from grants.rules.refusals import Blocked, NotFound, Stale
from grants.services import minutes as files
from grants.services import recording
from grants.web.downloads import download
from grants.web.forms import as_typed
from grants.web.guards import current_actor, needs, now

UNKEPT, CLASH = 422, 409
OPENING = "meeting"


@blueprint.get("/meetings/<uuid:key>/minute")
@needs(Action.READ_MEETING, "meeting")
def minute(key: uuid.UUID) -> ResponseReturnValue:
    """The minute as far as this person may read it."""
    return render_template("award/minute.html", found=queries.minute(current_actor(), key))


@blueprint.get("/meetings/<uuid:key>/minute.pdf")
@needs(Action.READ_MEETING, "meeting")
def minute_file(key: uuid.UUID) -> ResponseReturnValue:
    """The same on paper."""
    file = files.pdf(current_actor(), key)
    return download(file.data, name=file.name, media_type="application/pdf")


@blueprint.get("/meetings/<uuid:key>/minute/correction")
@needs(Action.HOLD_MEETING, "meeting")
def correction(key: uuid.UUID) -> ResponseReturnValue:
    """One part of the minute, to be put in other words."""
    found = queries.minute(current_actor(), key)
    part = _part(found)
    form = CorrectionForm(formdata=None, text=part.text)
    return _page(found, part, form)


@blueprint.post("/meetings/<uuid:key>/minute/correction")
@needs(Action.HOLD_MEETING, "meeting")
def correct(key: uuid.UUID) -> ResponseReturnValue:
    """Keep the words; what was recorded stays beside them."""
    actor = current_actor()
    found = queries.minute(actor, key)
    part, form = _part(found), CorrectionForm()
    about = found.keys[part.of].key if part.of else None
    was = as_typed(request.form.get("was", ""))
    try:
        recording.correct(actor, key, about, form.text.data, was=was, now=now())
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _page(found, part, form)
    except Stale as stale:
        return _page(found, part, form, clash=str(stale))
    flash("Corrected. What was recorded first stays beside it.", "success")
    return redirect(url_for("award.minute", key=key))


@blueprint.post("/meetings/<uuid:key>/minute/signature")
@needs(Action.SIGN_MINUTE, "meeting")
def sign_minute(key: uuid.UUID) -> ResponseReturnValue:
    """Sign it as the chair."""
    recording.sign(current_actor(), key, seen=request.form.get("seen", ""), now=now())
    flash("Signed. The minute is frozen.", "success")
    return redirect(url_for("award.minute", key=key))


def _part(found: Minute) -> Paragraph:
    """The part that the address names."""
    wanted = request.values.get("part", OPENING)
    for one in found.paragraphs:
        name = str(found.keys[one.of].key) if one.of else OPENING
        if name == wanted and not found.is_signed and found.page.may_hold:
            return one
    raise NotFound("There is no such page.")


def _page(
    found: Minute, part: Paragraph, form: CorrectionForm, *, clash: str = ""
) -> ResponseReturnValue:
    name = str(found.keys[part.of].key) if part.of else OPENING
    page = render_template(
        "award/correction.html", found=found, part=part, form=form, name=name, clash=clash
    )
    return page, CLASH if clash else UNKEPT if form.errors else 200
