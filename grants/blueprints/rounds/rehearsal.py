"""The doors of the rehearsal of a round: made, played part by part, thrown away."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds.pages import to_change
from grants.queries import rehearsals as queries
from grants.rules.actions import Action
from grants.rules.refusals import NotFound
from grants.services import rehearsals
from grants.services.sign_in import Session
from grants.web.guards import current_actor, current_session, needs, now, signed_in

REHEARSAL = "/rounds/<uuid:key>/rehearsal"


@blueprint.get(REHEARSAL)
@needs(Action.SET_UP_ROUND, "round")
def rehearsal(key: uuid.UUID) -> ResponseReturnValue:
    """The rehearsal that is on, its cast and their mail; or what a rehearsal is."""
    if _session().rehearsed is not None:
        raise NotFound("There is no such page.")
    record = to_change(key)
    found = queries.current(current_actor(), record)
    return render_template("rounds/rehearsal.html", record=record, found=found)


def _session() -> Session:
    session = current_session()
    if session is None:
        raise NotFound("There is no such page.")
    return session


@blueprint.post(REHEARSAL)
@needs(Action.SET_UP_ROUND, "round")
def make_rehearsal(key: uuid.UUID) -> ResponseReturnValue:
    """Make a rehearsal of the round as it is being written."""
    rehearsals.make(current_actor(), key, now=now())
    flash("The rehearsal is ready. Choose a part to play.", "success")
    return redirect(url_for("rounds.rehearsal", key=key))


@blueprint.post(f"{REHEARSAL}/again")
@needs(Action.SET_UP_ROUND, "round")
def rehearse_again(key: uuid.UUID) -> ResponseReturnValue:
    """Throw away what was played, and begin again with the round as it is now."""
    rehearsals.end(current_actor(), key, now=now())
    return make_rehearsal(key)


@blueprint.post(f"{REHEARSAL}/end")
@needs(Action.SET_UP_ROUND, "round")
def end_rehearsal(key: uuid.UUID) -> ResponseReturnValue:
    """Throw the rehearsal away."""
    rehearsals.end(current_actor(), key, now=now())
    flash("The rehearsal is thrown away.", "success")
    return redirect(url_for("rounds.rehearsal", key=key))


@blueprint.post(f"{REHEARSAL}/parts/<uuid:person>")
@needs(Action.SET_UP_ROUND, "round")
def play(key: uuid.UUID, person: uuid.UUID) -> ResponseReturnValue:
    """Play this part from the next page on."""
    rehearsals.play(_session(), key, person, now=now())
    return redirect(url_for("home.index"))


@blueprint.post("/rehearsal/stop")
@signed_in
def stop_playing() -> ResponseReturnValue:
    """Be oneself again."""
    session = _session()
    rehearsals.stop(session, now=now())
    if session.rehearsed is None:
        return redirect(url_for("home.index"))
    return redirect(url_for("rounds.rehearsal", key=session.rehearsed))
