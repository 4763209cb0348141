"""Whether the product is up: for a proxy or a monitor."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from grants.blueprints.health import blueprint
from grants.queries import health
from grants.rules.people import NOBODY
from grants.web.guards import public


@blueprint.get("/health")
@public
def index() -> ResponseReturnValue:
    """Plain text: ok, or 503 when the database does not answer."""
    if health.is_up(NOBODY):
        return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
    return "the database does not answer\n", 503, {"Content-Type": "text/plain; charset=utf-8"}
