"""Journey: health: whether the product is up."""

from flask import Blueprint

blueprint = Blueprint("health", __name__)

from grants.blueprints.health import routes  # noqa: E402, F401 (the routes hang themselves on it)
