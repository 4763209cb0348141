"""Journey: evaluate: figures and extracts."""

from flask import Blueprint

blueprint = Blueprint("evaluate", __name__)

from grants.blueprints.evaluate import routes  # noqa: E402, F401 (the routes hang themselves on it)
