"""The doors of: how far the readers of a round agree, and who is harsh or lenient."""

from __future__ import annotations

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.queries import fairness as fairnesses
from grants.rules.actions import Action
from grants.web.guards import current_actor, needs


@blueprint.get("/rounds/<uuid:key>/ranking/fairness")
@needs(Action.READ_ALL_SCORES, "round")
def fairness(key: uuid.UUID) -> ResponseReturnValue:
    """The agreement of the readers by criterion, and each reader's leaning."""
    found = fairnesses.page(current_actor(), key)
    return render_template("award/fairness.html", found=found, record=found.round)
