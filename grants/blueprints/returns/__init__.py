"""Journey: returns: reporting."""

from flask import Blueprint

blueprint = Blueprint("returns", __name__)

from grants.blueprints.returns import reading, routes, writing  # noqa: E402, F401 (they hang themselves on it)
