"""Journey: returns: reporting."""

from flask import Blueprint

blueprint = Blueprint("returns", __name__)

from grants.blueprints.returns import routes  # noqa: E402, F401 (the routes hang themselves on it)
