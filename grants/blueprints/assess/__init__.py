"""Journey: assess: assessing."""

from flask import Blueprint

blueprint = Blueprint("assess", __name__)

from grants.blueprints.assess import assignments, panel, plans, rescoring, routes  # noqa: E402, F401 (they hang themselves on it)
