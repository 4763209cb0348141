"""Journey: rounds: setting up rounds."""

from flask import Blueprint

blueprint = Blueprint("rounds", __name__)

from grants.blueprints.rounds import routes  # noqa: E402, F401 (the routes hang themselves on it)
