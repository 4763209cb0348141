"""The doors of: the large-type pack to read and score on paper."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.assess import blueprint
from grants.queries import scoring_desk
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.services import large_packs
from grants.web.downloads import download
from grants.web.guards import current_actor, needs, now


@blueprint.route("/rounds/<uuid:key>/large-type", methods=["GET", "POST"])
@needs(Action.DECLARE, "round")
def large_pack(key: uuid.UUID) -> ResponseReturnValue:
    """What would be in the pack, and the button that has it made."""
    if request.method == "POST":
        try:
            job = large_packs.ask(current_actor(), key, now=now())
        except Blocked as blocked:
            flash(str(blocked), "warning")
            return redirect(url_for("assess.large_pack", key=key))
        return redirect(url_for("assess.large_pack_job", key=job))
    desk = scoring_desk.desk(current_actor(), key)
    return render_template("assess/large_pack.html", desk=desk)


@blueprint.get("/large-type/<uuid:key>")
@needs(Action.DECLARE)
def large_pack_job(key: uuid.UUID) -> ResponseReturnValue:
    """How far one's own pack is."""
    pack = large_packs.progress_of(current_actor(), key, now=now())
    return render_template("assess/large_pack_job.html", pack=pack)


@blueprint.post("/large-type/<uuid:key>.pdf")
@needs(Action.DECLARE)
def large_pack_file(key: uuid.UUID) -> ResponseReturnValue:
    """The pack itself. Taking it away is written down, so it is asked for with a form."""
    made = large_packs.fetch(current_actor(), key, now=now())
    return download(made.data, name=made.name, media_type=made.media_type)
