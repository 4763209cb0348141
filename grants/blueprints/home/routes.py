"""The first page after signing in."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from grants.blueprints.home import blueprint
from grants.blueprints.home.tasks import tasks, url_of
from grants.queries import home, near, waiting
from grants.web.guards import current_actor, now, signed_in


@blueprint.get("/home")
@signed_in
def index() -> ResponseReturnValue:
    """What is due, what waits, and the rounds one works in."""
    actor = current_actor()
    to_write = home.to_write(actor, now=now())
    to_answer = home.to_answer(actor, now=now())
    to_report = home.to_report(actor, now=now())
    waits = waiting.of_person(actor, now=now())
    return render_template(
        "home/index.html",
        url_of=url_of,
        tasks=tasks(to_write, to_answer, to_report, waits, home.office(actor)),
        to_write=to_write,
        to_answer=to_answer,
        to_report=to_report,
        rounds=home.rounds(actor),
        ahead=near.open_rounds(actor, now=now()),
    )
